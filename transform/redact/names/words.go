package names

import "github.com/zimbraloki/zimbraloki/transform/scan"

// words is a set of words in lower case. Most that are asked for are none of
// them, which their first letter and length tell.
type words struct {
	of    map[string]bool
	shape [32]uint32 // by the first letter: a bit for each length
}

func NewWords(of map[string]bool) *words {
	w := &words{of: of}
	for s := range of {
		w.shape[s[0]&31] |= 1 << len(s)
	}
	return w
}

// Has reports whether a set Has w, in any letter case.
func Has(set *words, w string) bool {
	var b [24]byte
	if w == "" || len(w) > len(b) || set.shape[w[0]&31]>>len(w)&1 == 0 {
		return false
	}
	for i := range len(w) {
		b[i] = scan.LowerByte[w[i]]
	}
	return set.of[string(b[:len(w)])]
}
