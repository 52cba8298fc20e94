package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// SyslogHeader is what a syslog header says, in the forms of RFC 3164 §4.1
// ("Aug  2 16:49:04 host tag[pid]: ") and of rsyslog's RFC 3339 template
// ("2026-08-02T16:49:04.123456+03:00 host tag[pid]: "), with or without the
// "<PRI>" before it.
type SyslogHeader struct {
	Pri   int    // -1 if not written
	Stamp string // as written
	Host  string
	Tag   string // program, with its path: "postfix/smtpd"
	PID   string
	Skip  int // length of the header with the space after the colon; 0 if a record's fields say what it would

	Known bool // there is one
}

// scanSyslog reads a header; false if s does not start with one.
func scanSyslog(s string) (h SyslogHeader, ok bool) {
	ok = h.scan(s)
	return h, ok
}

// scan is scanSyslog into h.
func (h *SyslogHeader) scan(s string) bool {
	*h = SyslogHeader{Pri: -1, Known: true}
	i := 0
	if s[0] == '<' {
		n := scan.Number(s[1:])
		if n == "" || len(n) > 3 || len(s) < len(n)+2 || s[len(n)+1] != '>' {
			return false
		}
		h.Pri = scan.Atoi(n)
		i = len(n) + 2
	}
	n := stampLen(s[i:])
	if n == 0 || len(s) <= i+n || s[i+n] != ' ' {
		return false
	}
	h.Stamp = s[i : i+n]
	i += n + 1
	j := strings.IndexByte(s[i:], ' ')
	if j <= 0 || !mayBeHost(s[i:i+j]) {
		return false
	}
	h.Host = s[i : i+j]
	i += j + 1
	return h.scanTag(s, i)
}

// mayBeHost tells a host from the first word of a message in a program's own
// log, which stamps its lines as syslog does but names no host: "imap-login:",
// "imap(user)<7>:".
func mayBeHost(s string) bool {
	return s[len(s)-1] != ':' && strings.IndexByte(s, '(') < 0
}

// scanTag reads "tag[pid]: " from s[i:]. Before a log4j stamp the colon may be
// missing, and the tag too.
func (h *SyslogHeader) scanTag(s string, i int) bool {
	if logtime.IsLog4jStamp(s[i:]) {
		h.Skip = i
		return true
	}
	j := i
	for j < len(s) && tagByte[s[j]] {
		j++
	}
	if j == i || j == len(s) {
		return false
	}
	h.Tag = s[i:j]
	if s[j] == '[' {
		const longest = 12 // bytes of "[pid"
		k := strings.IndexByte(s[j:min(len(s), j+longest+1)], ']')
		if k < 0 {
			return false
		}
		h.PID = s[j+1 : j+k]
		j += k + 1
	}
	if j < len(s) && s[j] == ':' {
		j++
	} else if h.PID == "" && !logtime.IsLog4jStamp(s[min(len(s), j+1):]) {
		return false
	}
	h.Skip = len(s) - len(scan.TrimSpaces(s[j:]))
	return true
}

// tagByte are the bytes of a tag.
var tagByte = func() (t [256]bool) {
	for c := '!'; c < 0x7f; c++ {
		t[c] = c != '[' && c != ':'
	}
	return t
}()

// stampLen is the length of the date s starts with, "Mmm dd hh:mm:ss" (the day
// padded with a space or not at all) or RFC 3339; 0 if there is none.
func stampLen(s string) int {
	if len(s) < 15 {
		return 0
	}
	if scan.IsDigit(s[0]) {
		if s[4] != '-' || s[10] != 'T' {
			return 0
		}
		if i := strings.IndexByte(s, ' '); i >= 20 && i <= 40 {
			return i
		}
		return 0
	}
	if s[3] != ' ' || logtime.MonthOf(s[:3]) == 0 {
		return 0
	}
	i := 4
	if s[i] == ' ' {
		i++
	}
	digits := i
	for i < len(s) && i < digits+2 && scan.IsDigit(s[i]) {
		i++
	}
	if i == digits || len(s) < i+9 || s[i] != ' ' || s[i+3] != ':' || s[i+6] != ':' {
		return 0
	}
	return i + 9
}
