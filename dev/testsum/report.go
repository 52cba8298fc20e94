package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

func newSummary() *summary {
	return &summary{output: map[string]*strings.Builder{}, asked: map[string]int{}, left: map[string]int{}}
}

// servers says what tests of Loki's API will ask.
func servers(ctx context.Context) string {
	serve := lokirun.Program{Kind: lokirun.Serve}.Name()
	p, err := lokirun.Find()
	if err != nil {
		return fmt.Sprintf("servers: %s; %v", serve, err)
	}
	return fmt.Sprintf("servers: %s, %s (%s: %s)", serve, p.Name(), p.Path, p.Version(ctx))
}

// report is the end of what is printed.
func (s *summary) report() string {
	var b strings.Builder
	for _, line := range s.hung {
		fmt.Fprintln(&b, line)
	}
	for _, why := range byCount(s.left) {
		fmt.Fprintf(&b, "left out %4d: %s\n", s.left[why], why)
	}
	fmt.Fprintf(&b, "servers asked: %s in %d tests, %s in %d\n",
		lokirun.Program{Kind: lokirun.Serve}.Name(), s.asked[string(lokirun.Serve)], lokirun.Program{Kind: lokirun.Loki}.Name(), s.asked[string(lokirun.Loki)])
	fmt.Fprintf(&b, "%d passed, %d failed, %d skipped\n", s.passed, s.failed+s.broken, s.skipped)
	return b.String()
}

// byCount are the keys, those that came most often first.
func byCount(m map[string]int) []string {
	keys := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(keys, func(a, b string) int { return m[b] - m[a] })
	return keys
}

// unfinished returns what the tests of a package printed that never ended, since
// their program did, and notes which of them ran when the package's time was up.
func (s *summary) unfinished(pkg string) string {
	var all strings.Builder
	for _, key := range slices.Sorted(maps.Keys(s.output)) {
		if test, ok := strings.CutPrefix(key, pkg+" "); ok && test != "" {
			all.WriteString(s.output[key].String())
			delete(s.output, key)
		}
	}
	if tests := running(all.String()); len(tests) > 0 {
		s.hung = append(s.hung, "timed out "+pkg+", running: "+strings.Join(tests, ", "))
	}
	return all.String()
}

// running returns the tests that the panic of a timeout lists, with their times.
func running(text string) (tests []string) {
	_, list, found := strings.Cut(text, "\n\trunning tests:\n")
	if !found {
		return nil
	}
	for line := range strings.Lines(list) {
		test, ok := strings.CutPrefix(line, "\t\t")
		if !ok {
			break
		}
		tests = append(tests, strings.TrimSpace(test))
	}
	return tests
}

// place is where in the test a line was logged.
var place = regexp.MustCompile(`^\w+\.go:\d+: `)

// reason returns the line in which a skipped test says why: Skip ends it, so it is
// the last one that was logged.
func reason(text string) string {
	why := "no reason given"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if said := place.ReplaceAllString(line, ""); said != line && !strings.HasPrefix(said, lokirun.Asked) {
			why = said
		}
	}
	return why
}
