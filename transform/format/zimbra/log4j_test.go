package zimbra

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

func TestScanLog4j(t *testing.T) {
	var in format.Input
	f := func(s string, whole bool, thread, context, logger, message string) {
		t.Helper()
		var h log4jHead
		ok := h.scan(s, &in)
		pairs := ""
		for _, c := range contextOf.Of(&in).pairs {
			pairs += c.key + "=" + c.value + "|"
		}
		if ok != whole || h.thread != thread || pairs != context || h.logger != logger || h.message != message {
			t.Errorf("%s\n got %v %q %q %q %q\nwant %v %q %q %q %q", s, ok, h.thread, pairs, h.logger, h.message, whole, thread, context, logger, message)
		}
	}
	f("INFO  [main] [] soap - text", true, "main", "", "soap", "text")
	f("INFO [main] [] soap - text", true, "main", "", "soap", "text")
	f("ERROR [main] [a=b;] soap - text - more", true, "main", "a=b|", "soap", "text - more")
	f("INFO  [main] [] soap - ", true, "main", "", "soap", "")
	f("INFO  [main] [] soap -", true, "main", "", "soap", "")
	f("INFO  [main] []  - text", true, "main", "", "", "text")
	f("INFO  [main] [] TcpServer/7025 - text", true, "main", "", "TcpServer/7025", "text")
	f("INFO  [main] [] Outer$Inner - text", true, "main", "", "Outer$Inner", "text")
	f("INFO  [main] [ua=a;; b;;;] x - y", true, "main", "ua=a; b;|", "x", "y")
	f("INFO  [main] [ua=;;;] x - y", true, "main", "ua=;|", "x", "y")
	f("INFO  [main] [ua=;;;;;ip=1;] x - y", true, "main", "ua=;;|ip=1|", "x", "y")
	f("INFO  [main] [ua=a] b] [c;ip=1;] x - y", true, "main", "ua=a] b] [c|ip=1|", "x", "y")
	f("INFO  [main] [a=b=c;] x - y", true, "main", "a=b=c|", "x", "y")
	f("INFO  [t] [x] [a=b;] x - y", true, "t] [x", "a=b|", "x", "y")
	f("INFO  [{RemoteManager: a->b@a:22}-3] [] x - y", true, "{RemoteManager: a->b@a:22}-3", "", "x", "y")
	f("INFO  [qtp1-5:https://[::1]:7071/x?a[]=1] [] x - y", true, "qtp1-5:https://[::1]:7071/x?a[]=1", "", "x", "y")

	// Not to the end: what there is is kept.
	f("INFO  [t] [a=b;c=cut", false, "t", "a=b|", "", "c=cut")
	f("INFO  [t] [a=b;] logger", false, "t", "a=b|", "", "logger")
	f("INFO  [t [a=b;] logger - x", false, "t", "a=b|", "logger", "x")
	f("INFO  [t] x - y", false, "t", "", "", "x - y")
	f("INFO  [t", false, "", "", "", "t")
	f("INFO  text", false, "", "", "", "text")
	f("INFO ", false, "", "", "", "")
	f("NOTICE [t] [] x - y", false, "", "", "", "")
	f("INFO", false, "", "", "", "")
	f("", false, "", "", "", "")
}

// The oracle: the grammar behind the level as regular expressions, which back up
// where the scanner does not. TestCorpus reads real lines with the same.
var (
	oracleRest = regexp.MustCompile(`^(.*?)\] \[((?:[A-Za-z0-9_]+=(?:[^;]|;;)*;)*)\] (\S*) -(?: (.*))?$`)
	oraclePair = regexp.MustCompile(`([A-Za-z0-9_]+)=((?:[^;]|;;)*);`)
)

// FuzzLog4j compares the scanner with regular expressions, which read the
// grammar in another way.
func FuzzLog4j(f *testing.F) {
	for _, s := range []string{"main] [] soap - text", "t] [a=b;;;c=d;] x -", "t] [x] [a=;;;] l - m] [b=c;] x - y", "t [a=b;] l - m", "] [] ] [=;"} {
		f.Add(s)
	}
	var in format.Input
	f.Fuzz(func(t *testing.T, s string) {
		in.Arena.Reset()
		var h log4jHead
		whole := h.scan("INFO  ["+s, &in)
		if h.level != format.LevelInfo {
			t.Fatalf("level %s", h.level)
		}
		if strings.ContainsAny(s, "\n\t\v\f\r") || strings.Count(s, "] [") > 30 {
			return // '.' and \S of the oracle mean something else; the scanner gives up
		}
		m := oracleRest.FindStringSubmatch(s)
		if leniently(s) {
			return
		}
		if whole != (m != nil) {
			t.Fatalf("%q: whole %v, oracle %q", s, whole, m)
		}
		if m == nil {
			return
		}
		if h.thread != m[1] || h.logger != m[3] || h.message != m[4] {
			t.Errorf("%q:\n got %q %q %q\nwant %q", s, h.thread, h.logger, h.message, m[1:])
		}
		pairs := oraclePair.FindAllStringSubmatch(m[2], -1)
		if len(pairs) != len(contextOf.Of(&in).pairs) {
			t.Fatalf("%q: context %q, oracle %q", s, contextOf.Of(&in).pairs, pairs)
		}
		for i, p := range pairs {
			if c := contextOf.Of(&in).pairs[i]; c.key != p[1] || c.value != strings.ReplaceAll(p[2], ";;", ";") {
				t.Errorf("%q: pair %q, oracle %q", s, c, p)
			}
		}
	})
}

// leniently reports whether s has a ';' that was not doubled where it must be: the
// scanner takes it for a part of the value, the oracle does not.
func leniently(s string) bool {
	s = strings.ReplaceAll(s, ";;", "")
	for {
		i := strings.IndexByte(s, ';')
		if i < 0 {
			return false
		}
		s = s[i+1:]
		if _, ends := contextKey(s); !ends {
			return true
		}
	}
}

// encodeArg writes a pair as com.zimbra.common.util.ZimbraLog.encodeArg does.
func encodeArg(key, value string) string {
	value = strings.NewReplacer(";", ";;", "\r", " ", "\n", " ").Replace(value)
	return key + "=" + value + ";"
}

// keyOf makes a key of any text.
func keyOf(s string) string {
	b := []byte("k")
	for i := range len(s) {
		if scan.KeyByte[s[i]] {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// FuzzContext encodes pairs as Zimbra does and reads them back.
func FuzzContext(f *testing.F) {
	f.Add("a=b;c", "Mozilla/5.0 (X11; Linux) [evil] x", ";", "] [a=b;] c - d")
	f.Add("é", "] ", ";;", "\n")
	var in format.Input
	f.Fuzz(func(t *testing.T, v1, v2, k3, v3 string) {
		in.Arena.Reset()
		line := "INFO  [thread-1] ["
		var want []contextPair
		for _, p := range []contextPair{{"name", v1}, {"ua", v2}, {keyOf(k3), v3}} {
			if p.value != "" { // ZimbraLog leaves those out
				line += encodeArg(p.key, p.value)
				want = append(want, contextPair{p.key, strings.NewReplacer("\r", " ", "\n", " ").Replace(p.value)})
			}
		}
		line += "] logger - message"
		var h log4jHead
		if !h.scan(line, &in) || h.thread != "thread-1" || h.logger != "logger" || h.message != "message" || !slices.Equal(contextOf.Of(&in).pairs, want) {
			t.Errorf("%q\n got %q, %+v\nwant %q", line, contextOf.Of(&in).pairs, h, want)
		}
	})
}

// FuzzAudit encodes attributes as ZimbraLog.encodeAttrs does, the values of one
// key without a blank between them, and reads them back.
func FuzzAudit(f *testing.F) {
	f.Add("Auth", "a;b", "k", "x;;y;", "", "] = ;")
	f.Add("ModifyAccount", "", "+", ";", "z", "\r\n")
	var in format.Input
	f.Fuzz(func(t *testing.T, cmd, v1, k2, v2, v3, v4 string) {
		in.Arena.Reset()
		want := []contextPair{{"cmd", cmd}, {"account", v1}, {keyOf(k2), v2}, {keyOf(k2), v3}, {"+" + keyOf(k2), v4}}
		msg := ""
		for i, p := range want {
			if i > 0 && p.key != want[i-1].key {
				msg += " "
			}
			msg += encodeArg(p.key, p.value)
			want[i].value = strings.NewReplacer("\r", " ", "\n", " ").Replace(p.value)
		}
		var got []contextPair
		for s := msg; s != ""; {
			var p contextPair
			p.key, p.value, s = auditPair(&in, s)
			got = append(got, p)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", msg, got, want)
		}
	})
}
