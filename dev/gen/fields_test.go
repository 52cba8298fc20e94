package main

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// fixtures are the fields that each format gives in some fixture.
func fixtures(t *testing.T) seen {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	found, err := readFixtures(root)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestEveryFieldShown: every field that the code declares is given by some
// fixture, so docs/fields.md says of each which formats have it.
func TestEveryFieldShown(t *testing.T) {
	found := fixtures(t)
	shown := map[string]bool{}
	for _, fields := range found {
		for name := range fields {
			shown[name] = true
		}
	}
	for _, f := range append(format.Fields(), format.OwnFields()...) {
		if !shown[f.Name] {
			t.Errorf("no fixture gives %s", f.Name)
		}
	}
	for _, f := range transform.Formats() {
		if len(found[f.Name]) == 0 {
			t.Errorf("no fixture is of the format %s", f.Name)
		}
	}
}
