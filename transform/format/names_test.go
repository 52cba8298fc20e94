package format

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// addedNames are the names that the code of the formats gives to Add, each with
// a file that does.
func addedNames(t *testing.T) map[string]string {
	t.Helper()
	call := regexp.MustCompile(`\bd\.Add\("([^"]*)"`)
	found := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 5 {
		t.Fatalf("%d names are given to Add: the test looks in the wrong place", len(found))
	}
	return found
}

// TestNamesOutsideOfVocabulary: a name that the code itself gives to Add is not
// taken by the vocabulary or a label; it would get a prefix unnoticed.
func TestNamesOutsideOfVocabulary(t *testing.T) {
	for name, file := range addedNames(t) {
		if got := extraName(name); got != name {
			t.Errorf("%s: Add(%q) is kept as %q; there is a field or label of that name", file, name, got)
		}
	}
}

// TestOwnFields keeps the list equal to the names that the code gives.
func TestOwnFields(t *testing.T) {
	var used, listed []string
	plain := regexp.MustCompile(`^[a-z_]+$`)
	for name := range addedNames(t) {
		if name != "jsessionid" && plain.MatchString(name) {
			used = append(used, name)
		}
	}
	for _, f := range ownFields {
		listed = append(listed, f.Name)
	}
	slices.Sort(used)
	if !slices.Equal(used, listed) {
		t.Errorf("the code gives\n%v, listed are\n%v", used, listed)
	}
}
