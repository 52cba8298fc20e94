package packaging

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile, its continuation lines joined.
type instruction struct{ name, args string }

// stage is a FROM and what follows it.
type stage struct {
	image, name  string
	instructions []instruction
}

// readDockerfile reads the parts of the format that ours uses.
func readDockerfile(t *testing.T, path string) (stages []stage) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAll(text, nil)
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		name, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		args = strings.Join(strings.Fields(args), " ")
		switch {
		case name == "":
		case name == "FROM":
			image, as, _ := strings.Cut(args, " AS ")
			stages = append(stages, stage{image: image, name: as})
		case len(stages) == 0:
			t.Fatalf("%s before FROM", name)
		default:
			s := &stages[len(stages)-1]
			s.instructions = append(s.instructions, instruction{name, args})
		}
	}
	return stages
}

// all returns the arguments of the instructions of a name.
func (s *stage) all(name string) (args []string) {
	for _, i := range s.instructions {
		if i.name == name {
			args = append(args, i.args)
		}
	}
	return args
}

// list reads the JSON form of ENTRYPOINT, CMD and HEALTHCHECK.
func list(t *testing.T, args string) (words []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(args[strings.IndexByte(args, '['):]), &words); err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	return words
}

// image carries a Dockerfile's steps out by hand: a stage's files are in a
// directory of its own, and / of a stage is that directory.
type image struct {
	t     *testing.T
	roots map[string]string // by stage
	args  []string          // as environment
}

// copyTree is COPY of a directory's contents, or of a file.
func (m *image) copyTree(from, to string) {
	m.t.Helper()
	if isDir(from) {
		from += "/."
	} else if strings.HasSuffix(to, "/") {
		to = filepath.Join(to, filepath.Base(from))
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-RT", strings.TrimSuffix(from, "/."), to).CombinedOutput(); err != nil {
		m.t.Fatalf("COPY %s %s: %v\n%s", from, to, err, out)
	}
}

// source copies what COPY sees of the checkout: not what .dockerignore names.
func (m *image) source(from, to string) {
	m.t.Helper()
	if from != "." && isDir(filepath.Join("..", from)) {
		m.copyTree(filepath.Join("..", from), to)
		return
	}
	if from != "." {
		m.copyTree(filepath.Join("..", from), filepath.Join(to, from))
		return
	}
	ignored, err := os.ReadFile("../.dockerignore")
	if err != nil {
		m.t.Fatal(err)
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		m.t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(strings.Fields(string(ignored)), e.Name()) {
			m.copyTree(filepath.Join("..", e.Name()), filepath.Join(to, e.Name()))
		}
	}
}

// build carries out a stage. What it says with absolute paths is taken below
// the stage's directory; RUN must not use any.
func (m *image) build(s *stage) {
	t := m.t
	t.Helper()
	root, work := m.roots[s.name], m.roots[s.name]
	for _, i := range s.instructions {
		switch i.name {
		case "WORKDIR":
			work = filepath.Join(root, i.args)
			if err := os.MkdirAll(work, 0o755); err != nil {
				t.Fatal(err)
			}
		case "ARG":
			m.args = append(m.args, i.args)
		case "COPY":
			m.copyStep(i.args, root, work)
		case "RUN":
			if regexp.MustCompile(`(^|\s)/`).MatchString(i.args) {
				t.Fatalf("RUN %s: an absolute path cannot be taken below a directory", i.args)
			}
			c := exec.Command("sh", "-ec", i.args)
			c.Dir, c.Env = work, append(os.Environ(), m.args...)
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("RUN %s: %v\n%s", i.args, err, out)
			}
		}
	}
}

func (m *image) copyStep(args, root, work string) {
	m.t.Helper()
	base := ""
	words := slices.DeleteFunc(strings.Fields(args), func(w string) bool {
		if from, ok := strings.CutPrefix(w, "--from="); ok {
			base = m.roots[from]
		}
		return strings.HasPrefix(w, "--")
	})
	to := words[len(words)-1]
	if strings.HasPrefix(to, "/") {
		to = filepath.Join(root, to)
	} else {
		to = filepath.Join(work, to)
	}
	for _, from := range words[:len(words)-1] {
		if base != "" {
			m.copyTree(filepath.Join(base, from), to)
		} else {
			m.source(from, to)
		}
	}
}

// TestDockerfile carries the steps of the Dockerfile out, as there may be no
// Docker here, and starts what comes out with the Fluent Bit of this machine.
func TestDockerfile(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the plugin in a copy of the checkout")
	}
	stages := readDockerfile(t, "../Dockerfile")
	if len(stages) != 6 {
		t.Fatalf("%d stages, want 6", len(stages))
	}
	m := &image{t: t, roots: map[string]string{}}
	for i := range stages {
		m.roots[stages[i].name] = t.TempDir()
		if stages[i].name == "build-intake" {
			m.certificates()
		}
		m.build(&stages[i])
	}
	root := m.roots[""]
	final := &stages[len(stages)-1]

	exists := func(path string) {
		t.Helper()
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("the image lacks %s", path)
		}
	}
	command := list(t, final.all("CMD")[0])
	exists(command[len(command)-1])
	exists("/usr/lib/zimbraloki/zimbraloki.so")
	exists("/usr/lib/zimbraloki/flb-filter_zimbraloki.so")
	exists("/etc/zimbraloki/conf/fluent-bit/fluent-bit.yaml")
	if words := list(t, final.all("HEALTHCHECK")[0]); words[0] != "/usr/bin/zimbraloki" {
		t.Errorf("HEALTHCHECK runs %v; the image has no shell", words)
	}
	if info, err := os.Stat(filepath.Join(root, final.all("VOLUME")[0])); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("volume: %v, %v", info, err)
	}
	m.versions(stages)
	m.writer()
	m.intake()
	startImage(t, root, command[len(command)-1])
}

// certificates are what the golang image has and a directory has not.
func (m *image) certificates() {
	m.t.Helper()
	dir := filepath.Join(m.roots["build-intake"], "etc/ssl/certs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca-certificates.crt"), nil, 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// maxIntake is how large the image of the intake may be, in bytes.
const maxIntake = 60 << 20

// intake looks at the image of the stage intake, and has its program say what it
// is.
func (m *image) intake() {
	m.t.Helper()
	var size int64
	err := filepath.Walk(m.roots["intake"], func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return err
	})
	if err != nil || size > maxIntake {
		m.t.Errorf("the image of the intake has %d bytes, %v; want %d at most", size, err, maxIntake)
	}
	if out, err := exec.Command(filepath.Join(m.roots["intake"], "usr/bin/zimbraloki-intake"), "--version").CombinedOutput(); err != nil {
		m.t.Errorf("the intake does not start: %v\n%s", err, out)
	}
}

// versions holds the images' tags against what the rest of the repository says.
func (m *image) versions(stages []stage) {
	m.t.Helper()
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		m.t.Fatal(err)
	}
	goLine := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(mod)
	if !strings.HasPrefix(stages[0].image, fmt.Sprintf("golang:%s.", goLine[1])) || !strings.HasSuffix(stages[0].image, "-bookworm") {
		m.t.Errorf("the builder is %s, go.mod says go %s", stages[0].image, goLine[1])
	}
	if base := stages[len(stages)-1].image; !regexp.MustCompile(`^fluent/fluent-bit:\d+\.\d+\.\d+$`).MatchString(base) {
		m.t.Errorf("the base is %s, want an exact version", base)
	}
}

// writer starts the program of the stage writer, and its health check.
func (m *image) writer() {
	m.t.Helper()
	dir := m.t.TempDir()
	run := func(args ...string) error {
		return exec.Command(filepath.Join(m.roots["writer"], "write"), append(args, "-dir", dir)...).Run()
	}
	if run("-check") == nil {
		m.t.Error("the writer is healthy before it has written")
	}
	if err := run(); err != nil {
		m.t.Errorf("the writer does not write: %v", err)
	}
	if err := run("-check"); err != nil {
		m.t.Errorf("the writer is not healthy: %v", err)
	}
}
