package db

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// MySQLSlow is the format myslow.
var MySQLSlow = format.Spec{
	Name:     "myslow",
	Doc:      "slow query log of MariaDB",
	From:     "MariaDB: /opt/zimbra/log/myslow.log",
	Log:      "myslow",
	Service:  "zimbra-mysql",
	Head:     IsMySQLSlowHead,
	Parse:    parseMySQLSlow,
	Stamp:    format.Stamp{Layout: format.MariaDB, Line: "# Time: @\n# User@Host: zimbra[zimbra] @ localhost [127.0.0.1]"},
	Fixture:  format.Fixture{File: "mysqlslow/lines.log", Example: "# Time: "},
	Question: `{log="myslow"} | duration_ms > 5000`,
	Traps:    "Several lines are one event. `# Time:` is left out for a second event in the same second.",
	Outcomes: []format.Outcome{
		{Value: "slow", When: "every query that has its time"},
	},
}

// IsMySQLSlowHead reports whether s can start an event of the slow query log:
// "# Time: ", which is left out for a second event in the same second, or
// "# User@Host: ".
func IsMySQLSlowHead(s string) bool {
	return strings.HasPrefix(s, "# Time: ") || strings.HasPrefix(s, "# User@Host: ") || isMySQLBanner(s)
}

// StartsMySQLSlow reports whether s starts an event behind an open one of the
// head line head and so many further lines: "# User@Host: " right behind
// "# Time: " goes on with it.
func StartsMySQLSlow(s, head string, more int) bool {
	if !IsMySQLSlowHead(s) {
		return false
	}
	return !strings.HasPrefix(s, "# User@Host: ") || more > 0 || !strings.HasPrefix(head, "# Time: ")
}

// isMySQLBanner reports whether s is the first of the three lines that the
// server writes when it opens the log.
func isMySQLBanner(s string) bool {
	return strings.HasPrefix(s, "/") && strings.Contains(s, ", Version: ") && strings.HasSuffix(strings.TrimRight(s, " \r"), "started with:")
}

// parseMySQLSlow reads an event of myslow.log (MariaDB sql/log.cc,
// MYSQL_QUERY_LOG::write). "SET timestamp" gives the time in UTC, "# Time:" that
// of the server's zone.
func parseMySQLSlow(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !IsMySQLSlowHead(s) {
		return false
	}
	d.Level = format.LevelInfo
	d.SetLog(d.Format.Log, MySQLService(d.Head.Path))
	d.Msg = s
	if isMySQLBanner(s) {
		return true
	}
	slowLine(in, d, s)
	for _, line := range d.More[:min(len(d.More), java.MaxTraceLines)] {
		slowLine(in, d, line)
	}
	return true
}

func slowLine(in *format.Input, d *format.Draft, s string) {
	s = strings.TrimRight(s, " \r")
	switch {
	case strings.HasPrefix(s, "# Time: "):
		d.Time = slowTime(in, s[len("# Time: "):], d.Head.Arrival)
	case strings.HasPrefix(s, "# User@Host: "):
		slowUser(in, d, s[len("# User@Host: "):])
	case strings.HasPrefix(s, "# administrator command: "): // no SQL: Quit, Ping, Prepare
		d.Set(format.FieldAction, upper(in, strings.TrimSuffix(s[len("# administrator command: "):], ";")))
	case strings.HasPrefix(s, "# "):
		slowPairs(in, d, s[2:])
	case strings.HasPrefix(s, "SET timestamp="):
		if t, ok := logtime.NumberTime(strings.TrimSuffix(s[len("SET timestamp="):], ";")); ok {
			d.Time = t
		}
	case strings.HasPrefix(s, "use "):
		d.Add("db_schema", strings.Trim(s[4:], "`; "))
	case !d.Has(format.FieldAction):
		word, _, _ := strings.Cut(withoutComment(s), " ")
		if word = strings.TrimSuffix(word, ";"); scan.IsWord(word) {
			d.Set(format.FieldAction, upper(in, word))
		}
	}
}

// withoutComment cuts off the comment in which a client names itself before its
// statement: "/* mysql-connector-java-5 */ SELECT …".
func withoutComment(s string) string {
	s = scan.TrimSpaces(s)
	if strings.HasPrefix(s, "/*") {
		if _, rest, ok := strings.Cut(s, "*/"); ok {
			return scan.TrimSpaces(rest)
		}
	}
	return s
}

// upper is s with ASCII letters in upper case.
func upper(in *format.Input, s string) string {
	if scan.IsUpper(s) {
		return s
	}
	b := in.Arena.Alloc(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		b = append(b, c)
	}
	return in.Arena.Commit(b)
}

// slowTime reads MariaDB's "220315  9:25:16" and MySQL's RFC 3339.
func slowTime(in *format.Input, s string, arrival int64) int64 {
	if scan.DigitsAt(s, "000000 _0:00:00") {
		w := logtime.Wall{Year: 2000 + scan.Two(s, 0), Month: scan.Two(s, 2), Day: scan.Two(s, 4), Hour: scan.TwoPadded(s, 7), Minute: scan.Two(s, 10), Second: scan.Two(s, 13)}
		return in.Clock.Wall(&w, 0, arrival)
	}
	t, _ := in.Clock.ISOTime(s, arrival)
	return t
}

// slowUser reads "zimbra[zimbra] @ localhost [127.0.0.1]  Id:     9".
func slowUser(in *format.Input, d *format.Draft, s string) {
	user, rest, _ := strings.Cut(s, "[")
	d.Add("db_user", user)
	if _, host, ok := strings.Cut(rest, " @ "); ok {
		if i, j := strings.IndexByte(host, '['), strings.IndexByte(host, ']'); i >= 0 && j > i {
			d.Set(format.FieldClientHost, strings.TrimRight(host[:i], " "))
			d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, host[i+1:j]))
		}
		d.Set(format.FieldConnectionID, scan.Number(scan.TrimSpaces(scan.ValueOf(host, "Id:", "\n"))))
	}
}

// slowPairs reads "Query_time: 2.000174  Lock_time: 0.000000 Rows_sent: 1" and
// "Thread_id: 9  Schema: mboxgroup1  QC_hit: No".
func slowPairs(in *format.Input, d *format.Draft, s string) {
	for s != "" {
		key, rest, ok := strings.Cut(s, ":")
		if !ok {
			return
		}
		rest = scan.TrimSpaces(rest)
		v, next, _ := strings.Cut(rest, " ")
		if strings.HasSuffix(v, ":") { // the value is empty, this is the next key
			s = rest
			continue
		}
		switch key {
		case "Query_time":
			d.Set(format.FieldDurationMS, in.Arena.Seconds(v))
			d.Set(format.FieldOutcome, "slow")
		case "Lock_time":
			d.Add("lock_ms", in.Arena.Seconds(v))
		case "Rows_sent":
			d.Add("rows_sent", v)
		case "Rows_examined":
			d.Add("rows_examined", v)
		case "Rows_affected":
			d.Add("rows_affected", v)
		case "Bytes_sent":
			d.Add("bytes_sent", v)
		case "Thread_id":
			d.SetNew(format.FieldConnectionID, v)
		case "Schema":
			d.Add("db_schema", v)
		}
		s = scan.TrimSpaces(next)
	}
}
