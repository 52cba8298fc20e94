package mta

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/format"
)

func TestPostfixTag(t *testing.T) {
	f := func(tag, component, instance string, want bool) {
		t.Helper()
		c, i, ok := postfixTag(tag)
		if c != component || i != instance || ok != want {
			t.Errorf("%q: %q %q %v", tag, c, i, ok)
		}
	}
	f("postfix/smtpd", "smtpd", "", true)
	f("postfix/amavisd/smtpd", "smtpd", "amavisd", true)
	f("postfix-out/smtpd", "smtpd", "out", true)
	f("postfix-192.0.2.1/submission/smtpd", "smtpd", "192.0.2.1/submission", true)
	f("/postfix-script", "postfix-script", "", true)
	f("postfix/postfix-script", "postfix-script", "", true)
	f("postfix", "", "", true) // cut by rsyslog
	f("postfixadmin", "", "", false)
	f("postfix/", "", "", false)
	f("postfixadmin/smtpd", "", "", false)
	f("postgrey", "", "", false)
}

func TestQueueIDLen(t *testing.T) {
	f := func(s string, want int) {
		t.Helper()
		if got := queueIDLen(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
	f("4A1B2C3D4E5: removed", 11)
	f("ABCDEF: x", 6)
	f("4JhJXC248TzgB0: removed", 14)
	f("4CFHFD4n0nz2ZbZh: x", 16)
	f("ABCDE: x", 0)       // too short
	f("4a1b2c3d4e5: x", 0) // lower case: neither alphabet
	f("NOQUEUE: reject", 0)
	f("warning: x", 0)
	f("statistics: x", 0)
	f("4A1B2C3D4E5 removed", 0)
	f("4A1B2C3D4E5:", 0)
	f("", 0)
}

func TestPostfixNext(t *testing.T) {
	f := func(s, key, v, rest string) {
		t.Helper()
		k, got, r := postfixNext(s)
		if k != key || got != v || r != rest {
			t.Errorf("%q: %q %q %q", s, k, got, r)
		}
	}
	f("to=<a@b>, relay=x", "to", "<a@b>", "relay=x")
	f("to=<a>, b@c>, relay=x", "to", "<a>, b@c>", "relay=x")
	f(`to=<"a>, relay=y"@c>, relay=x`, "to", `<"a>, relay=y"@c>`, "relay=x")
	f(`to=<"a\">, relay=y"@c>, relay=x`, "to", `<"a\">, relay=y"@c>`, "relay=x")
	f("to=<>, relay=x", "to", "<>", "relay=x")
	f("to=****, relay=x", "to", "****", "relay=x")
	f("to=<a@b>", "to", "<a@b>", "")
	f("size=", "size", "", "")
	f("no pair", "", "", "")
}

func TestSentOutcome(t *testing.T) {
	f := func(relay, text, outcome, id string) {
		t.Helper()
		var d format.Draft
		d.Set(format.FieldRelay, relay)
		if got := sentOutcome(&d, text); got != outcome || d.Get(format.FieldQueuedAs) != id {
			t.Errorf("%s (%s): %s %q, want %s %q", relay, text, got, d.Get(format.FieldQueuedAs), outcome, id)
		}
	}
	f("127.0.0.1[127.0.0.1]:10024", "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ABCDEF0", "hop", "ABCDEF0")
	f("10.0.0.7[10.0.0.7]:10032", "250 2.0.0 Ok", "hop", "")
	f("127.0.0.1[127.0.0.1]:10030", "250 2.0.0 Ok: queued as ABCDEF0", "hop", "ABCDEF0")
	f("localhost[::1]:2525", "250 2.0.0 Ok: queued as ABCDEF0", "hop", "ABCDEF0")
	f("scan.example.com[192.0.2.5]:25", "250 2.0.0 from MTA(smtp:[192.0.2.5]:10025): 250 2.0.0 Ok: queued as ABCDEF0", "hop", "ABCDEF0")
	f("127.0.0.1[127.0.0.1]:10024", "250 2.7.0 Ok, discarded, id=1-1 - spam", "discarded", "")
	f("mx.example.org[203.0.113.25]:25", "250 2.0.0 Ok: queued as ABCDEF0", "success", "ABCDEF0")
	f("mx.example.org[203.0.113.25]:25", "250 ok queued as something", "success", "")
	f("127.0.0.1[127.0.0.1]:2003", "250 2.1.5 Ok", "success", "")
	f("local", "delivered to mailbox", "success", "")
	f("", "", "success", "")
}

// TestEnvelopeForged: what a client says of itself cannot stand for what
// Postfix says of it.
func TestEnvelopeForged(t *testing.T) {
	f := func(in, from, to, helo, user string) {
		t.Helper()
		var d format.Draft
		_, envelope := cutEnvelope(in)
		smtpEnvelope(&d, envelope)
		if d.Get(format.FieldFrom) != from || d.Get(format.FieldTo) != to || d.Get(format.FieldHelo) != helo || d.Get(format.FieldUser) != user {
			t.Errorf("%q: from %q to %q helo %q user %q", in, d.Get(format.FieldFrom), d.Get(format.FieldTo), d.Get(format.FieldHelo), d.Get(format.FieldUser))
		}
	}
	f("text; from=<a@x> to=<b@y> proto=ESMTP helo=<h>", "a@x", "b@y", "h", "")
	f("text; from=<a@x>, to=<b@y>, proto=ESMTP, helo=<h>", "a@x", "b@y", "h", "")
	f("text; from=<> proto=SMTP helo=<a b > c>", "<>", "", "a b > c", "")
	f(`text; from=<"x> to=<z"@x> to=<b@y> proto=ESMTP helo=<h> sasl_username=<u>`, `"x> to=<z"@x`, "b@y", "h", "u")
	f("<a; from=<z>: rejected; from=<a@x> to=<b@y> proto=ESMTP helo=<h>", "a@x", "b@y", "h", "")
	f("text; proto=SMTP helo=<h>", "", "", "h", "")
	f("text", "", "", "", "")
}
