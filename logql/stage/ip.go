package stage

import (
	"fmt"
	"net/netip"
	"strings"
)

// ipSet is an address, a range or a net.
type ipSet struct{ from, to netip.Addr }

// parseIPSet reads the text of ip("…").
func parseIPSet(s string) (*ipSet, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return &ipSet{a, a}, nil
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		p = p.Masked()
		return &ipSet{p.Addr(), lastOf(p)}, nil
	}
	if a, b, ok := strings.Cut(s, "-"); ok {
		from, err := netip.ParseAddr(strings.TrimSpace(a))
		to, err2 := netip.ParseAddr(strings.TrimSpace(b))
		if err == nil && err2 == nil && from.BitLen() == to.BitLen() && from.Compare(to) <= 0 {
			return &ipSet{from, to}, nil
		}
	}
	return nil, fmt.Errorf("ip: %q is no address, no range and no net; use 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/24", s)
}

// lastOf returns the highest address of a net.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (s *ipSet) contains(a netip.Addr) bool {
	return a.BitLen() == s.from.BitLen() && s.from.Compare(a) <= 0 && a.Compare(s.to) <= 0
}

// in reports whether the text holds an address of the set. What may be part of
// an address is taken as one word: 192.0.2.1.5 holds none.
func (s *ipSet) in(text string) bool {
	if s.from.Is4() {
		return s.in4(text)
	}
	return s.in6(text)
}

func (s *ipSet) in4(text string) bool {
	for i := 0; i < len(text); {
		dot := strings.IndexByte(text[i:], '.')
		if dot < 0 {
			return false
		}
		from := i + dot
		for from > i && isDigit(text[from-1]) {
			from--
		}
		to := i + dot
		for to < len(text) && (isDigit(text[to]) || text[to] == '.') {
			to++
		}
		if from < i+dot && to-from <= maxIPv4 {
			if a, err := netip.ParseAddr(text[from:to]); err == nil && s.contains(a) {
				return true
			}
		}
		i = to
	}
	return false
}

// The lengths of the longest addresses in text.
const (
	maxIPv4 = len("255.255.255.255")
	maxIPv6 = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
)

func (s *ipSet) in6(text string) bool {
	for i := 0; i < len(text); {
		colon := strings.IndexByte(text[i:], ':')
		if colon < 0 {
			return false
		}
		from := i + colon
		for from > i && isHex(text[from-1]) {
			from--
		}
		to := i + colon
		for to < len(text) && (isHex(text[to]) || text[to] == ':' || text[to] == '.') {
			to++
		}
		if s.word6(text[from:to]) {
			return true
		}
		i = to
	}
	return false
}

// word6 tries a word and, since letters before its first colon may belong to
// something else as in x:2001:db8::1, what is left of it without them.
func (s *ipSet) word6(word string) bool {
	if strings.Count(word, ":") < 7 && !strings.Contains(word, "::") {
		return false // a time of day, say
	}
	for start := 0; start <= strings.IndexByte(word, ':'); start++ {
		if len(word)-start > maxIPv6 {
			continue
		}
		if a, err := netip.ParseAddr(word[start:]); err == nil {
			return s.contains(a)
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
