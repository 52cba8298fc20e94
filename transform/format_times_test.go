package transform

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/json"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// moreTimes are lines with times in other forms than their formats' Stamp, and
// behind headers of syslog.
var moreTimes = []struct {
	format *format.Spec
	line   string
	layout string
}{
	{&json.JSON, `{"time":"@","level":"info","msg":"x"}`, "2006-01-02 15:04:05.000"},
	{&mta.Postfix, `@ mx1 postfix/qmgr[9]: 4A1B2C3D4F7: removed`, time.Stamp},
	{&mta.Postfix, `<22>@ mx1 postfix/qmgr[9]: 4A1B2C3D4F7: removed`, "Jan 2 15:04:05"},
	{&mta.Postfix, `@ mx1 postfix/qmgr[9]: 4A1B2C3D4F7: removed`, "2006-01-02T15:04:05.000000-07:00"},
	{&mta.Amavis, `@ mx1 amavis[9]: (00009-01) Checking: q6 MYNETS [192.0.2.25] <a@example.com> -> <b@example.com>`, time.Stamp},
	{&mta.OpenDKIM, `@ mx1 opendkim[9]: 4A1B2C3D4F7: DKIM-Signature field added (s=s1, d=example.com)`, time.Stamp},
	{&mta.Saslauthd, `@ mx1 saslauthd[9]: auth_zimbra: a@example.com auth OK`, time.Stamp},
	{&syslog.Slapd, `<166>1 @ mx1 slapd 9 - - conn=1 op=2 UNBIND`, "2006-01-02T15:04:05.000000-07:00"},
	{&zimbra.Zimbramon, `@ mx1 zimbramon[9]: 9:info: 2026-08-02 16:49:01, QUEUE: 120 7`, time.Stamp},
	{&zimbra.Zmstat, `@ mx1 zimbramon[9]: 9:info: zmstat x.csv: timestamp, a:: 08/02/2026 16:49:02, 4`, time.Stamp},
	{&mta.SPF, `@ mx1 policyd-spf[9]: prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=h; envelope-from=a@example.com; receiver=b@example.com`, time.Stamp},
	{&syslog.Syslog, `@ mx1 CRON[9]: (root) CMD (true)`, time.Stamp},
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
		for _, f := range Formats() {
			if f.Stamp.Line == "" {
				continue
			}
			seen[f] = true
			for _, when := range at {
				checkFormatTime(t, f, strings.Replace(f.Stamp.Line, "@", stampOf(when, f.Stamp.Layout), 1), when.Truncate(unitOf(f.Stamp.Layout)))
			}
		}
		for _, f := range moreTimes {
			for _, when := range at {
				checkFormatTime(t, f.format, strings.Replace(f.line, "@", stampOf(when, f.layout), 1), when.Truncate(unitOf(f.layout)))
			}
		}
	}
	for _, f := range Formats() {
		if !seen[f] && f.Parse != nil {
			t.Errorf("no Stamp of the format %s", f.Name)
		}
	}
}

// unitOf is what a layout can tell.
func unitOf(layout string) time.Duration {
	switch {
	case strings.Contains(layout, ".000000"):
		return time.Microsecond
	case strings.Contains(layout, ".000"), strings.Contains(layout, ",000"), layout == format.EpochMillis:
		return time.Millisecond
	}
	return time.Second
}

func stampOf(when time.Time, layout string) string {
	switch layout {
	case format.EpochMillis:
		return strconv.FormatInt(when.UnixMilli(), 10)
	case format.MariaDB:
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
