package transform

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
)

// The oracle: regular expressions that find the same things anywhere in a line
// and know nothing of the order in which a scanner goes.
var (
	oracleSyslog   = regexp.MustCompile(`^(?:\S+:)?(?:<\d+>)?(?:[A-Z][a-z]{2} +\d+ [\d:]{8}|\d{4}-\d\d-\d\dT\S+) \S+ ([^\s\[:]+)(?:\[(\d+)\])?: (.*)$`)
	oracleRepeat   = regexp.MustCompile(`^message repeated (\d+) times: \[ (.*)\]$`)
	oraclePostfix  = regexp.MustCompile(`^(?:postfix([^/]*)/(?:(.*)/)?|/)([^/]+)$`)
	oracleQueueID  = regexp.MustCompile(`^([0-9A-F]{6,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,24}): `)
	oracleDelivery = regexp.MustCompile(`: to=(?:<([^>]*)>|([^,]*)), (?:orig_to=(?:<([^>]*)>|([^,]*)), )?relay=(.*?), (?:conn_use=\d+, )?delay=([\d.]+), (?:delays=([\d./]+), )?dsn=([\d.]+), status=(\w+)(?: \((.*)\))?$`)
	oracleQueue    = regexp.MustCompile(`: from=(?:<([^>]*)>|([^,]*)), size=(\d+), nrcpt=(\d+) \(queue active\)$`)
	oracleMessage  = regexp.MustCompile(`: message-id=<(.+)>$`)
	oracleReject   = regexp.MustCompile(`(?:^|: )((?:milter-)?reject): ([A-Z-]+) from (\S*)\[(.*?)\].*; from=<([^>]*)> to=<([^>]*)> proto=(\w+) helo=<(.*)>$`)
	oracleClient   = regexp.MustCompile(`: client=\S*?\[(.*?)\](?:, sasl_method=(\w+), sasl_username=(\S+))?`)
	oracleAmavis   = regexp.MustCompile(`^\([\d-]+\) (Passed|Blocked) ([A-Z-]+\d?)(?: \((.*?)\))?(?: \{(.*?)\})?, .*?<([^>]*)> -> <([^>]*)>, .*mail_id: ([^,]+), Hits: ([^,]+), size: (\d+)`)
	oracleInAmavis = regexp.MustCompile(`(Queue-ID|Message-ID|queued_as): ([^,]+),`)
)

// TestSyslogOracle reads the real lines of the corpus with scanner and oracle.
func TestSyslogOracle(t *testing.T) {
	dir := corpusDir(t)
	r := benchRun(t, Options{})
	read := map[string]int{}
	for _, folder := range []string{"zimbra-syslog", "other"} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*.log"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no lines in %s: %v", folder, err)
		}
		for _, file := range files {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(in)) {
				checkSyslog(t, r, strings.TrimRight(line, "\n"), read)
			}
		}
	}
	for _, shape := range []string{"delivery", "queue", "message-id", "reject", "client", "amavis"} {
		if read[shape] == 0 {
			t.Errorf("the corpus has no line of the shape %s, or the oracle knows none", shape)
		}
	}
	t.Logf("lines by shape: %v", read)
}

func checkSyslog(t *testing.T, r *Run, line string, read map[string]int) {
	t.Helper()
	m := oracleSyslog.FindStringSubmatch(line)
	d, ok := readSyslog(r, line)
	if ok != (m != nil) {
		t.Errorf("%q: a syslog line: %v, for the oracle %v", line, ok, m != nil)
	}
	if m == nil || !ok {
		return
	}
	read["all"]++
	tag, msg := m[1], m[3]
	want := func(f format.Field, v string) {
		t.Helper()
		if got := d.Get(f); got != v {
			t.Errorf("%s\n%s = %q, want %q", line, f, got, v)
		}
	}
	if n := oracleRepeat.FindStringSubmatch(msg); n != nil {
		want(format.FieldRepeat, n[1])
		msg = n[2]
	}
	if strings.HasPrefix(tag, "amavis") {
		checkAmavis(msg, want, read)
	}
	n := oraclePostfix.FindStringSubmatch(tag)
	if n == nil || !strings.Contains(tag, "post") {
		return
	}
	if d.Format != &mta.Postfix {
		t.Errorf("%s\nis %s", line, d.Format)
	}
	want(format.FieldComponent, n[3])
	if q := oracleQueueID.FindStringSubmatch(msg); q != nil {
		want(format.FieldQueueID, q[1])
	} else {
		want(format.FieldQueueID, "")
	}
	checkPostfix(msg, d, want, read)
}

func checkPostfix(msg string, d *format.Draft, want func(format.Field, string), read map[string]int) {
	or := func(a, b string) string {
		if a == "" && b == "" {
			return "<>"
		}
		return a + b
	}
	if m := oracleDelivery.FindStringSubmatch(msg); m != nil {
		read["delivery"]++
		want(format.FieldTo, or(m[1], m[2]))
		want(format.FieldOrigTo, m[3]+m[4])
		want(format.FieldRelay, m[5])
		want(format.FieldDelay, m[6]+"s")
		want(format.FieldDelays, m[7])
		want(format.FieldDSN, m[8])
		want(format.FieldStatus, m[9])
		switch m[9] {
		case "bounced", "deferred":
			want(format.FieldOutcome, m[9])
			want(format.FieldError, m[10])
		case "sent":
			hop := regexp.MustCompile(`:100(24|26|32)$`).MatchString(m[5])
			want(format.FieldOutcome, map[bool]string{true: "hop", false: "success"}[hop])
			if q := regexp.MustCompile(`.*queued as ([0-9A-Za-z]+)`).FindStringSubmatch(m[10]); q != nil {
				want(format.FieldQueuedAs, q[1])
			}
		}
	}
	if m := oracleQueue.FindStringSubmatch(msg); m != nil {
		read["queue"]++
		want(format.FieldFrom, or(m[1], m[2]))
		want(format.FieldSize, m[3])
		want(format.FieldRecipients, m[4])
	}
	if m := oracleMessage.FindStringSubmatch(msg); m != nil && !strings.Contains(msg, "resent-") {
		read["message-id"]++
		want(format.FieldMessageID, "<"+m[1]+">")
	}
	if m := oracleReject.FindStringSubmatch(msg); m != nil {
		read["reject"]++
		want(format.FieldAction, m[1])
		want(format.FieldOutcome, "rejected")
		want(format.FieldStage, m[2])
		want(format.FieldClientIP, m[4])
		want(format.FieldFrom, or(m[5], ""))
		want(format.FieldTo, or(m[6], ""))
		want(format.FieldProtocol, strings.ToLower(m[7]))
		want(format.FieldHelo, m[8])
	}
	if m := oracleClient.FindStringSubmatch(msg); m != nil && !d.Has(format.FieldOrigQueueID) {
		read["client"]++
		want(format.FieldClientIP, m[1])
		want(format.FieldMechanism, m[2])
		want(format.FieldUser, m[3])
	}
}

func checkAmavis(msg string, want func(format.Field, string), read map[string]int) {
	m := oracleAmavis.FindStringSubmatch(msg)
	if m == nil {
		return
	}
	read["amavis"]++
	want(format.FieldVerdict, m[1])
	want(format.FieldCategory, m[2])
	want(format.FieldVirus, m[3])
	want(format.FieldDisposition, m[4])
	want(format.FieldFrom, map[bool]string{true: "<>", false: m[5]}[m[5] == ""])
	want(format.FieldTo, m[6])
	want(format.FieldMailID, m[7])
	if m[8] == "-" {
		m[8] = ""
	}
	want(format.FieldScore, m[8])
	want(format.FieldSize, m[9])
	for _, p := range oracleInAmavis.FindAllStringSubmatch(msg, -1) {
		switch p[1] {
		case "Queue-ID":
			want(format.FieldQueueID, p[2])
		case "Message-ID":
			want(format.FieldMessageID, p[2])
		case "queued_as":
			want(format.FieldQueuedAs, p[2])
		}
	}
}
