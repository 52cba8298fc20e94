package transform

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

func TestPseudonymNames(t *testing.T) {
	p := NewPseudonyms([]byte("0123456789abcdef"))
	ivanov := p.Name("ivanov")
	if !isPseudonym(ivanov) {
		t.Fatalf("%q", ivanov)
	}
	f := func(in, want string) {
		t.Helper()
		if got := p.Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
	f("Ivanov", ivanov)
	f("Ivanov@Example.COM", ivanov+"@example.com")
	f("ivanov+news@example.com", ivanov+"@example.com")
	f(ivanov, ivanov)
	f(ivanov+"@example.com", ivanov+"@example.com")
	for _, s := range []string{"", "-", "postmaster", "MAILER-DAEMON@example.com", "zimbra", "root", "spam.x1y2@example.com", "galsync.abc@example.com"} {
		f(s, s)
	}
	if other := NewPseudonyms([]byte("0123456789abcdeg")).Name("ivanov"); other == ivanov {
		t.Error("another key gives the same")
	}
}

// TestPersonText: § is where the pseudonym has to stand.
func TestPersonText(t *testing.T) {
	p := NewPseudonyms([]byte("0123456789abcdef"))
	r := newRun(New(Options{Pseudonyms: p}))
	r.persons.names = []string{"ivanov"}
	f := func(in, want string) {
		t.Helper()
		want = strings.ReplaceAll(want, "§", p.Name("ivanov"))
		got := r.persons.personText(in)
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
		if again := r.persons.personText(got); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	}
	f("from=<Ivanov@Example.COM>, x", "from=<§@example.com>, x")
	f("account=ivanov@example.com;", "account=§@example.com;")
	f("/home/ivanov%40example.com/Inbox", "/home/§%40example.com/Inbox")
	f("user ivanov, not ivanova or xivanov", "user §, not ivanova or xivanov")
	f("for ivanov.", "for §.")
	f("message-id=<ivanov.1@example.com>", "message-id=<ivanov.1@example.com>")
	f("Message-ID: <ivanov.1@example.com>", "Message-ID: <ivanov.1@example.com>")
	f("x <postmaster@example.com> y@ @z a@1.2", "x <postmaster@example.com> y@ @z a@1.2")
	f(`dn="uid=ivanov,ou=people"`, `dn="uid=§,ou=people"`)
}

func FuzzPersonText(f *testing.F) {
	for _, s := range []string{"a@b.cc ivanov", "<a=b.c@d.ee>", "msgid=<a@b.cc>", "uid=a,b", "a%40b.cc@d.ee", `{"user":"\u0430@b.cc"}`} {
		f.Add(s)
	}
	r := newRun(New(Options{Pseudonyms: NewPseudonyms([]byte("0123456789abcdef"))}))
	f.Fuzz(func(t *testing.T, s string) {
		r.a.reset()
		r.persons.names = append(r.persons.names[:0], "ivanov")
		s = strings.ToValidUTF8(s, "?")
		once := r.persons.personLine(s)
		if again := r.persons.personLine(once); again != once {
			t.Fatalf("%q becomes %q, and that %q", s, once, again)
		}
	})
}

// TestPersonsJoin: one person has one name in every log, whatever the log
// calls her.
func TestPersonsJoin(t *testing.T) {
	p := NewPseudonyms([]byte("0123456789abcdef"))
	tr := New(Options{Pseudonyms: p, Location: time.UTC})
	n := 0
	for _, line := range []string{
		"2026-08-02 16:49:04,242 INFO  [t] [name=ivanov@example.com;] soap - x",
		"Aug  2 16:49:04 mail postfix/smtps/smtpd[77]: 4Zk0hT1Wx2z9: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=ivanov",
		`{"time":1785678544000,"client_ip":"192.0.2.1","command_name":"a.b","trace_id":"7b0c52c1","user_login":"Ivanov"}`,
	} {
		transformChunk(tr, "x", chunkOf([]string{line}, benchArrival), func(e *entry.Entry) {
			for _, m := range e.Meta {
				if m.Name == "user" && strings.HasPrefix(m.Value, p.Name("ivanov")) && strings.Contains(e.Line, p.Name("ivanov")) {
					n++
				}
			}
		})
	}
	if n != 3 {
		t.Errorf("%d of 3 lines join", n)
	}
}
