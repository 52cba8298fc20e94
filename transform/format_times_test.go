package transform

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/testtime"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/db"
	"github.com/zimbraloki/zimbraloki/transform/format/json"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// Layouts that time.Format does not have.
const (
	layoutMillis = "epoch ms"
	layoutSlow   = "MariaDB" // "060102  3:04:05", the hour padded with a blank
)

// formatTimes has a line of every format that writes times, "@" for the time.
var formatTimes = []struct {
	format *format.Spec
	line   string
	layout string
	unit   time.Duration // what the layout can tell
}{
	{&zimbra.Mailbox, "@ INFO  [main] [] soap - NoOpRequest elapsed=1", "2006-01-02 15:04:05,000", time.Millisecond},
	{&zimbra.Audit, "@ INFO  [main] [] security - cmd=Auth; account=a@example.com; protocol=soap;", "2006-01-02 15:04:05,000", time.Millisecond},
	{&zimbra.CLI, "@ [main] INFO: done", "2006-01-02 15:04:05,000", time.Millisecond},
	{&zimbra.Activity, `@ INFO  [main] [] activity - "cee:{"Event":{"id":"1","action":"Cut","status":"success"}}`, "2006-01-02 15:04:05,000", time.Millisecond},
	{&json.Planr, `{"client_ip":"192.0.2.1","command_name":"space.list","container_name":"/planr_ru-main-1","request_source":"main","time":@,"trace_id":"t","user_login":"a@example.org"}`, layoutMillis, time.Millisecond},
	{&json.JSON, `{"timestamp":"@","level":"ERROR","message":"x"}`, "2006-01-02T15:04:05.000Z07:00", time.Millisecond},
	{&json.JSON, `{"time":"@","level":"info","msg":"x"}`, "2006-01-02 15:04:05.000", time.Millisecond},
	{&web.AccessLog, `192.0.2.5 - - [@] "GET /a HTTP/1.1" 200 5 "-" "curl/8.5.0" 7`, "02/Jan/2006:15:04:05 -0700", time.Second},
	{&web.NginxAccess, `192.0.2.5:51234 - - [@]  "GET https://mail.example.com/ HTTP/2.0" 304 0 "-" "Mozilla/5.0" "10.0.0.5:8443" "10.0.0.4:443"`, "02/Jan/2006:15:04:05 -0700", time.Second},
	{&web.NginxError, `@ [info] 4242#0: *79 client 198.51.100.7:55 connected to 0.0.0.0:143`, "2006/01/02 15:04:05", time.Second},
	{&web.JettyTrace, `@:qtp1-222 OPENED HttpConnection@7718ee46::DecryptedEndPoint@1899f2ac{l=/192.0.2.13:8443,r=/192.0.2.14:40032,OPEN,fill=-,flush=-,to=0/60000}`, "15:04:05.000", time.Millisecond},
	{&zimbra.MailboxdOut, `@:INFO:oejs.DoSFilter:qtp1-1:: Ignoring`, "2006-01-02 15:04:05.000", time.Millisecond},
	{&mta.Clamd, `@ -> SelfCheck: Database status OK.`, "Mon Jan _2 15:04:05 2006", time.Second},
	{&db.MySQLSlow, "# Time: @\n# User@Host: zimbra[zimbra] @ localhost [127.0.0.1]", layoutSlow, time.Second},
	{&zimbra.Zmconfigd, `@ zmconfigd WARNING [1] Service status change: mail.example.com antivirus changed from stopped to running`, "2006-01-02 15:04:05,000", time.Millisecond},
	{&mta.Cbpolicyd, `[@ - 4123] [CBPOLICYD] NOTICE: Initializing system modules...`, "2006/01/02-15:04:05", time.Second},
	{&zimbra.Zmsetup, `@ Setting defaults...`, "Mon Jan _2 15:04:05 2006", time.Second},
	{&plain.Text, `@ WARN pool exhausted`, "2006-01-02 15:04:05.000", time.Millisecond},
	{&mta.Postfix, `@ mx1 postfix/qmgr[9]: 4A1B2C3D4F7: removed`, time.Stamp, time.Second},
	{&mta.Postfix, `<22>@ mx1 postfix/qmgr[9]: 4A1B2C3D4F7: removed`, "Jan 2 15:04:05", time.Second},
	{&mta.Postfix, `@ mx1 postfix/qmgr[9]: 4A1B2C3D4F7: removed`, "2006-01-02T15:04:05.000000-07:00", time.Microsecond},
	{&mta.Amavis, `@ mx1 amavis[9]: (00009-01) Checking: q6 MYNETS [192.0.2.25] <a@example.com> -> <b@example.com>`, time.Stamp, time.Second},
	{&mta.OpenDKIM, `@ mx1 opendkim[9]: 4A1B2C3D4F7: DKIM-Signature field added (s=s1, d=example.com)`, time.Stamp, time.Second},
	{&mta.Saslauthd, `@ mx1 saslauthd[9]: auth_zimbra: a@example.com auth OK`, time.Stamp, time.Second},
	{&syslog.Slapd, `<166>1 @ mx1 slapd 9 - - conn=1 op=2 UNBIND`, "2006-01-02T15:04:05.000000-07:00", time.Microsecond},
	{&zimbra.Zimbramon, `@ mx1 zimbramon[9]: 9:info: 2026-08-02 16:49:01, QUEUE: 120 7`, time.Stamp, time.Second},
	{&zimbra.Zmstat, `@ mx1 zimbramon[9]: 9:info: zmstat x.csv: timestamp, a:: 08/02/2026 16:49:02, 4`, time.Stamp, time.Second},
	{&mta.SPF, `@ mx1 policyd-spf[9]: prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=h; envelope-from=a@example.com; receiver=b@example.com`, time.Stamp, time.Second},
	{&syslog.Syslog, `@ mx1 CRON[9]: (root) CMD (true)`, time.Stamp, time.Second},
}

// timeless are the formats whose lines have no time of their own.
var timeless = map[*format.Spec]bool{&format.Unparsed: true, &format.Continuation: true, &json.Visiology: true, &zimbra.Spamtrain: true}

// TestFormatTimes: every format resolves an afternoon of summer and of winter,
// a day of one digit, both sides of a year's turn and the hour that the end of
// summer time repeats, in two zones; time.Format is the oracle.
func TestFormatTimes(t *testing.T) {
	local := []time.Time{
		time.Date(2026, 8, 2, 16, 49, 4, 242e6, time.UTC), time.Date(2027, 1, 9, 15, 4, 5, 6e6, time.UTC),
		time.Date(2026, 12, 31, 23, 59, 58, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC),
		time.Date(2028, 2, 29, 13, 0, 0, 0, time.UTC),
	}
	fold := map[string]time.Time{"Europe/Berlin": time.Date(2026, 10, 25, 0, 30, 5, 0, time.UTC), "America/New_York": time.Date(2026, 11, 1, 5, 30, 5, 0, time.UTC)}
	seen := maps.Clone(timeless)
	for _, zone := range []string{"Europe/Berlin", "America/New_York"} {
		loc := testtime.Location(t, zone)
		at := []time.Time{fold[zone].In(loc), fold[zone].Add(time.Hour).In(loc)}
		for _, l := range local {
			at = append(at, time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), loc))
		}
		for _, f := range formatTimes {
			seen[f.format] = true
			for _, when := range at {
				checkFormatTime(t, f.format, strings.Replace(f.line, "@", stampOf(when, f.layout), 1), when.Truncate(f.unit))
			}
		}
	}
	for _, f := range Formats() {
		if !seen[f] {
			t.Errorf("no line of the format %s", f.Name)
		}
	}
}

func stampOf(when time.Time, layout string) string {
	switch layout {
	case layoutMillis:
		return strconv.FormatInt(when.UnixMilli(), 10)
	case layoutSlow:
		return when.Format("060102 ") + fmt.Sprintf("%2d", when.Hour()) + when.Format(":04:05")
	}
	return when.Format(layout)
}

func checkFormatTime(t *testing.T, format *format.Spec, text string, want time.Time) {
	t.Helper()
	var b chunk.Builder
	arrival := want.Add(5 * time.Second)
	for line := range strings.SplitSeq(text, "\n") {
		b.Record(arrival.UnixNano(), "log", line)
	}
	n := 0
	transformChunk(New(Options{Location: want.Location(), NoMails: true}), "t", b.Bytes(), func(e *entry.Entry) {
		n++
		if e.Time != want.UnixNano() || e.Format != format.Name {
			t.Errorf("%s arriving %s\n  %s %s, want %s %s", text, arrival, e.Format, time.Unix(0, e.Time).In(want.Location()), format, want)
		}
	})
	if n != 1 {
		t.Errorf("%s: %d entries", text, n)
	}
}
