package lokiapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// TestInOrder: what is read from stream to stream comes oldest first, each entry
// with the labels that it had.
func TestInOrder(t *testing.T) {
	f := func(want string, streams ...string) {
		t.Helper()
		var in []engine.Stream
		for _, s := range streams {
			name, times, _ := strings.Cut(s, ":")
			st := engine.Stream{Labels: []entry.Pair{{Name: "s", Value: name}}}
			for _, c := range times {
				st.Entries = append(st.Entries, engine.Line{Time: int64(c - '0')})
			}
			in = append(in, st)
		}
		var got []string
		for _, s := range inOrder(in) {
			text := s.Labels[0].Value + ":"
			for _, l := range s.Entries {
				text += fmt.Sprint(l.Time)
			}
			got = append(got, text)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: got %q, want %q", streams, g, want)
		}
	}
	f("")
	f("a:1 a:2 a:3", "a:123")
	f("a:1 a:2", "a:21")
	f("b:1 a:2", "a:2", "b:1")
	f("a:1 b:2 a:3 a:4 b:5", "a:134", "b:25")
	f("a:1 b:1 c:2", "a:1", "b:1", "c:2")
}
