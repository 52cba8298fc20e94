package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli"
	"github.com/zimbraloki/zimbraloki/cli/flags"
)

// steering is what a log or a server may write at a terminal.
const steering = "\x1b[2J\x1b]0;title\a \u009b31m \u202egnp \x7f\b"

// TestNothingSteersTheTerminal: no command hands on what steers a terminal, of a
// log, of a configuration or of a server, as text or as JSON.
func TestNothingSteersTheTerminal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		w.Write([]byte("sorry " + steering))
	}))
	defer server.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mailbox := write("mailbox.log", "2026-08-02 16:49:04,242 INFO  [main] [name=a"+steering+"@example.com;] soap - x "+steering+"\n")
	zimbra := write("zimbra.log", "Aug  2 16:49:04 mail"+"\u009b31m postfix/smtpd[1]: 4A1B2C3D4E7: client=x"+steering+"[192.0.2.1]\nAug  2 16:49:05 mail postfix/cleanup[2]: 4A1B2C3D4E7: message-id=<a"+steering+"@example.com>\n")
	conf := write("fluent-bit.conf", "[OUTPUT]\n    Name zimbraloki\n    match *\n    url "+server.URL+"\n    labels a"+steering+"=b\n    nonsense"+steering+" x\n")
	f := func(args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		c := cli.Command()
		c.SetArgs(args)
		c.SetOut(&out)
		c.SetErr(&errs)
		c.SetIn(strings.NewReader(""))
		flags.ExitCode(c.ExecuteContext(t.Context()), &errs)
		if out.Len()+errs.Len() == 0 {
			t.Errorf("%v printed nothing", args)
		}
		for _, s := range []string{out.String(), errs.String()} {
			if i := strings.IndexFunc(s, func(r rune) bool {
				return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x202e
			}); i >= 0 {
				t.Errorf("%v prints %q", args, s[max(0, i-40):min(len(s), i+40)])
			}
		}
	}
	for _, form := range []string{"text", "json"} {
		f("explain", "-o", form, mailbox)
		f("explain", "-o", form, "--timezone", "UTC", zimbra)
		f("check", "-o", form, conf)
		f("trace", "-o", form, "--all", zimbra)
	}
	f("explain", "-o", "text", "--why", mailbox)
	f("trace", "--groups", zimbra)
	f("labels", mailbox, zimbra)
	f("ship", "--dry-run", mailbox, zimbra)
	f("doctor", "--url", server.URL)
	f("health", server.URL)
}
