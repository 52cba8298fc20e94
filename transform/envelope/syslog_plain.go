package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scanPlain reads "host tag[pid]: " or "host tag: " from s[i:], as nearly all
// lines have it, in one go. False says that [SyslogHeader.scanLoose] has to
// look; true gives what it would.
func (h *SyslogHeader) scanPlain(s string, i int) bool {
	host, letters := plainWord(s[i:])
	if host == "" || letters && (host == "last" || isLevelWord(host)) || h.scanPriority(s[i:]) > 0 {
		return false
	}
	j := i + len(host)
	if j == len(s) || s[j] != ' ' {
		return false
	}
	j++
	tag, letters := plainWord(s[j:])
	if tag == "" || strings.IndexByte(tag, '.') >= 0 || letters && isLevelWord(tag) {
		return false
	}
	pid := ""
	if j += len(tag); j < len(s) && s[j] == '[' {
		pid = scan.Number(s[j+1:])
		if j += len("[") + len(pid); pid == "" || len(pid) > 10 || j == len(s) || s[j] != ']' {
			return false
		}
		j++
	}
	if j == len(s) || s[j] != ':' {
		return false
	}
	h.Host, h.Tag, h.PID, h.Skip = host, tag, pid, len(s)-len(scan.TrimSpaces(s[j+1:]))
	return true
}

// plainWord takes the word at the start of s if it begins with a small letter,
// as no time, zone and level in brackets does; letters says that it has nothing
// but letters.
func plainWord(s string) (word string, letters bool) {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return "", false
	}
	letters = true
	i := 1
	for ; i < len(s); i++ {
		c := s[i]
		if 'a' <= c|0x20 && c|0x20 <= 'z' {
			continue
		}
		if !scan.IsDigit(c) && c != '-' && c != '.' && c != '/' && c != '_' {
			break
		}
		letters = false
	}
	return s[:i], letters
}
