package samplelogs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 11, 3, 7, 0, 0, 0, time.UTC)

func text(t *testing.T, o Options) (map[string]string, []File) {
	t.Helper()
	dir := t.TempDir()
	files, err := Write(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, f.Path)
		all[rel] = string(data)
	}
	return all, files
}

func TestSameSeedSameLines(t *testing.T) {
	o := Options{Start: start, Duration: 30 * time.Minute, Seed: 1}
	a, files := text(t, o)
	b, _ := text(t, o)
	o.Seed = 2
	c, _ := text(t, o)
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs for one seed", name)
		}
		if a[name] == c[name] && a[name] != "" && !strings.HasSuffix(name, "clamd.log") {
			t.Errorf("%s is the same for two seeds", name)
		}
	}
	for _, f := range files {
		if f.Host != filepath.Base(filepath.Dir(f.Path)) {
			t.Errorf("%s is of host %q", f.Path, f.Host)
		}
	}
}

func TestLinesAreInOrder(t *testing.T) {
	for _, l := range Generate(Options{Start: start, Seed: 3}) {
		for i := 1; i < len(l.Lines); i++ {
			if l.Lines[i].Time.Before(l.Lines[i-1].Time) {
				t.Fatalf("%s: line %d is older than the one before", l.Name, i)
			}
		}
		if len(l.Lines) == 0 {
			t.Errorf("%s is empty", l.Name)
		}
	}
	logs, _ := text(t, Options{Start: start, Seed: 3})
	if s := logs["mta1.example.com/zimbra.log"]; !strings.HasPrefix(s, "Nov  3 07:00:") {
		t.Errorf("zimbra.log begins with %.40q, want a single-digit day", s)
	}
}

// TestMailIsWhole looks at the mails the documentation follows: how many queue
// ids each has, and where it ends.
func TestMailIsWhole(t *testing.T) {
	byMail := map[string][]string{}
	for _, l := range Generate(Options{Start: start, Seed: 4}) {
		for _, line := range l.Lines {
			byMail[line.Mail] = append(byMail[line.Mail], line.Text)
		}
	}
	f := func(name string, queueIDs int, want ...string) {
		t.Helper()
		for _, m := range Mails {
			if m.Name != name {
				continue
			}
			all := strings.Join(byMail[m.ID], "\n")
			if n := strings.Count(all, ": message-id="); n != queueIDs {
				t.Errorf("%s: %d queue ids, want %d:\n%s", name, n, queueIDs, all)
			}
			if n := strings.Count(all, ": removed"); n != queueIDs {
				t.Errorf("%s: %d of %d queue files removed", name, n, queueIDs)
			}
			for _, w := range want {
				if !strings.Contains(all, w) {
					t.Errorf("%s: no %q in\n%s", name, w, all)
				}
			}
			return
		}
		t.Errorf("no mail %q", name)
	}
	f("delivered", 3, "sasl_username=a.meyer@example.com", "DKIM-Signature field added", "250 2.1.5 Delivery OK", "Adding Message: ", "relay=mx.customer.example.net")
	f("deferred", 3, "status=deferred", "status=sent (250 2.0.0 Ok: queued as")
	f("bounced", 3, "status=bounced", "sender non-delivery notification: ")
	f("spam", 1, "Blocked SPAM", "discarded")
	f("received", 2, "PASS ", "Received-SPF: Pass", "Adding Message: ")
}

// TestIncidents wants the traces of each incident, and none without incidents.
func TestIncidents(t *testing.T) {
	with, _ := text(t, Options{Start: start, Seed: 5})
	without, _ := text(t, Options{Start: start, Seed: 5, NoIncidents: true})
	f := func(log, sign string) {
		t.Helper()
		if !strings.Contains(with[log], sign) {
			t.Errorf("%s: no %q", log, sign)
		}
		if strings.Contains(without[log], sign) {
			t.Errorf("%s: %q without incidents", log, sign)
		}
	}
	f("mail.example.com/audit.log", "account lockout due to too many")
	f("mail.example.com/audit.log", Attacker)
	f("mta1.example.com/zimbra.log", "Rate limited")
	f("mta1.example.com/zimbra.log", "Blocked INFECTED")
	f("mta1.example.com/clamd.log", "FOUND")
	f("mta1.example.com/zimbra.log", "reader7@lists.example.net")
	f("mail.example.com/mailbox.log", " FATAL ")
	f("mta1.example.com/zimbra.log", ":7025: Connection refused")
	f("mail.example.com/zimbra-stats.log", "Stopped")
	f("mta1.example.com/zimbra.log", "bad signature")
	f("mail.example.com/zimbra-stats.log", "Disk warning")
	f("docker1.example.com/planr-worker-json.log", Trace)
	f("docker1.example.com/visiology-json.log", "OperationStatus:Failed")
	if n, m := len(Incidents), len(with); n != 11 || m != 14 {
		t.Errorf("%d incidents, %d logs", n, m)
	}
}

// TestOnce: of two periods one has the incidents, and rotation loses no line.
func TestOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("writes logs of 18 hours: not with -short")
	}
	whole, _ := text(t, Options{Start: start, Seed: 5, Duration: 18 * time.Hour, Once: 16 * time.Hour, MailsPerMinute: 2})
	days, files := text(t, Options{Start: start, Seed: 5, Duration: 18 * time.Hour, Once: 16 * time.Hour, MailsPerMinute: 2, Rotate: true})
	for name, log := range whole {
		if log == "" {
			continue
		}
		older, now := days[name+".1"], days[name]
		if o, ok := days[name+".2026-11-03"]; ok {
			older = o
		}
		if older+now != log {
			t.Errorf("%s: %d and %d bytes in two files, want %d, the same", name, len(older), len(now), len(log))
		}
	}
	if n := int64(strings.Count(days["mta1.example.com/zimbra.log"], "\n")); n == 0 || !strings.HasPrefix(days["mta1.example.com/zimbra.log"], "Nov  4 00:00") || Count(files) < n {
		t.Errorf("%d lines of the second day", n)
	}
	out := whole["mail.example.com/mailbox.log"]
	if n := strings.Count(out, " FATAL "); n != 1 || !strings.Contains(out, "2026-11-03 23:53:29,999 FATAL") {
		t.Errorf("%d FATAL", n)
	}
	mta := whole["mta1.example.com/zimbra.log"]
	if refused := ":7025: Connection refused"; !strings.Contains(mta, refused) || strings.Contains(mta[:len(mta)/2], refused) {
		t.Error("the outage is not where it should be")
	}
}

// TestFollow runs over midnight: what was written before it is in renamed
// files, and nothing is missing between them.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 2, 23, 50, 0, 0, time.UTC)))
		o := Options{Seed: 6}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		begin := time.Now()
		if err := Follow(ctx, dir, o); err != nil {
			t.Fatal(err)
		}
		o.Start, o.Duration = begin, Period
		for _, l := range Generate(o) {
			path := l.file(dir).Path
			l.cut(begin.Add(20 * time.Minute))
			if l.Host == containers || l.Name == "clamd.log" || l.Name == "freshclam.log" || l.Name == "zmmailboxd.out" {
				continue // not rotated, or not always with lines on both sides
			}
			old, err := filepath.Glob(path + ".*")
			if err != nil || len(old) != 1 {
				t.Errorf("%s was rotated to %q", l.Name, old)
				continue
			}
			data, _ := os.ReadFile(old[0])
			now, _ := os.ReadFile(path)
			var want strings.Builder
			for _, line := range l.Lines {
				want.WriteString(line.Text + "\n")
			}
			if got := string(data) + string(now); got != want.String() {
				t.Errorf("%s: %d bytes in two files, want %d, the same", l.Name, len(got), want.Len())
			}
			if l.Name == "zimbra.log" && (!strings.HasPrefix(string(data), "Nov  2 23:50") || !strings.HasPrefix(string(now), "Nov  3 00:00")) {
				t.Errorf("zimbra.log begins with %.20q and %.20q", data, now)
			}
		}
	})
}
