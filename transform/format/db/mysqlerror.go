package db

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// MySQLError is the format mysql_error.
var MySQLError = format.Spec{
	Name:     "mysql_error",
	Doc:      "error log of MariaDB and MySQL",
	From:     "MariaDB or MySQL: /opt/zimbra/log/mysql_error.log",
	Log:      "mysql_error",
	Service:  zimbraMySQL,
	Head:     isMySQLErrorHead,
	Parse:    parseMySQLError,
	Stamp:    format.Stamp{Layout: format.MariaDB, Line: "@ [Note] Event Scheduler: Loaded 0 events"},
	Fixture:  format.Fixture{File: "mysqlerror/lines.log", Path: "/opt/zimbra/log/mysql_error.log", Example: "Access denied"},
	Question: `{log="mysql_error"} | outcome="failure"`,
	Traps:    "Until MariaDB 10.1 and MySQL 5.5 the year has two digits; both pad the hour with a blank. Lines without a time belong to the event before them.",
	Outcomes: []format.Outcome{
		{Value: "failure", When: "`Access denied`: a login to the database"},
	},
}

// zimbraMySQL is the service whose database is Zimbra's own.
const zimbraMySQL = "zimbra-mysql"

// mysqlHead is what stands before the message of a line of the error log.
type mysqlHead struct {
	stamp  string // of one of the forms of isMySQLStamp
	thread string // number of the connection, "" for none
	level  format.Level
	rest   string
}

// isMySQLErrorHead reports whether s starts as the server or mysqld_safe writes:
//
//	261026 15:13:12 [Note] …                            (MySQL to 5.5, MariaDB to 10.0)
//	261026 15:13:12 mysqld_safe Starting mysqld …
//	2026-10-26  5:13:12 8 [Warning] …                    (MariaDB from 10.1)
//	2026-10-26T15:13:12.835618Z 0 [Note] [MY-012487] …  (MySQL from 5.7)
//
// (sql/log.cc print_buffer_to_file; sql/log_sinks/sink_test.cc; mysqld_safe.sh).
func isMySQLErrorHead(s string) bool {
	var h mysqlHead
	return h.scan(s)
}

func (h *mysqlHead) scan(s string) bool {
	n, old := mysqlStampLen(s)
	if n == 0 || n >= len(s) || s[n] != ' ' {
		return false
	}
	h.stamp, s = s[:n], scan.TrimSpaces(s[n:])
	if k := len(scan.Number(s)); k > 0 && k < len(s) && s[k] == ' ' {
		h.thread, s = s[:k], scan.TrimSpaces(s[k:])
	}
	h.rest = s
	if h.level = mysqlLevel(s); h.level != format.LevelUnknown {
		h.rest = scan.TrimSpaces(s[strings.IndexByte(s, ']')+1:])
		return old || h.thread != ""
	}
	h.level = format.LevelInfo
	return old && h.thread == "" && (strings.HasPrefix(s, "mysqld_safe ") || strings.HasPrefix(s, "InnoDB: ")) ||
		!old && h.thread == "" && strings.HasPrefix(s, "mysqld_safe ")
}

// mysqlStampLen is the length of the time that s starts with, 0 for none; old
// says that its year has two digits.
func mysqlStampLen(s string) (n int, old bool) {
	switch {
	case scan.DigitsAt(s, "000000 _0:00:00"):
		return len("000000 _0:00:00"), true
	case scan.DigitsAt(s, "0000-00-00 _0:00:00"):
		return len("0000-00-00 _0:00:00"), false
	case scan.DigitsAt(s, "0000-00-00T00:00:00."):
		i := strings.IndexByte(s, ' ')
		return max(i, 0), false
	}
	return 0, false
}

// mysqlLevel reads "[Note] ", "[Warning] ", "[ERROR] ", "[System] ".
func mysqlLevel(s string) format.Level {
	i := strings.IndexByte(s, ']')
	if i < 2 || i > 12 || s[0] != '[' {
		return format.LevelUnknown
	}
	if s[1:i] == "System" {
		return format.LevelInfo
	}
	return format.WordLevel(s[1:i])
}

// parseMySQLError reads an event of mysql_error.log.
func parseMySQLError(in *format.Input, d *format.Draft) bool {
	var h mysqlHead
	if !h.scan(d.Head.Text[d.Head.Skip:]) {
		return false
	}
	d.SetLog(d.Format.Log, MySQLService(d.Head.Path))
	d.Time = mysqlTime(in, h.stamp, d.Head.Arrival)
	d.Level = h.level
	if h.thread != "0" {
		d.Set(format.FieldConnectionID, h.thread)
	}
	d.Msg = strings.TrimRight(mysqlCode(d, h.rest), " \r")
	mysqlEvent(in, d, d.Msg)
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}

// MySQLService is the label service_name of the server that writes a file, whose
// path may not be known.
func MySQLService(path string) string {
	switch {
	case strings.Contains(path, "carbonio"), strings.Contains(path, "zextras"):
		return "carbonio-mysql"
	case path == "", strings.Contains(path, "zimbra"):
		return zimbraMySQL
	}
	return "mysql"
}

func mysqlTime(in *format.Input, stamp string, arrival int64) int64 {
	if len(stamp) == len("0000-00-00 _0:00:00") {
		w := logtime.Wall{
			Year: scan.Two(stamp, 0)*100 + scan.Two(stamp, 2), Month: scan.Two(stamp, 5), Day: scan.Two(stamp, 8),
			Hour: scan.TwoPadded(stamp, 11), Minute: scan.Two(stamp, 14), Second: scan.Two(stamp, 17),
		}
		return in.Clock.Wall(&w, 0, arrival)
	}
	return slowTime(in, stamp, arrival)
}

// mysqlCode reads "[MY-012487] [InnoDB] " before a message and "InnoDB: ".
func mysqlCode(d *format.Draft, s string) string {
	if rest, ok := strings.CutPrefix(s, "[MY-"); ok {
		if n := len(scan.Number(rest)); n > 0 && strings.HasPrefix(rest[n:], "] ") {
			d.Add("mysql_code", s[1:len("[MY-")+n])
			s = rest[n+2:]
		}
	}
	if strings.HasPrefix(s, "[") {
		if i := strings.Index(s, "] "); i > 1 && scan.IsWord(s[1:i]) {
			d.Set(format.FieldComponent, s[1:i])
			return s[i+2:]
		}
	}
	if strings.HasPrefix(s, "InnoDB: ") {
		d.Set(format.FieldComponent, "InnoDB")
	}
	if strings.HasPrefix(s, "mysqld_safe ") {
		d.Set(format.FieldComponent, "mysqld_safe")
	}
	return s
}

// mysqlEvent reads the messages that say who could not log in or whose
// connection ended (sql/share/errmsg.txt ER_ACCESS_DENIED_ERROR and
// ER_NEW_ABORTING_CONNECTION), and those of start and stop.
func mysqlEvent(in *format.Input, d *format.Draft, s string) {
	switch {
	case strings.HasPrefix(s, "Access denied for user '"):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.FirstLine(s))
		d.Raise(format.LevelWarn)
		mysqlAccount(in, d, s[len("Access denied for user '"):])
	case strings.HasPrefix(s, "Aborted connection "):
		d.Set(format.FieldAction, "disconnect")
		d.SetNew(format.FieldConnectionID, scan.Number(s[len("Aborted connection "):]))
		d.Set(format.FieldUser, notUnauthenticated(scan.ValueOf(s, " user: '", "'")))
		mysqlHost(in, d, scan.ValueOf(s, " host: '", "'"))
		if i := strings.LastIndex(s, " ("); i > 0 {
			d.Set(format.FieldReason, strings.Trim(s[i:], " ()"))
		}
	case strings.HasSuffix(s, ": ready for connections."), strings.Contains(s, " ready for connections. Version: "):
		d.Set(format.FieldAction, "start")
	case strings.HasSuffix(s, ": Shutdown complete"), strings.HasSuffix(s, ": Normal shutdown"):
		d.Set(format.FieldAction, "stop")
	}
}

// notUnauthenticated is a user's name; the server writes "unauthenticated" for
// one that it does not know yet.
func notUnauthenticated(s string) string {
	if s == "unauthenticated" {
		return ""
	}
	return s
}

// mysqlAccount reads "zimbra'@'192.0.2.7' (using password: YES)".
func mysqlAccount(in *format.Input, d *format.Draft, s string) {
	user, host, ok := strings.Cut(s, "'@'")
	if !ok {
		return
	}
	d.Set(format.FieldUser, user)
	host, _, _ = strings.Cut(host, "'")
	mysqlHost(in, d, host)
}

func mysqlHost(in *format.Input, d *format.Draft, host string) {
	if ip := scan.CanonicalIP(&in.Arena, host); ip != "" {
		d.Set(format.FieldClientIP, ip)
	} else if host != "connecting host" {
		d.Set(format.FieldClientHost, host)
	}
}
