// Package incident writes, for each alert, the lines of the incident that it is
// for, and the lines of an ordinary hour on which none may fire.
package incident

import (
	"fmt"
	"sort"
	"strconv"
	"time"
)

// Line is one line of a log, or several of a stack trace.
type Line struct {
	Path string // of the log
	Text string
	Time time.Time
}

// Incident is what an alert is for.
type Incident struct {
	Alert string
	Also  []string // other alerts that rightly fire
	write func(*writer)
}

// Paths of the logs, from which the plugin tells what they are.
const (
	mailboxLog   = "/opt/zimbra/log/mailbox.log"
	auditLog     = "/opt/zimbra/log/audit.log"
	zimbraLog    = "/var/log/zimbra.log"
	statsLog     = "/var/log/zimbra-stats.log"
	planrLog     = "/var/lib/docker/containers/aa11/aa11-json.log"
	visiologyLog = "/var/lib/docker/containers/bb22/bb22-json.log"
)

// writer collects lines. Times are given as ago, before now.
type writer struct {
	now   time.Time
	lines []Line
}

func (w *writer) add(path string, ago time.Duration, text func(time.Time) string) {
	t := w.now.Add(-ago).UTC()
	w.lines = append(w.lines, Line{path, text(t), t})
}

// syslog writes as rsyslog does with high-precision times.
func (w *writer) syslog(ago time.Duration, host, program, format string, args ...any) {
	w.syslogTo(zimbraLog, ago, host, program, format, args...)
}

func (w *writer) syslogTo(path string, ago time.Duration, host, program, format string, args ...any) {
	w.add(path, ago, func(t time.Time) string {
		return fmt.Sprintf("%s %s %s[2101]: %s", t.Format("2006-01-02T15:04:05.000000-07:00"), host, program, fmt.Sprintf(format, args...))
	})
}

// log4j writes a line of mailboxd; path is mailboxLog or auditLog.
func (w *writer) log4j(path string, ago time.Duration, level, thread, context, logger, format string, args ...any) {
	w.add(path, ago, func(t time.Time) string {
		return fmt.Sprintf("%s %-5s [%s] [%s] %s - %s", t.Format("2006-01-02 15:04:05,000"), level, thread, context, logger, fmt.Sprintf(format, args...))
	})
}

// docker writes a line of a container; the text holds no control characters.
func (w *writer) docker(path string, ago time.Duration, text func(time.Time) string) {
	w.add(path, ago, func(t time.Time) string {
		return fmt.Sprintf(`{"log":%q,"stream":"stdout","time":"%s"}`, text(t)+"\n", t.Format(time.RFC3339Nano))
	})
}

// spread calls f n times with times from ago on, evenly, up to just now.
func (w *writer) spread(n int, ago time.Duration, f func(i int, ago time.Duration)) {
	for i := range n {
		f(i, ago-ago*time.Duration(i)/time.Duration(n))
	}
}

// Ordinary returns the lines of the 80 minutes before now, in which nothing is
// wrong.
func Ordinary(now time.Time) []Line {
	w := &writer{now: now}
	w.ordinary()
	return w.sorted()
}

// Lines returns the ordinary lines and those of the incident.
func (i Incident) Lines(now time.Time) []Line {
	w := &writer{now: now}
	w.ordinary()
	i.write(w)
	return w.sorted()
}

// sorted puts the lines in order of time, as they come to be written.
func (w *writer) sorted() []Line {
	sort.SliceStable(w.lines, func(i, j int) bool { return w.lines[i].Time.Before(w.lines[j].Time) })
	return w.lines
}

// Everything returns the ordinary lines and those of all incidents.
func Everything(now time.Time) []Line {
	w := &writer{now: now}
	w.ordinary()
	for _, i := range All() {
		i.write(w)
	}
	w.scenery()
	return w.sorted()
}

// ms writes a time as PLAN-R does.
func ms(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
