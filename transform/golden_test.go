package transform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/entry/show"
	"github.com/zimbraloki/zimbraloki/internal/golden"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

// goldenCase is one log and how Fluent Bit hands it over. Its golden file has
// one JSON object for each entry, as `zimbraloki explain` prints it.
type goldenCase struct {
	file    string // below testdata
	golden  string // name of the golden file, where a log is read twice; else that of the log
	tag     string
	path    string // of the file on the server, "" if the record does not name it
	stdout  bool   // the lines come from a container, by Docker's fluentd driver
	zone    string
	arrival string // of the first line; the others follow each a microsecond later
	options Options
}

const (
	mailboxPath = "/opt/zimbra/log/mailbox.log"
	newYear     = "2027-01-01T23:00:05Z"
)

// goldenCases drives the golden test and the benchmark.
var goldenCases = []goldenCase{
	{file: "mailbox/threads.log", path: mailboxPath, zone: "Europe/Berlin"},
	{file: "mailbox/context.log", path: mailboxPath, zone: "America/New_York"},
	{file: "mailbox/soap.log", path: mailboxPath, zone: "Europe/Berlin"},
	{file: "mailbox/imap-pop.log", path: mailboxPath, zone: "America/New_York"},
	{file: "mailbox/mail.log", path: mailboxPath, zone: "Europe/Berlin"},
	{file: "mailbox/traces.log", path: mailboxPath, zone: "America/New_York"},
	{file: "mailbox/startup.log", tag: "zimbra.opt.zimbra.log.mailbox.log.2026-08-02", zone: "Europe/Berlin"},
	{file: "mailbox/damaged.log", path: mailboxPath, zone: "Europe/Berlin"},
	{file: "mailbox/limits.log", path: mailboxPath, zone: "Europe/Berlin", options: Options{MaxLines: 10, MaxLineBytes: 400}},
	{file: "mailbox/imapd.log", path: "/opt/zimbra/log/imapd.log", zone: "America/New_York"},
	{file: "mailbox/milter.log", path: "/opt/zimbra/log/milter.log", zone: "America/New_York"},
	{file: "mailbox/activity.log", path: "/opt/zimbra/log/activity.log", zone: "Europe/Berlin"},
	{file: "mailbox/fold-berlin.log", golden: "mailbox/fold-berlin-first", path: mailboxPath, zone: "Europe/Berlin", arrival: "2026-10-25T00:41:00Z"},
	{file: "mailbox/fold-berlin.log", golden: "mailbox/fold-berlin-second", path: mailboxPath, zone: "Europe/Berlin", arrival: "2026-10-25T02:31:00Z"},
	{file: "mailbox/fold-newyork.log", golden: "mailbox/fold-newyork-first", path: mailboxPath, zone: "America/New_York", arrival: "2026-11-01T05:41:00Z"},
	{file: "mailbox/fold-newyork.log", golden: "mailbox/fold-newyork-second", path: mailboxPath, zone: "America/New_York", arrival: "2026-11-01T07:31:00Z"},
	{file: "audit/logins.log", path: "/opt/zimbra/log/audit.log", zone: "Europe/Berlin"},
	{file: "audit/admin.log", path: "/opt/zimbra/log/audit.log", zone: "America/New_York"},
	{file: "audit/text.log", path: "/opt/zimbra/log/audit.log", zone: "Europe/Berlin"},
	{file: "sync/sync.log", path: "/opt/zimbra/log/sync.log", zone: "Europe/Berlin"},
	{file: "syslog/wrapped.log", path: "/var/log/zimbra.log", zone: "Europe/Berlin"},
	{file: "joins/mx.log", path: "/var/log/zimbra.log", zone: "Europe/Berlin", arrival: "2027-01-12T00:00:00Z"},
	{file: "carbonio/container.log", tag: "docker.0a1b2c3d4e5f", stdout: true, zone: "Europe/Berlin"},
	{file: "text/cli.log", path: "/opt/zimbra/log/zmprov.log", zone: "Europe/Berlin"},
	{file: "text/unknown.log", path: "/var/log/other.log", zone: "America/New_York"},
}

func (c *goldenCase) name() string {
	if c.golden != "" {
		return c.golden
	}
	return strings.TrimSuffix(c.file, ".log")
}

// load returns the log's size, its lines as one chunk, and a Transform for it.
func (c *goldenCase) load(t testing.TB) (size int, data []byte, tr *Transform) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", c.file))
	if err != nil {
		t.Fatal(err)
	}
	if c.arrival == "" {
		c.arrival = newYear
	}
	if c.tag == "" {
		c.tag = "zimbra"
	}
	var b chunk.Builder
	at := testtime.Instant(t, c.arrival)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case c.stdout:
			b.Record(at, "log", line, "source", "stdout", "container_id", "0a1b2c3d4e5f", "container_name", "/carbonio-mailbox-1")
		case c.path != "":
			b.Record(at, "log", line, "path", c.path)
		default:
			b.Record(at, "log", line)
		}
		at += 1000
	}
	o := c.options
	o.Host, o.Location = "mail.example.com", testtime.Location(t, c.zone)
	return len(text), b.Bytes(), New(o)
}

func TestGolden(t *testing.T) {
	for _, c := range goldenCases {
		t.Run(c.name(), func(t *testing.T) {
			_, data, tr := c.load(t)
			var got []byte
			transformChunk(tr, c.tag, data, func(e *entry.Entry) {
				checkEntry(t, tr, e)
				got = append(show.AppendJSON(got, e), '\n')
			})
			golden.Compare(t, filepath.Join("testdata", c.name()+".golden"), got)
		})
	}
}

// BenchmarkGolden measures each log of the table, a line at a time.
//
//	go test -bench Golden -benchmem ./transform
func BenchmarkGolden(b *testing.B) {
	for _, c := range goldenCases {
		b.Run(c.name(), func(b *testing.B) {
			size, data, tr := c.load(b)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				transformChunk(tr, c.tag, data, func(*entry.Entry) {})
			}
		})
	}
}

// TestSteadyStateAllocs: a chunk of some thousand lines costs a handful of
// allocations, none of them for a line.
func TestSteadyStateAllocs(t *testing.T) {
	perChunk := 12.0 // source key, map of sources, reader
	if raceEnabled {
		perChunk = 100 // then sync.Pool drops some of what it is given
	}
	data := chunkOf(mailboxLines(3000), benchArrival+int64(time.Minute))
	tr := New(Options{Host: "mail", Location: time.UTC})
	emit := func(*entry.Entry) {}
	if n := testing.AllocsPerRun(20, func() { transformChunk(tr, "zimbra.mailbox", data, emit) }); n > perChunk {
		t.Errorf("%v allocations for a chunk of 3000 lines", n)
	}
}
