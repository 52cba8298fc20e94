package redact

import (
	"os"
	"strings"
	"testing"
)

// listed reads a list of texts, one a line; ⏎ stands for a line end, ⇥ for a tab.
func listed(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range strings.Split(string(data), "\n") {
		if s != "" && !strings.HasPrefix(s, "# ") {
			list = append(list, strings.NewReplacer("⏎", "\n", "⇥", "\t").Replace(s))
		}
	}
	return list
}

// TestListedForms: of each text of the list goes the secret, and no more.
func TestListedForms(t *testing.T) {
	for _, s := range listed(t, "forms.txt") {
		text, want, given := strings.Cut(s, " ⇒ ")
		if given {
			checkForm(t, text, want)
		} else {
			checkForm(t, text)
		}
	}
}

// TestListedHarmless: the texts of the list stay as they are.
func TestListedHarmless(t *testing.T) {
	for _, s := range listed(t, "harmless.txt") {
		if got := scrubText(t, s); got != s {
			t.Errorf("\n in  %q\n got %q", s, got)
		}
	}
}
