package report

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/source"
	"github.com/zimbraloki/zimbraloki/report"
	"github.com/zimbraloki/zimbraloki/report/page"
)

var start = time.Date(2026, 8, 2, 10, 0, 0, 0, time.UTC)

func options(t *testing.T, dir string) logs.Options {
	t.Helper()
	c, err := config.ParseValues(func(key string) string { return map[string]string{"timezone": "UTC", "dead_letter_path": "off"}[key] })
	if err != nil {
		t.Fatal(err)
	}
	return logs.Options{Paths: []string{dir}, Config: c, Stderr: io.Discard, Log: slog.New(slog.DiscardHandler), Now: start.Add(24 * time.Hour)}
}

func sample(t *testing.T, o samplelogs.Options) (string, *report.Report) {
	t.Helper()
	dir := t.TempDir()
	o.Start = start
	if _, err := samplelogs.Write(dir, o); err != nil {
		t.Fatal(err)
	}
	r, partly, err := Make(t.Context(), options(t, dir))
	if err != nil || partly {
		t.Fatal(partly, err)
	}
	return dir, r
}

// TestCounts holds each count against what ask's engine gives for its LogQL over
// the same files, and the findings against the incidents that were written.
func TestCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("reads two hours of logs once for each finding: not with -short")
	}
	dir, r := sample(t, samplelogs.Options{})
	got := map[string]report.Result{}
	for _, f := range r.Findings {
		got[f.Name] = f
	}
	o := options(t, dir)
	for _, f := range findings.All {
		n := asked(t, o, f.LogQL)
		if res, told := got[f.Name]; told != (n >= f.Min) || told && res.Count != n {
			t.Errorf("%s: the report has %d (told: %v), ask %d of at least %d", f.Name, res.Count, told, n, f.Min)
		}
	}
	for _, name := range []string{
		"fatal", "service-stopped", "mailbox-start", "out-of-memory", "disk-full", "disk-warning", "ldap-down", "database-down", "exceptions",
		"slow-requests", "account-locked", "failed-logins", "deferred", "bounced", "virus", "spam", "forged", "planr-errors", "visiology-failed",
	} {
		if f := got[name]; f.Count == 0 || len(f.Examples) == 0 || f.First == 0 || f.Last < f.First {
			t.Errorf("%s was planted and is told so: %+v", name, f)
		}
	}
	if len(r.Fatal) != 1 || len(r.Fatal[0].Before) == 0 {
		t.Errorf("FATAL: %+v", r.Fatal)
	}
	if top := got["exceptions"].Top; len(top) < 2 || top[1].Name != findings.Place || !strings.Contains(top[1].Values[0].Value, " in MailItem.noSuchItem (MailItem.java:") {
		t.Errorf("exceptions: %+v", top)
	}
	if top := got["failed-logins"].Top; len(top) == 0 || top[0].Values[0].Value != samplelogs.Attacker {
		t.Errorf("failed logins: %+v", top)
	}
}

// TestQueueLimits: Postfix's words for it, of its source, are found; ordinary ones
// are not.
func TestQueueLimits(t *testing.T) {
	f := func(want int64, line string) {
		t.Helper()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "zimbra.log"), []byte("Aug  2 10:00:00 mta1 "+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r, _, err := Make(t.Context(), options(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		got := int64(0)
		for _, f := range r.Findings {
			if f.Name == "queue-limits" {
				got = f.Count
			}
		}
		if got != want {
			t.Errorf("%s: %d, want %d", line, got, want)
		}
	}
	f(1, "postfix/qmgr[9]: warning: mail for example.com is using up 4001 of 4003 active queue entries")
	f(1, `postfix/master[9]: warning: service "smtpd" (25) has reached its process limit "100": new clients may experience noticeable delays`)
	f(1, "postfix/smtpd[9]: warning: Connection concurrency limit exceeded: 51 from unknown[198.51.100.9] for service smtpd")
	f(1, "postfix/smtpd[9]: warning: Connection rate limit exceeded: 61 from unknown[198.51.100.9] for service smtpd")
	f(1, "postfix/qmgr[9]: warning: connect to transport private/smtp-amavis: Connection refused")
	f(1, "postfix/smtp[9]: 4C8A1A0F2D3: to=<a@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, dsn=4.7.0, status=deferred (host mx.example.com[192.0.2.1] refused to talk to me: 421 4.7.0 too many connections from 192.0.2.25)")
	f(1, "postfix/qmgr[9]: 4C8A1A0F2D3: to=<a@example.com>, relay=none, delay=1, dsn=4.3.0, status=deferred (mail transport unavailable)")
	f(0, "postfix/qmgr[9]: 4C8A1A0F2D3: from=<a@example.com>, size=48213, nrcpt=2 (queue active)")
	f(0, "postfix/smtpd[9]: warning: hostname x.example.com does not resolve to address 198.51.100.9")
}

func asked(t *testing.T, o logs.Options, query string) int64 {
	t.Helper()
	set, err := logs.Open(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	src := &source.Source{Set: set, Config: o.Config}
	res, err := engine.New(src, engine.Options{}).Query(context.Background(), engine.Params{
		Query: "sum(count_over_time(" + query + " [48h]))", End: start.Add(24 * time.Hour).UnixNano(), Start: start.Add(-24 * time.Hour).UnixNano(), Instant: true,
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if len(res.Series) == 0 {
		return 0
	}
	return int64(res.Series[0].Points[0].Value)
}

// TestQuiet: ordinary work gives nothing that is urgent.
func TestQuiet(t *testing.T) {
	_, r := sample(t, samplelogs.Options{NoIncidents: true})
	for _, f := range r.Findings {
		if f.Severity == findings.Critical {
			t.Errorf("%s: %d, %v", f.Name, f.Count, f.Examples)
		}
	}
	if r.Entries == 0 || len(r.Fatal) > 0 {
		t.Errorf("%d entries, %d FATAL", r.Entries, len(r.Fatal))
	}
}

// TestPflogsumm holds the sums of the mail against those of pflogsumm.
func TestPflogsumm(t *testing.T) {
	if testing.Short() {
		t.Skip("reads two hours of logs: not with -short")
	}
	path, err := exec.LookPath("pflogsumm")
	if err != nil {
		t.Skip("left out: there is no pflogsumm in PATH")
	}
	dir, r := sample(t, samplelogs.Options{})
	files, _ := filepath.Glob(filepath.Join(dir, "mta1*", "zimbra.log"))
	out := pflogsumm(t, path, files[0])
	for name, want := range map[string]int64{
		`(\d+)\s+received`:  r.Mail.Received,
		`(\d+)\s+delivered`: r.Mail.Sent + r.Mail.Handed + r.Mail.Dropped,
		`(\d+)\s+deferrals`: r.Mail.Deferrals,
		`(\d+)\s+bounced`:   r.Mail.Bounced,
		`(\d+)\s+rejected`:  r.Mail.Rejected,
	} {
		m := regexp.MustCompile(name).FindStringSubmatch(out)
		if m == nil || m[1] != strconv.FormatInt(want, 10) {
			t.Errorf("%s: pflogsumm %s, we %d", name, m, want)
		}
	}
	// Without what goes to filters of the same host pflogsumm counts each mail once.
	log, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	last := filepath.Join(t.TempDir(), "zimbra.log")
	if err := os.WriteFile(last, regexp.MustCompile(`(?m)^.*, relay=127\.0\.0\.1.*\n`).ReplaceAll(log, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	out = pflogsumm(t, path, last)
	const kilo = 1024
	for name, want := range map[string]int64{
		`(\d+)k\s+bytes received`:     r.Mail.ReceivedBytes / kilo,
		`(\d+)k\s+bytes delivered`:    r.Mail.SentBytes / kilo,
		`(\d+)\s+delivered`:           r.Mail.Sent,
		`(\d+)\s+senders`:             distinct(r.Mail.Senders),
		`(\d+)\s+recipients`:          distinct(r.Mail.Recipients),
		`(\d+)\s+recipient hosts/dom`: distinct(r.Mail.Domains),
	} {
		m := regexp.MustCompile(name).FindStringSubmatch(out)
		if m == nil || m[1] != strconv.FormatInt(want, 10) {
			t.Errorf("%s: pflogsumm %s, we %d", name, m, want)
		}
	}
	for title, top := range map[string]report.Top{
		"Senders by message count": r.Mail.Senders, "Recipients by message count": r.Mail.Recipients,
		"Senders by message size": r.Mail.SenderSize, "Recipients by message size": r.Mail.RecipientSize,
	} {
		listedAlike(t, out, title, top, kilo)
	}
	for title, top := range map[string]report.Top{"Host/Domain Summary: Message Delivery ": r.Mail.Domains, "Host/Domain Summary: Messages Received ": r.Mail.From} {
		listedAlike(t, columns(out, 0), title, top, kilo)
	}
	for title, top := range map[string]report.Top{"Host/Domain Summary: Message Delivery ": r.Mail.DomainSize, "Host/Domain Summary: Messages Received ": r.Mail.FromSize} {
		listedAlike(t, columns(out, 1), title, top, kilo)
	}
}

// columns leaves a column and the last of the rows that have several.
func columns(out string, i int) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 2 && strings.ContainsAny(f[0][:1], "0123456789") {
			line = " " + f[i] + " " + f[len(f)-1] + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

func pflogsumm(t *testing.T, path, file string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), path, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func distinct(t report.Top) int64 { return int64(len(t.Values) + t.More) }

// listedAlike holds the first values of a list against pflogsumm's, which counts
// bytes in thousands once they are many.
func listedAlike(t *testing.T, out, title string, top report.Top, kilo int64) {
	t.Helper()
	_, list, ok := strings.Cut(out, "\n"+title+"\n")
	if !ok {
		t.Errorf("pflogsumm has no %s", title)
		return
	}
	list, _, _ = strings.Cut(strings.TrimLeft(list, "-\n"), "\n\n")
	for _, v := range top.Values {
		name := v.Value
		if name == "<>" {
			name = "from=<>"
		}
		m := regexp.MustCompile(`(?m)^\s*(\d+)(k?)\s+` + regexp.QuoteMeta(name) + `$`).FindStringSubmatch(list)
		if m == nil {
			t.Errorf("%s: no %s in\n%s", title, name, list)
			continue
		}
		n := v.Count
		if m[2] == "k" {
			n /= kilo
		}
		if m[1] != strconv.FormatInt(n, 10) {
			t.Errorf("%s: %s: pflogsumm %s%s, we %d", title, name, m[1], m[2], v.Count)
		}
	}
}

// TestHostile: what logs say is text on the page, never markup.
func TestHostile(t *testing.T) {
	evil := `</pre></style><script>alert(1)</script><img src=x onerror=alert(2)>"'` + "`{{.}}"
	dir := t.TempDir()
	var b strings.Builder
	for i := range 30 {
		at := start.Add(time.Duration(i) * time.Second).Format("2006-01-02 15:04:05,000")
		b.WriteString(at + " FATAL [main] [name=" + evil + ";] system - out of memory " + evil + "\njava.lang.OutOfMemoryError: " + evil + "\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "mailbox.log"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r, _, err := Make(t.Context(), options(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := page.HTML(&out, r, page.Options{Title: evil, Lang: "en", Location: time.UTC, Ask: evil}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "</style><"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	if n := strings.Count(out.String(), "&lt;script&gt;"); n < 3 {
		t.Errorf("the hostile text stands %d times on the page", n)
	}
}

func TestCommand(t *testing.T) {
	dir, _ := sample(t, samplelogs.Options{Duration: 20 * time.Minute})
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{dir, "-o", filepath.Join(dir, "out.html"), "--lang", "ru"}, 0, "<html lang=\"ru\">"},
		{[]string{dir, "-o", filepath.Join(dir, "out.md")}, 0, "## Mail in numbers"},
		{[]string{dir, "-o", filepath.Join(dir, "out.json")}, 0, `"logql": "{job=`},
		{[]string{dir, "-o", filepath.Join(dir, "out.pdf")}, 2, ""},
		{[]string{dir, "--lang", "de"}, 2, ""},
	} {
		out, code := flagtest.Run(t.Context(), Command(), append(c.args, "--include", "*.log")...)
		if code != c.code {
			t.Errorf("%v: code %d, %s", c.args, code, out)
			continue
		}
		if c.want == "" {
			continue
		}
		text, err := os.ReadFile(c.args[2])
		if err != nil || !strings.Contains(string(text), c.want) || len(text) > 1<<20 {
			t.Errorf("%v: %v, %d bytes without %s", c.args, err, len(text), c.want)
		}
	}
}

// TestAskFor: the command of a finding asks for the same time of the same files.
func TestAskFor(t *testing.T) {
	o := options(t, "")
	if got := askFor(&o, []string{"/srv/a b", "x.log"}); got != "'/srv/a b' x.log" {
		t.Error(got)
	}
	o.Since, o.Until = start, start.Add(time.Hour)
	if got := askFor(&o, []string{"x.log"}); got != "--since 2026-08-02T10:00:00Z --until 2026-08-02T11:00:00Z x.log" {
		t.Error(got)
	}
}
