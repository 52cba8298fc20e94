package transform

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestStampsOracle: each form of time against package time, through a year with
// both changes of summer time, for lines that arrive a second after they were
// written.
func TestStampsOracle(t *testing.T) {
	loc := testClock(t, "Europe/Berlin").loc
	r := benchRun(t, Options{Location: loc})
	forms := []struct {
		layout string
		unit   time.Duration
	}{
		{"2006-01-02 15:04:05,000", time.Millisecond}, {"2006-01-02T15:04:05.000000Z07:00", time.Microsecond},
		{"2006/01/02 15:04:05", time.Second}, {"2006/01/02-15:04:05", time.Second}, {"[2006.01.02 15:04:05.000 -0700]", time.Millisecond},
		{"02/Jan/2006:15:04:05 -0700", time.Second}, {time.ANSIC, time.Second}, {"Mon Jan 02 15:04:05.000000 2006", time.Microsecond},
		{"02.01.2006 15:04:05.000", time.Millisecond}, {"(02-Jan-2006 15:04:05.000)", time.Millisecond},
	}
	for at := time.Date(2026, 1, 1, 0, 30, 15, 123456789, loc); at.Year() == 2026; at = at.Add(7*time.Hour + 13*time.Minute + time.Second) {
		arrival := at.Add(time.Second).UnixNano()
		for _, f := range forms {
			s := at.Format(f.layout)
			form, n := plainStamp(s + " x")
			if n != len(s) {
				t.Fatalf("%q: length %d of %d", s, n, len(s))
			}
			if got, want := r.clock.plainTime(form, s, arrival), at.Truncate(f.unit).UnixNano(); got != want {
				t.Fatalf("%q: %v, want %v", s, time.Unix(0, got).In(loc), time.Unix(0, want).In(loc))
			}
		}
	}
}

// TestStampsRefuse: what is no time, or is near to one.
func TestStampsRefuse(t *testing.T) {
	for _, s := range []string{"", "[", "2026-08-02", "2026-08-02 16:49", "2026-08/02 16:49:04", "02/Aug/2026 16:49:04", "Sun Xxx  2 16:49:04 2026",
		"123456789 x", "12345678901 x", "3785678544 x", "1785678544x", "(((((((((((", "02-Xxx-2026 16:49:04", "192.0.2.1 - - x"} {
		if form, n := plainStamp(s); n != 0 {
			t.Errorf("plainStamp(%q) = %d, %d", s, form, n)
		}
	}
}

// TestTraceSecrets: no secret of a request, wherever in it, is left in the line
// or in the metadata.
func TestTraceSecrets(t *testing.T) {
	r := benchRun(t, Options{Location: time.UTC})
	const secret = "5ecret"
	cookies := []string{"ZM_AUTH_TOKEN=%s", "ZM_ADMIN_AUTH_TOKEN=%s; x=1", "a=b;JSESSIONID=%s", `ZM_AUTH_TOKEN="%s"`, `a="x;y%s"; b=c`, "a=b=%s==", "null;ZM_TRUST_TOKEN=%s",
		"flag; JSESSIONID=%s", "a=\"%s", "a=x y %s", "=;ZM_AUTH_TOKEN=%s"}
	urls := []string{"https://h/home/~/?zauthtoken=%s", "//h/x;jsessionid=%s", "https://h/service/preauth?account=a&preauth=%s", "https://h/?a=1&authToken=%s&b=2", "https://h/?password=%s"}
	f := func(line string) {
		t.Helper()
		d := draftOf(r, lineEvent{head: payload{text: line}})
		if !parseJettyTrace(&r.Input, d) {
			t.Fatalf("no line of trace_log: %s", line)
		}
		if r.redact(d) {
			parseJettyTrace(&r.Input, d)
		}
		if all := d.head.text + metaText(d.appendMeta(nil)); strings.Contains(all, secret) {
			t.Errorf("%s\n gives %s", line, all)
		}
	}
	for _, c := range cookies {
		for _, agent := range []string{"Mozilla/5.0 (X11; Linux)", "null", "", "a=b", `"`} {
			f("10:00:00.000:qtp1-2:https://h/ REQUEST 192.0.2.1 GET " + fmt.Sprintf(c, secret) + "; " + agent)
		}
	}
	for _, u := range urls {
		for _, event := range []string{"REQUEST 192.0.2.1 GET null; x", "RESPONSE 200 text/html", "SUSPEND"} {
			f("10:00:00.000:qtp1-2:" + fmt.Sprintf(u, secret) + " " + event)
		}
	}
}
