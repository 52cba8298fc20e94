package mailcase

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform"
)

// followed returns the entries of lines as the plugin gives them to Loki.
func followed(t *testing.T, lines []string) (out []*Event) {
	t.Helper()
	var b chunk.Builder
	for _, line := range lines {
		b.Record(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano(), "log", line, "path", "/var/log/zimbra.log")
	}
	tr := transform.New(transform.Options{Location: time.UTC})
	r := tr.Begin("zimbra", b.Bytes(), func(e *entry.Entry) { out = append(out, NewEvent(e)) })
	if err := transform.Chunk(r, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	r.Close(true)
	return out
}

// traced returns for each event the message-ids of the mails that a trace has
// it in, and of those that these are notifications about.
func traced(all []*Event) (ids, about [][]string) {
	ids, about = make([][]string, len(all)), make([][]string, len(all))
	at := map[*Event]int{}
	c := NewCases(Query{Kind: All}, 0, func(m *Case) {
		for _, e := range m.Events() {
			i := at[e]
			ids[i] = append(ids[i], m.MessageIDs...)
			if m.about != nil {
				about[i] = append(about[i], m.about.root().MessageIDs...)
			}
		}
	})
	for i, e := range all {
		at[e] = i
		c.Add(e)
	}
	c.Finish()
	return ids, about
}

// sameLinks compares the plugin's links with those of a trace, out of files and
// out of Loki, and returns the message-id of each line.
func sameLinks(t *testing.T, lines []string) (ids []string) {
	t.Helper()
	want := followed(t, lines)
	for name, all := range map[string][]*Event{"files": events(t, lines), "Loki": followed(t, lines)} {
		if len(all) != len(want) {
			t.Fatalf("%d events, the plugin makes %d", len(all), len(want))
		}
		ids, about := traced(all)
		for i, w := range want {
			id := w.Get("message_id")
			// All mails of a connection have its lines, in Loki the first one.
			of := w.Get("action") == "connect" || w.Get("action") == "tls"
			if id == "" && len(ids[i]) > 0 && !of || id != "" && !slices.Contains(ids[i], id) ||
				id != "" && len(ids[i]) > 1 && !of && w.Get("notification_id") == "" && name == "files" && distinct(ids[i]) > 1 {
				t.Errorf("the plugin says %q, trace of %s %q: %s", id, name, ids[i], w.Line)
			}
			id = w.Get("original_message_id")
			if id != "" && !slices.Contains(about[i], id) || id == "" && len(about[i]) > 0 && w.Get("notification_id") == "" {
				t.Errorf("the plugin says it is about %q, trace of %s %q: %s", id, name, about[i], w.Line)
			}
		}
	}
	for _, w := range want {
		ids = append(ids, w.Get("message_id"))
	}
	return ids
}

func distinct(s []string) int { return len(slices.Compact(slices.Sorted(slices.Values(s)))) }

// What real daemons wrote is linked the same by both.
func TestSameLinksReal(t *testing.T) {
	files, err := filepath.Glob("../../transform/testdata/real/zimbra-*.log")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	total := 0
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range sameLinks(t, strings.Split(strings.TrimSpace(string(data)), "\n")) {
				if id != "" {
					total++
				}
			}
		})
	}
	if total < 1000 {
		t.Errorf("only %d lines were linked", total)
	}
}

// TestSameLinks: one scene for each rule. A line is led by the message-id that
// both must give it, "-" for none.
func TestSameLinks(t *testing.T) {
	f := func(name, scene string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			t.Helper()
			var lines, want []string
			for line := range strings.SplitSeq(strings.TrimSpace(scene), "\n") {
				id, text, _ := strings.Cut(line, " ")
				lines = append(lines, "Nov 23 08:00:00 mta "+text)
				want = append(want, strings.TrimPrefix(id, "-"))
			}
			if got := sameLinks(t, lines); !slices.Equal(got, want) {
				t.Errorf("message-ids %q, want %q", got, want)
			}
		})
	}
	f("a first line that syslog repeats begins no other mail", `
<1@a> postfix/smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/smtpd[7]: message repeated 2 times: [ 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]]
<1@a> postfix/qmgr[2]: 4A1B2C3D4E5: from=<a@example.org>, size=900, nrcpt=1 (queue active)`)
	f("another message-id is another mail", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/qmgr[2]: 4A1B2C3D4E5: from=<a@example.org>, size=900, nrcpt=1 (queue active)
<2@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<2@a>
<2@a> postfix/qmgr[2]: 4A1B2C3D4E5: from=<b@example.org>, size=900, nrcpt=1 (queue active)`)
	f("a filter on this host hands on this host's queue id", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/amavisd/smtpd[7]: 4A1B2C3D4E6: client=localhost[127.0.0.1], orig_queue_id=4A1B2C3D4E5, orig_client=mx.example.org[198.51.100.7]
<1@a> postfix/qmgr[2]: 4A1B2C3D4E6: from=<a@example.org>, size=900, nrcpt=1 (queue active)`)
	f("a gateway's queue id is not this host's", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<2@a> postfix/smtpd[7]: 4A1B2C3D4E6: client=gw.example.com[192.0.2.9], orig_queue_id=4A1B2C3D4E5, orig_client=mx.example.org[198.51.100.7]
<2@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<2@a>
<1@a> postfix/qmgr[2]: 4A1B2C3D4E5: removed`)
	f("a hop names the next mail before its lines", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/smtp[9]: 4A1B2C3D4E5: to=<a@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4A1B2C3D4E6)
<1@a> postfix/qmgr[2]: 4A1B2C3D4E6: from=<a@example.org>, size=900, nrcpt=1 (queue active)`)
	f("the next host's queue id is not this host's", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<2@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<2@a>
<1@a> postfix/smtp[9]: 4A1B2C3D4E5: to=<a@example.net>, relay=mx.example.net[203.0.113.5]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4A1B2C3D4E6)
<2@a> postfix/qmgr[2]: 4A1B2C3D4E6: removed`)
	f("bounce's line after the notification's removal", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<n@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<n@a>
<n@a> postfix/qmgr[2]: 4A1B2C3D4E6: from=<>, size=2900, nrcpt=1 (queue active)
<n@a> postfix/qmgr[2]: 4A1B2C3D4E6: removed
<1@a> postfix/bounce[4]: 4A1B2C3D4E5: sender non-delivery notification: 4A1B2C3D4E6
<1@a> postfix/qmgr[2]: 4A1B2C3D4E5: removed`)
	f("a notification's lines after bounce's", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/bounce[4]: 4A1B2C3D4E5: sender delay notification: 4A1B2C3D4E6
<n@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<n@a>
<n@a> postfix/qmgr[2]: 4A1B2C3D4E6: from=<>, size=2900, nrcpt=1 (queue active)`)
	f("a resent-message-id makes no two mails one", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: resent-message-id=<r@a>
<2@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<2@a>
<2@a> postfix/cleanup[3]: 4A1B2C3D4E6: resent-message-id=<r@a>`)
	f("lines without a queue id between two mails are of the second, the end of the last", `
<1@a> postfix/smtpd[7]: connect from mx.example.org[198.51.100.7]
<1@a> postfix/smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<2@a> postfix/smtpd[7]: NOQUEUE: filter: RCPT from mx.example.org[198.51.100.7]: <a@example.org>: Sender address triggers FILTER smtp-amavis:[127.0.0.1]:10026; from=<a@example.org> to=<b@example.com> proto=ESMTP helo=<mx.example.org>
<2@a> postfix/smtpd[7]: 4A1B2C3D4E6: client=mx.example.org[198.51.100.7]
<2@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<2@a>
<2@a> postfix/qmgr[2]: 4A1B2C3D4E6: from=<a@example.org>, size=900, nrcpt=1 (queue active)
<2@a> postfix/qmgr[2]: 4A1B2C3D4E6: removed
<2@a> postfix/smtpd[7]: disconnect from mx.example.org[198.51.100.7] ehlo=1 mail=2 rcpt=2 data=2 quit=1 commands=8`)
	f("a refusal of another sender is of no mail", `
- postfix/smtpd[7]: NOQUEUE: reject: RCPT from mx.example.org[198.51.100.7]: 554 5.7.1 <x@example.net>: Relay access denied; from=<spam@example.org> to=<x@example.net> proto=ESMTP helo=<mx.example.org>
<1@a> postfix/smtpd[7]: NOQUEUE: reject: RCPT from mx.example.org[198.51.100.7]: 554 5.7.1 <x@example.net>: Relay access denied; from=<good@example.org> to=<x@example.net> proto=ESMTP helo=<mx.example.org>
<1@a> postfix/smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/qmgr[2]: 4A1B2C3D4E5: from=<good@example.org>, size=900, nrcpt=1 (queue active)
- postfix/smtpd[7]: NOQUEUE: reject: RCPT from mx.example.org[198.51.100.7]: 554 5.7.1 <x@example.net>: Relay access denied; from=<good@example.org> to=<x@example.net> proto=ESMTP helo=<mx.example.org>`)
	f("all lines of a job are of its mail, those after the verdict too", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> amavis[8]: (8-01) Checking: AbCd [198.51.100.7] <a@example.org> -> <b@example.com>
<1@a> amavis[8]: (8-01) Passed CLEAN {RelayedInbound}, [198.51.100.7]:5000 [198.51.100.7] <a@example.org> -> <b@example.com>, Queue-ID: 4A1B2C3D4E5, Message-ID: <1@a>, mail_id: AbCd, Hits: -1, size: 900, queued_as: 4A1B2C3D4E6, 90 ms
<1@a> amavis[8]: (8-01) size: 900, TIMING [total 90 ms] - SMTP greeting: 1 (1%)1`)
	f("a verdict without Queue-ID names the mail after it", `
<1@a> amavis[8]: (8-01) Checking: AbCd [127.0.0.1] <a@example.org> -> <b@example.com>
<1@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<1@a>
<1@a> amavis[8]: (8-01) Passed CLEAN {RelayedInbound}, [127.0.0.1] <a@example.org> -> <b@example.com>, Message-ID: <1@a>, mail_id: AbCd, Hits: -1, size: 900, queued_as: 4A1B2C3D4E6, 90 ms
<1@a> amavis[8]: (8-01) size: 900, TIMING [total 90 ms] - SMTP greeting: 1 (1%)1`)
	f("a job without a verdict is of the mail that it made", `
<1@a> postfix/cleanup[3]: 4A1B2C3D4E6: message-id=<1@a>
<1@a> amavis[8]: (8-01) Checking: AbCd [198.51.100.7] <a@example.org> -> <b@example.com>
<1@a> amavis[8]: (8-01) AbCd FWD from <a@example.org> -> <b@example.com>, BODY=7BIT 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4A1B2C3D4E6`)
	f("amavis writes after its mail's queue id was given to another", `
<1@a> postfix/smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]
<1@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>
<1@a> postfix/qmgr[2]: 4A1B2C3D4E5: removed
<2@a> postfix/smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]
<2@a> postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<2@a>
<1@a> amavis[8]: (8-01) Passed CLEAN {RelayedInbound}, [198.51.100.7]:5000 [198.51.100.7] <a@example.org> -> <b@example.com>, Queue-ID: 4A1B2C3D4E5, Message-ID: <1@a>, mail_id: AbCd, Hits: -1, size: 900, 90 ms
<1@a> amavis[8]: (8-01) size: 900, TIMING [total 90 ms] - SMTP greeting: 1 (1%)1
<2@a> postfix/qmgr[2]: 4A1B2C3D4E5: from=<b@example.org>, size=900, nrcpt=1 (queue active)`)
}

// TestRefusalIsTold: what is asked for is told, though its session took another
// sender's mail next, and not with that mail.
func TestRefusalIsTold(t *testing.T) {
	var found []*Case
	c := NewCases(Query{Kind: ByAddress, Value: "spam@example.org"}, 0, func(m *Case) { found = append(found, m) })
	for _, e := range events(t, []string{
		"Nov 23 08:00:00 mta postfix/smtpd[7]: NOQUEUE: reject: RCPT from mx.example.org[198.51.100.7]: 554 5.7.1 <x@example.net>: Relay access denied; from=<spam@example.org> to=<x@example.net> proto=ESMTP helo=<mx.example.org>",
		"Nov 23 08:00:00 mta postfix/smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]",
		"Nov 23 08:00:00 mta postfix/qmgr[2]: 4A1B2C3D4E5: from=<good@example.org>, size=900, nrcpt=1 (queue active)",
	}) {
		c.Add(e)
	}
	c.Finish()
	if len(found) != 1 || len(found[0].Events()) != 1 || len(found[0].Groups) != 0 {
		t.Fatalf("%d mails", len(found))
	}
}

// TestDeleted: a mail that postsuper has deleted is in no queue.
func TestDeleted(t *testing.T) {
	var found []*Case
	c := NewCases(Query{Kind: All}, 0, func(m *Case) { found = append(found, m) })
	for _, e := range events(t, []string{
		"Nov 23 08:00:00 mta postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>",
		"Nov 23 08:00:01 mta postfix/postsuper[9]: 4A1B2C3D4E5: removed",
		"Nov 23 08:00:02 mta postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@a>",
	}) {
		c.Add(e)
	}
	c.Finish()
	if len(found) != 1 || found[0].open != 1 || len(found[0].Groups) != 2 { // one message-id is one mail
		t.Fatalf("%d mails, %d open", len(found), found[0].open)
	}
}

// TestBeginsAmid: a mail whose first lines are in a log that is not read is
// told by its queue id.
func TestBeginsAmid(t *testing.T) {
	var found []*Case
	c := NewCases(Query{Kind: ByQueueID, Value: "4A1B2C3D4E5"}, 0, func(m *Case) { found = append(found, m) })
	for _, e := range events(t, []string{
		"Nov 23 08:00:00 mta postfix/qmgr[2]: 4A1B2C3D4E5: from=<a@example.org>, size=900, nrcpt=1 (queue active)",
		"Nov 23 08:00:01 mta postfix/smtp[9]: 4A1B2C3D4E5: to=<b@example.net>, relay=mx.example.net[203.0.113.5]:25, delay=9000, delays=8999/0/0/1, dsn=2.0.0, status=sent (250 ok)",
		"Nov 23 08:00:01 mta postfix/qmgr[2]: 4A1B2C3D4E5: removed",
	}) {
		c.Add(e)
	}
	c.Finish()
	if len(found) != 1 || len(found[0].Events()) != 3 || !found[0].Complete() {
		t.Fatalf("%d mails", len(found))
	}
}
