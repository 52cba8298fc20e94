package logql

import (
	"fmt"
	"strings"
)

// maxQuery (128 KiB) bounds the text of a query, as in Loki.
const maxQuery = 128 << 10

// maxDeep bounds brackets in brackets and operators in a row, whose cost is the
// square of their number.
const maxDeep = 1000

// Parse reads a query. The error is a *ParseError.
func Parse(query string) (Expr, error) {
	if len(query) >= maxQuery {
		return nil, &ParseError{Msg: fmt.Sprintf("input size too long (%d > %d)", len(query), maxQuery)}
	}
	p := &parser{lex: newLexer(query)}
	e, err := p.query()
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ParseMatchers reads a stream selector alone: {job="zimbra"}. It may match
// every stream, unlike that of a query.
func ParseMatchers(selector string) ([]*Matcher, error) {
	p := &parser{lex: newLexer(selector)}
	var found []*Matcher
	err := p.catch(func() {
		p.advance()
		found = p.matchers()
		if p.cur.tok != tokEOF {
			p.unexpected()
		}
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// parser descends; it gives up by panic(*ParseError), which Parse catches.
type parser struct {
	lex  *lexer
	cur  lexeme
	next *lexeme // the one behind cur, once it was looked at
	deep int     // nested expressions above the current one
}

func (p *parser) catch(f func()) (err *ParseError) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*ParseError)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	f()
	return nil
}

func (p *parser) query() (e Expr, _ error) {
	err := p.catch(func() {
		p.advance()
		e = p.binary(0)
		if p.cur.tok != tokEOF {
			p.unexpected()
		}
		p.checkSelector(e)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// advance moves to the next piece. What the scanner could not read ends here.
func (p *parser) advance() {
	if p.next != nil {
		p.cur, p.next = *p.next, nil
	} else {
		p.cur = p.lex.next()
	}
	if p.lex.err != nil {
		panic(p.lex.err)
	}
}

// peek returns the piece behind the current one.
func (p *parser) peek() *lexeme {
	if p.next == nil {
		x := p.lex.next()
		p.next = &x
		if p.lex.err != nil {
			panic(p.lex.err)
		}
	}
	return p.next
}

// name is how errors call a piece.
func (x *lexeme) name() string {
	switch x.tok {
	case tokEOF:
		return "$end"
	case tokIdent:
		return "IDENTIFIER"
	case tokString:
		return "STRING"
	case tokNumber:
		return "NUMBER"
	case tokDuration:
		return "DURATION"
	case tokBytes:
		return "BYTES"
	case tokRange:
		return "RANGE"
	case tokFlag:
		return "FUNCTION_FLAG"
	case tokFunc:
		if !shownLower[x.text] {
			return strings.ToUpper(x.text)
		}
	}
	return x.text
}

// unexpected ends parsing at the current piece; want are what could stand here,
// named as in Loki's errors, which leave them out if there are many.
func (p *parser) unexpected(want ...string) {
	msg := "syntax error: unexpected " + p.cur.name()
	for i, w := range want {
		if i == 0 {
			msg += ", expecting " + w
		} else {
			msg += " or " + w
		}
	}
	panic(&ParseError{Line: p.cur.line, Col: p.cur.col, Msg: msg})
}

// fail ends parsing for a reason that has no place, as in Loki.
func fail(msg string) { panic(&ParseError{Msg: msg}) }

// take moves on if the current piece is this operator or keyword.
func (p *parser) take(text string) bool {
	if !p.cur.is(text) {
		return false
	}
	p.advance()
	return true
}

// expect moves over an operator or keyword that must stand here.
func (p *parser) expect(text string, want ...string) {
	if !p.take(text) {
		if want == nil {
			want = []string{text}
		}
		p.unexpected(want...)
	}
}

// descend counts a nested part; the caller takes it off again.
func (p *parser) descend() {
	if p.deep++; p.deep > maxDeep {
		fail(fmt.Sprintf("more than %d expressions in each other; write the query in fewer", maxDeep))
	}
}

func (p *parser) ident(want ...string) string {
	if p.cur.tok != tokIdent {
		if want == nil {
			want = []string{"IDENTIFIER"}
		}
		p.unexpected(want...)
	}
	s := p.cur.text
	p.advance()
	return s
}

func (p *parser) text(want ...string) string {
	if p.cur.tok != tokString {
		if want == nil {
			want = []string{"STRING"}
		}
		p.unexpected(want...)
	}
	s := p.cur.text
	p.advance()
	return s
}

// matchers reads {a="b", c=~"d"}.
func (p *parser) matchers() []*Matcher {
	if !p.take("{") {
		p.unexpected()
	}
	if p.take("}") {
		return nil
	}
	want := []string{"IDENTIFIER", "}"}
	var list []*Matcher
	for {
		name := p.ident(want...)
		list = append(list, p.matcher(name))
		if p.take("}") {
			return list
		}
		p.expect(",", "}", ",")
		want = nil
	}
}

// matchOps are the operators of matchers by how they are written.
var matchOps = map[string]MatchOp{"=": MatchEqual, "!=": MatchNotEqual, "=~": MatchRegexp, "!~": MatchNotRegexp}

func (p *parser) matcher(name string) *Matcher {
	op, ok := matchOps[p.cur.text]
	if p.cur.tok != tokPunct || !ok {
		p.unexpected("=", "=~", "!~", "!=")
	}
	p.advance()
	return newMatcher(name, op, p.text())
}

func newMatcher(name string, op MatchOp, value string) *Matcher {
	m, err := NewMatcher(name, op, value)
	if err != nil {
		fail(unwrapped(err).Error())
	}
	return m
}

// emptySelector is what Loki says of a selector that would read everything.
const emptySelector = `queries require at least one regexp or equality matcher that does not have an empty-compatible value. ` +
	`For instance, app=~".*" does not meet this requirement, but app=~".+" will`

// checkSelector refuses selectors that fit streams without any label, as Loki
// does to keep queries from reading all there is.
func (p *parser) checkSelector(e Expr) {
	Walk(e, func(e Expr) {
		log, ok := e.(*LogExpr)
		if !ok {
			return
		}
		for _, m := range log.Matchers {
			if !m.Matches("") {
				return
			}
		}
		fail(emptySelector)
	})
}

// Walk calls f for the expression and all below it, from the top.
func Walk(e Expr, f func(Expr)) {
	f(e)
	switch e := e.(type) {
	case *RangeAgg:
		Walk(e.Log, f)
	case *VectorAgg:
		Walk(e.Inner, f)
	case *LabelReplace:
		Walk(e.Inner, f)
	case *BinaryExpr:
		Walk(e.Left, f)
		Walk(e.Right, f)
	}
}
