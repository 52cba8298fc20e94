package docqueries

import (
	"fmt"
	"strings"
	"testing"
)

// TestText: what is LogQL is found wherever it stands, and nothing else is.
func TestText(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		r := reader{file: "x.md"}
		r.text(text)
		var got []string
		for _, q := range r.list {
			got = append(got, fmt.Sprint(q.Text, q.Marked))
		}
		if r.err != nil {
			got = append(got, r.err.Error())
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%q:\n got %s\nwant %s", text, s, want)
		}
	}
	f("a\n```logql\n{a=\"b\"}\n\nsum(rate({a=\"b\"}[$__range]))\n```\nb", `{a="b"}true; sum(rate({a="b"}[$__range]))true`)
	f("a\n```logql\n{a=}\n```\n", "x.md: parse error at line 1, col 4: syntax error: unexpected }, expecting STRING\n\t{a=}")
	f("1. a\n\n   ```sh\n   zimbraloki ask '{a=\"b\"} |= \"x\"' FILE --since '1h'\n   ```\n", `{a="b"} |= "x"false`)
	f("| `{a=\"b\"} \\| json` | `1 + 1` | `delay` | ``{a=~`x`}`` |", "{a=\"b\"} | jsonfalse; {a=~`x`}false")
	f("{a=\"b\"}", "")
}

// TestRead reads the project's own.
func TestRead(t *testing.T) {
	list, err := Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	files, marked := map[string]int{}, 0
	for _, q := range list {
		files[q.File]++
		if q.Marked {
			marked++
		}
	}
	if files["README.md"] == 0 || files["cookbook.md"] < 40 || marked < 60 {
		t.Errorf("%d queries, %d marked: %v", len(list), marked, files)
	}
}
