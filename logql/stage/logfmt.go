package stage

import (
	"fmt"
	"slices"
)

type logfmtParser struct {
	strict, keepEmpty bool
	names             names
	scan              logfmtScanner
}

// NewLogfmt is | logfmt: every key=value of the line is a label. With strict it
// ends at what is none, with an error; else it goes on after the next blank.
// With keepEmpty keys without a value are labels, too.
func NewLogfmt(strict, keepEmpty bool) Stage {
	return &logfmtParser{strict: strict, keepEmpty: keepEmpty}
}

func (p *logfmtParser) Process(line string, l *Labels) (string, bool) {
	if l.complete() {
		return line, true
	}
	p.scan.reset(line, p.strict, l)
	for p.scan.next() {
		if p.scan.value == "" && !p.keepEmpty {
			continue
		}
		if name := p.names.label(p.scan.key); name != "" && l.extract(name, legible(p.scan.value)) {
			break
		}
	}
	return line, true
}

type logfmtExprParser struct {
	strict bool
	exprs  []Expression
	again  []bool // an expression before has the same key
	values []string
	found  []bool
	scan   logfmtScanner
}

// NewLogfmtExpr is | logfmt a="key", b: each expression gives its label, with
// an empty value if the line does not have the key; of a key that comes again
// the last value, and of expressions with the same key the first. What a parser
// before has set stays, unless the line does not have the key.
func NewLogfmtExpr(strict, _ bool, exprs []Expression) (Stage, error) {
	again := make([]bool, len(exprs))
	for i, e := range exprs {
		again[i] = slices.ContainsFunc(exprs[:i], func(o Expression) bool { return o.Expr == e.Expr })
		if !isName(e.Expr) {
			return nil, fmt.Errorf("cannot parse expression [%s]: a key of logfmt has letters, digits and _ only", e.Expr)
		}
	}
	return &logfmtExprParser{strict: strict, exprs: exprs, again: again, values: make([]string, len(exprs)), found: make([]bool, len(exprs))}, nil
}

func (p *logfmtExprParser) Process(line string, l *Labels) (string, bool) {
	clear(p.values)
	clear(p.found)
	p.scan.reset(line, p.strict, l)
	for p.scan.next() {
		for i := range p.exprs {
			if p.exprs[i].Expr == p.scan.key {
				p.values[i], p.found[i] = p.scan.value, true
				break
			}
		}
	}
	for i, e := range p.exprs {
		name := l.free(e.Name)
		if l.saw(name) && (p.found[i] || p.again[i]) || !p.found[i] && l.stored(e.Name) {
			continue
		}
		if illegible(p.values[i]) {
			p.values[i] = ""
		}
		l.Set(name, p.values[i])
		l.see(name)
	}
	return line, true
}
