package expand

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestExpand(t *testing.T) {
	v := Values{Interval: 90 * time.Second, Range: 6 * time.Hour, Variables: map[string]string{"host": ".+", "user": "a.b+c@example.org", "empty": ""}}
	f := func(in, want string) {
		t.Helper()
		if got, err := Expand(in, v); err != nil || got != want {
			t.Errorf("Expand(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	f(`rate({host=~"$host"} [$__interval])`, `rate({host=~".+"} [90s])`)
	f(`[$__interval] [${__range}] [$__rate_interval]`, `[90s] [21600s] [90s]`)
	f("| user=~`.*${user:regex}.*`", "| user=~`.*a\\.b\\+c@example\\.org.*`")
	f("${user:raw} $user", "a.b+c@example.org a.b+c@example.org")
	f("x=~`.*${empty:regex}.*`", "x=~`.*.*`")
	f(`"{{ .delays }}" [0-9.]+$`, `"{{ .delays }}" [0-9.]+$`) // a dollar alone is none of ours

	bad := func(in, want string) {
		t.Helper()
		if _, err := Expand(in, v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Expand(%q): error %v, want %q", in, err, want)
		}
	}
	bad("$nothing", `no variable "nothing"`)
	bad("${host:csv}", `unknown format "csv"`)
}

func TestRegexEscape(t *testing.T) {
	if got, want := regexEscape(`<1.2/3@x>(y)|z`), `<1\.2\/3@x>\(y\)\|z`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNames(t *testing.T) {
	if got, want := Names("$a ${b} ${c:regex} $$ 5$"), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
}

func TestDuration(t *testing.T) {
	f := func(d time.Duration, want string) {
		t.Helper()
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
	f(time.Hour, "3600s")
	f(1500*time.Millisecond, "1500ms")
}
