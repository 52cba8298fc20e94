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
	short := flag.Bool("short", false, "pass -short to go test")
	flag.Parse()
	fmt.Println(servers(context.Background()))
	s := newSummary()
	for _, dir := range flag.Args() {
		if err := s.module(dir, *short); err != nil {
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

func (s *summary) module(dir string, short bool) error {
	if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
		return s.node(dir)
	}
	args := []string{"test", "-json", "-timeout", packageTimeout}
	if dir != "." {
		// Such a module looks at files of the others, which the cache of results does not watch.
		args = append(args, "-count=1")
	}
	if short {
		args = append(args, "-short")
	}
	c := exec.Command("go", append(args, "./...")...)
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
