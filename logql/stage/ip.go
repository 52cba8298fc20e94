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
	return nil, fmt.Errorf("ip: invalid pattern: %q; use 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/24", s)
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

// in reports whether the text holds an address of the set. From left to right,
// what begins as an address does is taken with all that may be part of one:
// 192.0.2.1.5 holds none, and neither does a:192.0.2.1.
func (s *ipSet) in(text string) bool {
	mark := byte(':')
	if s.from.Is4() {
		mark = '.'
	}
	if strings.IndexByte(text, mark) < 0 {
		return false
	}
	for i := 0; i < len(text); {
		if !isHex(text[i]) && text[i] != ':' {
			i++
			continue
		}
		four, six := beginsIP(text[i:])
		if !four && !six {
			i++
			continue
		}
		to := i
		for to < len(text) && (isDigit(text[to]) || text[to] == '.' || six && (isHex(text[to]) || text[to] == ':')) {
			to++
		}
		if four == s.from.Is4() && s.holds(text[i:to]) {
			return true
		}
		i = to
	}
	return false
}

// beginsIP tells what kind of address a text looks like: a few digits and a
// dot, or a few hexadecimal ones and a colon.
func beginsIP(s string) (four, six bool) {
	digits := 0
	for digits < len(s) && digits < 3 && isDigit(s[digits]) {
		digits++
	}
	if digits > 0 && digits < len(s) && s[digits] == '.' {
		return true, false
	}
	hex := digits
	for hex < len(s) && hex < 4 && isHex(s[hex]) {
		hex++
	}
	if hex == len(s) || s[hex] != ':' {
		return false, false
	}
	return false, hex > 0 || strings.HasPrefix(s, "::")
}

// maxIP is the length of the longest address in text.
const maxIP = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")

func (s *ipSet) holds(word string) bool {
	if len(word) > maxIP || word[len(word)-1] == '.' {
		return false
	}
	a, err := netip.ParseAddr(word)
	return err == nil && s.contains(a)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
