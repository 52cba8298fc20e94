package logql

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// syntaxCases reads testdata/syntax.txt: queries, and behind an arrow what a
// Loki 3.7's format_query answers to each. ⏎ is a line's end inside a query.
func syntaxCases(t testing.TB) (cases [][2]string) {
	t.Helper()
	data, err := os.ReadFile("testdata/syntax.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimRight(string(data), "\n"), "\n") {
		last := len(cases) - 1
		if answer, ok := strings.CutPrefix(line, "    → "); ok {
			cases[last][1] = answer
		} else if more, ok := strings.CutPrefix(line, "      "); ok {
			cases[last][1] += "\n" + more
		} else {
			cases = append(cases, [2]string{strings.ReplaceAll(line, "⏎", "\n"), ""})
		}
	}
	if len(cases) < 300 {
		t.Fatalf("only %d cases in testdata/syntax.txt", len(cases))
	}
	return cases
}

// TestSyntaxAsLoki: the text of every query, or the error with its place, is
// what Loki's is.
func TestSyntaxAsLoki(t *testing.T) {
	for _, c := range syntaxCases(t) {
		e, err := Parse(c[0])
		got := ""
		if err != nil {
			got = "ERR " + err.Error()
		} else {
			got = Pretty(e)
		}
		if got = trimLines(got); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

// trimLines takes the spaces off the ends of lines, as the file has none.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func TestParseMatchers(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		list, err := ParseMatchers(in)
		got := selector(list)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	f(`{a="b"}`, `{a="b"}`)
	f(`{a=~"b|c", d!="e"}`, `{a=~"b|c", d!="e"}`)
	f(`{}`, `{}`)
	f(`{a!="b"}`, `{a!="b"}`)
	f(`{a="b"} | json`, `parse error at line 1, col 9: syntax error: unexpected |`)
	f(`{a="b"`, `parse error at line 1, col 7: syntax error: unexpected $end, expecting } or ,`)
	f(`x`, `parse error at line 1, col 1: syntax error: unexpected IDENTIFIER`)
}

// lossy finds what Loki writes and does not read again: rounded sizes, numbers
// that are none, names of labels with other letters, a label "!" in front of what
// then becomes another word.
var lossy = regexp.MustCompile(`[0-9][kMGTPE]?B|Inf|NaN|[^\x00-\x7f]|"[=!]|(^|[ (,|])![<>=~]+[^ <>=~]`)

// FuzzParse: nothing makes the parser panic, and what it writes means what it
// read: it is understood, and written the same again.
func FuzzParse(f *testing.F) {
	for _, c := range syntaxCases(f) {
		f.Add(c[0])
	}
	f.Add(`{a="b"} | a > 1m1us`)
	f.Fuzz(func(t *testing.T, query string) {
		e, err := Parse(query)
		if err != nil {
			return
		}
		for _, text := range []string{e.String(), Pretty(e)} {
			if lossy.MatchString(text) {
				continue
			}
			again, err := Parse(text)
			if err != nil {
				t.Fatalf("%q became %q: %v", query, text, err)
			}
			if got := again.String(); got != e.String() {
				t.Fatalf("%q became %q, then %q", query, e.String(), got)
			}
		}
	})
}
