package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scanContext reads "key=value;key=value;]" into the scratch, by the encoder of
// ZimbraLog.encodeArg: ';' is doubled inside of a value and nothing else is
// escaped, so ']' and '=' may stand in values. It returns what follows the
// last pair, from the ']' on, and whether a ']' stood there.
func scanContext(in *format.Input, s string) (rest string, ok bool) {
	c := contextOf.Of(in)
	c.pairs = c.pairs[:0]
	k, ok := contextKey(s)
	for len(s) > 0 && s[0] != ']' {
		if !ok {
			return s, false
		}
		v, n, next := pairInContext(in, s[k+1:])
		if n < 0 {
			return s, false
		}
		c.pairs = append(c.pairs, contextPair{s[:k], v})
		s, k = s[k+1+n:], next
	}
	return s, len(s) > 0
}

// pairValue reads a value up to its single ';'. n is the number of bytes read
// with the ';', -1 if there is none. A value with ";;" is decoded into the arena.
func pairValue(in *format.Input, s string) (v string, n int) {
	i := strings.IndexByte(s, ';')
	if i < 0 {
		return "", -1
	}
	if i+1 == len(s) || s[i+1] != ';' {
		return s[:i], i + 1
	}
	end := i
	for {
		end += 2 // past the doubled one
		j := strings.IndexByte(s[end:], ';')
		if j < 0 {
			return "", -1
		}
		end += j
		if end+1 == len(s) || s[end+1] != ';' {
			break
		}
	}
	return undouble(in, s[:end]), end + 1
}

// pairInContext is pairValue for a context, where more can be told: a single ';'
// with neither a key nor the closing ']' behind it belongs to the value. Old
// versions and other programs that write the shape do not double it. next is the
// length of the key that follows.
func pairInContext(in *format.Input, s string) (v string, n, next int) {
	i := strings.IndexByte(s, ';')
	if i < 0 {
		return "", -1, 0
	}
	if next, ok := contextKey(s[i+1:]); ok {
		return s[:i], i + 1, next
	}
	for {
		if i+1 < len(s) && s[i+1] == ';' {
			i++
		}
		j := strings.IndexByte(s[i+1:], ';')
		if j < 0 {
			return "", -1, 0
		}
		i += 1 + j
		if next, ok := contextKey(s[i+1:]); ok {
			return undouble(in, s[:i]), i + 1, next
		}
	}
}

// contextKey reads the key of the pair that s starts with. ok reports whether s,
// at the start of a context or behind a ';', can only be a pair or the end: then
// the key has no length.
func contextKey(s string) (n int, ok bool) {
	if s == "" || s[0] == ']' {
		return 0, true
	}
	n = scan.KeyLen(s)
	return n, n > 0 && n < len(s) && s[n] == '='
}

func undouble(in *format.Input, s string) string {
	b := in.Arena.Alloc(len(s))
	for {
		i := strings.IndexByte(s, ';')
		if i < 0 {
			return in.Arena.Commit(append(b, s...))
		}
		b = append(b, s[:i+1]...)
		s = s[i+1:]
		if s != "" && s[0] == ';' {
			s = s[1:]
		}
	}
}
