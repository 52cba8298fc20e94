package stage

import (
	"regexp"
	"testing"
)

func TestLineFilter(t *testing.T) {
	f := func(line string, op LineOp, want bool, texts ...Text) {
		t.Helper()
		lf, err := NewLineFilter(op, texts...)
		if err != nil {
			t.Fatal(err)
		}
		if got := lf.Keeps(line); got != want {
			t.Errorf("%q %s %v: %v", line, op, texts, got)
		}
	}
	s := func(v string) Text { return Text{Value: v} }
	ip := func(v string) Text { return Text{v, true} }
	const line = "from=1.2.3.4/24,5.6.7.8"
	f(line, LineContains, true, ip("5.6.7.8"), s("zz"))
	f(line, LineNotContains, false, ip("5.6.7.8"), s("zz"))
	f(line, LineNotContains, false, s("zz"), ip("5.6.7.8"))
	f(line, LineNotContains, true, s("zz"), s("yy"))
	f(line, LineContains, true, s("zz"), s("yy"), s("24"))
	f(line, LineNotMatches, false, s("z+"), s("f.om"))
	f(line, LineNotPattern, false, s("<_>zz<_>"), s("from<_>"))
	f(line, LinePattern, true, s("<_>zz<_>"), s("from<_>"))
	f(line, LineContains, true, s(""))
	f(line, LineNotContains, false, s(""))
	f(line, LineMatches, true, s(""))
	f("multi\nline X", LineMatches, false, s("multi.line"))
	f("multi\nline X", LineMatches, false, s("^line"))
	f("multi\nline X", LineContains, true, s("i\nl"))
}

func TestLinePattern(t *testing.T) {
	f := func(line, pattern string, want bool) {
		t.Helper()
		m, err := newLinePattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if m.match(line) != want {
			t.Errorf("%q |> %q: %v", line, pattern, !want)
		}
	}
	const line = "from=1.2.3.4/24,5.6.7.8"
	f(line, "from<_>5.6<_>", true)
	f(line, "from<_>5.6", false)
	f(line, "rom<_>", true)
	f(line, "<_>8", true)
	f(line, "<_>=<_>/<_>", true)
	f(line, "from", false)
	f(line, line, true)
	f(line, "<_>", true)
	f(line, "", false)
	f("aab", "<_>ab", true)
	f("aab", "<_>b<_>", false)
	f("aab", "<_>a<_>a<_>b<_>", false)
	f("aab", "aab<_>", false)
	f("aab", "<_>aab", false)
	f("aab aab", "<_>b", false)
	f("aab aab", "ab aab", true)
	f("a.b.c.b", "<_>.b", false)
	f("multi\nline X", "multi<_>X", true)
	for _, bad := range []string{"<ip>", "<_><_>"} {
		if _, err := newLinePattern(bad); err == nil {
			t.Errorf("|> %q is taken", bad)
		}
	}
}

func TestIPSet(t *testing.T) {
	f := func(text, set string, want bool) {
		t.Helper()
		s, err := parseIPSet(set)
		if err != nil {
			t.Fatal(err)
		}
		if s.in(text) != want {
			t.Errorf("%q in %s: %v", text, set, !want)
		}
	}
	for _, set := range []string{"1.2.3.4", "1.2.3.0/24", "1.2.3.77/24", "1.2.3.0-1.2.3.9"} {
		f("1.2.3.4", set, true)
		f("[1.2.3.4]:80", set, true)
		f("x1.2.3.4y", set, true)
		f("a 1.2.3.4-5.6.7.8 b", set, true)
		f("from=1.2.3.4/24", set, true)
		f("1.2.3.4.5", set, false)
		f("a:1.2.3.4", set, false)
		f("ip:1.2.3.4", set, true)
		f(":1.2.3.4", set, true)
		f("beef1.2.3.4", set, true)
		f("12:34:56 1.2.3.4", set, true)
		f("1.2.3.4.", set, false)
		f("1.2.3.04", set, false)
		f("11.2.3.4:99", set, false)
		f("::ffff:1.2.3.4", set, false)
		f("1.2.3.4:2001:db8::5", set, true)
	}
	f("time 12:34:56 ip 1.2.3.4", "::/0", false)
	f("9999.2.3.4", "9.2.3.4", false)
	for _, set := range []string{"2001:db8::17", "2001:DB8::17", "2001:db8::/32", "2001:db8::1-2001:db8::20"} {
		f("[2001:db8::17]:80", set, true)
		f("a2001:db8::17", set, true)
		f("x:2001:db8::17 y", set, true)
	}
	f("2001:db8::17:80", "2001:db8::17", false)
	f("12:34:56:2001:db8::17", "2001:db8::17", false)
	f("2001:db8::17.", "2001:db8::17", false)
	f("fe80::1%eth0", "fe80::/10", true)
	f("::ffff:1.2.3.4", "::/0", true)
	for _, bad := range []string{"bad", "", "1.2.3.4-", "1.2.3.9-1.2.3.1", "1.2.3.4/33", "1.2.3.4-::1"} {
		if _, err := parseIPSet(bad); err == nil {
			t.Errorf("ip(%q) is taken", bad)
		}
	}
}

// expressions cover each shortcut of newExpression, and what has none.
var expressions = []string{
	"", "a", "abc", "(?i)abc", "(?i)ksk", "a|bc", "(?i)a|BC", ".*abc.*", ".*", "(abc)", "a.c", "ab+c", "^abc", "abc$", "(?i)ä",
	"(?i)K$", "a*b", "(?:ab|cd)e", "[aA]bc", "(?s).*a.*b", "(?i:a)b", "x{2,3}", "\\bab", ".+a", "a.*", "(a|)b", "(?m)^a$",
	"(?i)ab.c", "(?i)ska.k", "(?i)ä.b", "(?i)k.s", "(?i)ab.{0,3}(c|d)|xy", "(?i)(ab.c|x.y)",
}

// FuzzExpression: the shortcuts say what package regexp says.
func FuzzExpression(f *testing.F) {
	for _, re := range expressions {
		f.Add(re, "xabcK \u212aſk\nABC ä Ä")
	}
	f.Fuzz(func(t *testing.T, expr, line string) {
		m, err := newExpression(expr)
		re, err2 := regexp.Compile(expr)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%q: %v, regexp says %v", expr, err, err2)
		}
		if err == nil && m.match(line) != re.MatchString(line) {
			t.Errorf("%q on %q: %v", expr, line, m.match(line))
		}
	})
}

func TestExpression(t *testing.T) {
	for _, expr := range expressions {
		m, err := newExpression(expr)
		if err != nil {
			t.Fatal(err)
		}
		re := regexp.MustCompile(expr)
		for _, line := range []string{"", "a", "abc", "xABCx", "a\nb", "k", "\u212a", "ſ", "KſK", "cde", "xxx", "ÄBC", "b", "zab", "abbbc", "bc", "aBxC", "SKAxK", "\u017fKAx\u212a", "Äxb", "kxS", "AB..d", "XY", "xzY"} {
			if m.match(line) != re.MatchString(line) {
				t.Errorf("%q on %q: %v", expr, line, m.match(line))
			}
		}
	}
}
