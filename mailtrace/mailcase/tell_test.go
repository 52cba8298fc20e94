package mailcase

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	taken = `Nov 23 08:00:00 mta postfix/smtpd[1]: connect from mx.example.org[198.51.100.10]
Nov 23 08:00:00 mta postfix/smtpd[1]: 4C8A1A0F2D3: client=mx.example.org[198.51.100.10]
Nov 23 08:00:00 mta postfix/cleanup[2]: 4C8A1A0F2D3: message-id=<one@example.org>
Nov 23 08:00:00 mta postfix/qmgr[3]: 4C8A1A0F2D3: from=<carol@example.org>, size=1200, nrcpt=1 (queue active)
`
	deferred = `Nov 23 08:00:01 mta postfix/smtp[4]: 4C8A1A0F2D3: to=<dave@example.net>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to mx.example.net[203.0.113.5]:25: Connection refused)
`
	removed = "Nov 23 08:12:00 mta postfix/qmgr[3]: 4C8A1A0F2D3: removed\n"
)

// TestTell: how each end of a mail reads.
func TestTell(t *testing.T) {
	f := func(log string, complete bool, want ...string) {
		t.Helper()
		var found []*Case
		c := NewCases(Query{Kind: All}, 0, func(m *Case) { found = append(found, m) })
		for _, e := range events(t, strings.Split(strings.TrimSpace(log), "\n")) {
			c.Add(e)
		}
		c.Finish()
		if len(found) != 1 {
			t.Fatalf("%d mails, want 1", len(found))
		}
		s := Tell(found[0])
		if !slices.Equal(s.Summary, want) || s.Complete != complete || (s.Stuck == "") != complete {
			t.Errorf("got %q, complete %v, stuck %q", s.Summary, s.Complete, s.Stuck)
		}
	}
	f(taken, false, "no attempt to deliver it was logged")
	f(taken+deferred, false, "dave@example.net: deferred once: connect to mx.example.net[203.0.113.5]:25: Connection refused; still waiting at the end of the log")
	f(taken+deferred+deferred+`Nov 23 08:12:00 mta postfix/smtp[4]: 4C8A1A0F2D3: to=<dave@example.net>, relay=mx.example.net[203.0.113.5]:25, delay=720, delays=719/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)
`+removed, true, "dave@example.net: deferred 2 times: connect to mx.example.net[203.0.113.5]:25: Connection refused; delivered to mx.example.net[203.0.113.5]:25 after 12 min 0 s")
	f(taken+`Nov 23 08:00:02 mta postfix/smtp[4]: 4C8A1A0F2D3: to=<dave@example.net>, relay=mx.example.net[203.0.113.5]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx.example.net[203.0.113.5] said: 550 5.1.1 User unknown (in reply to RCPT TO command))
`+removed, true, "dave@example.net: returned to the sender: host mx.example.net[203.0.113.5] said: 550 5.1.1 User unknown (in reply to RCPT TO command)")
	f(taken+`Nov 23 08:00:01 mta amavis[7]: (7-01) Blocked INFECTED (Eicar) {DiscardedInbound,Quarantined}, [198.51.100.10]:5000 [198.51.100.10] <carol@example.org> -> <dave@example.net>, Queue-ID: 4C8A1A0F2D3, Message-ID: <one@example.org>, mail_id: AbCd, Hits: -, size: 1200, 300 ms
Nov 23 08:00:01 mta postfix/smtp[4]: 4C8A1A0F2D3: to=<dave@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=7-01 - INFECTED: Eicar)
`+removed, true, "dave@example.net: stopped by the content filter: Blocked INFECTED (Eicar)")
}

func TestShort(t *testing.T) {
	f := func(d time.Duration, want string) {
		t.Helper()
		if got := short(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	f(0, "less than a second")
	f(250*time.Millisecond, "250 ms")
	f(1500*time.Millisecond, "1.5 s")
	f(12*time.Minute+3*time.Second, "12 min 3 s")
	f(26*time.Hour+5*time.Minute, "26 h 5 min")
}

// TestLimit: what waits for its end is bounded, and what was given up is counted.
func TestLimit(t *testing.T) {
	told := 0
	c := NewCases(Query{Kind: All}, 4<<10, func(*Case) { told++ })
	var lines []string
	for i := range 200 {
		lines = append(lines, strings.NewReplacer("4C8A1A0F2D3", "4C8A1A0F"+string(rune('A'+i%6))+string(rune('A'+i/6%6))+string(rune('A'+i/36)), "<one@", "<"+strings.Repeat("x", i+1)+"@").Replace(
			"Nov 23 08:00:00 mta postfix/cleanup[2]: 4C8A1A0F2D3: message-id=<one@example.org>"))
	}
	for _, e := range events(t, lines) {
		c.Add(e)
		if c.size > 4<<10+1<<10 {
			t.Fatalf("%d bytes are kept", c.size)
		}
	}
	if c.Dropped == 0 || told != c.Dropped {
		t.Errorf("%d dropped, %d told", c.Dropped, told)
	}
	c.Finish()
	if told != 200 {
		t.Errorf("%d mails told, want 200", told)
	}
}
