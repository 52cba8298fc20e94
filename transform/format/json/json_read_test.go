package json

import (
	"strings"
	"testing"
)

func TestBlankEscapes(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got, ok := blankEscapes([]byte(in), strings.IndexByte(in, '\\'))
		if !ok {
			got = []byte("refused")
		}
		if string(got) != want {
			t.Errorf("blankEscapes(%q)\n got %q\nwant %q", in, got, want)
		}
	}
	f(`\n`, `~~`)
	f(`a\"b\\c\u00e9d`, `a~~b~~c~~~~~~d`)
	f(`\\\\\"`, `~~~~~~`)
	f(strings.Repeat("x", 40)+`\n`+strings.Repeat("y", 17)+`\t`, strings.Repeat("x", 40)+`~~`+strings.Repeat("y", 17)+`~~`)
	f(`\n`+strings.Repeat("z", 16), `~~`+strings.Repeat("z", 16))
	f(`\x`, "refused")
	f(`ab\`, "refused")
	f(`\n\u12`, "refused")
}
