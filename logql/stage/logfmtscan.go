package stage

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// logfmtScanner goes over the pairs of a line. Everything up to the blank of
// ASCII separates them.
type logfmtScanner struct {
	line       string
	at         int
	strict     bool
	l          *Labels
	key, value string
	wrong      bool // it has ended with an error
}

func (s *logfmtScanner) reset(line string, strict bool, l *Labels) {
	*s = logfmtScanner{line: line, strict: strict, l: l}
}

// next goes to the next pair, past what is none unless the scanner is strict.
func (s *logfmtScanner) next() bool {
	for {
		for s.at < len(s.line) && s.line[s.at] <= ' ' {
			s.at++
		}
		if s.at == len(s.line) {
			return false
		}
		what := s.pair()
		if what == "" {
			return true
		}
		if s.wrong = s.strict; s.strict {
			s.l.parserErr(ErrLogfmt, fmt.Sprintf("logfmt syntax error at pos %d : %s", s.at+1, what))
			return false
		}
		for s.at < len(s.line) && s.line[s.at] > ' ' {
			s.at++
		}
	}
}

// pair reads a key and its value, or says what is wrong at s.at.
func (s *logfmtScanner) pair() (wrong string) {
	from := s.at
	s.value = ""
	for s.at < len(s.line) && s.line[s.at] > ' ' {
		switch s.line[s.at] {
		case '"':
			return s.unexpected()
		case '=':
			if s.at == from {
				return s.unexpected()
			}
			s.key = s.line[from:s.at]
			s.at++
			return s.readValue()
		}
		s.at++
	}
	s.key = s.line[from:s.at]
	return ""
}

func (s *logfmtScanner) unexpected() string {
	return fmt.Sprintf("unexpected %q", s.line[s.at])
}

func (s *logfmtScanner) readValue() (wrong string) {
	if s.at < len(s.line) && s.line[s.at] == '"' {
		return s.quoted()
	}
	from := s.at
	for s.at < len(s.line) && s.line[s.at] > ' ' {
		if c := s.line[s.at]; c == '"' || c == '=' {
			return s.unexpected()
		}
		s.at++
	}
	s.value = s.line[from:s.at]
	return ""
}

func (s *logfmtScanner) quoted() (wrong string) {
	s.at++
	from, escaped := s.at, false
	for {
		i := strings.IndexAny(s.line[s.at:], `"\`)
		if i < 0 || s.at+i+1 >= len(s.line) && s.line[s.at+i] == '\\' {
			s.at = len(s.line)
			return "unterminated quoted value"
		}
		s.at += i
		if s.line[s.at] == '"' {
			break
		}
		escaped = true
		s.at += 2
	}
	s.value = s.line[from:s.at]
	s.at++
	if escaped {
		var ok bool
		if s.value, ok = s.l.unquote(s.value); !ok {
			return "invalid quoted value"
		}
	}
	return ""
}

// unquote resolves the escapes of a quoted value, those of JSON and \'.
func (l *Labels) unquote(q string) (string, bool) {
	from := len(l.arena)
	for i := 0; i < len(q); {
		if q[i] != '\\' {
			l.arena = append(l.arena, q[i])
			i++
			continue
		}
		if q[i+1] == 'u' {
			r, n := unicodeEscape(q[i:])
			if n == 0 {
				return "", false
			}
			l.arena = utf8.AppendRune(l.arena, r)
			i += n
			continue
		}
		c := strings.IndexByte(`"\/'bfnrt`, q[i+1])
		if c < 0 {
			return "", false
		}
		l.arena = append(l.arena, "\"\\/'\b\f\n\r\t"[c])
		i += 2
	}
	return textOf(l.arena[from:]), true
}

// unicodeEscape reads \uXXXX, or two that make one character, and says how
// long it was; 0 is no escape.
func unicodeEscape(s string) (rune, int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := hex4(s[6:]); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, 12
			}
		}
		return utf8.RuneError, 6
	}
	return r, 6
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case isHex(c):
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
