package pages

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
)

// TestTexts: both languages have the same keys with the same verbs, and no
// sentence stays in the other language by mistake.
func TestTexts(t *testing.T) {
	en, err := loadTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	ru, err := loadTexts("ru")
	if err != nil {
		t.Fatal(err)
	}
	verbs := regexp.MustCompile(`%[a-z%]`)
	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	for key, text := range en {
		other, ok := ru[key]
		if !ok {
			t.Errorf("%s has no Russian text", key)
		}
		if a, b := verbs.FindAllString(text, -1), verbs.FindAllString(other, -1); strings.Join(a, "") != strings.Join(b, "") {
			t.Errorf("%s: %q and %q", key, text, other)
		}
		if cyrillic.MatchString(text) {
			t.Errorf("%s is not in English: %q", key, text)
		}
		if !cyrillic.MatchString(other) && key != "ask.query" {
			t.Errorf("%s is not in Russian: %q", key, other)
		}
	}
	for key := range ru {
		if _, ok := en[key]; !ok {
			t.Errorf("%s has no English text", key)
		}
	}
}

// TestTextsAreUsed: every key stands in a template or in the code, and every
// key that stands there has a text.
func TestTextsAreUsed(t *testing.T) {
	en, err := loadTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, glob := range []string{"*.go", "templates/*.html"} {
		files, _ := filepath.Glob(glob)
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(data)
		}
	}
	text := all.String()
	composed := regexp.MustCompile(`^(error\.|import\.|scope\.|plural\.|tickets\.state\.|tokens\.life\.|upload\.js\.|ticket\.bad)`)
	for key := range en {
		if !composed.MatchString(key) && !strings.Contains(text, `"`+key+`"`) {
			t.Errorf("%s is used nowhere", key)
		}
	}
	for _, m := range regexp.MustCompile(`(?:\{\{t|text\(i,|Label:|Hint:) "([a-z][a-z0-9_.:-]*)"`).FindAllStringSubmatch(text, -1) {
		if _, ok := en[m[1]]; !ok && !strings.HasSuffix(m[1], ".") && m[1] != "ticket.bad" && m[1] != "upload.js." {
			t.Errorf("no text %q", m[1])
		}
	}
	for status := range errorPages {
		for _, part := range []string{"title", "text"} {
			if key := "error." + itoa(status) + "." + part; en[key] == "" {
				t.Errorf("no text %q", key)
			}
		}
	}
}

// TestScriptTexts: upload.js has no sentence of its own; all that it asks the
// page for is there.
func TestScriptTexts(t *testing.T) {
	s := newSite(t)
	doc, err := html.Parse(strings.NewReader(s.browser().get("/archives/upload/").Body))
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if name, ok := strings.CutPrefix(a.Key, "data-"); ok && n.Data == "form" && a.Val != "" {
				parts := strings.Split(name, "-")
				for k := 1; k < len(parts); k++ {
					parts[k] = strings.ToUpper(parts[k][:1]) + parts[k][1:]
				}
				has[strings.Join(parts, "")] = true
			}
		}
	}
	script, err := staticFiles.ReadFile("static/upload.js")
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`texts\.([a-zA-Z]+)`).FindAllStringSubmatch(string(script), -1)
	if len(asked) < 10 {
		t.Fatalf("the script asks for %d texts", len(asked))
	}
	for _, m := range asked {
		if !has[m[1]] {
			t.Errorf("the page has no %s for the script", m[1])
		}
	}
	for _, status := range []string{"status401", "status403", "status413", "status423", "status429", "status507"} {
		if !has[status] {
			t.Errorf("the page has no %s for the script", status)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", 1, "ticket"},
		{"en", 0, "tickets"},
		{"en", 21, "tickets"},
		{"ru", 1, "тикет"},
		{"ru", 2, "тикета"},
		{"ru", 5, "тикетов"},
		{"ru", 11, "тикетов"},
		{"ru", 14, "тикетов"},
		{"ru", 21, "тикет"},
		{"ru", 102, "тикета"},
		{"ru", 112, "тикетов"},
	} {
		set, err := loadTexts(c.lang)
		if err != nil {
			t.Fatal(err)
		}
		if got := set.plural(c.lang, "tickets", c.n); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.n, got, c.want)
		}
	}
}

// TestNothingFromElsewhere: pages and scripts ask nothing of another site, and
// nothing that the policy would stop stands in a template.
func TestNothingFromElsewhere(t *testing.T) {
	for _, dir := range []fs.FS{templateFiles, staticFiles} {
		err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(dir, path)
			if err != nil {
				return err
			}
			for _, bad := range []string{` style="`, " onclick=", " onload=", " onsubmit=", "<style", "javascript:", "eval(", "innerHTML", "@import", "cdn."} {
				if strings.Contains(string(data), bad) {
					t.Errorf("%s has %q", path, bad)
				}
			}
			for _, m := range regexp.MustCompile(`https?://[^\s"'<)]+`).FindAllString(string(data), -1) {
				if m != "http://www.w3.org/2000/svg" && !strings.HasPrefix(m, "https://tus.io/") {
					t.Errorf("%s names %s", path, m)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if guard.Languages[0] != "en" {
		t.Error("the tests above take English for the first language")
	}
}
