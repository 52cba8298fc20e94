package names

import "github.com/zimbraloki/zimbraloki/transform/scan"

// Words is a set of words in lower case. Most that are asked for are none of
// them, which their first letter and length tell.
type Words struct {
	of    map[string]bool
	shape [32]uint32 // by the first letter: a bit for each length
}

// NewWords makes a set of words in lower case, of up to 24 bytes.
func NewWords(of map[string]bool) *Words {
	w := &Words{of: of}
	for s := range of {
		w.shape[s[0]&31] |= 1 << len(s)
	}
	return w
}

// Has reports whether set has w, in any letter case.
func Has(set *Words, w string) bool {
	var b [24]byte
	if w == "" || len(w) > len(b) || set.shape[w[0]&31]>>len(w)&1 == 0 {
		return false
	}
	for i := range len(w) {
		b[i] = scan.LowerByte[w[i]]
	}
	return set.of[string(b[:len(w)])]
}
