package findings

import (
	"slices"
	"testing"
)

// TestComplete: each finding has all its texts, in both languages, and a name of
// its own.
func TestComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range slices.Concat(All, Computed) {
		for _, text := range []Text{f.Title, f.Meaning, f.Action} {
			if text.EN == "" || text.RU == "" || text.EN == text.RU {
				t.Errorf("%s: text %+v", f.Name, text)
			}
		}
		if seen[f.Name] || f.Min < 1 || len(f.By) == 0 || !slices.Contains(Severities, f.Severity) ||
			!slices.ContainsFunc(Topics, func(t Topic) bool { return t.Name == f.Topic }) {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = true
	}
	if _, ok := OfAlert(""); ok {
		t.Error("no alert has a finding")
	}
}
