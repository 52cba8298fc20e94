package transform

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

// followed is an entry as the tests of following look at it.
type followed struct {
	line string
	meta map[string]string
}

// follow plays chunks of lines of zimbra.log.
func followChunks(t *testing.T, tr *Transform, chunks ...[]string) (out []followed) {
	t.Helper()
	for _, lines := range chunks {
		var b chunk.Builder
		for _, line := range lines {
			b.Record(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano(), "log", line, "path", "/var/log/zimbra.log")
		}
		r := tr.Begin("zimbra", b.Bytes(), func(e *entry.Entry) {
			f := followed{string(e.AppendLine(nil)), map[string]string{}}
			for _, p := range e.Meta {
				f.meta[p.Name] = strings.Clone(p.Value)
			}
			out = append(out, f)
		})
		if err := Chunk(r, b.Bytes()); err != nil {
			t.Fatal(err)
		}
		r.Close(true)
	}
	return out
}

// realMail reads the lines of mail of a fixture, without those that stand for
// a line before.
func realMail(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func realMailLogs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/real/zimbra-*.log")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

var (
	queueLine   = regexp.MustCompile(`(?:postfix/[a-z/-]+|postfix|opendkim)(?:\[\d+\]| \d+ - -):? +([0-9A-F]{8,12}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{12,20}): `)
	cleanupLine = regexp.MustCompile(`: message-id=(<[^<>]+>)$`)
	amavisLine  = regexp.MustCompile(`amavis(?:\[\d+\]| \d+ - -).*, Queue-ID: ([0-9A-Za-z]+), (?:Message-ID: (<[^>]*>), )?`)
)

// idsByQueue is the oracle: what cleanup says of each queue id, read with
// regular expressions. In the fixtures no queue id comes twice.
func idsByQueue(t *testing.T, lines []string) map[string]string {
	ids := map[string]string{}
	for _, line := range lines {
		q, c := queueLine.FindStringSubmatch(line), cleanupLine.FindStringSubmatch(line)
		if q == nil || c == nil {
			continue
		}
		if old := ids[q[1]]; old != "" && old != c[1] {
			t.Fatalf("queue id %s has two message-ids", q[1])
		}
		ids[q[1]] = c[1]
	}
	return ids
}

// Every line with a queue id has the message-id that cleanup's line of that
// queue id has, wherever it stands in the chunk; and if the log is cut into
// chunks anywhere, a line has that one or none.
func TestFollowRealMail(t *testing.T) {
	total := 0
	for _, path := range realMailLogs(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			lines := realMail(t, path)
			ids := idsByQueue(t, lines)
			check := func(name string, whole bool, chunks ...[]string) (found int) {
				for _, f := range followChunks(t, New(Options{Location: time.UTC}), chunks...) {
					q := queueLine.FindStringSubmatch(f.line)
					if q == nil || ids[q[1]] == "" {
						continue
					}
					got := f.meta["message_id"]
					if got != "" {
						found++
					}
					if got != ids[q[1]] && (whole || got != "") {
						t.Errorf("%s: message_id %q, want %q: %s", name, got, ids[q[1]], f.line)
					}
				}
				return found
			}
			all := check("one chunk", true, lines)
			total += all
			for _, size := range []int{1, 7, 40} {
				n := check(fmt.Sprintf("chunks of %d lines", size), false, slices.Collect(slices.Chunk(lines, size))...)
				if n*4 < all*3 {
					t.Errorf("chunks of %d lines: %d of %d lines found", size, n, all)
				}
			}
		})
	}
	if total < 500 {
		t.Errorf("only %d lines were looked at", total)
	}
}

// Amavis's jobs are of the mail that their verdict names.
func TestFollowRealAmavis(t *testing.T) {
	job := regexp.MustCompile(`amavis(?:\[\d+\]:| \d+ - - ) ?\((\d+-\d+(?:-\d+)?)\)`)
	seen := 0
	for _, path := range realMailLogs(t) {
		lines := realMail(t, path)
		ids := idsByQueue(t, lines)
		want := map[string]string{}
		for _, line := range lines {
			if v, j := amavisLine.FindStringSubmatch(line), job.FindStringSubmatch(line); v != nil && j != nil {
				want[j[1]] = ids[v[1]]
			}
		}
		for _, f := range followChunks(t, New(Options{Location: time.UTC}), lines) {
			j := job.FindStringSubmatch(f.line)
			if j == nil || want[j[1]] == "" {
				continue
			}
			seen++
			if got := f.meta["message_id"]; got != want[j[1]] {
				t.Errorf("%s: job %s has message_id %q, want %q: %s", filepath.Base(path), j[1], got, want[j[1]], f.line)
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d lines were looked at", seen)
	}
}

// The delivery at the end of the way says who sent the mail and from where:
// three queue ids away from the login.
func TestFollowSender(t *testing.T) {
	lines := realMail(t, "testdata/real/zimbra-delivery-traditional.log")
	login := regexp.MustCompile(`submission/smtpd\[\d+\]: ([0-9A-F]+): client=[^[]*\[([^\]]+)\], sasl_method=\w+, sasl_username=(\S+)`)
	ids := idsByQueue(t, lines)
	type sender struct{ user, ip string }
	want := map[string]sender{}
	for _, line := range lines {
		if l := login.FindStringSubmatch(line); l != nil {
			want[ids[l[1]]] = sender{l[3], l[2]}
		}
	}
	seen := 0
	for _, f := range followChunks(t, New(Options{Location: time.UTC}), lines) {
		w, ok := want[f.meta["message_id"]]
		if !ok || f.meta["status"] == "" && f.meta["outcome"] == "" {
			continue
		}
		seen++
		if got := (sender{f.meta["user"], f.meta["client_ip"]}); got != w || f.meta["from"] == "" {
			t.Errorf("got %+v from %q, want %+v: %s", got, f.meta["from"], w, f.line)
		}
	}
	if len(want) < 3 || seen < 5*len(want) {
		t.Errorf("%d mails were submitted, %d lines tell what became of them", len(want), seen)
	}
}

// Lines without a queue id go with the mail of their session.
func TestFollowSessions(t *testing.T) {
	f := func(want string, lines ...string) {
		t.Helper()
		var got []string
		for _, f := range followChunks(t, New(Options{Location: time.UTC}), lines) {
			got = append(got, f.meta["queue_id"])
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("queue ids %q, want %q", s, want)
		}
	}
	const at = "Nov  3 14:05:09 mta postfix/"
	f("4A1B2C3D4E5 4A1B2C3D4E5 4A1B2C3D4E5 4A1B2C3D4E5",
		at+"smtpd[7]: connect from mx.example.org[198.51.100.7]",
		at+"smtpd[7]: Anonymous TLS connection established from mx.example.org[198.51.100.7]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
		at+"smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]",
		at+"smtpd[7]: disconnect from mx.example.org[198.51.100.7] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5")
	f(" 4A1B2C3D4E5 ", // another process, a session without mail
		at+"smtpd[8]: connect from mx.example.org[198.51.100.7]",
		at+"smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]",
		at+"smtpd[8]: disconnect from mx.example.org[198.51.100.7] ehlo=1 quit=1 commands=2")
	f("4A1B2C3D4E5 4A1B2C3D4E5",
		at+"smtp[9]: Untrusted TLS connection established to mx.example.net[203.0.113.5]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
		at+"smtp[9]: 4A1B2C3D4E5: to=<a@example.net>, relay=mx.example.net[203.0.113.5]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)")
	f(" 4A1B2C3D4E5 4A1B2C3D4E5", // the refusal is of another sender's mail
		at+"smtpd[7]: NOQUEUE: reject: RCPT from mx.example.org[198.51.100.7]: 554 5.7.1 <x@example.net>: Relay access denied; from=<spam@example.org> to=<x@example.net> proto=ESMTP helo=<mx.example.org>",
		at+"smtpd[7]: 4A1B2C3D4E5: client=mx.example.org[198.51.100.7]",
		at+"qmgr[2]: 4A1B2C3D4E5: from=<good@example.org>, size=900, nrcpt=1 (queue active)")
}

// A notification is a mail of its own that names the one it is about.
func TestFollowBounce(t *testing.T) {
	const at = "Nov  3 14:05:09 mta postfix/"
	out := followChunks(t, New(Options{Location: time.UTC}), []string{
		at + "cleanup[3]: 4A1B2C3D4E5: message-id=<1@example.com>",
		at + "smtp[9]: 4A1B2C3D4E5: to=<a@example.net>, relay=mx.example.net[203.0.113.5]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (550 no such user)",
		at + "bounce[4]: 4A1B2C3D4E5: sender non-delivery notification: 4A1B2C3D4E6",
		at + "qmgr[2]: 4A1B2C3D4E5: removed",
	}, []string{
		at + "cleanup[3]: 4A1B2C3D4E6: message-id=<n@mta>",
		at + "qmgr[2]: 4A1B2C3D4E6: from=<>, size=2900, nrcpt=1 (queue active)",
	})
	for i, f := range out {
		want := [2]string{"<1@example.com>", ""}
		if i >= 4 {
			want = [2]string{"<n@mta>", "<1@example.com>"}
		}
		if got := [2]string{f.meta["message_id"], f.meta["original_message_id"]}; got != want {
			t.Errorf("got %v, want %v: %s", got, want, f.line)
		}
	}
}

// Off means that a line has what it says itself.
func TestFollowOff(t *testing.T) {
	out := followChunks(t, New(Options{Location: time.UTC, NoMails: true}), []string{
		"Nov  3 14:05:09 mta postfix/cleanup[3]: 4A1B2C3D4E5: message-id=<1@example.com>",
		"Nov  3 14:05:09 mta postfix/qmgr[2]: 4A1B2C3D4E5: removed",
	})
	if got := out[1].meta["message_id"]; got != "" {
		t.Errorf("message_id %q", got)
	}
}

// What a chunk learned stays with it: labels, times and lines are those of a
// transform that follows nothing, and metadata is only added.
func TestFollowOnlyAdds(t *testing.T) {
	play := func(tr *Transform, path string) (out []string, meta [][]entry.Pair) {
		var b chunk.Builder
		for _, line := range realMail(t, path) {
			b.Record(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano(), "log", line)
		}
		r := tr.Begin("zimbra", b.Bytes(), func(e *entry.Entry) {
			out = append(out, fmt.Sprint(e.Time, e.Labels.Text, e.Tenant, string(e.AppendLine(nil))))
			var m []entry.Pair
			for _, p := range e.Meta {
				m = append(m, entry.Pair{Name: p.Name, Value: strings.Clone(p.Value)})
			}
			meta = append(meta, m)
		})
		if err := Chunk(r, b.Bytes()); err != nil {
			t.Fatal(err)
		}
		r.Close(true)
		return out, meta
	}
	for _, path := range realMailLogs(t) {
		o := Options{Location: time.UTC, LabelKeys: []string{"user", "outcome"}}
		lines, meta := play(New(o), path)
		o.NoMails = true
		plain, before := play(New(o), path)
		if !slices.Equal(lines, plain) {
			t.Errorf("%s: following changes more than metadata", path)
		}
		for i := range meta {
			if len(meta[i]) < len(before[i]) || !slices.Equal(meta[i][:len(before[i])], before[i]) {
				t.Errorf("%s: metadata %v, without following %v", path, meta[i], before[i])
			}
		}
	}
}

// A mailbox that lines name by its number alone gets its owner's name once a
// line gave both, in this chunk or in one before; labels stay as they were.
func TestFollowMailbox(t *testing.T) {
	tr := New(Options{Location: time.UTC, LabelKeys: []string{"user"}})
	play := func(want string, lines ...string) {
		t.Helper()
		var b chunk.Builder
		for _, line := range lines {
			b.Record(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano(), "log", line, "path", "/opt/zimbra/log/mailbox.log")
		}
		var got []string
		r := tr.Begin("zimbra", b.Bytes(), func(e *entry.Entry) {
			user := ""
			for _, p := range e.Meta {
				if p.Name == "user" {
					user = p.Value
				}
			}
			got = append(got, e.Labels.Get("user")+"/"+user)
		})
		if err := Chunk(r, b.Bytes()); err != nil {
			t.Fatal(err)
		}
		r.Close(true)
		if s := strings.Join(got, " "); s != want {
			t.Errorf("user as label/metadata: %s, want %s", s, want)
		}
	}
	const at = "2026-11-03 14:05:09,123 INFO  "
	play("/ anna@example.com/ /anna@example.com /",
		at+"[ImapSSLServer-7] [mid=3;ip=192.0.2.9;] imap - NOOP elapsed=0",
		at+"[ImapSSLServer-7] [name=anna@example.com;mid=3;ip=192.0.2.9;] imap - user anna@example.com authenticated, mechanism=LOGIN [TLS]",
		at+"[ImapSSLServer-7] [mid=3;ip=192.0.2.9;] imap - FETCH elapsed=1",
		at+"[ImapSSLServer-8] [mid=4;ip=192.0.2.9;] imap - FETCH elapsed=1")
	play("/anna@example.com", at+"[ImapSSLServer-7] [mid=3;ip=192.0.2.9;] imap - FETCH elapsed=1")
	play("boris@example.com/ /", // two names: none is right for sure
		at+"[qtp1-1] [name=boris@example.com;mid=3;ip=192.0.2.9;] soap - NoOpRequest elapsed=1",
		at+"[ImapSSLServer-7] [mid=3;ip=192.0.2.9;] imap - FETCH elapsed=1")
}
