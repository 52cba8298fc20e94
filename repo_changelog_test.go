package zimbraloki_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// changelogLine is what CHANGELOG.md promises of each of its lines.
var changelogLine = regexp.MustCompile(`^- \[(FEATURE|ENHANCEMENT|BUGFIX|SECURITY|BREAKING)\] [a-z][a-z, ]*: .*[^ ]$`)

// changelogFaults are the lines that say no change as promised, and the
// versions that say none at all.
func changelogFaults(text string) (faults []string) {
	versions, changes := 0, 1
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "## "):
			if changes == 0 {
				faults = append(faults, "a version without changes before "+line)
			}
			versions, changes = versions+1, 0
		case strings.HasPrefix(line, "- "):
			if changes++; versions == 0 {
				faults = append(faults, "before the first version: "+line)
			} else if !changelogLine.MatchString(line) {
				faults = append(faults, line)
			}
		}
	}
	if versions == 0 || changes == 0 {
		faults = append(faults, "no version, or one without changes at the end")
	}
	return faults
}

// TestRepositoryChangelog: the changelog is there, and its lines have their form.
func TestRepositoryChangelog(t *testing.T) {
	data, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range changelogFaults(string(data)) {
		t.Error(fault)
	}
	f := func(text string, want ...string) {
		t.Helper()
		if got := changelogFaults(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	f("", "no version, or one without changes at the end")
	f("## 1.0\n- [FEATURE] cli: x\n## 0.9\n- [BUGFIX] loki, cli: y\n")
	f("## 1.0\n- cli: x\n## 0.9\n", "- cli: x", "no version, or one without changes at the end")
	f("- [BUGFIX] cli: x\n## 1.0\n- [BUGFIX] cli: y\n", "before the first version: - [BUGFIX] cli: x")
	f("## 1.0\n## 0.9\n- [BUGFIX] cli: y\n", "a version without changes before ## 0.9")
}
