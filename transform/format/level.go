package format

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// LevelOfNumber reads the numbers of syslog (RFC 5424 section 6.2.1), which
// GELF uses, of pino and bunyan, and of Monolog.
func LevelOfNumber(n int64, syslog bool) Level {
	switch {
	case syslog && n >= 0 && n <= 7:
		return [...]Level{LevelFatal, LevelFatal, LevelFatal, LevelError, LevelWarn, LevelInfo, LevelInfo, LevelDebug}[n]
	case n < 100:
		return numberLevel(n)
	}
	switch n {
	case 100:
		return LevelDebug
	case 200, 250:
		return LevelInfo
	case 300:
		return LevelWarn
	case 400:
		return LevelError
	case 500, 550, 600:
		return LevelFatal
	}
	return LevelUnknown
}

// Level is a severity, in the words that Loki's detected_level uses.
type Level uint8

// Levels, least severe first. LevelUnknown is the zero value.
const (
	LevelUnknown Level = iota
	LevelTrace
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelFatal
	numLevels
)

var levelNames = [numLevels]string{"unknown", "trace", "debug", "info", "warn", "error", "fatal"}

// String returns the lower-case name.
func (l Level) String() string { return levelNames[l] }

// Log4jLevel reads one of log4j's six level names, upper case.
func Log4jLevel(s string) Level {
	switch s {
	case "INFO":
		return LevelInfo
	case "WARN":
		return LevelWarn
	case "ERROR":
		return LevelError
	case "DEBUG":
		return LevelDebug
	case "TRACE":
		return LevelTrace
	case "FATAL":
		return LevelFatal
	}
	return LevelUnknown
}

// WordLevel reads a level as applications write it, in any letter case:
// the names of log4j, logback, pino, zap, slog, Serilog, Python and syslog.
func WordLevel(s string) Level {
	if len(s) < 1 || len(s) > 13 {
		return LevelUnknown
	}
	var b [13]byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b[i] = c
	}
	switch string(b[:len(s)]) {
	case "info", "information", "informational", "inf", "notice", "note", "log", "success", "config":
		return LevelInfo
	case "warn", "warning", "wrn":
		return LevelWarn
	case "error", "err", "severe", "eror":
		return LevelError
	case "debug", "dbg", "dbug", "fine":
		return LevelDebug
	case "trace", "trc", "verbose", "vrb", "finer", "finest", "silly":
		return LevelTrace
	case "fatal", "critical", "crit", "ftl", "panic", "emergency", "emerg", "alert", "dpanic":
		return LevelFatal
	}
	return LevelUnknown
}

// numberLevel reads a level as pino and bunyan number it (10 trace … 60 fatal).
func numberLevel(n int64) Level {
	switch {
	case n < 10 || n > 69:
		return LevelUnknown
	default:
		return Level(n/10-1) + LevelTrace
	}
}

// LetterLevel reads the letters that glog, klog, Ruby's Logger and MongoDB
// write for a severity.
func LetterLevel(c byte) Level {
	switch c {
	case 'I':
		return LevelInfo
	case 'W':
		return LevelWarn
	case 'E':
		return LevelError
	case 'F':
		return LevelFatal
	case 'D':
		return LevelDebug
	}
	return LevelUnknown
}

// LevelToken cuts the first word off s with the marks around it; blanks, colons
// and bars end it.
func LevelToken(s string) (token, rest string) {
	s = strings.TrimLeft(s, " \t:|-")
	i := strings.IndexAny(s, " \t:|")
	if i < 0 {
		return s, ""
	}
	if s[i] == ':' {
		return s[:i+1], s[i+1:]
	}
	return s[:i], s[i:]
}

// TokenLevel reads the level in a token that LevelToken cut off. A word counts
// only in upper case or with marks around it: text may start with "error".
func TokenLevel(token string) Level {
	word := strings.Trim(token, "[](){}<>:,*")
	if strings.HasPrefix(word, "level=") {
		return WordLevel(strings.Trim(word[len("level="):], `"`))
	}
	if i := strings.LastIndexByte(word, '.'); i > 0 && strings.HasSuffix(token, ":") { // Monolog's channel
		if word = word[i+1:]; !scan.IsUpper(word) {
			return LevelUnknown
		}
	}
	l := WordLevel(word)
	if l == LevelUnknown || !scan.IsUpper(word) && len(word) == len(token) {
		return LevelUnknown
	}
	return l
}

// LeadingLevel reads a level that s starts with: "ERROR: ", "[warn] ", "INFO ".
func LeadingLevel(s string) Level {
	token, _ := LevelToken(s[:min(len(s), 24)])
	if len(token) < 3 || !strings.HasPrefix(s, token) {
		return LevelUnknown
	}
	if i := strings.IndexByte(token, '['); i > 2 && strings.HasSuffix(token, "]") && scan.IsUpper(token[:i]) { // logrus: seconds since its start
		token = token[:i]
	}
	return TokenLevel(token)
}

// PriLevel is the level that a PRI tells (RFC 5424 section 6.2.1), info for -1:
// a line that says nothing else.
func PriLevel(pri int) Level {
	if pri < 0 {
		return LevelInfo
	}
	return LevelOfNumber(int64(pri&7), true)
}

// SeverityWord is the level that a word before ": " names in Postfix's way, and
// what follows it.
func SeverityWord(s string) (l Level, rest string) {
	i := strings.IndexByte(s, ':')
	if i < 4 || i > 7 || len(s) < i+2 || s[i+1] != ' ' {
		return LevelUnknown, s
	}
	switch s[:i] {
	case "warning", "WARNING":
		l = LevelWarn
	case "error", "ERROR":
		l = LevelError
	case "fatal", "panic", "FATAL":
		l = LevelFatal
	default:
		return LevelUnknown, s
	}
	return l, s[i+2:]
}
