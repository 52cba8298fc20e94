package samplelogs

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// world is the installation while its logs are made. Each part of it writes
// its lines with their times, the parts one after the other; at the end each
// log is put into order.
type world struct {
	Options
	*rand.Rand           // of the part at work
	end        time.Time // nothing begins then or later; what has begun goes on
	logs       map[string]*Log
	procs      map[string][]*process
	daemons    map[string]int // pids of those with one process
	inode      int            // of the last queue file
	jobs       map[int]int
}

// Generate makes the logs.
func Generate(o Options) []*Log {
	o = o.withDefaults()
	w := &world{Options: o, end: o.Start.Add(o.Duration), logs: map[string]*Log{}, procs: map[string][]*process{}, daemons: map[string]int{}, jobs: map[int]int{}}
	var all []*Log
	for _, l := range logs {
		w.logs[l.key] = &Log{Host: l.host, Name: l.name, Tag: l.tag}
		all = append(all, w.logs[l.key])
	}
	for _, p := range parts {
		if len(o.Parts) > 0 && !slices.Contains(o.Parts, p.name) {
			continue
		}
		w.part(p.name)
		p.run(w)
	}
	if !o.NoIncidents {
		w.incidents()
	}
	for _, l := range all {
		slices.SortStableFunc(l.Lines, func(a, b Line) int { return a.Time.Compare(b.Time) })
	}
	return all
}

// parts write the ordinary work.
var parts = []struct {
	name string
	run  func(*world)
}{
	{"mail", (*world).mailTraffic},
	{"rejects", (*world).rejects},
	{"mta", (*world).mtaServices},
	{"clamav", (*world).clamav},
	{"mailbox", (*world).mailboxWork},
	{"protocols", (*world).protocolErrors},
	{"logins", (*world).logins},
	{"sync", (*world).syncWork},
	{"jetty", (*world).jetty},
	{"stats", (*world).stats},
	{"proxy", (*world).proxyWork},
	{"planr", (*world).planr},
	{"visiology", (*world).visiology},
}

// part gives chance anew: what one part draws does not change the others.
func (w *world) part(name string) {
	h := fnv.New64a()
	h.Write([]byte(name))
	w.Rand = rand.New(rand.NewPCG(w.Seed, h.Sum64()))
}

func (w *world) put(log string, l Line) {
	w.logs[log].Lines = append(w.logs[log].Lines, l)
}

// every calls f at times that lie mean apart on average, scaled by the volume.
func (w *world) every(mean time.Duration, f func(t time.Time)) {
	mean = time.Duration(float64(mean) * 6 / w.MailsPerMinute)
	for t := w.after(w.Start, mean); t.Before(w.end); t = w.after(t, mean) {
		f(t)
	}
}

// steady calls f each period.
func (w *world) steady(period time.Duration, f func(t time.Time)) {
	for t := w.Start.Add(period / 3); t.Before(w.end); t = t.Add(period) {
		f(t)
	}
}

// after returns a time about mean after t.
func (w *world) after(t time.Time, mean time.Duration) time.Time {
	return t.Add(time.Duration(w.ExpFloat64()*float64(mean)) + time.Microsecond)
}

// between returns a duration from low to high.
func (w *world) between(low, high time.Duration) time.Duration {
	return low + time.Duration(w.Int64N(int64(high-low)+1))
}

func (w *world) pick(s []string) string { return s[w.IntN(len(s))] }

// hex returns n random digits.
func (w *world) hex(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte("0123456789abcdef"[w.IntN(16)])
	}
	return b.String()
}

func (w *world) uuid() string {
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", w.hex(8), w.hex(4), w.hex(3), w.hex(3), w.hex(12))
}

// client is an address of one of the users' networks.
func (w *world) client() string { return fmt.Sprintf("203.0.113.%d", 1+w.IntN(200)) }

// log4j writes an entry of mailboxd's shape.
func (w *world) log4j(log string, l Line, level, thread, context, logger, format string, args ...any) {
	l.Text = fmt.Sprintf("%s %-5s [%s] [%s] %s - %s", l.Time.In(w.Location).Format("2006-01-02 15:04:05,000"),
		level, thread, context, logger, fmt.Sprintf(format, args...))
	w.put(log, l)
}

// syslog writes an entry as rsyslog does: the day of the month with a blank
// for its first digit, no year, no zone.
func (w *world) syslog(log, host string, l Line, program string, pid int, format string, args ...any) {
	l.Text = fmt.Sprintf("%s %s %s[%d]: %s", l.Time.In(w.Location).Format(time.Stamp), host, program, pid, fmt.Sprintf(format, args...))
	w.put(log, l)
}

// always is the pid of a daemon with one process.
func (w *world) always(program string) int {
	if w.daemons[program] == 0 {
		w.daemons[program] = 900 + 37*len(w.daemons)
	}
	return w.daemons[program]
}

// process is one of a daemon's children, and when it is at work.
type process struct {
	pid  int
	busy [][2]time.Time
}

// proc returns the pid of a child of the program that is free from one time to
// the other.
func (w *world) proc(program string, from, to time.Time) int {
	for _, p := range w.procs[program] {
		if p.free(from, to) {
			p.busy = append(p.busy, [2]time.Time{from, to})
			return p.pid
		}
	}
	pid := 2000 + w.IntN(30000)
	w.procs[program] = append(w.procs[program], &process{pid, [][2]time.Time{{from, to}}})
	return pid
}

// free forgets what lies hours back: mails come nearly in order.
func (p *process) free(from, to time.Time) bool {
	p.busy = slices.DeleteFunc(p.busy, func(b [2]time.Time) bool { return b[1].Before(from.Add(-3 * time.Hour)) })
	for _, b := range p.busy {
		if from.Before(b[1]) && b[0].Before(to) {
			return false
		}
	}
	return true
}

// queueID returns the short form of Postfix: microseconds and inode.
func (w *world) queueID(t time.Time) string {
	w.inode = (w.inode + 1 + w.IntN(5)) % 0x7fff
	return fmt.Sprintf("%05X%X", t.Nanosecond()/1000, 0x980000+w.inode)
}
