package transform

import "strings"

// redactLine replaces the values of secret parameters in the head line
// ("?zauthtoken=…", ";jsessionid=…", "&preauth=…") by ***. It reports whether
// there were any; what was read from the line before holds them still.
func (r *Run) redactLine(d *draft) bool {
	text, ok := r.redactParams(d.head.text)
	d.head.text = text
	return ok
}

// redactParams is redactLine for any text.
func (r *Run) redactParams(s string) (string, bool) {
	var b []byte
	done := 0 // bytes of s that b has
	for i := 0; ; {
		j := strings.IndexByte(s[i:], '=')
		if j < 0 {
			break
		}
		i += j + 1
		end := i + paramLen(s[i:])
		if end == i || !isSecretParam(paramName(s[:i-1])) || s[i:end] == redacted || s[i:end] == "null" {
			continue
		}
		if b == nil {
			b = r.a.alloc(len(s) + len(s)/2 + len(redacted)) // "a=b&" is the shortest that grows, by two of four
		}
		b = append(append(b, s[done:i]...), redacted...)
		done, i = end, end
	}
	if b == nil {
		return s, false
	}
	return r.a.commit(append(b, s[done:]...)), true
}

// paramName returns the name that s ends with.
func paramName(s string) string {
	i := len(s)
	for i > 0 && (keyByte[s[i-1]] || s[i-1] == '-') {
		i--
	}
	return s[i:]
}

// paramLen is the length of the value that s starts with.
func paramLen(s string) int {
	if i := strings.IndexAny(s, "&;, \t\"'()[]<>\\\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// isSecretParam reports whether a parameter of a URL or a cookie of that name
// gives access: Zimbra's preauth and its tokens, session identifiers,
// passwords.
func isSecretParam(name string) bool {
	switch len(name) {
	case 0, 1, 2:
		return false
	case 3:
		return strings.EqualFold(name, "pwd") || strings.EqualFold(name, "sid")
	}
	if c := name[0] | 0x20; c == 'p' && strings.EqualFold(name, "preauth") || c == 's' && strings.EqualFold(name, "session") ||
		strings.HasSuffix(name, "sessionid") || strings.HasSuffix(name, "SESSIONID") || strings.HasSuffix(name, "SessionId") {
		return true
	}
	return isSecretKey(name)
}
