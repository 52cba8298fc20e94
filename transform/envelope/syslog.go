package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// SyslogHeader is what a syslog header says, in the forms of RFC 3164 §4.1
// ("Aug  2 16:49:04 host tag[pid]: ") and of rsyslog's RFC 3339 template
// ("2026-08-02T16:49:04.123456+03:00 host tag[pid]: "), with or without the
// "<PRI>" before it, and in what other daemons make of these (see
// logtime.BSDStampLen and scanPriority).
type SyslogHeader struct {
	Pri   int    // -1 if not written
	Stamp string // as written; "" if there is none
	Host  string // "" if there is none
	Tag   string // program, with its path: "postfix/smtpd"; "" if there is none
	PID   string
	Skip  int // length of the header with the space after the colon; 0 if a record's fields say what it would

	Known bool // there is one
}

// SyslogHints is what is known beside a line. It decides where the line alone
// does not tell a header from a program's own words: behind a time in an ISO
// form there may be anything.
type SyslogHints struct {
	Program func(tag string) bool  // reports whether a tag names a program that is known
	Path    string                 // file that the line is from; "" if it is not known
	File    func(path string) bool // reports whether a daemon of syslog writes the file
}

func (t *SyslogHints) program(tag string) bool { return t.Program != nil && t.Program(tag) }

func (t *SyslogHints) file() bool { return t.File != nil && t.File(t.Path) }

// stampKind is a kind of time that a header starts with.
type stampKind uint8

const (
	stampNone  stampKind = iota
	stampBSD             // of RFC 3164 and its relatives: only syslog writes it
	stampISO             // RFC 3339
	stampBlank           // the same with a blank between date and time: every other program writes it
)

// scanSyslog reads a header; false if s does not start with one.
func scanSyslog(s string) (h SyslogHeader, ok bool) {
	ok = h.scan(s, &SyslogHints{})
	return h, ok
}

// scan is scanSyslog into h. Behind a BSD time only the host is sure to follow:
// the tag is a convention of the message (RFC 3164 section 4.1.2).
func (h *SyslogHeader) scan(s string, hints *SyslogHints) bool {
	*h = SyslogHeader{Pri: -1, Known: true}
	i := 0
	if s != "" && s[0] == '<' {
		n := scan.Number(s[1:])
		if n == "" || len(n) > 3 || len(s) < len(n)+2 || s[len(n)+1] != '>' {
			return false
		}
		h.Pri = scan.Atoi(n)
		i = len(n) + 2
	}
	n, kind := stampLen(s[i:])
	if n == 0 || len(s) <= i+n+1 || s[i+n] != ' ' {
		return false
	}
	h.Stamp = s[i : i+n]
	i += n + 1
	return kind != stampBlank && h.scanPlain(s, i) || h.scanLoose(s, i, kind, hints)
}

// scanLoose reads what stands behind the time, from s[i:] on, in any form.
func (h *SyslogHeader) scanLoose(s string, i int, kind stampKind, hints *SyslogHints) bool {
	i += h.scanPriority(s[i:])
	if i += h.scanHost(s[i:], kind); h.Host != "" {
		i += h.scanPriority(s[i:])
	} else if kind != stampBSD && !logtime.IsZoneName(h.Stamp[strings.LastIndexByte(h.Stamp, ' ')+1:]) {
		return false
	}
	if h.scanTag(s, i) {
		return kind != stampBlank || h.PID != "" || strings.IndexByte(h.Tag, '/') > 0 || hints.file() || hints.program(h.Tag)
	}
	return h.scanWithout(s, i, kind, hints)
}

// scanHost takes the host at the start of s and returns its length with the
// blank behind it. There is none where the tag stands in its place, a level, or
// the dashes of a mark.
func (h *SyslogHeader) scanHost(s string, kind stampKind) int {
	j := strings.IndexByte(s, ' ')
	if j <= 0 || !isHost(s[:j]) {
		return 0
	}
	if rest := s[j+1:]; bracketedPID(rest) > 0 || strings.HasPrefix(s, repeated) || kind == stampBSD && strings.TrimLeft(rest, " ") == "" {
		return 0
	}
	h.Host = s[:j]
	return j + 1
}

// isHost reports whether a word that stands in a host's place can be one: a
// name or an address, not a tag with its colon or process, no level, no zone.
func isHost(s string) bool {
	if c := s[0]; !scan.KeyByte[c] && c != ':' && c < 0x80 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !scan.KeyByte[c] && c < 0x80 && strings.IndexByte(".-:/@%+~", c) < 0 {
			return false
		}
	}
	if s[len(s)-1] == ':' && !strings.HasSuffix(s, "::") {
		return false
	}
	return !isLevelWord(s) && !logtime.IsZoneName(s)
}

// scanTag reads "tag[pid]: " from s[i:], a blank before the bracket or none.
// Before a log4j stamp the colon may be missing, and the tag too.
func (h *SyslogHeader) scanTag(s string, i int) bool {
	if logtime.IsLog4jStamp(s[i:]) {
		h.Skip = i
		return true
	}
	j := i + tagLen(s[i:])
	if j == i || j == len(s) {
		return false
	}
	tag := s[i:j]
	if s[j] == '[' {
		const longest = 12 // bytes of "[pid"
		k := strings.IndexByte(s[j:min(len(s), j+longest+1)], ']')
		if k < 0 {
			return false
		}
		h.PID = s[j+1 : j+k]
		j += k + 1
	} else if n := bracketedPID(s[j+1:]); s[j] == ' ' && n > 0 {
		h.PID = s[j+2 : j+n-1]
		j += n
	}
	if j < len(s) && s[j] == ':' {
		j++
	} else if h.PID == "" && !logtime.IsLog4jStamp(s[min(len(s), j+1):]) {
		return false
	}
	if isLevelWord(tag) {
		h.PID = ""
		return false
	}
	h.Tag = tag
	h.Skip = len(s) - len(scan.TrimSpaces(s[j:]))
	return true
}

// bracketedPID is the length of "[1237]:" that s starts with, 0 if it does not;
// an empty process counts not.
func bracketedPID(s string) int {
	if s == "" || s[0] != '[' {
		return 0
	}
	n := len(scan.Number(s[1:]))
	if n == 0 || n > 10 || !strings.HasPrefix(s[1+n:], "]:") {
		return 0
	}
	return n + len("[]:")
}

// tagLen is the length of the bytes of a tag that s starts with.
func tagLen(s string) int {
	j := 0
	for j < len(s) && tagByte[s[j]] {
		j++
	}
	return j
}

// tagByte are the bytes of a tag.
var tagByte = func() (t [256]bool) {
	for c := '!'; c < 0x7f; c++ {
		t[c] = c != '[' && c != ':'
	}
	return t
}()

// stampLen is the length of the date s starts with, 0 if there is none.
func stampLen(s string) (n int, kind stampKind) {
	if len(s) < 14 {
		return 0, stampNone
	}
	if !scan.IsDigit(s[0]) || s[4] == ' ' {
		return logtime.BSDStampLen(s), stampBSD
	}
	if s[4] != '-' || s[7] != '-' {
		return 0, stampNone
	}
	switch s[10] {
	case 'T':
		if i := strings.IndexByte(s, ' '); i >= 20 && i <= 40 {
			return i, stampISO
		}
	case ' ':
		return logtime.ISOStampLen(s), stampBlank
	}
	return 0, stampNone
}
