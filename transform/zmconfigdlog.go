package transform

import "strings"

// Zmconfigd is the format zmconfigd.
var Zmconfigd = Spec{
	Name:     "zmconfigd",
	Doc:      "zmconfigd.log",
	From:     "zmconfigd: /opt/zimbra/log/zmconfigd.log, and by syslog",
	Log:      "zmconfigd",
	Service:  "zimbra-zmconfigd",
	Head:     isZmconfigdHead,
	Parse:    parseZmconfigd,
	Programs: []string{"zmconfigd"},
	Message:  syslogZmconfigd,
	Fixture:  Fixture{File: "zmconfigdlog/lines.log", Example: "stopped to running"},
	Question: `{log="zmconfigd"} | status="stopped"`,
}

// isZmconfigdHead reports whether s starts as Python's logging in zmconfigd
// writes: "2026-08-02 16:49:04,242 zmconfigd WARNING [".
func isZmconfigdHead(s string) bool {
	_, _, _, ok := zmconfigdHead(s)
	return ok
}

// zmconfigdHead splits "stamp name LEVEL [thread] message".
func zmconfigdHead(s string) (name string, level Level, rest string, ok bool) {
	if !isLog4jStamp(s) || s[log4jStampLen] != ' ' {
		return
	}
	name, rest, _ = strings.Cut(trimSpaces(s[log4jStampLen:]), " ")
	if name == "" || name[0] == '[' || log4jLevel(name) != LevelUnknown || len(name) > 40 {
		return
	}
	word, rest, _ := strings.Cut(trimSpaces(rest), " ")
	level = wordLevel(word)
	rest = trimSpaces(rest)
	return name, level, rest, level != LevelUnknown && isUpper(word) && strings.HasPrefix(rest, "[")
}

func isUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}

// parseZmconfigd reads zmconfigd.log.
func parseZmconfigd(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	name, level, rest, ok := zmconfigdHead(s)
	if !ok {
		return false
	}
	d.time, _ = in.clock.log4j(s, d.head.arrival)
	d.level = level
	d.setLog(d.format.Log, d.format.Service)
	d.set(FieldProgram, name)
	thread, msg, ok := strings.Cut(rest[1:], "]")
	if ok {
		d.set(FieldThread, thread)
		rest = trimSpaces(msg)
	}
	d.msg = strings.TrimRight(rest, " \r")
	serviceChange(d)
	if d.level >= LevelError {
		d.setNew(FieldError, firstLine(d.msg))
	}
	parseTrace(d)
	return true
}

// serviceChange reads "Service status change: host service changed from
// stopped to running".
func serviceChange(d *draft) {
	s, ok := strings.CutPrefix(d.msg, "Service status change: ")
	if !ok {
		return
	}
	who, states, ok := strings.Cut(s, " changed from ")
	host, service, ok2 := strings.Cut(who, " ")
	if !ok || !ok2 {
		return
	}
	d.set(FieldAction, "service_status")
	d.set(FieldTarget, service)
	d.add("service_host", host)
	if _, to, ok := strings.Cut(states, " to "); ok {
		d.set(FieldStatus, to)
		if to == "stopped" {
			d.level = max(d.level, LevelWarn)
		}
	}
}
