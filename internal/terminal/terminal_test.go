package terminal

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSafe(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := Safe(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		for cut := range len(in) + 1 { // a rune may come in two writes
			var b strings.Builder
			w := NewWriter(&b)
			for _, part := range []string{in[:cut], in[cut:]} {
				if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			if b.String() != want {
				t.Errorf("%q cut at %d: %q, want %q", in, cut, b.String(), want)
			}
		}
	}
	f("", "")
	f("a line\twith a tab\nand another\n", "a line\twith a tab\nand another\n")
	f("письмо für Zoë 文 €", "письмо für Zoë 文 €")
	f("\x1b[31mred\x1b[0m", `\u001b[31mred\u001b[0m`)
	f("bell\a back\b return\r del\x7f nul\x00", `bell\u0007 back\u0008 return\u000d del\u007f nul\u0000`)
	f("C1 \u009b31m", `C1 \u009b31m`)
	f("file\u202etxt.exe \u2066x\u2069 \u200f \u061c", `file\u202etxt.exe \u2066x\u2069 \u200f \u061c`)
}

// TestSafeJSON: JSON says the same afterwards.
func TestSafeJSON(t *testing.T) {
	const text = "a\u009bb\x7fc\u202ed\x1be\nf"
	in, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal([]byte(Safe(string(in))), &back); err != nil || back != text {
		t.Errorf("%q, %v", back, err)
	}
}
