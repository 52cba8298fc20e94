package transform

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
)

// said is what a program said, without what carried it.
type said struct{ tag, pid, text string }

// carriers are the ways by which a message comes.
var carriers = []struct {
	name string
	add  func(b *chunk.Builder, at time.Time, m said)
}{
	{"RFC 3164", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", rfc3164(at, m), "path", "/var/log/zimbra.log")
	}},
	{"RFC 3164 with PRI", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", "<22>"+rfc3164(at, m), "path", "/var/log/zimbra.log")
	}},
	{"RFC 3339", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", at.Format("2006-01-02T15:04:05.000000-07:00")+" mx1 "+m.head()+m.text, "path", "/var/log/zimbra.log")
	}},
	{"RFC 5424", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", fmt.Sprintf("<22>1 %s mx1 %s %s - - %s", at.Format("2006-01-02T15:04:05.000000-07:00"), m.tag, orDash(m.pid), m.text))
	}},
	{"journald", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "PRIORITY", "6", "SYSLOG_FACILITY", "2", "SYSLOG_IDENTIFIER", m.tag, "SYSLOG_PID", m.pid,
			"_HOSTNAME", "mx1", "_TRANSPORT", "syslog", "MESSAGE", m.text)
	}},
	{"parser syslog-rfc3164", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "pri", "22", "host", "mx1", "ident", m.tag, "pid", m.pid, "message", m.text)
	}},
	{"Docker", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", rfc3164(at, m)+"\n", "stream", "stdout", "time", at.Format(time.RFC3339Nano))
	}},
	{"CRI", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", at.Format("2006-01-02T15:04:05.000000000Z07:00")+" stdout F "+rfc3164(at, m))
	}},
	{"journald as a line of JSON", func(b *chunk.Builder, at time.Time, m said) {
		fields, _ := json.Marshal(map[string]string{
			"__REALTIME_TIMESTAMP": strconv.FormatInt(at.UnixMicro(), 10), "PRIORITY": "6", "SYSLOG_FACILITY": "2",
			"_HOSTNAME": "mx1", "SYSLOG_IDENTIFIER": m.tag, "SYSLOG_PID": m.pid, "MESSAGE": m.text,
		})
		b.Record(at.UnixNano(), "log", string(fields))
	}},
	{"docker compose", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", "\x1b[36mmta-1  |\x1b[0m "+rfc3164(at, m))
	}},
	{"OTLP/JSON", func(b *chunk.Builder, at time.Time, m said) {
		body, _ := json.Marshal(rfc3164(at, m))
		b.Record(at.UnixNano(), "log", fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"%d","body":{"stringValue":%s}}]}]}]}`, at.UnixNano(), body))
	}},
	{"a year", header("Jan _2 2006 15:04:05", "mx1")},
	{"the year first", header("2006 Jan _2 15:04:05", "mx1")},
	{"a fraction", header("Jan _2 15:04:05.000", "mx1")},
	{"a zone's name", header("Jan _2 15:04:05 MST", "mx1")},
	{"FreeBSD's syslogd -vv", header("Jan _2 15:04:05", "<mail.info> mx1")},
	{"FreeBSD's syslogd -v", header("Jan _2 15:04:05", "<2.6> mx1")},
	{"busybox' syslogd", header("Jan _2 15:04:05", "mx1 mail.info")},
	{"a month in Russian", header("авг _2 15:04:05", "mx1")},
	{"a month in French", header("août _2 15:04:05", "mx1")},
	{"ISO with a zone", header("2006-01-02T15:04:05-07:00", "mx1")},
	{"RFC 5424 without PRI", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", fmt.Sprintf("1 %s mx1 %s %s - - %s", at.Format("2006-01-02T15:04:05.000000-07:00"), m.tag, orDash(m.pid), m.text))
	}},
	{"no PRI and no version", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", fmt.Sprintf("%s mx1 %s %s - - %s", at.Format("2006-01-02T15:04:05.000000-07:00"), m.tag, orDash(m.pid), m.text))
	}},
	{"ISO with a blank", header("2006-01-02 15:04:05", "mx1")},
	{"a blank before the process", func(b *chunk.Builder, at time.Time, m said) {
		head := m.tag + ": "
		if m.pid != "" {
			head = m.tag + " [" + m.pid + "]: "
		}
		b.Record(at.UnixNano(), "log", at.Format(time.Stamp)+" mx1 "+head+m.text, "path", "/var/log/zimbra.log")
	}},
	{"a tag without a colon", func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", at.Format(time.Stamp)+" mx1 "+m.tag+" "+m.text, "path", "/var/log/zimbra.log")
	}},
}

// header is a carrier whose header of syslog has a time of the layout and what
// follows it.
func header(layout, host string) func(*chunk.Builder, time.Time, said) {
	return func(b *chunk.Builder, at time.Time, m said) {
		b.Record(at.UnixNano(), "log", at.Format(layout)+" "+host+" "+m.head()+m.text, "path", "/var/log/zimbra.log")
	}
}

func (m said) head() string {
	if m.pid == "" {
		return m.tag + ": "
	}
	return m.tag + "[" + m.pid + "]: "
}

func rfc3164(at time.Time, m said) string { return at.Format(time.Stamp) + " mx1 " + m.head() + m.text }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// carried are the fields that belong to the carrier.
var carried = []string{"program", "pid", "thread", "stream", "time_source"}

// told is what an entry says of the message it carries.
func told(e *entry.Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s level=%s service=%s job=%s host=%s", e.Format, e.Labels.Get("level"), e.Labels.Get("service_name"), e.Labels.Get("job"), e.Labels.Get("host"))
	for _, p := range e.Meta {
		if !slices.Contains(carried, p.Name) {
			fmt.Fprintf(&b, " %s=%q", p.Name, p.Value)
		}
	}
	return b.String()
}

// messagesOfFixtures are the messages of all fixtures of syslog, each once. Those
// that are pieces of longer ones are left out: they wait for the rest.
func messagesOfFixtures(t testing.TB) []said {
	t.Helper()
	var files []string
	patterns := []string{"real/zimbra-*.log"}
	for _, f := range Formats() {
		if p := path.Dir(f.Fixture.File) + "/*.log"; f.Message != nil && !slices.Contains(patterns, p) {
			patterns = append(patterns, p)
		}
	}
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	var list []said
	seen := map[said]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\n")
			var h envelope.SyslogHeader
			if !h.ScanLine(line) || h.Tag == "" {
				continue
			}
			m := said{h.Tag, h.PID, line[h.Skip:]}
			if f := formats.Program(m.tag); f == nil || m.text == "" || f.Piece != nil && isPiece(f, m.text) {
				continue
			}
			if !seen[m] {
				seen[m], list = true, append(list, m)
			}
		}
	}
	return list
}

func isPiece(f *format.Spec, text string) bool {
	p, ok := f.Piece(text)
	return ok && (p.Open || p.Follows)
}

// TestCarriers: a message of a program gives the same fields, whatever carried
// it: headers of syslog, the journal, containers, the program's own file.
func TestCarriers(t *testing.T) {
	at := time.Date(2026, 8, 2, 16, 49, 4, 0, time.UTC)
	tr := New(Options{Location: time.UTC, Host: "mx1", NoMails: true})
	read := func(carrier string, m said, add func(*chunk.Builder)) string {
		t.Helper()
		var b chunk.Builder
		add(&b)
		var got []string
		transformChunk(tr, "mail", b.Bytes(), func(e *entry.Entry) { got = append(got, told(e)) })
		if len(got) != 1 {
			t.Errorf("%s: %d entries of %q", carrier, len(got), m.text)
		}
		return strings.Join(got, "\n")
	}
	messages := messagesOfFixtures(t)
	programs := map[string]int{}
	for _, m := range messages {
		want := ""
		for i, c := range carriers {
			got := read(c.name, m, func(b *chunk.Builder) { c.add(b, at, m) })
			if i == 0 {
				want = got
			} else if got != want {
				t.Errorf("%s: %s%s\n got %s\nwant %s", c.name, m.head(), m.text, got, want)
			}
		}
		name := format.ProgramName(m.tag)
		programs[formats.Program(m.tag).Name]++
		if own := formats.Program(m.tag).Stamp; own.Header != "" && !strings.HasPrefix(m.text, "message repeated ") { // which rsyslog writes
			line := strings.Replace(own.Header, "@", stampOf(at, own.Layout), 1) + m.text
			got := read("own file", m, func(b *chunk.Builder) {
				b.Record(at.UnixNano(), "log", line, "path", "/opt/zimbra/log/"+name+".log")
			})
			if got != want {
				t.Errorf("own file: %s%s\n got %s\nwant %s", m.head(), m.text, got, want)
			}
		}
	}
	for _, f := range Formats() {
		if f.Message != nil && programs[f.Name] == 0 {
			t.Errorf("no message of %s", f.Name)
		}
	}
}

// TestJournalMessage: a message of several lines is one entry, and what no
// program is known of is delivered under the name of syslog.
func TestJournalMessage(t *testing.T) {
	f := func(want string, fields ...any) {
		t.Helper()
		var b chunk.Builder
		b.Record(time.Date(2026, 8, 2, 16, 49, 4, 0, time.UTC).UnixNano(), fields...)
		var got []string
		transformChunk(New(Options{Location: time.UTC, NoMails: true}), "journal", b.Bytes(), func(e *entry.Entry) {
			got = append(got, fmt.Sprintf("%s %s lines=%d level=%s", e.Format, e.Labels.Get("service_name"), 1+len(e.More), e.Labels.Get("level")))
		})
		if g := strings.Join(got, "; "); g != want {
			t.Errorf("%v\n got %s\nwant %s", fields, g, want)
		}
	}
	f("syslog sshd lines=1 level=info", "SYSLOG_IDENTIFIER", "sshd", "_PID", "17", "PRIORITY", "6", "MESSAGE", "Server listening on 0.0.0.0 port 22.")
	f("syslog other lines=3 level=error", "SYSLOG_IDENTIFIER", "app", "PRIORITY", "3", "MESSAGE", "failed\n\nat line 1")
	f("json other lines=1 level=info", "SYSLOG_IDENTIFIER", "app", "MESSAGE", `{"a":1}`)
	f("mailbox zimbra-mailbox lines=1 level=info", "SYSLOG_IDENTIFIER", "zmmailboxd", "MESSAGE", "2026-08-02 16:49:04,242 INFO  [main] [] soap - NoOpRequest elapsed=1")
	f("unparsed unknown lines=1 level=", "MESSAGE", "no program")
	f("syslog sshd lines=1 level=info", "SYSLOG_IDENTIFIER", "sshd", "PRIORITY", "6", "MESSAGE", "")
	f("postfix postfix lines=1 level=info", "SYSLOG_IDENTIFIER", "postfix/smtpd", "PRIORITY", "6", "MESSAGE", "")
	f("syslog sshd lines=1 level=info", "SYSLOG_IDENTIFIER", "sshd", "PRIORITY", "6", "MESSAGE", "\n")
}

// TestJournalShort: a message of the journal may be empty, or end anywhere; none
// of it is lost.
func TestJournalShort(t *testing.T) {
	tr := New(Options{Location: time.UTC})
	f := func(m said) {
		t.Helper()
		var b chunk.Builder
		b.Record(time.Date(2026, 8, 2, 16, 49, 4, 0, time.UTC).UnixNano(), "PRIORITY", "6", "SYSLOG_IDENTIFIER", m.tag, "MESSAGE", m.text)
		n := 0
		transformChunk(tr, "journal", b.Bytes(), func(*entry.Entry) { n++ })
		if n != 1 {
			t.Errorf("%s: %q gives %d entries", m.tag, m.text, n)
		}
	}
	tags := map[string]bool{}
	for _, m := range messagesOfFixtures(t) {
		if tags[m.tag] {
			continue
		}
		tags[m.tag] = true
		for n := range len(m.text) + 1 {
			f(said{m.tag, "", m.text[:n]})
		}
	}
	for tag := range syslog.ForeignPrograms {
		for _, text := range []string{"", " ", "(", "[", ":", "x", "<", "{", "pam_unix("} {
			f(said{tag, "", text})
		}
	}
}
