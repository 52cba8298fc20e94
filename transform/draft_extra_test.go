package transform

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestNamesOutsideOfVocabulary: a name that the code itself gives to add is not
// taken by the vocabulary or a label; it would get a prefix unnoticed.
func TestNamesOutsideOfVocabulary(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`\.add\("([^"]*)"`)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			found++
			if got := extraName(m[1]); got != m[1] {
				t.Errorf("%s: add(%q) is kept as %q; there is a field or label of that name", file, m[1], got)
			}
		}
	}
	if found < 5 {
		t.Errorf("%d calls of add found", found)
	}
}

func TestExtraName(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := extraName(in); got != want {
			t.Errorf("extraName(%q) = %q, want %q", in, got, want)
		}
	}
	f("zimbraMailStatus", "zimbraMailStatus")
	f("user", "x_user")
	f("host", "x_host")
	f("detected_level", "x_detected_level")
	f("client-ip", "x_client_ip")
	f("truncated", "x_truncated")
	f("_", "")
}

func TestJoin(t *testing.T) {
	r := newRun(New(Options{}))
	d := &r.d
	for _, v := range []string{"a", "b", "c"} {
		d.join(&r.Input, "k-1", v)
	}
	d.join(&r.Input, "", "x")
	if len(d.extra) != 1 || d.extra[0].Name != "k_1" || d.extra[0].Value != "a, b, c" {
		t.Errorf("%q", d.extra)
	}
}
