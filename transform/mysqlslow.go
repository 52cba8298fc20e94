package transform

import (
	"strings"
)

// MySQLSlow is the format myslow.
var MySQLSlow = Spec{
	Name:     "myslow",
	Doc:      "slow query log of MariaDB",
	From:     "MariaDB: /opt/zimbra/log/myslow.log",
	Log:      "myslow",
	Service:  "zimbra-mysql",
	Head:     isMySQLSlowHead,
	Parse:    parseMySQLSlow,
	Fixture:  Fixture{File: "mysqlslow/lines.log", Example: "# Time: "},
	Question: `{log="myslow"} | duration_ms > 5000`,
	Traps:    "Several lines are one event. `# Time:` is left out for a second event in the same second.",
}

// isMySQLSlowHead reports whether s can start an event of the slow query log:
// "# Time: ", which is left out for a second event in the same second, or
// "# User@Host: ".
func isMySQLSlowHead(s string) bool {
	return strings.HasPrefix(s, "# Time: ") || strings.HasPrefix(s, "# User@Host: ") || isMySQLBanner(s)
}

// startsMySQLSlow reports whether s starts an event behind an open one of the
// head line head and so many further lines: "# User@Host: " right behind
// "# Time: " goes on with it.
func startsMySQLSlow(s, head string, more int) bool {
	if !isMySQLSlowHead(s) {
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
func parseMySQLSlow(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isMySQLSlowHead(s) {
		return false
	}
	d.level = LevelInfo
	d.setLog(d.format.Log, d.format.Service)
	d.msg = s
	if isMySQLBanner(s) {
		return true
	}
	in.slowLine(d, s)
	for _, line := range d.more[:min(len(d.more), maxTraceLines)] {
		in.slowLine(d, line)
	}
	return true
}

func (in *Input) slowLine(d *draft, s string) {
	s = strings.TrimRight(s, " \r")
	switch {
	case strings.HasPrefix(s, "# Time: "):
		d.time = in.slowTime(s[len("# Time: "):], d.head.arrival)
	case strings.HasPrefix(s, "# User@Host: "):
		in.slowUser(d, s[len("# User@Host: "):])
	case strings.HasPrefix(s, "# "):
		in.slowPairs(d, s[2:])
	case strings.HasPrefix(s, "SET timestamp="):
		if t, ok := numberTime(strings.TrimSuffix(s[len("SET timestamp="):], ";")); ok {
			d.time = t
		}
	case strings.HasPrefix(s, "use "):
		d.add("db_schema", strings.Trim(s[4:], "`; "))
	case !d.has(FieldAction):
		word, _, _ := strings.Cut(trimSpaces(s), " ")
		if word = strings.TrimSuffix(word, ";"); isWord(word) {
			d.set(FieldAction, in.upper(word))
		}
	}
}

// upper is s with ASCII letters in upper case.
func (in *Input) upper(s string) string {
	if isUpper(s) {
		return s
	}
	b := in.a.alloc(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		b = append(b, c)
	}
	return in.a.commit(b)
}

// slowTime reads MariaDB's "220315  9:25:16" and MySQL's RFC 3339.
func (in *Input) slowTime(s string, arrival int64) int64 {
	if digitsAt(s, "000000 _0:00:00") {
		w := wall{2000 + two(s, 0), two(s, 2), two(s, 4), twoPadded(s, 7), two(s, 10), two(s, 13)}
		return in.clock.wall(&w, 0, arrival)
	}
	t, _ := in.clock.isoTime(s, arrival)
	return t
}

// slowUser reads "zimbra[zimbra] @ localhost [127.0.0.1]  Id:     9".
func (in *Input) slowUser(d *draft, s string) {
	user, rest, _ := strings.Cut(s, "[")
	d.add("db_user", user)
	if _, host, ok := strings.Cut(rest, " @ "); ok {
		if i, j := strings.IndexByte(host, '['), strings.IndexByte(host, ']'); i >= 0 && j > i {
			d.set(FieldClientIP, canonicalIP(&in.a, host[i+1:j]))
		}
		d.set(FieldConnectionID, number(trimSpaces(valueOf(host, "Id:", "\n"))))
	}
}

// slowPairs reads "Query_time: 2.000174  Lock_time: 0.000000 Rows_sent: 1" and
// "Thread_id: 9  Schema: mboxgroup1  QC_hit: No".
func (in *Input) slowPairs(d *draft, s string) {
	for s != "" {
		key, rest, ok := strings.Cut(s, ":")
		if !ok {
			return
		}
		rest = trimSpaces(rest)
		v, next, _ := strings.Cut(rest, " ")
		if strings.HasSuffix(v, ":") { // the value is empty, this is the next key
			s = rest
			continue
		}
		switch key {
		case "Query_time":
			d.set(FieldDurationMS, in.a.seconds(v))
		case "Lock_time":
			d.add("lock_ms", in.a.seconds(v))
		case "Rows_sent":
			d.add("rows_sent", v)
		case "Rows_examined":
			d.add("rows_examined", v)
		case "Rows_affected":
			d.add("rows_affected", v)
		case "Bytes_sent":
			d.add("bytes_sent", v)
		case "Thread_id":
			d.setNew(FieldConnectionID, v)
		case "Schema":
			d.add("db_schema", v)
		}
		s = trimSpaces(next)
	}
}
