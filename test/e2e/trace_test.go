package e2e_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

// sampleHour is half an hour of the sample logs, whose writer knows which line
// is of which mail.
func sampleHour(now time.Time) (logs []*samplelogs.Log) {
	for _, l := range samplelogs.Generate(samplelogs.Options{Start: now.Add(-2 * time.Hour), Duration: 30 * time.Minute, Seed: 11}) {
		if l.Name == "zimbra.log" || l.Name == "mailbox.log" {
			logs = append(logs, l)
		}
	}
	return logs
}

// piece is one chunk of a log.
type piece struct {
	log   *samplelogs.Log
	lines []samplelogs.Line
}

// pieces cuts the logs into chunks of n lines and puts them in the order in
// which they would arrive.
func pieces(logs []*samplelogs.Log, n int) (all []piece) {
	for _, l := range logs {
		for c := range slices.Chunk(l.Lines, n) {
			all = append(all, piece{l, c})
		}
	}
	slices.SortStableFunc(all, func(a, b piece) int {
		return a.lines[len(a.lines)-1].Time.Compare(b.lines[len(b.lines)-1].Time)
	})
	return all
}

func (p *plugin) flushPiece(c piece, now time.Time) {
	p.t.Helper()
	var b chunk.Builder
	for i, l := range c.lines {
		for _, s := range strings.Split(l.Text, "\n") {
			b.Record(now.UnixNano()+int64(i), "hostname", c.log.Host, "filename", "/opt/zimbra/log/"+c.log.Name, "log", s)
		}
	}
	p.flush(c.log.Tag, bytes.Clone(b.Bytes()))
}

// writer names what wrote a line: a process, or one of amavis' jobs.
var writer = regexp.MustCompile(`amavis\[\d+\]: \(([\d-]+)\)|[a-z/]+\[\d+\]: `)

// expectation says of each mail which lines must be found by its message-id,
// and which may be: the documented exceptions.
type expectation struct{ must, may map[string][]string }

func (e *expectation) of(mail string) (must, all []string) {
	return e.must[mail], append(slices.Clone(e.must[mail]), e.may[mail]...)
}

// expect derives it from what the writer of the logs knows. By
// docs/trace-a-mail.md a line is found if it names the mail (by queue id or
// message-id) and does not stand in an earlier chunk than the first line with
// the message-id; and if it is of a process that names the mail in the same
// chunk.
func expect(all []piece) expectation {
	e := expectation{map[string][]string{}, map[string][]string{}}
	known := map[string]bool{} // mails whose message-id was seen
	for _, c := range all {
		named := map[string]bool{} // writer and mail, of lines that name it in this chunk
		for _, l := range c.lines {
			// Of amavis' lines only the one with the verdict names the mail before.
			if l.Link == samplelogs.Named && (!strings.Contains(l.Text, " amavis[") || strings.Contains(l.Text, ", Queue-ID: ")) {
				named[writer.FindString(l.Text)+l.Mail] = true
			}
			if l.Link == samplelogs.Named && strings.Contains(l.Text, l.Mail) {
				known[l.Mail] = true
			}
		}
		for _, l := range c.lines {
			switch {
			case l.Link == samplelogs.Beside || l.Mail == "":
			case known[l.Mail] && (l.Link == samplelogs.Named || named[writer.FindString(l.Text)+l.Mail]):
				e.must[l.Mail] = append(e.must[l.Mail], l.Text)
			default:
				e.may[l.Mail] = append(e.may[l.Mail], l.Text)
			}
		}
	}
	return e
}

// TestTraceSampleMails sends half an hour of the logs of two hosts in chunks of
// several sizes. One query by message-id returns the life of each mail.
func TestTraceSampleMails(t *testing.T) {
	for _, size := range []int{100_000, 400, 29} {
		t.Run(fmt.Sprintf("chunks of %d lines", size), func(t *testing.T) {
			each(t, lokirun.Options{}, func(t *testing.T, l *lokirun.Server) { testTraceSampleMails(t, l, size) })
		})
	}
}

func testTraceSampleMails(t *testing.T, l *lokirun.Server, size int) {
	p := openPlugin(t, l, map[string]string{"labels": "job=zimbra"})
	now := time.Now().UTC()
	all := pieces(sampleHour(now), size)
	for _, c := range all {
		p.flushPiece(c, now)
	}
	want := expect(all)
	wantMails(t, l, want)
	for _, m := range samplelogs.Mails {
		if m.At < 30*time.Minute {
			wantMail(t, l, m.ID, want)
		}
	}
}

// wantMails looks at all mails at once.
func wantMails(t *testing.T, l *lokirun.Server, want expectation) {
	t.Helper()
	got := map[string][]string{}
	for _, e := range query(t, l, `{job="zimbra"} | message_id!=""`) {
		got[e.Metadata["message_id"]] = append(got[e.Metadata["message_id"]], e.Line)
	}
	must, found, exceptions := 0, 0, 0
	for mail := range want.must {
		m, all := want.of(mail)
		must += len(m)
		found += len(got[mail])
		exceptions += len(all) - len(m)
		if missing := without(m, got[mail]); len(missing) > 0 {
			t.Errorf("%s: %d of %d lines are missing:\n%s", mail, len(missing), len(m), strings.Join(missing, "\n"))
		}
		if foreign := without(got[mail], all); len(foreign) > 0 {
			t.Errorf("%s: lines of other mails:\n%s", mail, strings.Join(foreign, "\n"))
		}
		delete(got, mail)
	}
	for mail, lines := range got {
		t.Errorf("nobody sent %s:\n%s", mail, strings.Join(lines, "\n"))
	}
	t.Logf("%d mails, %d lines must be found, %d are exceptions, %d are found", len(want.must), must, exceptions, found)
	if len(want.must) < 150 || exceptions > must/5 {
		t.Errorf("the test looks at %d mails and excepts %d of %d lines", len(want.must), exceptions, must+exceptions)
	}
}

// without returns what of a is not in b, as multisets.
func without(a, b []string) (rest []string) {
	n := map[string]int{}
	for _, s := range b {
		n[s]++
	}
	for _, s := range a {
		if n[s]--; n[s] < 0 {
			rest = append(rest, s)
		}
	}
	return rest
}

// wantMail asks for one mail as an administrator does, and looks at who and
// from where.
func wantMail(t *testing.T, l *lokirun.Server, id string, want expectation) {
	t.Helper()
	got := query(t, l, `{job="zimbra"} | message_id="`+id+`"`)
	must, _ := want.of(id)
	if missing := without(must, lines(got)); len(missing) > 0 || len(got) == 0 {
		t.Errorf("%s: %d lines, these are missing:\n%s", id, len(got), strings.Join(missing, "\n"))
	}
	hosts := map[string]bool{}
	for i, e := range got {
		hosts[e.Labels["host"]] = true
		if i > 0 && e.Time.Before(got[i-1].Time) {
			t.Errorf("%s: line %d is out of order", id, i)
		}
		if e.Metadata["status"] != "" && (e.Metadata["from"] == "" || e.Metadata["client_ip"] == "") {
			t.Errorf("%s: a delivery does not say from whom or where:\n%s\n%v", id, e.Line, e.Metadata)
		}
		if e.Metadata["status"] != "" && strings.HasPrefix(id, "<offer-4711@pc17") && (e.Metadata["user"] != "a.meyer@example.com" || e.Metadata["client_ip"] != "203.0.113.17") {
			t.Errorf("%s: user and client of a delivery: %v", id, e.Metadata)
		}
	}
	delivered := slices.ContainsFunc(must, func(s string) bool { return strings.Contains(s, "Adding Message: ") })
	if delivered && !(hosts["mta1.example.com"] && hosts["mail.example.com"]) {
		t.Errorf("%s: lines of the hosts %v, want both", id, hosts)
	}
}

// TestTraceNotification finds the notification about a bounced mail by the
// message-id of the mail.
func TestTraceNotification(t *testing.T) { each(t, lokirun.Options{}, testTraceNotification) }

func testTraceNotification(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, map[string]string{"labels": "job=zimbra"})
	now := time.Now().UTC()
	want := map[string][]string{}
	for _, c := range pieces(sampleHour(now), 100_000) {
		p.flushPiece(c, now)
		for _, line := range c.lines {
			if line.About != "" && line.Link != samplelogs.Beside {
				want[line.About] = append(want[line.About], line.Text)
			}
		}
	}
	const id = "<invoice-2047@pc31.example.com>"
	if len(want[id]) < 4 {
		t.Fatalf("the sample logs hold %d lines of a notification", len(want[id]))
	}
	for about, lns := range want {
		got := lines(query(t, l, `{job="zimbra"} | original_message_id="`+about+`"`))
		if missing, foreign := without(lns, got), without(got, lns); len(missing)+len(foreign) > 0 {
			t.Errorf("%s: missing\n%s\nforeign\n%s", about, strings.Join(missing, "\n"), strings.Join(foreign, "\n"))
		}
	}
}
