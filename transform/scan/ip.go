package scan

import (
	"net/netip"
	"strings"
)

// CanonicalIP brings the three ways in which Zimbra writes an address to one:
// "[2001:db8:0:0:0:0:0:7]" (Jetty), "2001:db8:0:0:0:0:0:7%eth0"
// (getHostAddress) and "2001:db8::7" (nginx) all give "2001:db8::7", as RFC
// 5952 writes it; "::ffff:192.0.2.1" gives "192.0.2.1". A port behind the
// address, which some proxies write, is cut off. It returns "" for what is no
// address.
func CanonicalIP(a *Arena, s string) string {
	if IsIPv4(s) {
		return s
	}
	if host := hostOf(s); host != s {
		return CanonicalIP(a, host)
	}
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	s = strings.TrimPrefix(s, "IPv6:")
	if len(s) < 2 || len(s) > 64 || strings.IndexByte(s, ':') < 0 {
		return ""
	}
	ip, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return a.Commit(ip.WithZone("").Unmap().AppendTo(a.Alloc(48)))
}

// hostOf cuts the port off "192.0.2.1:5678" and "[2001:db8::7]:5678".
func hostOf(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 || i+1 == len(s) || len(Number(s[i+1:])) != len(s)-i-1 {
		return s
	}
	if s[i-1] == ']' || IsIPv4(s[:i]) {
		return s[:i]
	}
	return s
}

// IsIPv4 reports whether s is four decimal numbers of 0 to 255.
func IsIPv4(s string) bool {
	if len(s) < 7 || len(s) > 15 {
		return false
	}
	i := 0
	for part := 1; ; part++ {
		start, n := i, 0
		for i < len(s) {
			c := s[i] - '0'
			if c > 9 {
				break
			}
			n = n*10 + int(c)
			i++
		}
		if i == start || i > start+3 || n > 255 {
			return false
		}
		if part == 4 || i == len(s) {
			return part == 4 && i == len(s)
		}
		if s[i] != '.' {
			return false
		}
		i++
	}
}

// FirstOf returns the first element of a comma list, trimmed: of
// X-Forwarded-For the client, what follows are proxies.
func FirstOf(s string) string {
	if i := strings.IndexByte(s, ','); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}
