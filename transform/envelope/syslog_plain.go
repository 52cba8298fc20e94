package envelope

import "github.com/zimbraloki/zimbraloki/transform/scan"

// scanPlain reads "host tag[pid]: " or "host tag: " from s[i:], as nearly all
// lines have it, in one go. False says that [SyslogHeader.scanLoose] has to
// look; true gives what it would.
func (h *SyslogHeader) scanPlain(s string, i int) bool {
	host, has := plainWord(s[i:])
	if host == "" || has == 0 && (host == "last" || isLevelWord(host)) || has&hasDot != 0 && h.scanPriority(s[i:]) > 0 {
		return false
	}
	j := i + len(host)
	if j == len(s) || s[j] != ' ' {
		return false
	}
	j++
	tag, has := plainWord(s[j:])
	if tag == "" || has&hasDot != 0 || has == 0 && isLevelWord(tag) {
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

// What a word has besides letters, and what has it: wordByte.
const (
	hasDot = 1 << iota
	hasOther
	hasLetter // not reported
)

// wordByte tells the bytes of a plain word apart; 0 for others.
var wordByte = func() (t [256]uint8) {
	for c := range t {
		switch b := byte(c); {
		case 'a' <= b|0x20 && b|0x20 <= 'z':
			t[c] = hasLetter
		case b == '.':
			t[c] = hasDot
		case scan.IsDigit(b) || b == '-' || b == '/' || b == '_':
			t[c] = hasOther
		}
	}
	return t
}()

// plainWord takes the word at the start of s if it begins with a small letter,
// as no time, zone and level in brackets does.
func plainWord(s string) (word string, has uint8) {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return "", 0
	}
	i := 1
	for ; i < len(s); i++ {
		b := wordByte[s[i]]
		if b == 0 {
			break
		}
		has |= b
	}
	return s[:i], has &^ hasLetter
}
