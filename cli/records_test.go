package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli"
	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
)

const (
	mtaLine     = "2026-11-23T08:00:00.500000+00:00 mta1 postfix/cleanup[2]: 4C8A1A0F2D3: message-id=<one@example.org>"
	mailboxLine = "2026-11-23 08:00:00,500 INFO  [LmtpServer-1] [name=anna@example.org;mid=1;ip=192.0.2.7;] mailop - Adding Message: id=257, Message-ID=<one@example.org>, parentId=-1, folderId=2, folderName=Inbox."
)

// command runs zimbraloki and wants it to end well.
func command(t *testing.T, args ...string) string {
	t.Helper()
	out, code := flagtest.Run(t.Context(), cli.Command(), args...)
	if code != 0 {
		t.Errorf("%q: exit code %d\n%s", args, code, out)
	}
	return out
}

// labelsText writes labels as Loki does.
func labelsText(m map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, fmt.Sprintf("%s=%q", name, m[name]))
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// TestSameLabels: whichever command reads a log, and under whichever keys its
// records have text and path, its entries are the same.
func TestSameLabels(t *testing.T) {
	f := func(file, line, want string, properties ...string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), file)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"--timezone", "UTC", path, "-p", "labels=host=mta1"}
		for _, p := range properties {
			args = append(args, "-p", p)
		}
		if out := command(t, append([]string{"ship", "--dry-run", "--url", "http://127.0.0.1:1"}, args...)...); !strings.Contains(out, "  "+want+"\n") {
			t.Errorf("ship makes other streams than %s of %s %q:\n%s", want, file, properties, out)
		}

		var entry struct {
			Labels, Metadata map[string]string
			Line             string
		}
		if err := json.Unmarshal([]byte(command(t, append([]string{"explain"}, args...)...)), &entry); err != nil {
			t.Fatal(err)
		}
		if got := labelsText(entry.Labels); got != want || entry.Line != line {
			t.Errorf("explain makes %s of %s %q, want %s\n%s", got, file, properties, want, entry.Line)
		}

		var forecast struct {
			Labels []struct {
				Name string
				Top  []struct{ Value string }
			}
		}
		if err := json.Unmarshal([]byte(command(t, append([]string{"labels", "-o", "json"}, args...)...)), &forecast); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, l := range forecast.Labels {
			got[l.Name] = l.Top[0].Value
		}
		if labelsText(got) != want {
			t.Errorf("labels makes %s of %s %q, want %s", labelsText(got), file, properties, want)
		}

		loki := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			metric, _ := json.Marshal(entry.Labels)
			fmt.Fprintf(w, `{"data":{"result":[{"metric":%s,"value":[0,"1"]}]}}`, metric)
		}))
		defer loki.Close()
		if out := command(t, append([]string{"verify", "--url", loki.URL}, args...)...); !strings.Contains(out, "1 entry in the files, 1 in Loki; of 1 hour of streams 0 differ, 0 entries are missing") {
			t.Errorf("verify of %s %q:\n%s", file, properties, out)
		}

		var mail struct {
			Events []struct {
				Host, Line string
				Metadata   map[string]string
			}
		}
		if err := json.Unmarshal([]byte(command(t, append([]string{"trace", "--all", "-o", "json"}, args...)...)), &mail); err != nil {
			t.Fatal(err)
		}
		if len(mail.Events) != 1 || mail.Events[0].Host != "mta1" || mail.Events[0].Line != line || !maps.Equal(mail.Events[0].Metadata, entry.Metadata) {
			t.Errorf("trace makes of %s %q %+v, want %+v", file, properties, mail.Events, entry)
		}
	}
	postfix := `{host="mta1", job="zimbra", level="info", log="zimbra", service_name="postfix"}`
	contained := `{container="mail-postfix-1", host="mta1", job="zimbra", level="info", log="zimbra", service_name="postfix"}`
	mailbox := `{host="mta1", job="zimbra", level="info", log="mailbox", service_name="zimbra-mailbox"}`
	for _, keys := range [][]string{nil, {"path_key=file"}, {"payload_key=text"}, {"path_key=file", "payload_key=text"}, {"path_key=log", "payload_key=message"}} {
		f("zimbra.log", mtaLine, postfix, keys...)
		f("mailbox.log", mailboxLine, mailbox, keys...)
		f("mail-postfix-1/stdout.log", mtaLine, contained, keys...)
	}
}
