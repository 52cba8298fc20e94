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
func (h *SyslogHeader) ScanLine(s string) bool { return h.ScanLineWith(s, &SyslogHints{}) }

// ScanLineWith is ScanLine with what is known beside the line.
func (h *SyslogHeader) ScanLineWith(s string, hints *SyslogHints) bool {
	if s == "" {
		return false
	}
	n := 0
	switch c := s[0]; {
	case c == '<', c == '1' && strings.HasPrefix(s, "1 "):
		if h.scanRFC5424(s) {
			return true
		}
	case c == '/', c == '.', 'a' <= c && c <= 'z':
		n = GrepSyslogPrefix(s)
	}
	if h.scan(s[n:], hints) || n == 0 && h.scanStampless(s) {
		h.Skip += n
		return true
	}
	return false
}

// GrepSyslogPrefix is GrepPrefix before a syslog line.
func GrepSyslogPrefix(s string) int {
	return GrepPrefix(s, func(line string) bool { n, _ := stampLen(line); return n > 0 })
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
		if n += i + 1; n < len(s) && isHead(s[n:]) {
			return n
		}
	}
	return 0
}

// repeated begins what syslogd writes for a message that came again: "host last
// message repeated 3 times", macOS "--- last message repeated 3 times ---".
const repeated = "last message repeated "

// scanRFC5424 reads "<134>1 2026-08-02T16:49:04.123456+03:00 host tag pid msgid
// [id key="value"] message" (RFC 5424 section 6), the PRI there or cut off. "-"
// stands for what is not known; the tag must be, and so must the time.
func (h *SyslogHeader) scanRFC5424(s string) bool {
	*h = SyslogHeader{Pri: -1, Known: true}
	i := 0
	if s[0] == '<' {
		n := scan.Number(s[1:])
		if i = len(n) + 1; n == "" || len(n) > 3 || !strings.HasPrefix(s[i:], ">") {
			return false
		}
		h.Pri = scan.Atoi(n)
		i++
	}
	if !strings.HasPrefix(s[i:], "1 ") {
		return false
	}
	i += len("1 ")
	n, kind := stampLen(s[i:])
	if n == 0 || kind != stampISO {
		return false
	}
	h.Stamp = s[i : i+n]
	i += n + 1
	j := strings.IndexByte(s[i:], ' ')
	if j <= 0 {
		return false
	}
	h.Host = dashless(s[i : i+j])
	return h.scanRFC5424Rest(s, i+j+1)
}

// scanRFC5424Body reads "tag pid msgid - message" from s[i:], where neither PRI
// nor version came before the time: the process must be a number or missing.
func (h *SyslogHeader) scanRFC5424Body(s string, i int) bool {
	_, rest, _ := strings.Cut(s[i:], " ")
	pid, rest, _ := strings.Cut(rest, " ")
	_, rest, ok := strings.Cut(rest, " ")
	if !ok || pid != "-" && (pid == "" || scan.Number(pid) != pid) || rest == "" || rest[0] != '-' && rest[0] != '[' {
		return false
	}
	host, stamp := h.Host, h.Stamp
	if h.scanRFC5424Rest(s, i) {
		return true
	}
	*h = SyslogHeader{Pri: -1, Known: true, Host: host, Stamp: stamp, Skip: i}
	return false
}

// scanRFC5424Rest reads what follows the host.
func (h *SyslogHeader) scanRFC5424Rest(s string, i int) bool {
	var words [3]string // program, process, type of message
	for w := range words {
		j := strings.IndexByte(s[i:], ' ')
		if j <= 0 {
			return false
		}
		words[w] = s[i : i+j]
		i += j + 1
	}
	h.Tag, h.PID = dashless(words[0]), dashless(words[1])
	end := structuredLen(s[i:])
	if h.Tag == "" || end == 0 {
		return false
	}
	i += end
	if i < len(s) && s[i] != ' ' {
		return false
	}
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
