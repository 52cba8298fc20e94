package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// PHPFPM is the format php-fpm.
var PHPFPM = format.Spec{
	Name:     "php-fpm",
	Doc:      "PHP-FPM's error log and slow log, PHP's own error log",
	From:     "PHP-FPM: /var/log/php8.2-fpm.log, /var/log/php-fpm/*.log (error, slow), and by syslog",
	Log:      "php-fpm",
	Service:  "php-fpm",
	Head:     isPHPHead,
	Parse:    parsePHP,
	Tag:      isPHPTag,
	Message:  phpMessage,
	Stamp:    format.Stamp{Layout: "02-Jan-2006 15:04:05", Line: `[@] NOTICE: ready to handle connections`, Header: `[@] `},
	Fixture:  format.Fixture{File: "phpfpm/lines.log", Path: "/var/log/php-fpm/error.log", Example: "max_children"},
	Question: `{service_name="php-fpm"} | detected_level=~"warn|error"`,
	Traps:    "A slow request is two events: a warning of the error log, and its stack in the slow log, with the script as `path`. What a script wrote to stderr is in the line, behind `said into stderr`.",
	Outcomes: []format.Outcome{
		{Value: "failure", When: "a child that a signal ended; a request that was ended for its time"},
		{Value: "slow", When: "a request beyond `request_slowlog_timeout`"},
	},
}

// isPHPTag knows "php-fpm", "php-fpm7.4", "php8.2-fpm".
func isPHPTag(tag string) bool {
	if !strings.Contains(tag, "php") {
		return false
	}
	name := format.ProgramName(tag)
	return strings.HasPrefix(name, "php-fpm") || strings.HasPrefix(name, "php") && strings.HasSuffix(name, "-fpm")
}

// isPHPHead reports whether s starts as PHP and PHP-FPM write (main/main.c,
// sapi/fpm/fpm/zlog.c): "[26-Oct-2026 18:00:50] ", "[26-Oct-2026 18:00:50 UTC] PHP ".
func isPHPHead(s string) bool {
	n := phpStampLen(s)
	if n == 0 {
		return false
	}
	n += phpStampLen(s[n:]) // a supervisor stamps what its children say
	level, _ := phpLevel(s[n:])
	return level != format.LevelUnknown || strings.HasPrefix(s[n:], slowPool)
}

// slowPool stands behind the time of a slow request.
const slowPool = " [pool "

// phpStampLen is the length of the time in brackets and the blank behind it, 0
// for what is none. PHP names the zone, which is the host's, or UTC.
func phpStampLen(s string) int {
	if !scan.DigitsAt(s, "[00-") || len(s) < len("[26-Oct-2026 18:00:50] ") || s[7] != '-' || logtime.MonthOf(s[4:7]) == 0 {
		return 0
	}
	_, n := logtime.PlainStamp(s)
	if n == 0 || n >= len(s) || s[n] != ' ' {
		return 0
	}
	if zone, _, ok := strings.Cut(s[n+1:], "] "); ok && s[n-1] != ']' && strings.IndexByte(zone, '/') > 0 && strings.IndexByte(zone, ' ') < 0 {
		n += 1 + len(zone) + 1
	}
	return n + 1
}

// phpLevel reads "WARNING: " of PHP-FPM, "PHP Fatal error:  " of PHP, and
// "[WARNING] " of syslog.
func phpLevel(s string) (l format.Level, rest string) {
	if after, ok := strings.CutPrefix(s, "PHP "); ok {
		kind, rest, ok := strings.Cut(after, ": ")
		if !ok {
			return format.LevelUnknown, s
		}
		rest = strings.TrimLeft(rest, " ")
		switch kind {
		case "Fatal error", "Parse error", "Recoverable fatal error", "Core error", "Compile error", "Catchable fatal error":
			return format.LevelError, rest
		case "Warning", "Core warning", "Compile warning", "User warning":
			return format.LevelWarn, rest
		case "Notice", "Deprecated", "Strict Standards", "Strict standards", "User notice", "User deprecated":
			return format.LevelInfo, rest
		}
		return format.LevelUnknown, s
	}
	word, rest, ok := strings.Cut(s, ": ")
	if strings.HasPrefix(s, "[") {
		word, rest, ok = strings.Cut(s[1:], "] ")
	}
	if !ok {
		return format.LevelUnknown, s
	}
	switch word {
	case "ALERT":
		return format.LevelFatal, rest
	case "ERROR":
		return format.LevelError, rest
	case "WARNING":
		return format.LevelWarn, rest
	case "NOTICE":
		return format.LevelInfo, rest
	case "DEBUG":
		return format.LevelDebug, rest
	}
	return format.LevelUnknown, s
}

// parsePHP reads a line of one of the logs, or an event of several: PHP's stack
// trace, a slow request.
func parsePHP(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !isPHPHead(s) {
		return false
	}
	form, n := logtime.PlainStamp(s)
	d.Time = in.Clock.PlainTime(form, s[:n], d.Head.Arrival)
	d.Level = format.LevelInfo
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Msg = strings.TrimRight(s[phpStampLen(s):], " \r")
	if strings.HasPrefix(d.Msg, slowPool) {
		phpSlow(d)
		return true
	}
	d.SetKnown(phpMessage(in, d, d.Msg))
	return true
}

// phpSlow reads a slow request: "  [pool www] pid 1234", then "script_filename =
// /srv/x.php" and the stack, the innermost call first.
func phpSlow(d *format.Draft) {
	pool, rest, _ := strings.Cut(d.Msg[len(slowPool):], "] pid ")
	d.Set(format.FieldComponent, pool)
	d.Set(format.FieldPID, scan.Number(rest))
	d.Set(format.FieldAction, "slow_request")
	d.Set(format.FieldOutcome, "slow")
	d.Raise(format.LevelWarn)
	for _, line := range d.More {
		if script, ok := strings.CutPrefix(line, "script_filename = "); ok {
			d.Set(format.FieldPath, strings.TrimRight(script, " \r"))
			return
		}
	}
}

// ContinuesPHP reports whether s goes on with the event of PHP whose head line
// is head: the script and the stack of a slow request, "Stack trace:", "#0 …".
func ContinuesPHP(s, head string) bool {
	if s == "" || head == "" || head[0] != '[' {
		return false
	}
	switch s[0] {
	case 's':
		return strings.HasPrefix(s, "script_filename = ") && isPHPHead(head)
	case '[':
		return strings.HasPrefix(s, "[0x") && isPHPHead(head)
	case '#':
		return len(s) > 1 && scan.IsDigit(s[1]) && isPHPHead(head)
	case 'S':
		return strings.HasPrefix(s, "Stack trace:") && isPHPHead(head)
	}
	return false
}

// phpMessage reads what stands behind the time, which a copy of stderr in the
// journal has too:
//
//	WARNING: [pool www] child 12, script '/srv/x.php' (request: "GET /x.php?y") executing too slow (5.012345 sec), logging
//	WARNING: [pool www] child 12 exited on signal 11 (SIGSEGV) after 12.3 seconds from start
//	WARNING: [pool www] server reached pm.max_children setting (5), consider raising it
func phpMessage(in *format.Input, d *format.Draft, s string) bool {
	if n := phpStampLen(s); n > 0 {
		s = s[n:]
	}
	level, rest := phpLevel(s)
	if level != format.LevelUnknown {
		d.Raise(level)
	}
	d.Msg = rest
	if after, ok := strings.CutPrefix(rest, "[pool "); ok {
		var pool string
		if pool, after, ok = strings.Cut(after, "] "); ok {
			d.Set(format.FieldComponent, pool)
			rest = after
		}
	}
	phpPool(in, d, rest)
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(rest))
	}
	return level != format.LevelUnknown
}

// phpPool reads what happened to a pool, a child, a request.
func phpPool(in *format.Input, d *format.Draft, s string) {
	switch {
	case strings.HasPrefix(s, "server reached pm.max_children"), strings.HasPrefix(s, "server reached max_children"):
		d.Set(format.FieldAction, "limit")
		d.Set(format.FieldError, scan.ShortText(s))
	case strings.HasPrefix(s, "seems busy"):
		d.Set(format.FieldAction, "limit")
	case strings.HasPrefix(s, "fpm is running"), strings.HasPrefix(s, "ready to handle connections"):
		d.Set(format.FieldAction, "start")
	case strings.HasPrefix(s, "exiting, bye-bye!"), strings.HasPrefix(s, "Terminating ..."):
		d.Set(format.FieldAction, "stop")
	case strings.HasPrefix(s, "Reloading in progress"), strings.HasPrefix(s, "reloading: "):
		d.Set(format.FieldAction, "reload")
	case strings.HasPrefix(s, "child "):
		d.Set(format.FieldPID, scan.Number(s[len("child "):]))
		phpChild(in, d, s)
	}
}

// phpChild reads a message about a child.
func phpChild(in *format.Input, d *format.Draft, s string) {
	if i := strings.Index(s, " said into std"); i > 0 {
		if _, said, ok := strings.Cut(s, `: "`); ok {
			phpSaid(d, strings.TrimSuffix(said, `"`))
		}
		return
	}
	if _, why, ok := strings.Cut(s, " exited on signal "); ok {
		d.Set(format.FieldAction, "exit")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(s[len(s)-len("exited on signal ")-len(why):]))
		return
	}
	_, request, ok := strings.Cut(s, `(request: "`)
	if !ok {
		return
	}
	i := strings.LastIndex(request, `") exec`)
	if i < 0 {
		return
	}
	setRequest(in, d, splitRequest(request[:i]))
	tail := request[i+len(`") `):]
	d.Set(format.FieldAction, "slow_request")
	d.Set(format.FieldOutcome, "slow")
	if strings.HasPrefix(tail, "execution timed out") {
		d.Set(format.FieldAction, "timeout")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, "execution timed out")
	}
	if took := scan.ValueOf(tail, "(", " "); scan.IsNumber(took) {
		d.Set(format.FieldDurationMS, in.Arena.Seconds(took))
	}
}

// phpSaid reads what a script said: "NOTICE: PHP message: PHP Fatal error:  …".
func phpSaid(d *format.Draft, s string) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "NOTICE: "), "PHP message: ")
	if level, text := phpLevel(s); level != format.LevelUnknown {
		d.Raise(level)
		if level >= format.LevelError {
			d.Set(format.FieldError, scan.ShortText(text))
		}
	}
}
