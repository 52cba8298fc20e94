package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/report"
)

// month is an archive of many days, and what its writer knows of it.
type month struct {
	data    []byte
	begin   time.Time        // of the incidents
	entries int64            // all
	hosts   map[string]int64 // entries
	found   map[string]int64 // what is counted by its words, by finding

	visiology int64 // entries of that log
}

// words are what a person would look for, with grep, to count a finding.
var words = map[string]string{
	"fatal": " FATAL ", "deferred": "status=deferred", "bounced": "status=bounced", "rejected": "NOQUEUE: reject", "spam": "Blocked SPAM", "disk-warning": "Disk warning",
	"database-down": "Could not establish a connection to the database", "out-of-memory": "java.lang.OutOfMemoryError", "visiology-failed": "OperationStatus:Failed",
}

// planted are the findings that an incident, and nothing else, leaves.
var planted = map[string]string{
	"fatal": "outage", "service-stopped": "outage", "out-of-memory": "outage", "ldap-down": "outage", "database-down": "outage", "mailbox-start": "outage",
	"disk-full": "disk-full", "disk-warning": "disk-full", "account-locked": "brute-force-lockout", "slow-requests": "slow-search", "virus": "virus",
	"forged": "dkim-spf", "visiology-failed": "visiology",
}

// stressDays are how many days INTAKE_STRESS asks for; 1 stands for 30.
func stressDays(t *testing.T) int {
	t.Helper()
	days, err := strconv.Atoi(os.Getenv("INTAKE_STRESS"))
	if err != nil {
		t.Skip("takes minutes: set INTAKE_STRESS=1, or to a number of days")
	}
	if days == 1 {
		return 30
	}
	return days
}

// newMonth writes the logs of days, rotated at midnight, with the incidents once
// in their middle, and packs them as tar does.
func newMonth(t *testing.T, days int) *month {
	t.Helper()
	span, dir := time.Duration(days)*24*time.Hour, t.TempDir()
	start := time.Now().UTC().Truncate(24 * time.Hour).Add(-span)
	o := samplelogs.Options{Duration: span, MailsPerMinute: 1, Start: start, Once: span/2 + 6*time.Hour, Rotate: true}
	list, err := samplelogs.Write(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	m := &month{begin: start.Add(o.Once), entries: samplelogs.Count(list), hosts: map[string]int64{}, found: map[string]int64{}}
	name := filepath.Join(t.TempDir(), "month.tar.gz")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	for _, file := range list {
		m.add(t, w, dir, file)
	}
	for _, c := range []io.Closer{w, z, f} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if m.data, err = os.ReadFile(name); err != nil {
		t.Fatal(err)
	}
	return m
}

// add packs a file, and counts the words in it.
func (m *month) add(t *testing.T, w *tar.Writer, dir string, file samplelogs.File) {
	t.Helper()
	f, err := os.Open(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	name, _ := filepath.Rel(dir, file.Path)
	if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o640, Size: st.Size(), ModTime: file.Last}); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(io.TeeReader(f, w))
	lines.Buffer(nil, 1<<20)
	if strings.HasPrefix(filepath.Base(file.Path), "visiology") {
		m.visiology += file.Entries
	}
	stats := strings.HasPrefix(filepath.Base(file.Path), "zimbra-stats.log")
	if !stats {
		m.hosts[file.Host] += file.Entries
	}
	for lines.Scan() {
		if stats { // one host's file has lines of all, which are an entry each
			m.hosts[strings.Fields(lines.Text())[3]]++
		}
		for finding, text := range words {
			if strings.Contains(lines.Text(), text) {
				m.found[finding]++
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// asInstalled are the limits of a Loki as it is installed, but for the one that the
// documentation asks for.
func asInstalled() map[string]any {
	l := lokirun.AsTheyCome()
	// Without shards a Loki that slows a stream down takes a part of a push, and
	// what comes again can be there twice.
	delete(l, "shard_streams")
	for k, v := range map[string]any{
		"reject_old_samples": false, "ingestion_rate_mb": 4, "ingestion_burst_size_mb": 6, "per_stream_rate_limit": "3MB", "per_stream_rate_limit_burst": "15MB",
		"max_global_streams_per_user": 5000, "max_entries_limit_per_query": 5000, "max_query_series": 500, "max_query_length": "721h",
	} {
		l[k] = v
	}
	return l
}

// TestMonth: the logs of 30 days, uploaded by token to a server in a process of
// its own, come to the report that their writer would write, and to as many
// entries in serve, and in a Loki with the limits that it comes with, as he wrote.
func TestMonth(t *testing.T) {
	days, began := stressDays(t), time.Now()
	m := newMonth(t, days)
	t.Logf("%d days: %d entries, %.1f MB packed, made in %s", days, m.entries, float64(len(m.data))/1e6, time.Since(began).Round(time.Second))
	runtest.Each(t, lokirun.Options{Dir: t.TempDir(), Limits: asInstalled()}, func(t *testing.T, l *lokirun.Server) {
		d := desk{t, t.TempDir()}
		mine := d.signedIn()
		p := start(t, d.dir, "LOKI_URL="+l.URL(), "GRAFANA_URL=https://grafana.example.com")
		token, began := p.makesTicket(mine), time.Now()
		p.sends(token, "month.tar.gz", m.data)
		sent := time.Since(began)
		d.until(t, 1, time.Hour, func(i model.Import) bool { return i.Reported || !i.Ended.IsZero() })
		reported := time.Since(began)
		m.holds(t, p, mine)
		i := d.end(t, 1, time.Hour)
		t.Logf("uploaded in %s, report after %s, shipped after %s; memory %d MiB at most", sent.Round(time.Millisecond), reported.Round(time.Second), time.Since(began).Round(time.Second), p.peak()>>20)
		if i.State != model.ImportDone || i.Entries != m.entries || i.Unparsed != 0 || !i.Shipped || i.Error != "" {
			t.Errorf("import %+v, want %d entries", i, m.entries)
		}
		if n := p.peak(); n > 384<<20 {
			t.Errorf("it took %d MiB", n>>20)
		}
		m.counted(t, p, mine, l, i)
	})
}

// holds holds the report against what the writer knows.
func (m *month) holds(t *testing.T, p *program, mine map[string]string) {
	t.Helper()
	var r report.Report
	p.call("GET", "/api/v1/archives/1/report/", mine, nil, 200, &r)
	hosts, sum := map[string]int64{}, int64(0)
	for _, l := range r.Logs {
		hosts[l.Host] += l.Entries
	}
	for _, b := range r.Timeline {
		sum += b.Entries
	}
	if r.Entries != m.entries || sum != m.entries || r.Untimed != 0 || len(r.Notices) != 0 || fmt.Sprint(hosts) != fmt.Sprint(m.hosts) {
		t.Errorf("%d entries, %d on the line of time, %d without a time, left out %q, %v; want %d, %v", r.Entries, sum, r.Untimed, r.Notices, hosts, m.entries, m.hosts)
	}
	got := map[string]report.Result{}
	for _, f := range r.Findings {
		got[f.Name] = f
		if f.Severity == findings.Critical && planted[f.Name] == "" {
			t.Errorf("%s is critical and was not planted: %d, %v", f.Name, f.Count, f.Examples)
		}
	}
	for name, n := range m.found {
		if got[name].Count != n {
			t.Errorf("%s: %d, want %d", name, got[name].Count, n)
		}
	}
	for name, incident := range planted {
		from, to := m.span(incident)
		if f := got[name]; f.Count == 0 || time.Unix(0, f.First).Before(from) || time.Unix(0, f.Last).After(to) {
			t.Errorf("%s: %d from %v to %v, want some from %v to %v", name, f.Count, time.Unix(0, f.First).UTC(), time.Unix(0, f.Last).UTC(), from, to)
		}
	}
}

// span is when an incident is seen; what it started takes a minute to end.
func (m *month) span(incident string) (from, to time.Time) {
	for _, i := range samplelogs.Incidents {
		if i.Name == incident {
			return m.begin.Add(i.Start), m.begin.Add(i.End + time.Minute)
		}
	}
	return from, to
}

// counted holds the counts of Loki and of the ticket against the writer's.
func (m *month) counted(t *testing.T, p *program, mine map[string]string, l *lokirun.Server, i model.Import) {
	t.Helper()
	// While a Loki moves chunks from memory to disk it may count some twice: what
	// it says when that is over is what it has.
	began := time.Now()
	var hosts map[string]int64
	for tries := 1; ; tries++ {
		if hosts = m.perHost(t, l, i); fmt.Sprint(hosts) == fmt.Sprint(m.hosts) || time.Since(began) > 10*time.Minute {
			t.Logf("Loki counted %d times in %s", tries, time.Since(began).Round(time.Millisecond))
			break
		}
		t.Logf("Loki counts %v", hosts)
	}
	if fmt.Sprint(hosts) != fmt.Sprint(m.hosts) {
		t.Errorf("hosts %v, want %v", hosts, m.hosts)
	}
	for query, n := range map[string]int64{
		`{ticket="SUP-1488", log="mailbox", level="fatal"}`:       m.found["fatal"],
		`{platform="zimbra", ticket="SUP-1488", log="visiology"}`: m.visiology,
	} {
		began := time.Now()
		body, _ := json.Marshal(map[string]string{"query": "sum(count_over_time(" + query + "[$__range]))"})
		var answer struct {
			Data struct{ Result []struct{ Value [2]any } }
		}
		p.call("POST", "/api/v1/tickets/SUP-1488/ask/", mine, body, 200, &answer)
		if len(answer.Data.Result) != 1 || answer.Data.Result[0].Value[1] != fmt.Sprint(n) {
			t.Errorf("%s: the ticket answers %+v, want %d", query, answer, n)
		}
		t.Logf("%s: answered in %s; memory %d MiB at most", query, time.Since(began).Round(time.Millisecond), p.peak()>>20)
	}
}

func (m *month) perHost(t *testing.T, l *lokirun.Server, i model.Import) map[string]int64 {
	t.Helper()
	samples, err := l.Metric(t.Context(), fmt.Sprintf(`sum by (host) (count_over_time({platform="zimbra", ticket="SUP-1488", source="upload"}[%dms]))`, i.To.Sub(i.From).Milliseconds()+2), i.To.Add(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]int64{}
	for _, s := range samples {
		hosts[s.Labels["host"]] = int64(s.Value)
	}
	return hosts
}
