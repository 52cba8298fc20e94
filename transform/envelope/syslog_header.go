package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scanSyslogLine reads any header of a syslog line that is known here: RFC
// 3164's and RFC 5424's, behind the file's name that zgrep prints or not, and
// sysklogd's "last message repeated N times", which has no tag.
func scanSyslogLine(s string) (h SyslogHeader, ok bool) {
	ok = h.ScanLine(s)
	return h, ok
}

// ScanLine is scanSyslogLine into h.
func (h *SyslogHeader) ScanLine(s string) bool {
	if s == "" {
		return false
	}
	n := 0
	switch c := s[0]; {
	case c == '<':
		if h.scanRFC5424(s) {
			return true
		}
	case c == '/', c == '.', 'a' <= c && c <= 'z':
		if n = GrepSyslogPrefix(s); n == 0 {
			return false
		}
	}
	if !h.scan(s[n:]) && !h.scanRepeated(s[n:]) {
		return false
	}
	h.Skip += n
	return true
}

// GrepSyslogPrefix is GrepPrefix before a syslog line.
func GrepSyslogPrefix(s string) int {
	return GrepPrefix(s, func(line string) bool { return stampLen(line) > 0 })
}

// GrepPrefix is the length of what grep and zgrep print before a line that begins
// as isHead says: the file's name and ":", with -n the line's number and ":" too;
// else 0.
func GrepPrefix(s string, isHead func(line string) bool) int {
	const longest = 300 // bytes of a file's path
	n := 0
	for range 2 {
		i := strings.IndexByte(s[n:min(len(s), n+longest)], ':')
		if i <= 0 || strings.IndexByte(s[n:n+i], ' ') >= 0 {
			return 0
		}
		if n += i + 1; isHead(s[n:]) {
			return n
		}
	}
	return 0
}

// scanRepeated reads "Aug  2 16:49:04 host last message repeated 3 times".
func (h *SyslogHeader) scanRepeated(s string) bool {
	*h = SyslogHeader{Pri: -1, Known: true}
	n := stampLen(s)
	if n == 0 || len(s) <= n || s[n] != ' ' {
		return false
	}
	i := strings.IndexByte(s[n+1:], ' ')
	if i <= 0 || !strings.HasPrefix(s[n+1+i:], " last message repeated ") {
		return false
	}
	h.Stamp, h.Host, h.Skip = s[:n], s[n+1:n+1+i], n+2+i
	return true
}

// scanRFC5424 reads "<134>1 2026-08-02T16:49:04.123456+03:00 host tag pid msgid
// [id key="value"] message" (RFC 5424 section 6). "-" stands for what is not
// known; the tag must be, and so must the time.
func (h *SyslogHeader) scanRFC5424(s string) bool {
	*h = SyslogHeader{Known: true}
	n := scan.Number(s[1:])
	i := len(n) + 1
	if n == "" || len(n) > 3 || !strings.HasPrefix(s[i:], ">1 ") {
		return false
	}
	h.Pri = scan.Atoi(n)
	i += len(">1 ")
	if stampLen(s[i:]) == 0 {
		return false
	}
	var words [5]string // time, host, program, process, type of message
	for w := range words {
		j := strings.IndexByte(s[i:], ' ')
		if j <= 0 {
			return false
		}
		words[w] = s[i : i+j]
		i += j + 1
	}
	h.Stamp, h.Host, h.Tag, h.PID = words[0], words[1], dashless(words[2]), dashless(words[3])
	end := structuredLen(s[i:])
	if h.Tag == "" || end == 0 {
		return false
	}
	i += end
	for i < len(s) && s[i] == ' ' { // rsyslog's own template writes two
		i++
	}
	if strings.HasPrefix(s[i:], "\ufeff") { // the mark of UTF-8 that the RFC asks for
		i += len("\ufeff")
	}
	h.Skip = i
	return true
}

func dashless(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// structuredLen is the length of the structured data that s starts with: "-"
// or elements in brackets, in whose values '"', '\' and ']' are escaped; 0 if
// there is none.
func structuredLen(s string) int {
	if s == "" || s[0] == '-' {
		return min(len(s), 1)
	}
	i := 0
	for i < len(s) && s[i] == '[' {
		quoted := false
		for i++; i < len(s); i++ {
			switch c := s[i]; {
			case c == '\\' && quoted:
				i++
			case c == '"':
				quoted = !quoted
			case c == ']' && !quoted:
				goto closed
			}
		}
		return 0
	closed:
		i++
	}
	return i
}
