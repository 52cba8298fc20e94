package show

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

func sample(line string, more ...string) *entry.Entry {
	return &entry.Entry{
		Time: 1749112947148000000, Format: "mailbox", Tenant: "acme",
		Labels: &entry.Labels{Pairs: []entry.Pair{{Name: "job", Value: "zimbra"}}, Text: `{job="zimbra"}`},
		Meta:   []entry.Pair{{Name: "user", Value: `CORP\é"x"`}, {Name: "a", Value: "\x01\t"}},
		Line:   line, More: more,
	}
}

func TestAppendJSON(t *testing.T) {
	got := string(AppendJSON(nil, sample("one", "\ttwo", "bad \xff byte")))
	want := `{"time":"2025-06-05T08:42:27.148000000Z","format":"mailbox","tenant":"acme","labels":{"job":"zimbra"},` +
		`"metadata":{"user":"CORP\\é\"x\"","a":"\u0001\t"},"line":"one\n\ttwo\nbad ` + "\uFFFD" + ` byte"}`
	if got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"b\\c\x00\u2028é\xff")
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString(nil, s)
		var got, want string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		ref, _ := json.Marshal(s)
		_ = json.Unmarshal(ref, &want)
		if got != want {
			t.Errorf("%q reads back as %q, want %q", s, got, want)
		}
	})
}

func TestAppendText(t *testing.T) {
	zone := time.FixedZone("", 3*3600)
	got := string(AppendText(nil, sample("one", "\ttwo"), zone))
	want := "2025-06-05 11:42:27.148000000 +03:00  mailbox\n" +
		"  {job=\"zimbra\"}\n    user  CORP\\é\"x\"\n    a     \x01\t\n  | one\n  | \ttwo\n\n"
	if got != want {
		t.Errorf("\ngot  %q\nwant %q", got, want)
	}
}
