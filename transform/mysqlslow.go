package transform

import (
	"strconv"
	"strings"
)

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
func parseMySQLSlow(r *Run, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isMySQLSlowHead(s) {
		return false
	}
	d.format, d.level = FormatMySQLSlow, LevelInfo
	d.setWebLog("myslow", "zimbra-mysql")
	d.msg = s
	if isMySQLBanner(s) {
		return true
	}
	r.slowLine(d, s)
	for _, line := range d.more[:min(len(d.more), maxTraceLines)] {
		r.slowLine(d, line)
	}
	return true
}

func (r *Run) slowLine(d *draft, s string) {
	s = strings.TrimRight(s, " \r")
	switch {
	case strings.HasPrefix(s, "# Time: "):
		d.time = r.slowTime(s[len("# Time: "):], d.head.arrival)
	case strings.HasPrefix(s, "# User@Host: "):
		r.slowUser(d, s[len("# User@Host: "):])
	case strings.HasPrefix(s, "# "):
		r.slowPairs(d, s[2:])
	case strings.HasPrefix(s, "SET timestamp="):
		if t, ok := numberTime(strings.TrimSuffix(s[len("SET timestamp="):], ";")); ok {
			d.time = t
		}
	case strings.HasPrefix(s, "use "):
		d.add("db_schema", strings.Trim(s[4:], "`; "))
	case !d.has(FieldAction):
		word, _, _ := strings.Cut(trimSpaces(s), " ")
		if word = strings.TrimSuffix(word, ";"); isWord(word) {
			d.set(FieldAction, r.upper(word))
		}
	}
}

// upper is s with ASCII letters in upper case.
func (r *Run) upper(s string) string {
	if isUpper(s) {
		return s
	}
	b := r.a.alloc(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		b = append(b, c)
	}
	return r.a.commit(b)
}

// slowTime reads MariaDB's "220315  9:25:16" and MySQL's RFC 3339.
func (r *Run) slowTime(s string, arrival int64) int64 {
	if digitsAt(s, "000000 _0:00:00") {
		w := wall{2000 + two(s, 0), two(s, 2), two(s, 4), twoPadded(s, 7), two(s, 10), two(s, 13)}
		return r.clock.wall(&w, 0, arrival)
	}
	t, _ := r.clock.isoTime(s, arrival)
	return t
}

// slowUser reads "zimbra[zimbra] @ localhost [127.0.0.1]  Id:     9".
func (r *Run) slowUser(d *draft, s string) {
	user, rest, _ := strings.Cut(s, "[")
	d.add("db_user", user)
	if _, host, ok := strings.Cut(rest, " @ "); ok {
		if i, j := strings.IndexByte(host, '['), strings.IndexByte(host, ']'); i >= 0 && j > i {
			d.set(FieldClientIP, canonicalIP(&r.a, host[i+1:j]))
		}
		d.set(FieldConnectionID, number(trimSpaces(valueOf(host, "Id:", "\n"))))
	}
}

// slowPairs reads "Query_time: 2.000174  Lock_time: 0.000000 Rows_sent: 1" and
// "Thread_id: 9  Schema: mboxgroup1  QC_hit: No".
func (r *Run) slowPairs(d *draft, s string) {
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
			d.set(FieldDurationMS, r.seconds(v))
		case "Lock_time":
			d.add("lock_ms", r.seconds(v))
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

// seconds writes a number of seconds as milliseconds; "" for what is none.
func (r *Run) seconds(s string) string {
	if !isNumber(s) || len(s) > 20 {
		return ""
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return ""
	}
	return r.millis(int64(f*1e9 + 0.5))
}
