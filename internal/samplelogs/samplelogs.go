// Package samplelogs writes logs of an invented mail system and of a container
// platform for the demo and for measuring: an hour of ordinary work with
// incidents to find in it. Times are relative to a start, everything else is
// the same for the same seed.
package samplelogs

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// File is one log that was written, and the tag Fluent Bit would give it.
type File struct {
	Path string
	Tag  string
}

// Trace is the trace_id that goes through both PLAN-R containers.
const Trace = "7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968"

// Attacker is the address that the brute force comes from.
const Attacker = "198.51.100.23"

// generator writes the lines of one log in order of time.
type generator struct {
	*rand.Rand
	w   *bufio.Writer
	now time.Time
	loc *time.Location
}

// Write puts the logs of the hour after start into dir and returns them. Times
// in mailbox.log and its kin are local to loc.
func Write(dir string, start time.Time, loc *time.Location, seed uint64) ([]File, error) {
	logs := []struct {
		name, tag string
		write     func(*generator)
	}{
		{"mailbox.log", "zimbra.mailbox", (*generator).mailbox},
		{"audit.log", "zimbra.audit", (*generator).audit},
		{"sync.log", "zimbra.sync", (*generator).sync},
		{"planr-main-json.log", "docker.planr_main", (*generator).planrMain},
		{"planr-worker-json.log", "docker.planr_worker", (*generator).planrWorker},
	}
	var files []File
	for i, l := range logs {
		path := filepath.Join(dir, l.name)
		f, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(i))), w: bufio.NewWriter(f), now: start, loc: loc}
		l.write(g)
		if err := g.w.Flush(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
		files = append(files, File{path, l.tag})
	}
	return files, nil
}

// step lets on average d pass.
func (g *generator) step(d time.Duration) {
	g.now = g.now.Add(time.Duration(g.ExpFloat64() * float64(d)).Truncate(time.Millisecond))
}

// at sets the time to d after start, never back.
func (g *generator) at(start time.Time, d time.Duration) {
	if t := start.Add(d); t.After(g.now) {
		g.now = t
	}
}

func (g *generator) line(format string, args ...any) {
	fmt.Fprintf(g.w, format+"\n", args...)
}

// log4j writes one line of mailboxd's shape.
func (g *generator) log4j(level, thread, context, logger, format string, args ...any) {
	g.line("%s %-5s [%s] [%s] %s - %s", g.now.In(g.loc).Format("2006-01-02 15:04:05,000"),
		level, thread, context, logger, fmt.Sprintf(format, args...))
}

func (g *generator) pick(s []string) string { return s[g.IntN(len(s))] }

var users = []string{
	"ivanov@example.org", "petrova@example.org", "sidorov@example.org", "kuznetsova@example.org",
	"a.meyer@example.com", "b.rossi@example.com", "c.dubois@example.com", "d.novak@example.com",
	"info@example.com", "sales@example.com", "admin@example.com", "helpdesk@example.org",
}

var agents = []string{
	"ZimbraWebClient - GC142 (Win)/10.0.9_GA_4583", "ZimbraWebClient - FF140 (Linux)/10.0.9_GA_4583",
	"Mozilla/5.0 (Macintosh;; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", "ZimbraConnectorForOutlook/9.0.0.1933",
}

func (g *generator) address() string { return fmt.Sprintf("203.0.113.%d", 1+g.IntN(250)) }

func (g *generator) thread(request string) string {
	return fmt.Sprintf("qtp1286783232-%d:https://mail.example.com/service/soap/%s", 20+g.IntN(180), request)
}
