package mailcase

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// TestFilter: which mails are kept, by what became of them.
func TestFilter(t *testing.T) {
	story := &Story{
		From: "Carol@example.org", User: "carol", ClientIP: "203.0.113.7", Verdict: "Blocked INFECTED (Eicar)",
		Recipients: []Recipient{
			{Address: "dave@mx.example.net", Outcome: "delivered", Deferred: 2, After: 2 * time.Hour},
			{Address: "anna@example.com", Outcome: "blocked", After: time.Second},
		},
	}
	f := func(w Filter, want bool) {
		t.Helper()
		if err := w.Check(); err != nil || w.Keeps(story) != want {
			t.Errorf("%+v: %v, want %v", w, err, want)
		}
	}
	f(Filter{}, true)
	f(Filter{From: "carol@EXAMPLE.org"}, true)
	f(Filter{From: "carol"}, true)
	f(Filter{From: "@example.org"}, true)
	f(Filter{From: "@xample.org"}, false)
	f(Filter{To: "carol@example.org"}, false)
	f(Filter{To: "@example.net", Delayed: time.Hour}, true)
	f(Filter{To: "@example.com", Delayed: time.Hour}, false)
	f(Filter{Domain: "@example.net"}, true)
	f(Filter{Domain: "example.edu"}, false)
	f(Filter{Client: "203.0.113.0/24"}, true)
	f(Filter{Client: "203.0.113.8"}, false)
	f(Filter{Verdict: "infected"}, true)
	f(Filter{Verdict: "SPAM"}, false)
	f(Filter{Status: "sent"}, true)
	f(Filter{Status: "deferred", To: "anna@example.com"}, false)
	f(Filter{Status: "bounced"}, false)
	for _, w := range []Filter{{Status: "lost"}, {Client: "example.org"}} {
		if w.Check() == nil {
			t.Errorf("%+v is taken", w)
		}
	}
}

// TestStamp: times have the digits of their lines, and no nanosecond that keeps
// entries apart.
func TestStamp(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 1, 5, time.UTC)
	f := func(line string, ns time.Duration, want string) {
		t.Helper()
		e := &Event{Time: at.Add(ns).UnixNano(), Line: line}
		if got, err := json.Marshal(e.Stamp()); err != nil || string(got) != `"2026-11-23T08:00:01`+want+`Z"` {
			t.Errorf("%q: %s, %v, want %s", line, got, err, want)
		}
	}
	f("Nov 23 08:00:01 mta postfix/qmgr[1]: x", 0, "")
	f("2026-11-23 08:00:01,250 INFO  [t] [] x - y", 250*time.Millisecond, ".250")
	f("2026-11-23 08:00:01,000 INFO  [t] [] x - y", 0, ".000")
	f("2026-11-23T08:00:01.123456+00:00 mta x", 123456*time.Microsecond, ".123456")
	f("2026-11-23T08:00:01.123456789Z mta x", 123456789*time.Nanosecond, ".123456")
	f(`{"time":1795420801250}`, 250*time.Millisecond, ".250")
	f("of 8:00 in a line without any", 0, "")
}

// TestParseWords: what a word is taken for.
func TestParseWords(t *testing.T) {
	f := func(word string, kind Kind, value string) {
		t.Helper()
		if q, err := Parse(word, ""); err != nil || q.Kind != kind || q.Value != value {
			t.Errorf("%q: %+v, %v, want %s %s", word, q, err, kind, value)
		}
	}
	f("<a@b>", ByMessageID, "<a@b>")
	f("a@b", ByAddress, "a@b")
	f("@Example.com", ByDomain, "example.com")
	f("192.0.2.7", ByClient, "192.0.2.7")
	f("2001:db8::/32", ByClient, "2001:db8::/32")
	f("A.Meyer", ByUser, "a.meyer")
	q, _ := Parse("One@Example.org", "")
	for meta, want := range map[string]bool{"<One@Example.org>": true, "<one@example.org>": false} {
		if got := q.Matches(&Event{Meta: []entry.Pair{{Name: "message_id", Value: meta}}}); got != want {
			t.Errorf("%s: %v", meta, got)
		}
	}
}
