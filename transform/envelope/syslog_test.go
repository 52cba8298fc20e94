package envelope

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/internal/testtime"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
)

func TestScanSyslog(t *testing.T) {
	f := func(in, stamp, host, tag, pid, rest string) {
		t.Helper()
		h, ok := scanSyslog(in)
		if !ok {
			t.Errorf("%q is not taken for syslog", in)
			return
		}
		if h.Stamp != stamp || h.Host != host || h.Tag != tag || h.PID != pid || in[h.Skip:] != rest {
			t.Errorf("%q\n got %q %q %q %q %q\nwant %q %q %q %q %q", in, h.Stamp, h.Host, h.Tag, h.PID, in[h.Skip:], stamp, host, tag, pid, rest)
		}
	}
	f("Aug  2 16:49:04 mail mailboxd: INFO  [main] [] soap - x", "Aug  2 16:49:04", "mail", "mailboxd", "", "INFO  [main] [] soap - x")
	f("Aug 2 16:49:04 mail postfix/smtpd[4711]: connect", "Aug 2 16:49:04", "mail", "postfix/smtpd", "4711", "connect")
	f("<134>Aug 22 16:49:04 mail.example.com zimbramon[1]: 1:info", "Aug 22 16:49:04", "mail.example.com", "zimbramon", "1", "1:info")
	f("2026-08-02T16:49:04.123456+03:00 mail slapd[9]: conn=1", "2026-08-02T16:49:04.123456+03:00", "mail", "slapd", "9", "conn=1")
	f("2026-08-02T16:49:04Z mail mailboxd: INFO", "2026-08-02T16:49:04Z", "mail", "mailboxd", "", "INFO")
	// Before a log4j stamp the colon may be missing, and the tag.
	f("Sep 18 00:21:18 store mailboxlog 2018-09-18 00:21:18,787 INFO [x]", "Sep 18 00:21:18", "store", "mailboxlog", "", "2018-09-18 00:21:18,787 INFO [x]")
	f("Sep 18 00:21:18 store 2018-09-18 00:21:18,787 INFO [x]", "Sep 18 00:21:18", "store", "", "", "2018-09-18 00:21:18,787 INFO [x]")
	f("Aug  2 16:49:04 mail kernel:", "Aug  2 16:49:04", "mail", "kernel", "", "")

	// No tag, or one without a colon.
	f("Aug  2 16:49:04 mail -- MARK --", "Aug  2 16:49:04", "mail", "", "", "-- MARK --")
	f("<46>2026-08-02T16:49:04Z mail -- MARK --", "2026-08-02T16:49:04Z", "mail", "", "", "-- MARK --")
	f("Aug  2 16:49:04 mail my-app 2026/08/02 x", "Aug  2 16:49:04", "mail", "my-app", "", "2026/08/02 x")
	f("2026-08-02T16:49:04Z mail my-app 2026/08/02 16:49:04 [info] x", "2026-08-02T16:49:04Z", "mail", "my-app", "", "2026/08/02 16:49:04 [info] x")
	f("Aug  2 16:49:04 mail Some words", "Aug  2 16:49:04", "mail", "", "", "Some words")
	f("Aug  2 16:49:04 mail", "Aug  2 16:49:04", "", "", "", "mail")
	f("Aug  2 16:49:04 mail x[12345678901234]: y", "Aug  2 16:49:04", "mail", "", "", "x[12345678901234]: y")
	f("Aug  2 16:49:04 mail error: disk full", "Aug  2 16:49:04", "mail", "", "", "error: disk full")

	// No host.
	f("Aug  2 16:49:04 sogod [1237]: [WARN] x", "Aug  2 16:49:04", "", "sogod", "1237", "[WARN] x")
	f("Aug  2 16:49:04 prog[1]: x", "Aug  2 16:49:04", "", "prog", "1", "x")
	f("Aug  2 16:49:04 prog: x", "Aug  2 16:49:04", "", "prog", "", "x")
	f("Aug  2 16:49:04 EDT prog[1]: x", "Aug  2 16:49:04 EDT", "", "prog", "1", "x")
	f("Aug  2 16:49:04 -- MARK --", "Aug  2 16:49:04", "", "", "", "-- MARK --")
	f("Aug  2 16:49:04 ERROR Foo: x", "Aug  2 16:49:04", "", "", "", "ERROR Foo: x")
	f("Aug  2 16:49:04 2001:db8::7 prog[1]: x", "Aug  2 16:49:04", "2001:db8::7", "prog", "1", "x")

	// Relatives of the time, facility and level behind it.
	f("Aug  2 2026 16:49:04 mail prog[1]: x", "Aug  2 2026 16:49:04", "mail", "prog", "1", "x")
	f("2026 Aug  2 16:49:04 mail prog[1]: x", "2026 Aug  2 16:49:04", "mail", "prog", "1", "x")
	f("Aug  2 16:49:04.123 mail prog[1]: x", "Aug  2 16:49:04.123", "mail", "prog", "1", "x")
	f("Aug  2 16:49:04 +0300 mail prog[1]: x", "Aug  2 16:49:04 +0300", "mail", "prog", "1", "x")
	f("Aug  2 16:49:04 mail mail.info prog[1]: x", "Aug  2 16:49:04", "mail", "prog", "1", "x")
	f("Aug  2 16:49:04 <mail.info> mail prog[1]: x", "Aug  2 16:49:04", "mail", "prog", "1", "x")
	f("Aug  2 16:49:04 <2.6> mail prog[1]: x", "Aug  2 16:49:04", "mail", "prog", "1", "x")
	f("авг 02 16:49:04 mail prog[1]: x", "авг 02 16:49:04", "mail", "prog", "1", "x")
	f("août 2 16:49:04 mail prog[1]: x", "août 2 16:49:04", "mail", "prog", "1", "x")
	f("2026-08-02 16:49:04 mail prog[1]: x", "2026-08-02 16:49:04", "mail", "prog", "1", "x")
	f("2026-08-02 16:49:04.123 +03:00 mail postfix/qmgr: x", "2026-08-02 16:49:04.123 +03:00", "mail", "postfix/qmgr", "", "x")

	for _, in := range []string{
		"x", "<", "<134>", "<1345>Aug  2 16:49:04 mail x: y", "Aug  2 16:49:04", "Aug  2 16:49:04 ",
		"Foo  2 16:49:04 mail x: y", "Aug   16:49:04 mail x: y", "Aug 123 16:49:04 mail x: y", "August 2 16:49:04 mail x: y",
		"2026-08-02 16:49:04 mail x: y", "Caused by: java.io.IOException: x",
		// A level, or what any program writes behind a time.
		"2026-08-02T16:49:04Z ERROR com.example.Foo: x", "2026-08-02T16:49:04Z [WARN] Foo[1]: x", "2026-08-02T16:49:04+00:00 warn Foo[12]: x",
		"2026-08-02T16:49:04Z main ERROR: x", "2026-08-02T16:49:04Z started well", "2026-08-02 16:49:04 INFO x[1]: y", "2026-08-02 16:49:04 mail x y",
		"2026-08-02 16:49:04,123 mail x[1]: y", "2026-08-02 16:49:04 139 [Note] x: y",
	} {
		if h, ok := scanSyslog(in); ok {
			t.Errorf("%q is taken for syslog: %+v", in, h)
		}
	}
}

func FuzzScanSyslog(f *testing.F) {
	f.Add("Aug  2 16:49:04 mail mailboxd[1]: INFO  [main] [] soap - x", int64(1785689344e9))
	f.Add("<13>2026-08-02T16:49:04.123456+03:00 mail slapd[9]: conn=1", int64(0))
	f.Fuzz(func(t *testing.T, s string, arrival int64) {
		if s == "" {
			return
		}
		plainAsLoose(t, s)
		h, ok := scanSyslog(s)
		if !ok {
			return
		}
		if h.Skip <= 0 || h.Skip > len(s) || h.Stamp == "" || !strings.Contains(s[:h.Skip], h.Tag) {
			t.Errorf("%q: %+v", s, h)
		}
		clock := logtime.Clock{Loc: testtime.Location(t, "Europe/Berlin")}
		clock.SyslogTime(h.Stamp, arrival)
	})
}

// plainAsLoose wants the short way of reading a header to give what the long
// way gives, and reports whether it was taken.
func plainAsLoose(t *testing.T, s string) bool {
	t.Helper()
	n, kind := stampLen(s)
	if n == 0 || kind == stampBlank || n >= len(s) || s[n] != ' ' {
		return false
	}
	plain, loose := SyslogHeader{Pri: -1}, SyslogHeader{Pri: -1}
	if !plain.scanPlain(s, n+1) {
		return false
	}
	if !loose.scanLoose(s, n+1, kind, &SyslogHints{}) || plain != loose {
		t.Errorf("%q:\nshort %+v\nlong  %+v", s, plain, loose)
	}
	return true
}

// TestPlainAsLoose puts every byte of an alphabet and every word that means
// something into the places of a header.
func TestPlainAsLoose(t *testing.T) {
	words := []string{
		"mx1", "mx1.example.com", "a", "", "Mail", "192.0.2.1", "info", "error", "mail.info", "auth.err", "last", "utc", "msk", "local0.6",
		"postfix/smtpd", "saslauthd", "zimbramon", "systemd-logind", "sogo.service", "<2.6>", "[12]:", "message", "repeated", "x:", "x::", "fe80::1",
	}
	for c := byte(' '); c < 0x80; c++ {
		words = append(words, string(c), "a"+string(c), "a"+string(c)+"b")
	}
	taken := 0
	for _, host := range words {
		for _, tag := range words {
			for _, rest := range []string{"", ":", ": text", "[7]: text", "[12]", "[]: x", "[12345678901]: x", "[a]: x", " [7]: x", "[7] : x", "[7]:2026-08-02 16:49:04,242 x", " repeated 3 times"} {
				for _, stamp := range []string{"Aug  2 16:49:04 ", "2026-08-02T16:49:04+03:00 "} {
					if plainAsLoose(t, stamp+host+" "+tag+rest) {
						taken++
					}
				}
			}
		}
	}
	if taken < 10000 {
		t.Errorf("the short way was taken %d times only", taken)
	}
}
