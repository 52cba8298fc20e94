package scan

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

// runes replaces every byte that is not UTF-8 by U+FFFD, as encoding/json does
// when it reads a string.
func runes(s string) string { return string([]rune(s)) }

// checkUnescape compares unescape with encoding/json for one string, given
// without its opening quote.
func checkUnescape(t *testing.T, s string) {
	t.Helper()
	const before = "what stood there"
	room := append(make([]byte, 0, len(before)+len(s)+UnescapeRoom), before...)
	got, n, ok := Unescape(room, s)
	if !ok {
		if json.Valid([]byte(`"` + s)) {
			t.Fatalf("Unescape(%q) refused what is valid", s)
		}
		return
	}
	if string(got[:len(before)]) != before || &got[0] != &room[0] {
		t.Fatalf("Unescape(%q) left the room it was given", s)
	}
	var want string
	if err := json.Unmarshal([]byte(`"`+s[:n]), &want); err != nil {
		// Control characters are let through, encoding/json refuses them.
		if strings.IndexFunc(s[:n], func(r rune) bool { return r < ' ' }) < 0 {
			t.Fatalf("Unescape(%q) took what encoding/json refuses: %v", s, err)
		}
		return
	}
	if runes(string(got[len(before):])) != want {
		t.Fatalf("Unescape(%q)\n got %q\nwant %q", s, got[len(before):], want)
	}
}

var escapedStrings = []string{
	`"`, `plain"`, `a\nb"`, `\"quoted\" and \\ and \/"`, `\b\f\n\r\t"`, `1234567\n"`, `12345678\n"`, `123456789\"0123456"`,
	`\u0041\u00e9\u20ac"`, `\ud83d\ude00 pair"`, `\ud834\udd1e \uD83D\uDE00 other pairs"`, `\ud83d lone"`, `\ude00\ud83d swapped"`, `\ud83d\ud83d\ude00 lone, pair"`, `\ud83d\n"`, `\u0000"`,
	"Журнал \\\"событий\\\"\"", "broken \xff\xfe utf-8\"", `no end`, `escape at end\`, `\x"`, `\u12"`, `\u12g4"`, `\u`, `\U0041"`, ``, "tab\there\"", `\ud83d\u"`,
	strings.Repeat(`\"k\":\"v\",`, 40) + `"`, strings.Repeat("x", 100) + `"`,
}

func TestUnescape(t *testing.T) {
	for _, s := range escapedStrings {
		checkUnescape(t, s)
	}
	// Every position of an escape within the eight bytes that are looked at at once.
	for i := range 24 {
		for _, esc := range []string{`\n`, `\u00e9`, `\ud83d\ude00`, `"`, `\`} {
			checkUnescape(t, strings.Repeat("y", i)+esc+`tail of it"`)
		}
	}
}

func FuzzUnescape(f *testing.F) {
	for _, s := range escapedStrings {
		f.Add(s)
	}
	f.Fuzz(checkUnescape)
}

func TestAppendJSONString(t *testing.T) {
	for _, s := range []string{"", "plain", `"\`, "\x00\x1f\n", "Ж€😀", strings.Repeat(`"`, 50)} {
		got := AppendJSONString([]byte("x"), s)
		var back string
		if err := json.Unmarshal(got[1:], &back); err != nil || back != s {
			t.Errorf("AppendJSONString(%q) = %s, which reads %q, %v", s, got, back, err)
		}
	}
}

func BenchmarkUnescape(b *testing.B) {
	_, s, _ := strings.Cut(sample.Docker, `:"`)
	room := make([]byte, 0, len(s)+UnescapeRoom)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := Unescape(room, s); !ok {
			b.Fatal("refused")
		}
	}
	if !utf8.ValidString(s) {
		b.Fatal("the sample is not UTF-8")
	}
}
