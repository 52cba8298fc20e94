// Command testsum runs `go test` in the modules it is given and prints what
// failed, one line for each package, how many tests ran, which servers they
// asked, and what was left out, by reason.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// event is a line of `go test -json` (cmd/internal/test2json).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // seconds
}

// summary collects the events of all modules.
type summary struct {
	short                   bool
	without                 string // a folder of each module, or ""
	passed, failed, skipped int
	broken                  int // packages that failed without a test that did
	output                  map[string]*strings.Builder
	failures                []string
	hung                    []string       // packages whose time was up, and what ran then
	asked                   map[string]int // tests by the server they asked
	left                    map[string]int // skipped tests by their reason
}

// packageTimeout bounds the tests of a package. The slowest take some minutes on
// two cores, and one that hangs should not keep the others waiting for longer.
const packageTimeout = "12m"

func main() {
	s := newSummary()
	flag.BoolVar(&s.short, "short", false, "pass -short to go test")
	flag.StringVar(&s.without, "without", "", "leave out the packages below this `folder` of a module")
	flag.Parse()
	fmt.Println(servers(context.Background()))
	for _, dir := range flag.Args() {
		if err := s.module(dir); err != nil {
			fmt.Fprintf(os.Stderr, "testsum: %s: %v\n", dir, err)
			os.Exit(1)
		}
	}
	for _, f := range s.failures {
		fmt.Println(f)
	}
	fmt.Print(s.report())
	if s.failed+s.broken > 0 {
		os.Exit(1)
	}
}

func (s *summary) module(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
		return s.node(dir)
	}
	args := []string{"test", "-json", "-timeout", packageTimeout}
	if dir != "." {
		// Such a module looks at files of the others, which the cache of results does not watch.
		args = append(args, "-count=1")
	}
	if s.short {
		// Linking 70 packages takes longer than their tests: less without tables for
		// a debugger. make check has vetted before.
		args = append(args, "-short", "-vet=off", "-ldflags=-w")
	}
	packages, err := s.packages(dir)
	if err != nil {
		return err
	}
	c := exec.Command("go", append(args, packages...)...)
	c.Dir = dir
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	in := bufio.NewReader(out)
	failed := s.failed + s.broken
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			s.line(line)
		}
		if err != nil {
			break
		}
	}
	if err := c.Wait(); err != nil && s.failed+s.broken == failed {
		return err // go test could not even start: a build error, say
	}
	return nil
}

// packages are those of a module to test. It says which it leaves out.
func (s *summary) packages(dir string) ([]string, error) {
	if s.without == "" {
		return []string{"./..."}, nil
	}
	c := exec.Command("go", "list", "-f", "{{.Dir}}", "./...")
	c.Dir, c.Stderr = dir, os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w", dir, err)
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	keep, left := sift(root, s.without, strings.Fields(string(out)))
	fmt.Printf("left out with -without %s: %s\n", s.without, strings.Join(left, " "))
	return keep, nil
}

// sift parts the folders of packages into those to test, as go test wants them
// named, and those below a folder of the module.
func sift(root, without string, dirs []string) (keep, left []string) {
	for _, d := range dirs {
		rel, err := filepath.Rel(root, d)
		if err != nil || rel == without || strings.HasPrefix(rel, without+"/") {
			left = append(left, rel)
			continue
		}
		keep = append(keep, "./"+rel)
	}
	return keep, left
}

func (s *summary) line(b []byte) {
	var e event
	if json.Unmarshal(b, &e) != nil {
		os.Stdout.Write(b)
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if s.output[key] == nil {
			s.output[key] = &strings.Builder{}
		}
		s.output[key].WriteString(e.Output)
		if e.Action == "build-output" {
			os.Stdout.WriteString(e.Output)
		}
	case "pass", "fail", "skip":
		s.end(e, key)
	}
}

func (s *summary) end(e event, key string) {
	text := ""
	if b := s.output[key]; b != nil {
		text = b.String()
	}
	delete(s.output, key)
	if e.Test == "" {
		s.packageEnd(e, text)
		return
	}
	for line := range strings.Lines(text) {
		if _, kind, ok := strings.Cut(line, lokirun.Asked); ok {
			s.asked[strings.TrimSpace(kind)]++
		}
	}
	switch e.Action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
		s.left[reason(text)]++
	default:
		s.failed++
		s.failures = append(s.failures, "--- FAIL "+e.Package+" "+e.Test+"\n"+text)
	}
}

func (s *summary) packageEnd(e event, text string) {
	if e.Action == "skip" {
		return // no test files
	}
	word := "ok  "
	if e.Action == "fail" {
		word = "FAIL"
		if !strings.Contains(strings.Join(s.failures, "\n"), "--- FAIL "+e.Package+" ") {
			s.broken++
			s.failures = append(s.failures, "--- FAIL "+e.Package+"\n"+s.unfinished(e.Package)+text)
		}
	}
	fmt.Printf("%s %-70s %6.1f s\n", word, e.Package, e.Elapsed)
}
