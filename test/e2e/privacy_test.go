package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/planted"
	"github.com/zimbraloki/zimbraloki/transform/person"
)

// everything is all that a Loki and the plugin's files hold, as text.
func everything(t *testing.T, l *lokirun.Server, p *plugin) string {
	t.Helper()
	var b strings.Builder
	for _, e := range query(t, l, `{job=~".+"}`) {
		b.WriteString(e.Line + "\n")
		for k, v := range e.Metadata {
			b.WriteString(k + "=" + v + "\n")
		}
		for k, v := range e.Labels {
			b.WriteString(k + "=" + v + "\n")
		}
	}
	if b.Len() == 0 {
		t.Fatal("Loki has nothing")
	}
	dead, err := os.ReadFile(p.dead)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return b.String() + string(dead) + p.log.String()
}

func sendFiles(t *testing.T, p *plugin, files []planted.File) {
	t.Helper()
	// The lines name one day; Loki takes what is not older than a week.
	today := time.Now().UTC()
	for _, f := range files {
		var lines []string
		for _, line := range f.Lines {
			for _, day := range []struct{ old, layout string }{{"2026-08-02", "2006-01-02"}, {"02/Aug/2026", "02/Jan/2006"}, {"Aug  2", "Jan _2"}} {
				line = strings.ReplaceAll(line, day.old, today.AddDate(0, 0, -1).Format(day.layout))
			}
			lines = append(lines, line)
		}
		p.flush("zimbra", chunkOf(today, f.Path, lines...))
	}
}

// TestSecretsStayHome: no planted secret is in what the server holds.
func TestSecretsStayHome(t *testing.T) { each(t, lokirun.Options{}, testSecretsStayHome) }

func testSecretsStayHome(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, nil)
	files, markers, kept := planted.Secrets()
	sendFiles(t, p, files)
	all := everything(t, l, p)
	for _, m := range markers {
		if strings.Contains(all, m) {
			t.Errorf("%s got out", m)
		}
	}
	for _, k := range kept {
		if !strings.Contains(all, k) {
			t.Errorf("%q did not get through", k)
		}
	}
}

// TestOnePersonInAllLogs: with pseudonymize one query finds the lines of a known
// person in mailbox.log, audit.log, zimbra.log and PLAN-R's log.
func TestOnePersonInAllLogs(t *testing.T) { each(t, lokirun.Options{}, testOnePersonInAllLogs) }

func testOnePersonInAllLogs(t *testing.T, l *lokirun.Server) {
	const secret = "0123456789abcdef0123456789abcdef"
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	p := openPlugin(t, l, map[string]string{"pseudonymize": "on", "pseudonymize_key_file": key})
	files, names, _ := planted.Persons()
	sendFiles(t, p, files)
	all := strings.ToLower(everything(t, l, p))
	for _, n := range names {
		if strings.Contains(all, n) {
			t.Errorf("%s got out", n)
		}
	}
	logs := map[string]bool{}
	for _, e := range query(t, l, `{job=~".+"} | user=~"`+person.NewPseudonyms([]byte(secret)).Name("ivanov")+`(@.*)?"`) {
		logs[e.Labels["log"]] = true
	}
	for _, log := range []string{"mailbox", "audit", "zimbra", "planr"} {
		if !logs[log] {
			t.Errorf("no line of ivanov in %s; found in %v", log, logs)
		}
	}
}
