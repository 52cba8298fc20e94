package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// MayUserinfo reports whether s may hold a URL with a name and password, or a
// token in place of them. The filter has no trigger for it: "://" stands in too
// many lines.
func MayUserinfo(s string) bool {
	first := strings.IndexByte(s, '/') // most lines with an address have no URL before it
	if first < 0 {
		return false
	}
	for i := first; i < len(s); i++ {
		j := indexAt(s, i)
		if j < 0 {
			return false
		}
		colon, path := false, false
		for k := j - 1; k >= first && k > j-520; k-- {
			if !userinfoByte[s[k]] {
				continue
			}
			switch c := s[k]; {
			case c == '/':
				if !strings.HasSuffix(s[:k], ":/") && !strings.HasSuffix(s[:k], `/\`) {
					path = true // or a password with the sign in it
					continue
				}
				if colon || !path && names.Random(s[k+1:j]) {
					return true
				}
				path = true // or of a password with "://" in it
			case c == '%' && k+2 < j && s[k+1] == '3' && s[k+2]|0x20 == 'a':
				colon = true
			case c == ':':
				n := len(scan.Number(s[k+1 : j]))
				colon = colon || !path || n == 0 || strings.IndexByte("/?#", s[k+1+n]) < 0
			case c == '?', c == '#':
				path = true
			case c <= ' ', c == '<', c == '>', c == '"', c == '\\' && !strings.HasPrefix(s[k:], `\/`), c == '\'':
				k = first
			}
		}
		i = j
	}
	return false
}

// userinfoByte holds the bytes that tell something of what stands before an '@'.
var userinfoByte = func() (t [256]bool) {
	for c := range byte(' ' + 1) {
		t[c] = true
	}
	for _, c := range "/%:?#<>\"\\'" {
		t[c] = true
	}
	return t
}()

// indexAt is the position of the next '@' of s from i on, or -1.
func indexAt(s string, i int) int {
	if j := strings.IndexByte(s[i:], '@'); j >= 0 {
		return i + j
	}
	return -1
}
