package envelope

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

// FuzzUnwrapText takes encoding/json as the oracle for Docker's lines: no text
// makes it panic, what it takes for an envelope is one, and the text is what
// encoding/json reads.
func FuzzUnwrapText(f *testing.F) {
	for _, s := range []string{
		sample.Docker, sample.Planr, `{"log":"x"}`, `{"log":"a\n","stream":"stdout","attrs":{"tag":"web"},"time":"2025-06-05T08:42:27.1Z"}`,
		"2025-06-05T08:42:27.148123456Z stdout P piece", `{"container_id":"ab12","container_name":"/w","source":"stdout","log":"x","partial_message":"true"}`,
		`{"stream":"stdout","time":"t","a":1,"kubernetes":{"pod_name":"p"}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := newReader(keys{})
		p := Payload{Text: text, Path: "/var/log/pods/n_p_u/c/0.log"}
		before := strings.Clone(text)
		l := &r.docker
		if strings.HasPrefix(text, "{") && l.scan(r.Arena, text) {
			checkDockerLine(t, l, text)
		}
		l.clear()
		r.UnwrapText(&p)
		if text != before {
			t.Fatalf("text changed from %q to %q", before, text)
		}
		var q Payload
		r.Unwrap(chunk.NewMap("log", text), &q)
		if q.Text != strings.TrimSuffix(text, "\n") {
			t.Fatalf("unwrap gave %q for %q", q.Text, text)
		}
	})
}

func checkDockerLine(t *testing.T, l *dockerLine, text string) {
	t.Helper()
	got := l.view + string(l.log)
	if l.newline {
		got += "\n"
	}
	var want struct {
		Log    *string           `json:"log"`
		Stream string            `json:"stream"`
		Time   string            `json:"time"`
		Attrs  map[string]string `json:"attrs"`
	}
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		// What encoding/json refuses and we take: control characters in strings,
		// escapes in attrs, which are only looked at if they have none.
		if strings.IndexFunc(text, func(r rune) bool { return r < ' ' }) < 0 && !strings.Contains(l.attrs, `\`) {
			t.Fatalf("took %q: %v", text, err)
		}
		return
	}
	if want.Log == nil || runes(got) != *want.Log || runes(l.stream) != want.Stream || runes(l.time) != want.Time {
		t.Fatalf("%q\n got %q %q %q\nwant %+v", text, got, l.stream, l.time, want)
	}
}

// runes replaces every byte that is not UTF-8 by U+FFFD, as encoding/json does
// when it reads a string.
func runes(s string) string { return string([]rune(s)) }
