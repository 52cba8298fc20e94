package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// project loads docker-compose.yaml as Compose does, which checks it against
// the schema of the Compose specification.
func project(t *testing.T, profiles ...string) *types.Project {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  root,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(root, "docker-compose.yaml")}},
		Environment: types.Mapping{},
	}, loader.WithProfiles(profiles))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeServices(t *testing.T) {
	f := func(want string, profiles ...string) {
		t.Helper()
		names := project(t, profiles...).ServiceNames()
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("profiles %v: services %s, want %s", profiles, got, want)
		}
	}
	f("fluent-bit grafana loki prometheus writer")
	f("fluent-bit grafana intake loki prometheus writer", "intake")
	f("fluent-bit fluent-bit-scaled gateway grafana grafana-scaled keys loki loki-backend loki-read loki-write prometheus s3 writer", "scale")
}

var exact = regexp.MustCompile(`:(v?\d+\.\d+\.\d+|compose-\d+\.\d+\.\d+)`)

// oneShot ends when its work is done and has no health.
const oneShot = "keys"

func TestComposeIsCareful(t *testing.T) {
	for name, s := range project(t, "scale", "intake").Services {
		if !exact.MatchString(s.Image) {
			t.Errorf("%s: image %q has no exact version", name, s.Image)
		}
		if s.HealthCheck == nil && s.Build == nil && name != oneShot {
			t.Errorf("%s has no health check", name)
		}
		if !s.ReadOnly {
			t.Errorf("%s may write into its image", name)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to the network", name, port.Published)
			}
		}
		for key, value := range s.Environment {
			if strings.Contains(key, "PASSWORD") && !strings.HasSuffix(key, "_FILE") && value != nil && *value != "" {
				t.Errorf("%s: a password stands in %s", name, key)
			}
		}
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s mounts what is not there: %v", name, err)
			}
			if !v.ReadOnly {
				t.Errorf("%s may write %s", name, v.Source)
			}
		}
	}
}

// outside returns the file of the repository that a path inside of a service is.
func outside(t *testing.T, s types.ServiceConfig, inside string) string {
	t.Helper()
	for _, v := range s.Volumes {
		if rest, ok := strings.CutPrefix(inside, v.Target); ok && v.Type == types.VolumeTypeBind {
			return v.Source + rest
		}
	}
	t.Fatalf("%s: %s is mounted from nowhere", s.Name, inside)
	return ""
}

// option returns the value of the command's option, which begins with prefix.
func option(t *testing.T, s types.ServiceConfig, prefix string) string {
	t.Helper()
	for _, arg := range s.Command {
		if v, ok := strings.CutPrefix(arg, prefix); ok {
			return v
		}
	}
	t.Fatalf("%s: no option %s in %q", s.Name, prefix, s.Command)
	return ""
}

// run runs a program with the environment of a service.
func run(t *testing.T, env map[string]string, program string, args ...string) string {
	t.Helper()
	c := exec.Command(program, args...)
	c.Env = os.Environ()
	for k, v := range env {
		c.Env = append(c.Env, k+"="+v)
	}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// need returns the path of a program, or skips.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip(err)
	}
	return path
}

func environment(s types.ServiceConfig) map[string]string {
	env := map[string]string{}
	for k, v := range s.Environment {
		if v != nil {
			env[k] = *v
		}
	}
	return env
}

// TestComposeLokiCommands lets the real Loki read the configuration of each of
// its services, with the service's own options and environment.
func TestComposeLokiCommands(t *testing.T) {
	loki := runtest.Loki(t).Path
	n := 0
	for name, s := range project(t, "scale").Services {
		if !strings.HasPrefix(s.Image, "grafana/loki:") {
			continue
		}
		n++
		file := outside(t, s, option(t, s, "-config.file="))
		args := []string{"-config.file=" + file, "-verify-config"}
		for _, arg := range s.Command {
			if !strings.HasPrefix(arg, "-config.file=") {
				args = append(args, arg)
			}
		}
		if out := run(t, environment(s), loki, args...); !strings.Contains(out, "config is valid") {
			t.Errorf("%s: %s", name, out)
		}
	}
	if n != 4 {
		t.Errorf("%d services run Loki, want 4", n)
	}
}

func TestComposePrometheusCommand(t *testing.T) {
	promtool := need(t, "promtool")
	s := project(t).Services["prometheus"]
	run(t, nil, promtool, "check", "config", outside(t, s, option(t, s, "--config.file=")))
}

// TestComposeKeys runs keys.sh twice: the second time must change nothing.
func TestComposeKeys(t *testing.T) {
	dir := t.TempDir()
	s := project(t, "scale").Services[oneShot]
	script := outside(t, s, s.Entrypoint[len(s.Entrypoint)-1])
	read := func() string {
		var b strings.Builder
		for _, name := range []string{"aws", "s3", "zimbra", "planr", "grafana", "gateway.htpasswd"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || len(text) < 20 {
				t.Errorf("%s: %q, %v", name, text, err)
			}
			b.Write(text)
		}
		return b.String()
	}
	run(t, map[string]string{"KEYS": dir}, "sh", script)
	first := read()
	run(t, map[string]string{"KEYS": dir}, "sh", script)
	if read() != first {
		t.Error("the second run made other passwords")
	}
}

// TestComposeFluentBit lets the real Fluent Bit read both configurations.
func TestComposeFluentBit(t *testing.T) {
	fluentBit := need(t, "fluent-bit")
	so := filepath.Join("..", "build", "zimbraloki.so")
	if _, err := os.Stat(so); err != nil {
		t.Skip("run `make so`")
	}
	for _, name := range []string{"fluent-bit", "fluent-bit-scaled"} {
		s := project(t, "scale").Services[name]
		file := outside(t, s, s.Command[len(s.Command)-1])
		dir := t.TempDir()
		for _, f := range []string{filepath.Base(file), "inputs.yaml"} {
			text, err := os.ReadFile(filepath.Join(filepath.Dir(file), f))
			if err != nil {
				t.Fatal(err)
			}
			abs, err := filepath.Abs(so)
			if err != nil {
				t.Fatal(err)
			}
			text = []byte(strings.NewReplacer("/usr/lib/zimbraloki/zimbraloki.so", abs, "/var/lib/zimbraloki", dir, "/logs", dir).Replace(string(text)))
			if err := os.WriteFile(filepath.Join(dir, f), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out := run(t, environment(s), fluentBit, "-c", filepath.Join(dir, filepath.Base(file)), "--dry-run"); !strings.Contains(out, "configuration test is successful") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// TestComposeVersion: that Compose v2 is needed is said where people look, and
// holds for what is installed here.
func TestComposeVersion(t *testing.T) {
	for _, file := range []string{"docker-compose.yaml", "README.md", "README.ru.md", "docs/quickstart.md", "docs/quickstart.ru.md"} {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "Compose v2") {
			t.Errorf("%s does not say that Compose v2 is needed", file)
		}
	}
	for _, s := range project(t, "scale").Services {
		if strings.Contains(strings.Join(s.Command, " "), "go run") {
			t.Errorf("%s compiles when it starts", s.Name)
		}
	}
	out, err := exec.Command("docker", "compose", "version", "--short").Output()
	if err != nil {
		t.Skip("no docker compose here to read the file with")
	}
	if v := strings.TrimPrefix(strings.TrimSpace(string(out)), "v"); strings.HasPrefix(v, "1.") {
		t.Errorf("docker compose is %s", v)
	}
	run(t, nil, "docker", "compose", "--profile", "scale", "-f", "../docker-compose.yaml", "config", "--quiet")
}

// TestComposeImages: each image of others has the link to the Dockerfile that
// its entry point, user and health tool were read in.
func TestComposeImages(t *testing.T) {
	text, err := os.ReadFile("../docker-compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range project(t, "scale").Services {
		name, tag, _ := strings.Cut(s.Image, ":")
		if s.Build != nil {
			continue
		}
		if !regexp.MustCompile(`(?m)^ *# .*\n? *# https://github\.com/\S+Dockerfile\S*\n +image: ` + regexp.QuoteMeta(name+":"+tag)).Match(text) {
			t.Errorf("%s: no Dockerfile is named above image %s", s.Name, s.Image)
		}
	}
}
