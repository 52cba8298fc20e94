package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// isForeign reports whether s, which starts with the level, is of another
// program's pattern than Zimbra's "%-5p [%t] [%z] %c{1} - %m", and no line of
// Zimbra's that has lost its end: a thread in round brackets (JBoss), a logger
// in the second brackets (logback), no second brackets at all.
func isForeign(s string) bool {
	i := strings.IndexByte(s, '[')
	if i < 0 {
		return false
	}
	first, rest, ok := strings.Cut(s[i+1:], "] ")
	rest = scan.TrimSpaces(rest)
	if !ok || rest == "" || strings.Contains(first, " [") || strings.Contains(first, "=") {
		return false
	}
	switch rest[0] {
	case '(':
		return true
	case '[':
		second, tail, ok := strings.Cut(rest[1:], "] ")
		return ok && second != "" && (strings.IndexByte(second, '=') < 0 || !isOurContext(second) && !strings.Contains(tail, " - "))
	}
	return !strings.Contains(rest, "] [")
}

// isOurContext reports whether a context starts with one of the keys that
// Zimbra puts first (ZimbraLog.addToContext).
func isOurContext(s string) bool {
	switch k := scan.KeyLen(s); s[:k] {
	case "name", "aname", "mid", "ip", "oip", "oport", "oproto", "via", "ua", "soapId", "ds", "port", "msgid", "sid", "id", "tip":
		return true
	}
	return false
}
