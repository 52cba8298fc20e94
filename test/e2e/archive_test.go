package e2e_test

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/casefile"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

// archive is a tar.gz of logs that were rotated at a midnight, and what whoever
// wrote them knows.
type archive struct {
	bin, path string
	lines     []samplelogs.Line // of all logs
	audit     []samplelogs.Line
	begin     time.Time // of the incidents
	end       time.Time
}

func writeArchive(t *testing.T) *archive {
	t.Helper()
	o := samplelogs.Options{Start: time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC), Duration: 4 * time.Hour, Once: time.Hour, MailsPerMinute: 3, Seed: 7}
	a := &archive{bin: cli(t), begin: o.Start.Add(o.Once), end: o.Start.Add(o.Duration)}
	for _, l := range samplelogs.Generate(o) {
		for _, line := range l.Lines {
			if !line.Time.Before(a.end) {
				break
			}
			a.lines = append(a.lines, line)
			if l.Name == "audit.log" {
				a.audit = append(a.audit, line)
			}
		}
	}
	o.Rotate = true
	dir := t.TempDir()
	if _, err := samplelogs.Write(filepath.Join(dir, "logs"), o); err != nil {
		t.Fatal(err)
	}
	a.path = filepath.Join(dir, "case.tar.gz")
	if out, err := exec.Command("tar", "czf", a.path, "-C", dir, "logs").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return a
}

func (a *archive) run(t *testing.T, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	c := exec.CommandContext(t.Context(), a.bin, append(args, "--timezone", "UTC", a.path)...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

// TestArchive holds the answers to the five questions of docs/investigations.md
// against what was written.
func TestArchive(t *testing.T) {
	notShort(t)
	a := writeArchive(t)
	t.Run("infected", a.infected)
	t.Run("account", a.account)
	t.Run("tried", a.tried)
	t.Run("stopped", a.stopped)
	t.Run("late", a.late)
}

// mails are those that trace tells.
func (a *archive) mails(t *testing.T, args ...string) (list []traced) {
	t.Helper()
	for line := range strings.Lines(a.run(t, append([]string{"trace", "--all", "-o", "json"}, args...)...)) {
		var m traced
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

type traced struct {
	MessageIDs []string `json:"message_ids"`
	From       string   `json:"from"`
	User       string   `json:"user"`
	ClientIP   string   `json:"client_ip"`
}

func (a *archive) infected(t *testing.T) {
	list := a.mails(t, "--verdict", "INFECTED")
	if len(list) != 1 {
		t.Fatalf("%d mails, want one: %+v", len(list), list)
	}
	m := list[0]
	from := regexp.MustCompile(`connect from mx\.print\.example\.net\[([0-9.]+)\]`)
	i := slices.IndexFunc(a.lines, func(l samplelogs.Line) bool { return l.Mail == samplelogs.VirusMail && from.MatchString(l.Text) })
	if want := from.FindStringSubmatch(a.lines[i].Text)[1]; m.MessageIDs[0] != samplelogs.VirusMail || m.From != "scanner@print.example.net" || m.User != "" || m.ClientIP != want {
		t.Errorf("%+v, want %s from %s without a login", m, samplelogs.VirusMail, want)
	}
}

// account: each line of the day that names the account is in the zip, but those
// of slapd, which has the name in a filter alone.
func (a *archive) account(t *testing.T) {
	file := filepath.Join(t.TempDir(), "case.zip")
	a.run(t, "export", "--user", samplelogs.Compromised, "--since", "2026-11-23", "--until", "2026-11-24", "-o", file)
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close() //nolint:errcheck // read only
	table, err := z.Open("lines.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]int{}
	for _, r := range rows[1:] {
		sums[r[slices.Index(rows[0], "sha256")]]++
	}
	named := 0
	for _, l := range a.lines {
		if !strings.Contains(l.Text, samplelogs.Compromised) || l.Time.Day() != 23 || strings.Contains(l.Text, " slapd[") {
			continue
		}
		named++
		if sums[casefile.Sum([]byte(l.Text+"\n"))] == 0 {
			t.Errorf("left out: %s", l.Text)
		}
	}
	if named < 500 || named > len(rows)-1 {
		t.Errorf("%d lines name the account, %d are in the zip", named, len(rows)-1)
	}
	if out := a.run(t, "export", "--verify", file); !strings.Contains(out, "every source and member as it was") {
		t.Error(out)
	}
}

// sums are what ask counts, by the values of the labels.
func (a *archive) sums(t *testing.T, query string) map[string]int {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(a.run(t, "ask", "-o", "csv", query))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head, got := rows[0], map[string]int{}
	for _, r := range rows[1:] {
		n, err := strconv.Atoi(r[slices.Index(head, "value")])
		if err != nil {
			t.Fatal(err)
		}
		got[r[slices.Index(head, "user")]+" "+r[slices.Index(head, "outcome")]] = n
	}
	return got
}

func (a *archive) tried(t *testing.T) {
	got := a.sums(t, `sum by (user, outcome) (count_over_time({log="audit"} | client_ip="`+samplelogs.Attacker+`" | action=~".*Auth" [$__range]))`)
	want := map[string]int{}
	account := regexp.MustCompile(`cmd=Auth; account=([^;]+)`)
	for _, l := range a.audit {
		m := account.FindStringSubmatch(l.Text)
		if m == nil || !strings.Contains(l.Text, "ip="+samplelogs.Attacker+";") {
			continue
		}
		switch {
		case strings.Contains(l.Text, "error=account lockout"):
			want[m[1]+" lockout"]++
		case strings.Contains(l.Text, "error="):
			want[m[1]+" failure"]++
		default:
			want[m[1]+" success"]++
		}
	}
	same := len(got) == len(want)
	for k, n := range want {
		same = same && got[k] == n
	}
	if !same || len(want) != 4 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func (a *archive) stopped(t *testing.T) {
	for query, want := range map[string]int{
		`{job="zimbra"} | action="status_change"`: 2,
		`{log="mailbox", level="fatal"}`:          1,
	} {
		out := a.run(t, "ask", "--direction", "forward", "-o", "jsonl", query)
		if n := strings.Count(out, "\n"); n != want {
			t.Errorf("%s: %d entries, want %d\n%s", query, n, want, out)
		}
	}
	i := slices.IndexFunc(samplelogs.Incidents, func(i samplelogs.Incident) bool { return i.Name == "outage" })
	from, to := a.begin.Add(samplelogs.Incidents[i].Start), a.begin.Add(samplelogs.Incidents[i].End)
	out := a.run(t, "ask", "--since", from.Format(time.RFC3339), "--until", to.Format(time.RFC3339), "-o", "raw", `{log="mailbox", level="fatal"}`)
	if !strings.Contains(out, "OutOfMemoryError") {
		t.Errorf("no FATAL in the outage: %s", out)
	}
}

func (a *archive) late(t *testing.T) {
	want := map[string]bool{}
	delivery := regexp.MustCompile(`to=<[^>]+@partner\.example\.net>.* delay=(\d+)`)
	for _, l := range a.lines {
		if m := delivery.FindStringSubmatch(l.Text); m != nil {
			if seconds, _ := strconv.Atoi(m[1]); seconds >= 600 {
				want[l.Mail] = true
			}
		}
	}
	got := a.mails(t, "--to", "@partner.example.net", "--delayed", "10m")
	for _, m := range got {
		if !want[m.MessageIDs[0]] {
			t.Errorf("%v was not late", m.MessageIDs)
		}
	}
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%d mails, want %d", len(got), len(want))
	}
}
