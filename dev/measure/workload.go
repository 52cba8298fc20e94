package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

// workload is a log that is shipped.
type workload struct {
	name  string
	title string // in the table
	file  string // its name; the plugin knows a log by it
	tag   string
	parts []string // of the sample logs, that write it
}

var workloads = []workload{
	{"mailbox", "mailbox.log", "mailbox.log", "zimbra.mailbox", []string{"mailbox", "protocols", "logins"}},
	{"planr", "PLAN-R in Docker's json-file", "planr-main-json.log", "docker.planr_main", []string{"planr"}},
	{"zimbra", "zimbra.log", "zimbra.log", "zimbra.zimbra", []string{"mail", "rejects", "mta"}},
}

func workloadOf(name string) *workload {
	for i := range workloads {
		if workloads[i].name == name {
			return &workloads[i]
		}
	}
	return nil
}

// written is a log as it was written.
type written struct {
	path    string
	bytes   int64
	entries int // that come out of the plugin
}

// write writes the first lines of the log, one entry more where they end inside
// of one.
func (w *workload) write(dir string, lines int) (out written, err error) {
	out.path = filepath.Join(dir, w.file)
	f, err := os.Create(out.path)
	if err != nil {
		return out, err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	b := bufio.NewWriter(f)
	for _, l := range w.lines(lines) {
		n, _ := fmt.Fprintln(b, l.Text) // Flush returns its error
		out.bytes += int64(n)
		out.entries++
	}
	return out, b.Flush()
}

// lines makes so many lines of text, by making the system as busy as it must be.
func (w *workload) lines(want int) []samplelogs.Line {
	o := samplelogs.Options{
		Start: time.Date(2026, 11, 3, 6, 0, 0, 0, time.UTC), Seed: 7, NoIncidents: true,
		Parts: w.parts, MailsPerMinute: 6,
	}
	for {
		all, n := w.generated(o), 0
		for i := range all {
			for _, c := range all[i].Text {
				if c == '\n' {
					n++
				}
			}
			if n++; n >= want {
				return all[:i+1]
			}
		}
		o.MailsPerMinute *= 1.1 * float64(want) / float64(n+1)
	}
}

func (w *workload) generated(o samplelogs.Options) []samplelogs.Line {
	for _, l := range samplelogs.Generate(o) {
		if l.Name == w.file {
			return l.Lines
		}
	}
	return nil
}
