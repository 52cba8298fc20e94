package transform

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// TestSecretPlaces: wherever in a line of whatever program a secret stands, §,
// it is in none of the things that leave.
func TestSecretPlaces(t *testing.T) {
	tr := New(Options{Location: time.UTC, NoMails: true})
	const secret = "Hunter2xQ7zP"
	f := func(path, line string) {
		t.Helper()
		if out := leaks(tr, path, strings.ReplaceAll(line, "§", secret), secret); out != "" {
			t.Errorf("%s\n lets out %s", line, out)
		}
	}
	const mailbox, syslog = "/opt/zimbra/log/mailbox.log", "/var/log/zimbra.log"
	f(mailbox, "2026-08-02 16:49:04,242 INFO  [q] [name=a@example.org;ua=curl https://bob:§@mail/;] soap - hi")
	f(mailbox, "2026-08-02 16:49:04,242 INFO  [q] [via=https://u:§@h/;] soap - hi")
	f(mailbox, "2026-08-02 16:49:04,242 INFO  [qtp1:https://u:§@h/x] [] soap - hi")
	f(mailbox, "2026-08-02 16:49:04,242 INFO  [q] [ua=x Authorization: Token §;] soap - hi")
	f(mailbox, "2026-08-02 16:49:04,242 INFO  [q] [] soap - hi\n\tat x password=§")
	f(mailbox, "2026-08-02 16:49:04,242 INFO  [q] [] soap - ldapsearch -x -w §")
	f(syslog, "Aug  2 16:49:04 mail postfix/qmgr[1]: 4C8A1A0F2D3: from=<a@example.org>, size=1, nrcpt=1 (queue active) password=§")
	f(syslog, "Aug  2 16:49:04 mail password=§[1]: hi")
	f(syslog, "Aug  2 16:49:04 mail password: §")
	f(syslog, "Aug  2 16:49:04 mail bash: zmsoap -z -p § GetInfoRequest")
	f(syslog, "Aug  2 16:49:04 mail bash: zmmailbox -m a -p § gaf")
	f("/srv/app.log", "ldapsearch -x -w §")
	f("/srv/app.log", "2026 {'password': b'§'}")
	f("/srv/app.log", `{"level":"info","headers":[["Cookie","sid=§"]]}`)
	f("/srv/app.log", `{"level":"info","p\u0061ssword":"§"}`)
}

// TestHarmlessLines: a line in which nothing is secret is sent as it came.
func TestHarmlessLines(t *testing.T) {
	tr := New(Options{Location: time.UTC, NoMails: true})
	f := func(line string) {
		t.Helper()
		transformChunk(tr, "x", pathChunk("/var/log/zimbra.log", line), func(e *entry.Entry) {
			if got := string(e.AppendLine(nil)); got != line {
				t.Errorf("%s\n is sent as %s", line, got)
			}
		})
	}
	for _, s := range []string{
		"  zimbra : TTY=unknown ; PWD=/opt/zimbra ; USER=root ; COMMAND=/opt/zimbra/libexec/zmmailboxdmgr status",
		"  zimbra : PWD=/opt/my zimbra ; USER=root ; COMMAND=/bin/true", "env OLDPWD=/root PWD=~/bin SHELL=/bin/sh", "Zimbra::Password::validate",
		"tokens: 12", "nextPageToken=10", "pass=2 of 3", "session=12", "secret: 0", "authorization: denied", "Unexpected token: o",
		"Subject=Reset your password = easy", "Secretariat: room 12",
	} {
		f("Aug  2 16:49:04 mail sudo: " + s)
		f("Aug  2 16:49:04 mail app[7]: " + s)
	}
	f(`{"level":"info","env":{"PWD":"/app","TOKENS":"12"},"tokens":15,"tokenizer":"bpe","pass":2,"session":12}`)
}
