package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// How the host ends (host.h).
const (
	endDelivered = 0
	endNoStart   = 1
	endLeft      = 3
)

// buildDir holds what the tests build.
var buildDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "zimbraloki-host-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	buildDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// builder builds something of its sources once, for the first test that needs it.
func builder(name, sources string, command ...string) func(t *testing.T) string {
	build := sync.OnceValues(func() (string, error) {
		if _, err := exec.LookPath("gcc"); err != nil {
			return "", errSkip
		}
		out := filepath.Join(buildDir, name)
		args := append(append([]string{}, command...), "-o", out)
		if command[0] == "go" {
			args = append(args, sources)
		} else {
			files, _ := filepath.Glob(sources)
			args = append(append(args, files...), "-ldl", "-lpthread")
		}
		if text, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, text)
		}
		return out, nil
	})
	return func(t *testing.T) string {
		t.Helper()
		path, err := build()
		if errors.Is(err, errSkip) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
}

var errSkip = errors.New("gcc is not on PATH: neither the plugin nor the host can be built")

var (
	plugin       = builder("zimbraloki.so", "../../plugin", "go", "build", "-buildmode=c-shared")
	faultyPlugin = builder("zimbraloki-faults.so", "../../plugin", "go", "build", "-buildmode=c-shared", "-tags=zimbraloki_faults")
	hostProgram  = builder("host", "*.c", "gcc", "-std=c11", "-O1", "-g", "-rdynamic", "-Wall", "-Wextra", "-Werror")
	asanHost     = builder("host-asan", "*.c", "gcc", "-std=c11", "-O1", "-g", "-rdynamic", "-fsanitize=address,undefined",
		"-fno-sanitize-recover=all")
)

// host is a run of the host program.
type host struct {
	cmd    *exec.Cmd
	out    bytes.Buffer // stdout: states and the tally
	log    bytes.Buffer // stderr: what the plugin and the host say
	cancel context.CancelFunc
}

// runLimit is far above what any run takes.
const runLimit = 2 * time.Minute

func startHost(t *testing.T, program string, more ...any) *host {
	t.Helper()
	args := flat(more)
	ctx, cancel := context.WithTimeout(context.Background(), runLimit)
	h := &host{cmd: exec.CommandContext(ctx, program, args...), cancel: cancel}
	h.cmd.Stdout, h.cmd.Stderr = &h.out, &h.log
	// Go's runtime in the plugin is not known to the leak checker.
	h.cmd.Env = append(os.Environ(), "ASAN_OPTIONS=detect_leaks=0")
	if err := h.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	return h
}

// flat joins strings and lists of strings.
func flat(parts []any) (args []string) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			args = append(args, p)
		case []string:
			args = append(args, p...)
		case []any:
			args = append(args, flat(p)...)
		default:
			panic(fmt.Sprintf("%v is no argument", p))
		}
	}
	return args
}

// wait returns the exit code, -1 for a signal.
func (h *host) wait() int {
	defer h.cancel()
	_ = h.cmd.Wait()
	return h.cmd.ProcessState.ExitCode()
}

// run runs the host to its end and expects the exit code.
func run(t *testing.T, want int, program string, more ...any) *host {
	t.Helper()
	h := startHost(t, program, more...)
	if code := h.wait(); code != want {
		t.Fatalf("host ended with %d (%v), want %d\n%s\n%s", code, h.cmd.ProcessState, want, h.out.String(), h.log.String())
	}
	return h
}

var tallyRE = regexp.MustCompile(`(\w+)=(\d+)`)

// tally is the last line of the host as numbers.
func (h *host) tally(t *testing.T) map[string]int {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(h.out.String()), "\n")
	return numbers(lines[len(lines)-1])
}

func numbers(line string) map[string]int {
	m := map[string]int{}
	for _, kv := range tallyRE.FindAllStringSubmatch(line, -1) {
		m[kv[1]], _ = strconv.Atoi(kv[2])
	}
	return m
}

// longTest leaves a test out of the short run.
func longTest(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out with -short")
	}
}

// writeLog makes a mailbox.log of n heads, numbered seq=0 to n-1.
func writeLog(t *testing.T, n int) string {
	t.Helper()
	return writeLogFrom(t, 0, n)
}

// writeLogFrom makes a mailbox.log of n heads that begins with the number
// first; every tenth head has a line that continues it.
func writeLogFrom(t *testing.T, first, n int) string {
	t.Helper()
	var b bytes.Buffer
	start := time.Date(2026, 11, 23, 6, 12, 0, 0, time.UTC)
	for i := first; i < first+n; i++ {
		at := start.Add(time.Duration(i) * 7 * time.Millisecond)
		fmt.Fprintf(&b, "%s INFO  [qtp1-%d:https://mail.example.com/service/soap/SearchRequest] "+
			"[name=user%d@example.com;mid=%d;oip=192.0.2.%d;ua=ZimbraWebClient/10;soapId=%x;] soap - SearchRequest elapsed=%d seq=%d;\n",
			strings.Replace(at.Format("2006-01-02 15:04:05.000"), ".", ",", 1), 100+i%40, i%50, i%50, 1+i%200, i, i%90, i)
		if i%10 == 9 {
			fmt.Fprintf(&b, "\tat com.example.Handler.handle(Handler.java:%d)\n", i)
		}
	}
	path := filepath.Join(t.TempDir(), "mailbox.log")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// to are the properties of all instances that send to s.
func to(s *sink) []string {
	return []string{"-purl=" + s.URL, "-pdead_letter_path=off", "-plabels=job=zimbra,host=mail"}
}

// twoInstances are two outputs that send to s as tenants one and two.
func twoInstances(s *sink) []string {
	return append(to(s), "--instances=2", "-p0:tenant_id=one", "-p1:tenant_id=two")
}
