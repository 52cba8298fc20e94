package transform

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOwnFields keeps the list equal to the names that the code gives.
func TestOwnFields(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`\.add\("([a-z_]+)"`)
	var used, listed []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range call.FindAllSubmatch(data, -1) {
			if name := string(m[1]); name != "jsessionid" && !slices.Contains(used, name) {
				used = append(used, name)
			}
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
