package transform

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/person"
)

// addressForms hold the person § in every way in which mail systems write
// addresses; all are of example.org or example.net.
var addressForms = []string{
	"§@example.org", "§+news@example.org", "list-bounces+§=example.org@lists.example.net", "bounce-§=40example.org@lists.example.net",
	"SRS0=abcd=EF=example.org=§@example.net", "SRS1=ab=example.net==SRS0=EF=example.org=§@example.net", "prvs=1234abcd=§@example.org", `"§ b"@example.org`,
	"§@[192.0.2.1]", "§.b@example.org", "a.§@example.org", "§#ext#@example.org", "§_example.org#EXT#@example.net", "§%example.org@example.net",
	"bounces+1-abc-§=example.org@example.net", "bounce-123_HTML-§=example.org@example.net", "btv1==123==§@example.org", "@example.net:§@example.org",
}

// addressLines are lines with one address, £, and its place in the metadata.
var addressLines = []struct{ path, line, field string }{
	{"/var/log/zimbra.log", "Aug  2 16:49:04 mail postfix/qmgr[1]: 4C8A1A0F2D3: from=<£>, size=1, nrcpt=1 (queue active)", "from"},
	{"/var/log/zimbra.log", "Aug  2 16:49:05 mail postfix/smtp[80]: 4Zk0hT1Wx2z9: to=<£>, relay=127.0.0.1[127.0.0.1]:10026, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)", "to"},
	{"/var/log/zimbra.log", "Aug  2 16:49:06 mail amavis[81]: (00081-01) Passed CLEAN {RelayedOutbound}, [192.0.2.1]:55 [192.0.2.1] <£> -> <postmaster@example.org>, Queue-ID: 4Zk0hT1Wx2z9, Message-ID: <abc@mx.example.net>, mail_id: abcDEF, Hits: -1, size: 1, queued_as: 4Zk0hT2, 100 ms", "from"},
	{"/var/log/zimbra.log", "Aug  2 16:49:07 mail slapd[83]: conn=1 op=1 SRCH filter=\"(|(uid=§)(mail=£))\"", ""},
	{"/var/log/zimbra.log", "Aug  2 16:49:07 mail slapd[83]: conn=1 op=1 MOD dn=\"uid=§,ou=people,dc=example,dc=org\" by £", ""},
	{"/opt/zimbra/log/mailbox.log", "2026-08-02 16:49:04,242 INFO  [t] [name=£;mid=1;] soap - hi", "user"},
	{"/srv/app.log", `{"level":"info","msg":"sent","recipients":["root@example.org","£"]}`, ""},
	{"/srv/app.log", `{"level":"info","msg":"{\"username\":\"§\"}"}`, ""},
	{"/opt/zimbra/log/mailbox.log", "2026-08-02 16:49:04,242 INFO  [t] [] lmtp - Delivering message: size=12 bytes, nrcpts=1, sender=<£>, msgid=<abc.def@mx.example.net>", ""},
}

// TestNoPersonInAnyForm: no form of an address lets the person in line or
// metadata, and both have the same form of it.
func TestNoPersonInAnyForm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tr := New(Options{Pseudonyms: person.NewPseudonyms([]byte("0123456789abcdef")), Location: time.UTC, NoMails: true})
	for i := range 400 {
		person := fmt.Sprintf("ivanov%c%c", 'a'+rune(r.IntN(26)), 'p'+rune(r.IntN(10)))
		form := strings.ReplaceAll(addressForms[i%len(addressForms)], "§", person)
		l := addressLines[r.IntN(len(addressLines))]
		if strings.HasPrefix(l.line, "{") {
			form = strings.ReplaceAll(form, `"`, `\"`)
		}
		line := strings.ReplaceAll(strings.ReplaceAll(l.line, "£", form), "§", person)
		transformChunk(tr, "x", pathChunk(l.path, line), func(e *entry.Entry) {
			all := e.Line + " " + metaText(e.Meta)
			if strings.Contains(strings.ToLower(all), person) {
				t.Errorf("%s\n gives %s", line, all)
			}
			for _, m := range e.Meta {
				if m.Name == l.field && !strings.Contains(e.Line, m.Value) {
					t.Errorf("%s\n gives %s\n with %s=%s", line, e.Line, m.Name, m.Value)
				}
			}
		})
	}
}

// TestTold: an address that a field tells is the same in the line, whatever signs
// it has.
func TestTold(t *testing.T) {
	tr := New(Options{Pseudonyms: person.NewPseudonyms([]byte("0123456789abcdef")), Location: time.UTC, NoMails: true})
	for _, address := range []string{"§=x@example.org", "info=§@example.org", "o'§@example.org", "§/x@example.org", "{§}@example.org", "§*@example.org", "x!§@example.org", "=§@example.org"} {
		line := "2026-08-02 16:49:04,242 INFO  [t] [name=" + strings.ReplaceAll(address, "§", "ivanovzz") + ";mid=1;] soap - hi"
		transformChunk(tr, "x", pathChunk("/opt/zimbra/log/mailbox.log", line), func(e *entry.Entry) {
			all := e.Line + " " + metaText(e.Meta)
			if strings.Contains(all, "ivanovzz") {
				t.Errorf("%s\n gives %s", line, all)
			}
			for _, m := range e.Meta {
				if m.Name == "user" && !strings.Contains(e.Line, "name="+m.Value+";") {
					t.Errorf("%s\n gives %s\n with user=%s", line, e.Line, m.Value)
				}
			}
		})
	}
}

// TestPersonForms: § is a person in a line of its own, in ways that no field
// has.
func TestPersonForms(t *testing.T) {
	tr := New(Options{Pseudonyms: person.NewPseudonyms([]byte("0123456789abcdef")), Location: time.UTC, NoMails: true})
	const head = "2026-08-02 16:49:04,242 INFO  [t] [] soap - "
	for _, line := range []string{
		head + "see §%2540example.org", head + "see §&#64;example.org", head + "see §＠example.org", head + "imap://§%40example.org@host/",
		head + "x\n\tat a.b(§@example.org)", head + "no such account: §", head + "authentication failed for [§], invalid password",
		head + "sAMAccountName=§,ou=x", head + "(&(objectClass=x)(uid=§*)) a@example.org", head + `uid="§",ou=x`, head + "uid = §, ou=people", head + "uid=§+cn=x,ou=p",
		head + "see §&commat;example.org", head + "GET /service/home/§/calendar", head + "/principals/users/§/", "Aug  2 16:49:06 mail amavis[81]: (1-01) x From: §_<a@example.org>", head + "bounce-§=40example.org@lists.example.net",
		"2026-08-02 16:49:04,242 INFO  [qtp1:https://h/dav/§/Calendar] [] soap - hi",
		"2026-08-02 16:49:04,242 INFO  [t] [name=§@example.org;] soap - asked for IVANOVZZ",
		`{"level":"info","msg":"x","fio":"§ I"}`, `{"level":"info","owner" : "§"}`,
		"Aug  2 16:49:06 mail amavis[81]: (00081-01) quarantine: spam.§@example.org",
		`{"level":"info","msg":"x","recipients":["a1@b.org","§"]}`, `{"level":"info","msg":"{\"username\":\"§\"}"}`,
	} {
		line = strings.ReplaceAll(line, "§", "ivanovzz")
		transformChunk(tr, "x", pathChunk("/opt/zimbra/log/mailbox.log", strings.Split(line, "\n")...), func(e *entry.Entry) {
			if all := string(e.AppendLine(nil)) + " " + metaText(e.Meta); strings.Contains(strings.ToLower(all), "ivanovzz") {
				t.Errorf("%s\n gives %s", line, all)
			}
		})
	}
}

// pathChunk is a chunk of the lines of one file.
func pathChunk(path string, lines ...string) []byte {
	var b chunk.Builder
	for i, s := range lines {
		b.Record(benchArrival+int64(i)*1000, "log", s, "filename", path)
	}
	return b.Bytes()
}
