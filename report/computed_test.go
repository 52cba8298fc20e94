package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/findings"
)

var begin = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// seen is a collector that reads logs, each with its labels.
type seen struct {
	*Collector
	labels map[string]*entry.Labels
}

func collect(t *testing.T) *seen {
	t.Helper()
	c, err := New(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return &seen{c, map[string]*entry.Labels{}}
}

func pairs(s string) (list []entry.Pair) {
	for _, p := range strings.Fields(s) {
		name, value, _ := strings.Cut(p, "=")
		list = append(list, entry.Pair{Name: name, Value: value})
	}
	return list
}

func (s *seen) add(after time.Duration, labels, meta string, more ...string) {
	if s.labels[labels] == nil {
		s.labels[labels] = &entry.Labels{Pairs: pairs(labels + " job=zimbra")}
	}
	s.Reads(labels, begin.Add(100*time.Hour))
	s.See(&entry.Entry{Time: begin.Add(after).UnixNano(), Labels: s.labels[labels], Line: meta, More: more, Meta: pairs(meta)})
}

func (s *seen) finding(name string) (Result, bool) {
	list := s.Report(nil).Findings
	i := slices.IndexFunc(list, func(r Result) bool { return r.Name == name })
	if i < 0 {
		return Result{}, false
	}
	return list[i], true
}

func tops(r Result) string {
	var b strings.Builder
	for _, t := range r.Top {
		for _, v := range t.Values {
			fmt.Fprintf(&b, "%s=%s:%d ", t.Name, v.Value, v.Count)
		}
	}
	return strings.TrimSpace(b.String())
}

func TestNewNetworks(t *testing.T) {
	f := func(want string, end time.Duration, logins ...string) {
		t.Helper()
		s := collect(t)
		s.add(0, "log=zimbra", "")
		s.add(end, "log=zimbra", "")
		for i, l := range logins {
			hour, rest, _ := strings.Cut(l, " ")
			var h int
			fmt.Sscan(hour, &h)
			who, ip, _ := strings.Cut(rest, " ")
			outcome := "success"
			if i := strings.IndexByte(ip, '!'); i >= 0 {
				outcome, ip = "failure", ip[:i]
			}
			s.add(time.Duration(h)*time.Hour+time.Duration(i), "log=audit", "action=AdminAuth outcome="+outcome+" user="+who+" client_ip="+ip)
		}
		r, ok := s.finding(findings.NewNetworks)
		if got := tops(r); ok != (want != "") || got != want {
			t.Errorf("%q: %v, %q, want %q", logins, ok, got, want)
		}
		if ok && (len(r.Examples) == 0 || r.First == 0) {
			t.Errorf("%+v", r)
		}
	}
	known := []string{"1 a 192.0.2.1", "2 a 192.0.2.2", "3 a 192.0.2.3"}
	f("", 40*time.Hour, known...)
	f("user=a:1 network=198.51.100.0/24:1", 40*time.Hour, append(known, "30 a 198.51.100.7", "31 a 198.51.100.8")...)
	f("user=a:1 network=2001:db8:1::/48:1", 40*time.Hour, append(known, "30 a 2001:db8:1:2::7", "31 a 127.0.0.1", "31 a ::1")...)
	f("", 40*time.Hour, append(known, "30 a 192.0.2.200", "31 a ::ffff:192.0.2.9", "31 a nothing")...)
	f("", 40*time.Hour, append(known, "9 a 198.51.100.7", "30 a 198.51.100.7")...)                                                // already in the first quarter
	f("", 40*time.Hour, append(known, "30 b 198.51.100.7", "31 b 203.0.113.7")...)                                                // not known well enough
	f("", 40*time.Hour, append(known, "30 a 198.51.100.7!")...)                                                                   // a failure
	f("", 10*time.Hour, append(known, "9 a 198.51.100.7")...)                                                                     // too short a time
	f("user=a:1 network=198.51.100.0/24:1", 40*time.Hour, "30 a 198.51.100.7", "3 a 192.0.2.3", "1 a 192.0.2.1", "2 a 192.0.2.2") // logs come in any order
}

// TestNetworksBounded: where there is more than is remembered nothing is told.
func TestNetworksBounded(t *testing.T) {
	s := collect(t)
	for i := range maxPairs + 5 {
		s.add(time.Duration(i)*time.Second*10, "log=audit", fmt.Sprintf("action=Auth outcome=success user=u%d client_ip=192.0.2.1", i))
	}
	if _, ok := s.finding(findings.NewNetworks); ok || len(s.networks.seen) > maxPairs {
		t.Errorf("%v, %d pairs", ok, len(s.networks.seen))
	}
}

func TestClock(t *testing.T) {
	f := func(name, want string, count int64, add func(s *seen)) {
		t.Helper()
		s := collect(t)
		add(s)
		r, ok := s.finding(name)
		if ok != (count > 0) || r.Count != count || tops(r) != want {
			t.Errorf("%s: %v, %d, %q, want %d, %q", name, ok, r.Count, tops(r), count, want)
		}
	}
	hours := func(host string, list ...float64) func(*seen) {
		return func(s *seen) {
			for _, h := range list {
				s.add(time.Duration(h*float64(time.Hour)), "host="+host+" log=mailbox", "")
			}
		}
	}
	f(findings.ClockBack, "", 0, hours("a", 1, 2, 1.5, 9, 8, 10))
	f(findings.ClockBack, "host=a:2 log=mailbox:2", 2, hours("a", 1, 9, 6, 7, 5, 5.1))
	f(findings.ClockBack, "", 0, func(s *seen) { // another log begins
		hours("a", 1, 9)(s)
		hours("b", 1, 2)(s)
	})
	f(findings.ClockBack, "", 0, func(s *seen) { // it has no time of its own
		s.add(9*time.Hour, "log=x", "")
		s.add(time.Hour, "log=x", "time_source=arrival")
	})
	f(findings.ClockFuture, "host=a:1 log=mailbox:1", 1, hours("a", 99, 100.5, 101.5))
	mails := func(n int, by time.Duration) func(*seen) {
		return func(s *seen) {
			for i := range n {
				s.add(time.Duration(i)*time.Second, "host=mta log=zimbra service_name=postfix", fmt.Sprintf("action=deliver outcome=success program=postfix/lmtp message_id=<%d@x>", i))
			}
			for i := range n {
				s.add(time.Duration(i)*time.Second+by, "host=store log=mailbox", fmt.Sprintf("action=add message_id=<%d@x>", i))
			}
		}
	}
	f(findings.ClocksDiffer, "", 0, mails(50, time.Minute))
	f(findings.ClocksDiffer, "", 0, mails(4, 3*time.Hour))
	f(findings.ClocksDiffer, "hosts=mta, store: 3h0m0s:50", 50, mails(50, 3*time.Hour))
	f(findings.ClocksDiffer, "hosts=mta, store: -3h0m0s:5", 5, mails(5, -3*time.Hour))
	s := collect(t)
	mails(3*maxMails, 3*time.Hour)(s)
	if r, ok := s.finding(findings.ClocksDiffer); !ok || r.Count < 500 || len(s.clocks.mails[0]) > maxMails || len(s.clocks.mails[1]) > maxMails {
		t.Errorf("%d of many mails, %d and %d remembered", r.Count, len(s.clocks.mails[0]), len(s.clocks.mails[1]))
	}
}

func TestGrowth(t *testing.T) {
	f := func(want string, perHour ...int) {
		t.Helper()
		s := collect(t)
		for h, n := range perHour {
			for range n {
				s.add(time.Duration(h)*time.Hour, "log=zimbra service_name=postfix", "action=deliver outcome=deferred")
			}
		}
		r, ok := s.finding(findings.DeferralGrow)
		if ok != (want != "") || tops(r) != want {
			t.Errorf("%v: %v, %q, want %q", perHour, ok, tops(r), want)
		}
	}
	f("", 90, 80, 70)
	f("", 10, 40, 49)     // few
	f("", 40, 50, 60)     // slowly
	f("", 10, 90, 0, 100) // not hour by hour
	f("hour=2026-11-23 03:00:90 hour=2026-11-23 02:00:50 hour=2026-11-23 01:00:20", 30, 20, 50, 90, 10)
	f("hour=2026-11-23 05:00:99 hour=2026-11-23 04:00:40 hour=2026-11-23 03:00:9", 1, 20, 60, 9, 40, 99)
}

func TestPlace(t *testing.T) {
	f := func(want, exception string, more ...string) {
		t.Helper()
		e := &entry.Entry{Labels: &entry.Labels{}, Meta: []entry.Pair{{Name: "exception", Value: exception}}, More: more}
		if got := place(e); got != want {
			t.Errorf("%q %q: %q, want %q", exception, more, got, want)
		}
	}
	f("MailServiceException$NoSuchItemException in MailItem.noSuchItem (MailItem.java:1124)", "com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException",
		"com.zimbra.cs.x: no", "\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)", "\tat com.zimbra.cs.mailbox.MailItem.noSuchItem(MailItem.java:1124) ~[zimbrastore.jar:10.1.9_GA_4735]", "\tat com.zimbra.soap.SoapEngine.dispatch(SoapEngine.java:1)")
	f("IOException in FileOutputStream.writeBytes (Native Method)", "java.io.IOException", "\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)")
	f("X in f", "X", "\tat f")
	f("", "X", "no trace")
	f("", "", "\tat a.b.c(d.java:1)")
}
