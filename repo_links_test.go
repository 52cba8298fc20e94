package zimbraloki_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// TestRepositoryLinks follows the relative links of all documents, to the file
// and to the heading in it.
func TestRepositoryLinks(t *testing.T) {
	sources(t, func(path string, data []byte) {
		for _, broken := range brokenLinks(path, string(data), os.ReadFile) {
			t.Errorf("%s: %s", path, broken)
		}
	}, ".md")
}

// TestRepositoryBrokenLinks keeps the check honest.
func TestRepositoryBrokenLinks(t *testing.T) {
	files := map[string]string{
		"docs/b.md":  "# B\n## Two `words`, and more\n## Twice\n## Twice\n```sh\n# no heading\n```\n<a id=\"here\"></a>\n",
		"docs/c.txt": "# C\n",
	}
	read := func(path string) ([]byte, error) {
		if s, ok := files[path]; ok {
			return []byte(s), nil
		}
		return nil, os.ErrNotExist
	}
	f := func(text string, want ...string) {
		t.Helper()
		if got := brokenLinks("docs/a.md", text, read); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	f("# A\n[b](b.md) [b](b.md#two-words-and-more) [c](c.txt) [a](#a) ![b](b.md \"title\")")
	f("[b](b.md#twice) [b](b.md#twice-1) [b](b.md#here) [x](https://example.com/#y) [m](mailto:a@example.com)")
	f("[x](x.md)", "links to x.md, which is not there")
	f("[x](../x.md#y)", "links to ../x.md#y, which is not there")
	f("[b](b.md#three)", "links to b.md#three, but that file has no such heading")
	f("[b](b.md#twice-2)", "links to b.md#twice-2, but that file has no such heading")
	f("[b](b.md#no-heading)", "links to b.md#no-heading, but that file has no such heading")
	f("[a](#b)", "links to #b, but that file has no such heading")
	f("[a]: x.md", "links to x.md, which is not there")
	f("`[x](x.md)`\n```\n[y](y.md)\n```\n")
}

var (
	inlineLink    = regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)
	referenceLink = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s+(\S+)`)
	fence         = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	inlineCode    = regexp.MustCompile("`[^`\n]*`")
	heading       = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	htmlAnchor    = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	scheme        = regexp.MustCompile(`^[a-z]+:`)
)

// brokenLinks names the relative links of a document that lead nowhere.
func brokenLinks(path, text string, read func(string) ([]byte, error)) (broken []string) {
	prose := inlineCode.ReplaceAllString(fence.ReplaceAllString(text, ""), "``")
	links := append(inlineLink.FindAllStringSubmatch(prose, -1), referenceLink.FindAllStringSubmatch(prose, -1)...)
	for _, m := range links {
		link := m[1]
		if scheme.MatchString(link) {
			continue
		}
		file, anchor, _ := strings.Cut(link, "#")
		target := text
		if file != "" {
			to := filepath.Join(filepath.Dir(path), file)
			data, err := read(to)
			if err != nil && !isDir(to) {
				broken = append(broken, fmt.Sprintf("links to %s, which is not there", link))
				continue
			}
			target = string(data)
		}
		if anchor != "" && !anchors(target)[anchor] {
			broken = append(broken, fmt.Sprintf("links to %s, but that file has no such heading", link))
		}
	}
	return broken
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// anchors are the names by which GitHub links to the headings of a document:
// lower case, blanks as hyphens, no punctuation, a number behind a name that
// comes again.
func anchors(text string) map[string]bool {
	text = fence.ReplaceAllString(text, "")
	found, times := map[string]bool{}, map[string]int{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		title := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(m[1], "$1")
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, title)
		if n := times[name]; n > 0 {
			found[fmt.Sprintf("%s-%d", name, n)] = true
		} else {
			found[name] = true
		}
		times[name]++
	}
	for _, m := range htmlAnchor.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}
