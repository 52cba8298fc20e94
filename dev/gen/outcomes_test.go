package main

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// TestOutcomesDeclared: a fixture gives no outcome that its format does not
// declare, and every outcome that a format declares is given by a fixture.
func TestOutcomesDeclared(t *testing.T) {
	found := fixtures(t)
	known := map[string]bool{}
	for _, o := range format.Outcomes() {
		known[o.Name] = true
	}
	used := map[string]bool{}
	for _, f := range transform.Formats() {
		declared := map[string]bool{}
		for _, o := range f.Outcomes {
			if declared[o.Value] || !known[o.Value] || o.When == "" {
				t.Errorf("%s declares %q twice, without its rule, or it is no outcome", f.Name, o.Value)
			}
			declared[o.Value], used[o.Value] = true, true
			if !found[f.Name]["outcome="+o.Value] {
				t.Errorf("%s declares the outcome %s, which no fixture shows", f.Name, o.Value)
			}
		}
		for name := range found[f.Name] {
			if v, ok := strings.CutPrefix(name, "outcome="); ok && !declared[v] {
				t.Errorf("%s gives the outcome %s, which it does not declare", f.Name, v)
			}
		}
	}
	for name := range known {
		if !used[name] {
			t.Errorf("no format gives the outcome %s", name)
		}
	}
}
