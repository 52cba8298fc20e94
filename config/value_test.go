package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

func TestParseSize(t *testing.T) {
	f := func(in string, want int64) {
		t.Helper()
		got, err := parseSize(in)
		if err != nil || got != want {
			t.Errorf("parseSize(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	f("0", 0)
	f("262144", 262144)
	f("10b", 10)
	f("10K", 10_000)
	f("10kb", 10_000)
	f("10M", 10_000_000)
	f("1.5M", 1_500_000)
	f("2G", 2_000_000_000)
	f("256KiB", 262144)
	f("256 kib", 262144)
	f("1MiB", 1<<20)
	f("0.5GiB", 1<<29)
	f("1.", 1)

	bad := func(in, reason string) {
		t.Helper()
		got, err := parseSize(in)
		if err == nil || err.Reason != reason {
			t.Errorf("parseSize(%q) = %d, %v; want %q", in, got, err, reason)
		}
	}
	bad("", "not a size")
	bad(".", "not a size")
	bad("M", "not a size")
	bad("-1", "not a size")
	bad("1T", "not a size")
	bad("1Ki", "not a size")
	bad("1.2.3K", "not a size")
	bad("0x10", "not a size")
	bad("9007199254740993", "too large")
	bad("99999999999999999999G", "too large")
}

func TestParseDuration(t *testing.T) {
	f := func(in string, want time.Duration) {
		t.Helper()
		got, err := parseDuration(in)
		if err != nil || got != want {
			t.Errorf("parseDuration(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	f("4", 4*time.Second)
	f("0.5", 500*time.Millisecond)
	f("4s", 4*time.Second)
	f("2M", 2*time.Minute)
	f("3H", 3*time.Hour)
	f("7d", 7*24*time.Hour)
	f("1D", 24*time.Hour)
	f("1d12h", 36*time.Hour)
	f("1d30", 24*time.Hour+30*time.Second)
	f("500ms", 500*time.Millisecond)
	f("1m30s", 90*time.Second)

	bad := func(in, reason string) {
		t.Helper()
		got, err := parseDuration(in)
		if err == nil || err.Reason != reason {
			t.Errorf("parseDuration(%q) = %v, %v; want %q", in, got, err, reason)
		}
	}
	bad("", "not a time")
	bad("s", "not a time")
	bad("-4s", "not a time")
	bad("4 s", "not a time")
	bad("1w", "not a time")
	bad("1dd", "not a time")
	bad("1.2.3d", "not a time")
	bad("9999999d", "too long")
}

func TestParseBool(t *testing.T) {
	f := func(in string, want, ok bool) {
		t.Helper()
		got, err := parseBool(in)
		if got != want || (err == nil) != ok {
			t.Errorf("parseBool(%q) = %v, %v; want %v, ok %v", in, got, err, want, ok)
		}
	}
	for _, w := range boolWords[:3] {
		f(w, true, true)
		f(strings.ToUpper(w), true, true)
	}
	for _, w := range boolWords[3:] {
		f(w, false, true)
		f(strings.ToUpper(w), false, true)
	}
	f("1", false, false)
	f("", false, false)
}

func TestParsePairs(t *testing.T) {
	f := func(in string, want ...string) {
		t.Helper()
		pairs, err := parsePairs(in)
		if err != nil {
			t.Errorf("parsePairs(%q): %v", in, err)
		}
		var got []string
		for _, p := range pairs {
			got = append(got, p.Name, p.Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("parsePairs(%q) = %q, want %q", in, got, want)
		}
	}
	f("a=b", "a", "b")
	f(" a = b , c=d ", "a", "b", "c", "d")
	f("a=x=y", "a", "x=y")
	f("a=", "a", "")
	f(`a="b, c" ,d=e`, "a", "b, c", "d", "e")
	f(`a="say \"hi\" \\"`, "a", `say "hi" \`)
	f(`{a="b"}`, "a", "b")
	f(`a=b"c`, "a", `b"c`)

	bad := func(in, reason string) {
		t.Helper()
		got, err := parsePairs(in)
		if err == nil || err.Reason != reason {
			t.Errorf("parsePairs(%q) = %q, %v; want %q", in, got, err, reason)
		}
	}
	bad("", "nothing between two commas")
	bad("{}", "nothing between two commas")
	bad("a=b,", "nothing between two commas")
	bad("a", `"a" is no name=value`)
	bad("a, b=c", `"a" is no name=value`)
	bad("=b", `"=b" is no name=value`)
	bad(`a="b`, `the value of "a" does not end where it should`)
	bad(`a="b"c`, `the value of "a" does not end where it should`)
	bad(`a="b\`, `the value of "a" does not end where it should`)
	bad("$x", `"$x" takes its value from the record, and labels are fixed`)
}

func TestLabelName(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := entry.LabelName(in); got != want || !labelName.MatchString(got) {
			t.Errorf("LabelName(%q) = %q, want %q", in, got, want)
		}
	}
	f("user", "user")
	f("app.kubernetes.io/name", "app_kubernetes_io_name")
	f("1st", "_1st")
	f("größe", "gr____e")
	f("", "_")
}

func TestCheckLabel(t *testing.T) {
	f := func(p entry.Pair, ok bool) {
		t.Helper()
		if err := checkLabel(p); (err == nil) != ok {
			t.Errorf("checkLabel(%.40q): %v, want ok %v", p, err, ok)
		}
	}
	f(entry.Pair{Name: "a", Value: strings.Repeat("v", maxLabelValueBytes)}, true)
	f(entry.Pair{Name: "a", Value: strings.Repeat("v", maxLabelValueBytes+1)}, false)
	f(entry.Pair{Name: strings.Repeat("n", maxLabelNameBytes), Value: "v"}, true)
	f(entry.Pair{Name: strings.Repeat("n", maxLabelNameBytes+1), Value: "v"}, false)
	f(entry.Pair{Name: "a", Value: "caf\xe9"}, false)
	f(entry.Pair{Name: "price", Value: "5$"}, true)
	f(entry.Pair{Name: "_a", Value: "v"}, true)
}

func TestCheckTenant(t *testing.T) {
	f := func(in, reason string) {
		t.Helper()
		got := ""
		if err := checkTenant(in); err != nil {
			got = err.Reason
		}
		if got != reason {
			t.Errorf("checkTenant(%.20q): %q, want %q", in, got, reason)
		}
	}
	f("team-A_1!.*'()", "")
	f(strings.Repeat("a", 150), "")
	f(strings.Repeat("a", 151), "the name has 151 bytes, Loki takes 150")
	f("..", "Loki does not take this name")
	f("a/b", "Loki does not take '/' in a tenant")
	f("tëam", "Loki does not take 'ë' in a tenant")
}

func TestParseURL(t *testing.T) {
	f := func(in, want string, loopback bool) {
		t.Helper()
		u, _, err := parseURL(in)
		if err != nil || u.String() != want || isLoopback(u) != loopback {
			t.Errorf("parseURL(%q) = %v, %v; want %q, loopback %v", in, u, err, want, loopback)
		}
	}
	f("http://localhost:3100", "http://localhost:3100"+pushPath, true)
	f("http://127.0.0.2/", "http://127.0.0.2"+pushPath, true)
	f("http://[::1]:3100", "http://[::1]:3100"+pushPath, true)
	f("https://[2001:db8::1]/x/push?a=b", "https://[2001:db8::1]/x/push?a=b", false)
	f("HTTPS://Loki.Example.COM", "https://Loki.Example.COM"+pushPath, false)

	bad := func(in, reason string) {
		t.Helper()
		if u, _, err := parseURL(in); err == nil || err.Reason != reason {
			t.Errorf("parseURL(%q) = %v, %v; want %q", in, u, err, reason)
		}
	}
	bad("http://", "the URL names no host")
	bad("http://:3100", "the URL names no host")
	bad("http://h/#x", "the URL has a fragment")
	bad("//h/x", "the URL must begin with http:// or https://")
	bad("http://h:port", "not a URL")
	bad("http://h/otlp/v1/logs", "this is an OTLP endpoint, and this plugin speaks Loki's own protocol")
}

func TestParseHeader(t *testing.T) {
	f := func(in, name, value string) {
		t.Helper()
		h, err := parseHeader(in)
		if err != nil || h.Name != name || h.Value.Reveal() != value || !h.Value.IsSet() {
			t.Errorf("parseHeader(%q) = %q %q, %v", in, h.Name, h.Value.Reveal(), err)
		}
	}
	f("X-A: b", "X-A", "b")
	f("X-A:b:c", "X-A", "b:c")
	f("X-A b c", "X-A", "b c")
	f("X-A\t: b", "X-A", "b")

	bad := func(in, reason string) {
		t.Helper()
		if h, err := parseHeader(in); err == nil || err.Reason != reason {
			t.Errorf("parseHeader(%q) = %v, %v; want %q", in, h, err, reason)
		}
	}
	bad("X-A", "no header name and value")
	bad(": b", "no header name and value")
	bad("X(A): b", `"X(A)" is no header name`)
	bad("Ü: b", `"Ü" is no header name`)
	bad("X-A: b\r\nX-B: c", `the value of header "X-A" has control characters`)
	bad("HOST: b", `header "HOST" is set by the plugin itself`)
}

func TestGuessZone(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := guessZone(in); got != want {
			t.Errorf("guessZone(%q) = %q, want %q", in, got, want)
		}
	}
	f("europe/san marino", "Europe/San_Marino")
	f("utc", "UTC")
	f("etc/gmt-3", "Etc/GMT-3")
	f("Middle-earth/Shire", "")
}

func TestNearest(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := nearest(in, []string{"snappy", "gzip", "none"}); got != want {
			t.Errorf("nearest(%q) = %q, want %q", in, got, want)
		}
	}
	f("gzpi", "gzip")
	f("GZIPP", "gzip")
	f("snapy", "snappy")
	f("lz4", "")
	f("", "")
}

func TestFormatDuration(t *testing.T) {
	f := func(in time.Duration, want string) {
		t.Helper()
		if got := formatDuration(in); got != want {
			t.Errorf("formatDuration(%d) = %q, want %q", in, got, want)
		}
	}
	f(10*time.Second, "10s")
	f(time.Minute, "1m")
	f(10*time.Minute, "10m")
	f(2*time.Hour, "2h")
	f(90*time.Second, "1m30s")
	f(250*time.Millisecond, "250ms")
}

func TestParseAddress(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got, err := parseAddress(in); err != nil || got != want {
			t.Errorf("parseAddress(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	f("127.0.0.1:2112", "127.0.0.1:2112")
	f(":2112", ":2112")
	f("[::1]:65535", "[::1]:65535")
	f("OFF", "")

	bad := func(in, reason string) {
		t.Helper()
		if got, err := parseAddress(in); err == nil || !strings.Contains(err.Reason, reason) {
			t.Errorf("parseAddress(%q) = %q, %v; want %q", in, got, err, reason)
		}
	}
	bad("on", "not host:port")
	bad("2112", "not host:port")
	bad("localhost", "not host:port")
	bad("::1:2112", "not host:port")
	bad("127.0.0.1:0", "port")
	bad("127.0.0.1:65536", "port")
	bad("127.0.0.1:http", "port")
	bad("http://localhost:2112", "")
}
