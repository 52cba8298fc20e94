package scan

import (
	"encoding/binary"
	"unsafe"
)

// Eight bytes of a text are looked at as one number: what would cost a loop with
// a branch for each byte costs a few operations for all of them.
const (
	eightOnes = 0x0101010101010101
	eightTops = 0x8080808080808080
)

// EightBytes are the eight bytes of s from i on, the first one lowest.
//
// Safety: the caller has looked that s has them; where s comes from a loop over
// its bytes, the compiler would look a second and a third time.
func EightBytes(s string, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))[:])
}

// putEight writes w to b from i on, with the same promise.
func putEight(b []byte, i int, w uint64) {
	binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))[:], w)
}

// Eight is a pattern of eight bytes.
type Eight struct{ word, slack, mask uint64 }

// EightOf makes a pattern of eight signs: a '0' stands for any decimal digit, a
// '?' for any byte, each other sign for itself.
func EightOf(pattern string) (p Eight) {
	for i, c := range []byte(pattern[:8]) {
		// What differs from the pattern by more than a sign may, reaches the top
		// bit of its byte with the slack.
		sign, slack, mask := uint64(c), uint64(0x7f), uint64(0xff)
		switch c {
		case '0':
			slack = 0x7f - 9
		case '?':
			sign, mask = 0, 0
		}
		p.word |= sign << (8 * i)
		p.slack |= slack << (8 * i)
		p.mask |= mask << (8 * i)
	}
	return p
}

// At reports whether the eight bytes of s from i on, which s has, are of the
// pattern.
func (p *Eight) At(s string, i int) bool {
	x := (EightBytes(s, i) ^ p.word) & p.mask
	return (x|(x+p.slack))&eightTops == 0
}

// isASCII reports whether s has no byte but those of ASCII.
func isASCII(s string) bool {
	i := 0
	for ; i+32 <= len(s); i += 32 {
		if (EightBytes(s, i)|EightBytes(s, i+8)|EightBytes(s, i+16)|EightBytes(s, i+24))&eightTops != 0 {
			return false
		}
	}
	for ; i+8 <= len(s); i += 8 {
		if EightBytes(s, i)&eightTops != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// QuoteEnd returns the index of the first quote of s from i on, len(s) if there
// is none.
func QuoteEnd(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		quote := EightBytes(s, i) ^ eightOnes*'"'
		if hit := (quote - eightOnes) &^ quote & eightTops; hit != 0 {
			return i + firstByte(hit)
		}
	}
	for i < len(s) && s[i] != '"' {
		i++
	}
	return i
}

// StringEnd returns the index of the first quote or backslash of s from i on,
// len(s) if there is none.
func StringEnd(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if hit := specials(EightBytes(s, i)); hit != 0 {
			return i + firstByte(hit)
		}
	}
	for i < len(s) && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}
