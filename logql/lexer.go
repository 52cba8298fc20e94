package logql

import (
	"strconv"
	"strings"
	"text/scanner"
	"time"
	"unicode"
)

// lexer cuts a query into lexemes. The scanner below it is Go's own, whose
// words for broken strings and numbers Loki passes on, too.
type lexer struct {
	s    scanner.Scanner
	text string
	err  *ParseError // the first that the scanner met
}

// newLexer returns a lexer for the query.
func newLexer(query string) *lexer {
	l := &lexer{text: query}
	l.s.Init(strings.NewReader(query))
	l.s.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanFloats | scanner.ScanStrings |
		scanner.ScanRawStrings | scanner.ScanComments | scanner.SkipComments
	l.s.Error = func(_ *scanner.Scanner, msg string) {
		if l.err == nil {
			l.err = &ParseError{Line: l.s.Line, Col: l.s.Column, Msg: msg}
		}
	}
	return l
}

// fail keeps an error at the current piece.
func (l *lexer) fail(msg string) {
	if l.err == nil {
		l.err = &ParseError{Line: l.s.Line, Col: l.s.Column, Msg: msg}
	}
}

// next returns the next piece; after the last it returns tokEOF again and again.
func (l *lexer) next() lexeme {
	for {
		r := l.s.Scan()
		if r == '#' {
			for c := l.s.Next(); c != '\n' && c != scanner.EOF; c = l.s.Next() {
			}
			continue
		}
		x := l.classify(r)
		x.line, x.col = l.s.Line, l.s.Column
		return x
	}
}

func (l *lexer) classify(r rune) lexeme {
	text := l.s.TokenText()
	switch r {
	case scanner.EOF:
		return lexeme{tok: tokEOF}
	case scanner.Int, scanner.Float:
		return l.number(text)
	case scanner.String, scanner.RawString:
		v, err := strconv.Unquote(text)
		if err != nil {
			l.fail(err.Error())
		}
		return lexeme{tok: tokString, text: v}
	case scanner.Ident:
		return l.word(text)
	case '[':
		return l.window()
	case '-':
		if x, ok := l.dashed(); ok {
			return x
		}
	}
	return l.operator(r, text)
}

// rest is the text behind the current piece.
func (l *lexer) rest() string { return l.text[min(l.s.Pos().Offset, len(l.text)):] }

// skip moves n bytes on. The scanner forgets the line of the piece thereby, so
// that errors name line 0, as Loki's do.
func (l *lexer) skip(n int) {
	for end := l.s.Pos().Offset + n; l.s.Pos().Offset < end; {
		if l.s.Next() == scanner.EOF {
			return
		}
	}
}

func (l *lexer) number(text string) lexeme {
	rest := l.rest()
	if n := span(rest, "0123456789.nsuµmhdwy"); n > 0 {
		if d, ok := parseDuration(text + rest[:n]); ok {
			l.skip(n)
			return lexeme{tok: tokDuration, text: text + rest[:n], value: float64(d)}
		}
	}
	if n := span(rest, "BikKMGTP"); n > 0 {
		if b, ok := ParseBytes(text + rest[:n]); ok {
			l.skip(n)
			return lexeme{tok: tokBytes, text: text + rest[:n], value: float64(b)}
		}
	}
	return lexeme{tok: tokNumber, text: text}
}

// span is the length of the beginning of s that has only runes of set.
func span(s, set string) int {
	for i, r := range s {
		if !strings.ContainsRune(set, r) {
			return i
		}
	}
	return len(s)
}

// parseDuration takes Prometheus' notation (1d2h) and Go's (1.5h).
func parseDuration(s string) (time.Duration, bool) {
	if d, err := ParseRange(s); err == nil {
		return d, true
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

// dashed reads a negative duration; a dash before anything else is an operator.
func (l *lexer) dashed() (lexeme, bool) {
	rest := l.rest()
	if rest == "" {
		return lexeme{}, false
	}
	if n := span(rest, "0123456789.nsuµmh"); n > 0 && rest[0] >= '0' && rest[0] <= '9' {
		if d, err := time.ParseDuration("-" + rest[:n]); err == nil && d != 0 {
			l.skip(n)
			return lexeme{tok: tokDuration, text: "-" + rest[:n], value: float64(d)}, true
		}
	}
	for _, flag := range []string{"-strict", "-keep-empty"} {
		behind, ok := strings.CutPrefix(rest, flag)
		if r := []rune(behind + " ")[0]; ok && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			l.skip(len(flag))
			return lexeme{tok: tokFlag, text: flag[1:]}, true
		}
	}
	return lexeme{}, false
}

// window reads [5m]; what stands in it must be Prometheus' notation.
func (l *lexer) window() lexeme {
	text, _, closed := strings.Cut(l.rest(), "]")
	if !closed {
		l.skip(len(text))
		l.fail("missing closing ']' in duration")
		return lexeme{tok: tokRange}
	}
	l.skip(len(text) + 1)
	d, err := ParseRange(text)
	if err != nil {
		l.fail(err.Error())
	}
	return lexeme{tok: tokRange, text: text, value: float64(d)}
}

func (l *lexer) word(text string) lexeme {
	lower := strings.ToLower(text)
	if keywords[lower] {
		return lexeme{tok: tokWord, text: lower}
	}
	if functions[lower] && called(l.rest()) {
		return lexeme{tok: tokFunc, text: lower}
	}
	return lexeme{tok: tokIdent, text: text}
}

// called reports whether what follows a word makes it a function: a bracket, or
// a grouping with one.
func called(rest string) bool {
	rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
	if strings.HasPrefix(rest, "(") {
		return true
	}
	for _, w := range []string{"by", "without"} {
		if len(rest) > len(w) && strings.EqualFold(rest[:len(w)], w) {
			return strings.HasPrefix(strings.TrimLeftFunc(rest[len(w):], unicode.IsSpace), "(")
		}
	}
	return false
}

// operators are the signs of LogQL, longest first for those that begin alike.
var operators = wordSet("|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=",
	"|", "=", ">", "<", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", ",", ".")

func (l *lexer) operator(r rune, text string) lexeme {
	if rest := l.rest(); rest != "" && operators[text+rest[:1]] {
		l.skip(1)
		return lexeme{tok: tokPunct, text: text + rest[:1]}
	}
	if operators[string(r)] {
		return lexeme{tok: tokPunct, text: string(r)}
	}
	return lexeme{tok: tokIdent, text: text}
}
