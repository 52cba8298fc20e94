package realloki

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const (
	loki = "github.com/grafana/loki/v3"
	// lokiPush is a module inside Loki's repository, which Loki replaces by a folder.
	lokiPush = "github.com/grafana/loki/pkg/push"
)

// goMod is what `go mod edit -json` prints of a go.mod, as far as it matters here.
type goMod struct {
	Require, Exclude []version
	Replace          []struct{ Old, New version }
}

type version struct{ Path, Version string }

// goJSON decodes what the go command prints.
func goJSON(t *testing.T, v any, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	if err := json.Unmarshal(out, v); err != nil {
		t.Fatal(err)
	}
}

// replaces returns the replace lines, without those that point at a folder.
func (m goMod) replaces() map[version]version {
	out := map[version]version{}
	for _, r := range m.Replace {
		if r.New.Version != "" {
			out[r.Old] = r.New
		}
	}
	return out
}

func (m goMod) requires(path string) string {
	for _, r := range m.Require {
		if r.Path == path {
			return r.Version
		}
	}
	return ""
}

// TestGoModRepeatsLokis fails when Loki's version was changed and its replace and exclude lines were not.
func TestGoModRepeatsLokis(t *testing.T) {
	var module struct{ GoMod string }
	goJSON(t, &module, "list", "-m", "-json", loki)
	var ours, theirs goMod
	goJSON(t, &ours, "mod", "edit", "-json", "go.mod")
	goJSON(t, &theirs, "mod", "edit", "-json", module.GoMod)

	want, got := theirs.replaces(), ours.replaces()
	if len(want) == 0 {
		t.Error("Loki's go.mod has no replace line: this module may not be needed any more")
	}
	for old, now := range want {
		if got[old] != now {
			t.Errorf("replace %s => %s, Loki has %s", old, got[old], now)
		}
	}
	for old := range got {
		if _, ok := want[old]; !ok {
			t.Errorf("replace of %s is not in Loki's go.mod", old)
		}
	}
	if len(ours.Exclude) != len(theirs.Exclude) {
		t.Errorf("exclude %v, Loki has %v", ours.Exclude, theirs.Exclude)
	}
	if got, want := ours.requires(lokiPush), theirs.requires(lokiPush); got != want {
		t.Errorf("%s %s, Loki requires %s", lokiPush, got, want)
	}
}
