// Package samplelogs writes the logs of an invented installation: an MTA, a
// mailstore, a proxy and a host with containers (PLAN-R, Visiology), at work
// and with incidents to find (see Incidents). The demo, the tests of dashboards
// and alerts, the documentation and compose live on them.
//
// The lines have the shapes of the real daemons' (transform/testdata/real).
// Times are relative to a start; the same seed gives the same lines.
package samplelogs

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// File is one log that was written.
type File struct {
	Path string
	Tag  string // that Fluent Bit gives it
	Host string // whose log it is: the name of its folder
	// Entries counts what comes out of the plugin: lines, those of a stack
	// trace or of a message that amavis broke with their head.
	Entries int64
	Last    time.Time // of the last entry: when the file was written to for the last time
}

// Period is the time that the incidents take, from the first to the quiet after
// the last.
const Period = 110 * time.Minute

// Options say how much is written. The zero value means the defaults.
type Options struct {
	Start          time.Time      // of the first line
	Duration       time.Duration  // Period; longer ones repeat the incidents
	Location       *time.Location // of the clocks; UTC
	Seed           uint64
	MailsPerMinute float64 // 6; all else grows with it
	NoIncidents    bool    // ordinary work only
	// Once, if not 0, is when the incidents begin after Start, once instead of in
	// each Period: so a long archive is ordinary but for some hours.
	Once time.Duration
	// Rotate puts each day into a file of its own, named as after Zimbra's rotation
	// at midnight.
	Rotate bool
	// Parts names what is at work, as "mail" or "planr"; all if there is none.
	Parts []string
}

func (o Options) withDefaults() Options {
	if o.Duration == 0 {
		o.Duration = Period
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.MailsPerMinute == 0 {
		o.MailsPerMinute = 6
	}
	return o
}

// Line is one entry of a log.
type Line struct {
	Time time.Time
	Text string // with its further lines, without the last line feed
	Mail string // message-id of the mail it is about, with its brackets; "" if none
	Link Link
	// About is the message-id of the mail that Mail is a notification about.
	About string
}

// Link tells how a line shows the mail it is about.
type Link uint8

// Links.
const (
	Beside  Link = iota // nothing in it leads to the mail: postscreen, policy and password daemons
	Session             // by the process that wrote it: connect, TLS, disconnect
	Named               // holds a queue id of the mail, or its message-id
)

// Log is one log with all of its lines, in order of time.
type Log struct {
	Host, Name, Tag string
	Lines           []Line
}

// logs are the files of the installation by their keys.
var logs = []struct{ key, host, name, tag string }{
	{"zimbra", mta, "zimbra.log", "zimbra.mta1.zimbra"},
	{"clamd", mta, "clamd.log", "zimbra.mta1.clamd"},
	{"freshclam", mta, "freshclam.log", "zimbra.mta1.freshclam"},
	{"mailbox", store, "mailbox.log", "zimbra.mailbox"},
	{"audit", store, "audit.log", "zimbra.audit"},
	{"sync", store, "sync.log", "zimbra.sync"},
	{"access", store, "access_log", "zimbra.access"},
	{"out", store, "zmmailboxd.out", "zimbra.out"},
	{"stats", store, "zimbra-stats.log", "zimbra.stats"},
	{"nginx.access", proxy, "nginx.access.log", "zimbra.proxy.access"},
	{"nginx", proxy, "nginx.log", "zimbra.proxy.error"},
	{"planr.main", containers, "planr-main-json.log", "docker.planr_main"},
	{"planr.worker", containers, "planr-worker-json.log", "docker.planr_worker"},
	{"visiology", containers, "visiology-json.log", "docker.visiology"},
}

// Write puts the logs into dir, each host's in a folder of its name, and
// returns them. They end with o.Duration, whatever mail still waits.
func Write(dir string, o Options) ([]File, error) {
	var files []File
	o = o.withDefaults()
	for _, l := range Generate(o) {
		l.cut(o.Start.Add(o.Duration))
		pieces := []*Log{l}
		if o.Rotate {
			pieces = l.days(o.Location)
		}
		for _, p := range pieces {
			f, err := p.write(dir)
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		}
	}
	return files, nil
}

// cut drops what comes at end or later.
func (l *Log) cut(end time.Time) {
	for n := len(l.Lines); n > 0 && !l.Lines[n-1].Time.Before(end); n-- {
		l.Lines = l.Lines[:n-1]
	}
}

// days are the files of a log, the oldest first; the last one has its name.
func (l *Log) days(zone *time.Location) (pieces []*Log) {
	lines := l.Lines
	for len(lines) > 0 {
		day := lines[0].Time.In(zone).Format(time.DateOnly)
		n := slices.IndexFunc(lines, func(l Line) bool { return l.Time.In(zone).Format(time.DateOnly) != day })
		if n < 0 || l.Host == containers { // Docker's driver rotates by size
			n = len(lines)
		}
		for i, p := range pieces { // what lay before gets one more day older
			p.Name = l.rotated(pieces[i].Lines[0].Time.In(zone).Format(time.DateOnly), len(pieces)-i)
		}
		piece := *l
		piece.Lines, lines = lines[:n], lines[n:]
		pieces = append(pieces, &piece)
	}
	return pieces
}

// rotated is the name of a file after n midnights: log4j's have the date of their
// lines, those of logrotate a number.
func (l *Log) rotated(day string, n int) string {
	switch l.Name {
	case "mailbox.log", "audit.log", "sync.log", "access_log":
		return l.Name + "." + day
	}
	return fmt.Sprintf("%s.%d", l.Name, n)
}

func (l *Log) file(dir string) File {
	return File{Path: filepath.Join(dir, l.Host, l.Name), Tag: l.Tag, Host: l.Host}
}

func (l *Log) write(dir string) (File, error) {
	f := l.file(dir)
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return f, err
	}
	out, err := os.Create(f.Path)
	if err != nil {
		return f, err
	}
	w := bufio.NewWriter(out)
	for _, line := range l.Lines {
		w.WriteString(line.Text)
		w.WriteByte('\n')
	}
	if f.Entries = int64(len(l.Lines)); f.Entries > 0 {
		f.Last = l.Lines[f.Entries-1].Time
	}
	if err := w.Flush(); err != nil {
		return f, fmt.Errorf("%s: %w", f.Path, err)
	}
	return f, out.Close()
}
