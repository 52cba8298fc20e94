package stage

import "fmt"

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
	if p.scan.wrong {
		l.refuses(ErrorLabel)
	}
	return line, !l.refused
}

type logfmtExprParser struct {
	strict bool
	exprs  []Expression
	scan   logfmtScanner
}

// NewLogfmtExpr is | logfmt a="key", b: each expression gives its label the last
// value of its key in the line, or an empty one, in place of what a parser
// before has set. Loki's reading of names is kept:
//
//   - a key that has the name of a label of the expressions gives its value to
//     that label, too: of a="b" and the line a=1 b=2 it is 2, of b=2 a=1 it is 1;
//   - a label that has the suffix _extracted keeps what a parser before has set;
//   - a key of another name counts only while no stage before has set a label of
//     its name, and in a metric query only if the query names it.
//
// Of expressions with the same key the first has it; in Loki that is chance.
func NewLogfmtExpr(strict, _ bool, exprs []Expression) (Stage, error) {
	for _, e := range exprs {
		if !isName(e.Expr) {
			return nil, fmt.Errorf("cannot parse expression [%s]: a key of logfmt has letters, digits and _ only", e.Expr)
		}
	}
	return &logfmtExprParser{strict: strict, exprs: exprs}, nil
}

func (p *logfmtExprParser) Process(line string, l *Labels) (string, bool) {
	for i := range p.exprs {
		if name := p.exprs[i].Name; !l.stored(name) {
			l.Set(name, "")
		}
	}
	p.scan.reset(line, p.strict, l)
	for p.scan.next() {
		name := p.label(p.scan.key, l)
		if name == "" {
			continue
		}
		if free := l.free(name); free == name || !l.saw(free) {
			l.Set(free, p.value())
		}
	}
	for i := range p.exprs {
		if name := l.free(p.exprs[i].Name); has(l.parsed, name) {
			l.see(name)
		}
	}
	return line, true
}

// value is that of the key at hand, empty if it is no UTF-8.
func (p *logfmtExprParser) value() string {
	if illegible(p.scan.value) {
		return ""
	}
	return p.scan.value
}

// label returns the label that a key of the line gives its value to, or "".
func (p *logfmtExprParser) label(key string, l *Labels) string {
	named, of := "", ""
	for i := range p.exprs {
		if of == "" && p.exprs[i].Expr == key {
			of = p.exprs[i].Name
		}
		if p.exprs[i].Name == key {
			named = key
		}
	}
	if of == "" || named == "" && (!l.wants(key) || l.taken(key)) {
		return named
	}
	return of
}
