package stage

import (
	"strings"
	"unicode/utf8"
)

// names remembers what label a key of a log becomes.
type names map[string]string

// maxNames bounds what is remembered: keys come from logs.
const maxNames = 4096

// label returns the label's name of a key: letters, digits and '_', with one
// '_' for any other character, and before a digit that would come first. A key
// of blanks is "".
func (n *names) label(key string) string {
	if isName(key) {
		return key
	}
	return n.intern(key, func(key string) string {
		s := part(key)
		if s != "" && isDigit(s[0]) {
			s = "_" + s
		}
		return s
	})
}

// part is label for a key that follows others: a digit may come first.
func (n *names) part(key string) string {
	if isName(key) {
		return key
	}
	return n.intern(key, part)
}

// whole returns the text of a name that is put together, one string for all.
func (n *names) whole(name []byte) string {
	if s, ok := (*n)[string(name)]; ok {
		return s
	}
	return n.intern(string(name), func(s string) string { return s })
}

func (n *names) intern(key string, made func(string) string) string {
	if s, ok := (*n)[key]; ok {
		return s
	}
	if *n == nil || len(*n) >= maxNames {
		*n = names{}
	}
	key = strings.Clone(key)
	s := made(key)
	(*n)[key] = s
	return s
}

// isName reports whether a key is a label's name as it stands.
func isName(key string) bool {
	for i := range len(key) {
		if c := key[i]; !isWord(c) || i == 0 && isDigit(c) {
			return false
		}
	}
	return key != ""
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c)
}

func part(key string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf || !isWord(byte(r)) {
			return '_'
		}
		return r
	}, strings.TrimSpace(key))
}

// legible returns the value with blanks for what is no UTF-8.
func legible(s string) string {
	if !illegible(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// illegible reports whether the text has bytes that are no UTF-8, or the
// character that stands for such.
func illegible(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return !utf8.ValidString(s[i:]) || strings.ContainsRune(s[i:], utf8.RuneError)
		}
	}
	return false
}
