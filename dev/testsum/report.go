package main

import (
	"context"
	"fmt"
	"maps"
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
