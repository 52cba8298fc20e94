package logql

import "time"

// lineOps are the operators that begin a line filter.
var lineOps = map[string]LineOp{
	"|=": LineContains, "!=": LineNotContains, "|~": LineMatches,
	"!~": LineNotMatches, "|>": LinePattern, "!>": LineNotPattern,
}

// pipeline reads stages as long as there are some; it stops before | unwrap if
// that may stand here.
func (p *parser) pipeline(unwrap bool) []Stage {
	var list []Stage
	for {
		if op, ok := lineOps[p.cur.text]; ok && p.cur.tok == tokPunct {
			p.advance()
			list = append(list, p.lineFilter(op))
			continue
		}
		if !p.cur.is("|") || unwrap && p.peek().is("unwrap") {
			return list
		}
		p.advance()
		list = append(list, p.stage())
	}
}

func (p *parser) lineFilter(op LineOp) *LineFilter {
	f := &LineFilter{Op: op}
	for {
		if p.cur.isFunc("ip") {
			f.Any = append(f.Any, LineMatch{Text: p.ip(), IP: true})
		} else {
			f.Any = append(f.Any, LineMatch{Text: p.text("STRING", "ip")})
		}
		if !p.take("or") {
			return f
		}
	}
}

// ip reads ip("…").
func (p *parser) ip() string {
	p.advance()
	p.expect("(")
	s := p.text()
	p.expect(")")
	return s
}

// stage reads what stands behind a |.
func (p *parser) stage() Stage {
	if p.cur.tok == tokIdent || p.cur.is("(") {
		return &LabelFilterStage{Filter: p.labelFilter(0)}
	}
	word := p.cur.text
	if p.cur.tok != tokWord {
		p.unexpected()
	}
	switch word {
	case "json", "logfmt", "regexp", "pattern", "unpack":
		p.advance()
		return p.parserStage(word)
	case "line_format":
		p.advance()
		return &LineFormat{Template: p.text()}
	case "label_format":
		p.advance()
		return p.labelFormat()
	case "decolorize":
		p.advance()
		return &Decolorize{}
	case "drop", "keep":
		p.advance()
		return p.pick(word == "keep")
	}
	p.unexpected()
	return nil
}

func (p *parser) parserStage(word string) Stage {
	switch word {
	case "json":
		return p.extractor(&Parser{Kind: ParserJSON})
	case "logfmt":
		f := &Parser{Kind: ParserLogfmt}
		for ; p.cur.tok == tokFlag; p.advance() {
			f.Strict = f.Strict || p.cur.text == "strict"
			f.KeepEmpty = f.KeepEmpty || p.cur.text == "keep-empty"
		}
		return p.extractor(f)
	case "regexp":
		s := &Parser{Kind: ParserRegexp, Param: p.text()}
		if err := checkRegexpParser(s.Param); err != nil {
			fail("invalid regexp parser: " + err.Error())
		}
		return s
	case "pattern":
		s := &Parser{Kind: ParserPattern, Param: p.text()}
		if err := checkPatternParser(s.Param); err != nil {
			fail("invalid pattern parser: " + err.Error())
		}
		return s
	}
	return &Parser{Kind: ParserUnpack}
}

// extractor reads the expressions behind json and logfmt, if there are any.
func (p *parser) extractor(plain *Parser) Stage {
	if p.cur.tok != tokIdent {
		return plain
	}
	e := &ExtractParser{Kind: plain.Kind, Strict: plain.Strict, KeepEmpty: plain.KeepEmpty}
	for {
		name := p.ident()
		expr := name
		if p.take("=") {
			expr = p.text()
		}
		e.Fields = append(e.Fields, Extraction{Label: name, Expr: expr})
		if !p.take(",") {
			return e
		}
	}
}

func (p *parser) labelFormat() Stage {
	f := &LabelFormat{}
	for {
		one := Format{Name: p.ident()}
		p.expect("=")
		if one.Rename = p.cur.tok == tokIdent; one.Rename {
			one.Value = p.ident()
		} else {
			one.Value = p.text("IDENTIFIER", "STRING")
		}
		f.Formats = append(f.Formats, one)
		if !p.take(",") {
			return f
		}
	}
}

func (p *parser) pick(keep bool) Stage {
	s := &Select{Keep: keep}
	for {
		one := LabelPick{Name: p.ident()}
		if _, ok := matchOps[p.cur.text]; ok && p.cur.tok == tokPunct {
			one.Matcher = p.matcher(one.Name)
		}
		s.Picks = append(s.Picks, one)
		if !p.take(",") {
			return s
		}
	}
}

// The bindings of and, or in label filters. A comma, or nothing between two
// filters, takes all that follows as its right side.
const (
	bindOr  = 1
	bindAnd = 2
)

func (p *parser) labelFilter(bound int) LabelFilter {
	p.descend()
	defer func() { p.deep-- }()
	left := p.labelTerm()
	for {
		switch {
		case p.take(","), p.cur.tok == tokIdent, p.cur.is("("):
			left = &LabelAnd{Left: left, Right: p.labelFilter(0)}
		case bound < bindAnd && p.take("and"):
			left = &LabelAnd{Left: left, Right: p.labelFilter(bindAnd)}
		case bound < bindOr && p.take("or"):
			left = &LabelOr{Left: left, Right: p.labelFilter(bindOr)}
		default:
			return left
		}
	}
}

func (p *parser) labelTerm() LabelFilter {
	if p.take("(") {
		f := p.labelFilter(0)
		if !p.take(")") {
			p.unexpected()
		}
		return f
	}
	name := p.ident("IDENTIFIER", "(")
	op := p.cur.text
	_, compares := compareOps[op]
	_, matches := matchOps[op]
	if p.cur.tok != tokPunct || !compares && !matches {
		p.unexpected()
	}
	p.advance()
	switch {
	case matches && p.cur.tok == tokString:
		return &LabelMatch{Matcher: newMatcher(name, matchOps[op], p.text())}
	case op == "=~", op == "!~":
		p.unexpected("STRING")
	case matches && p.cur.isFunc("ip"):
		return &LabelIP{Name: name, Negative: op == "!=", Addr: p.ip()}
	}
	return p.labelCompare(name, compareOps[op])
}

// compareOps are the comparisons of numbers by how they are written.
var compareOps = map[string]CompareOp{
	"=": CompareEqual, "==": CompareEqual, "!=": CompareNotEqual, ">": CompareGreater,
	">=": CompareGreaterOrEqual, "<": CompareLess, "<=": CompareLessOrEqual,
}

func (p *parser) labelCompare(name string, op CompareOp) LabelFilter {
	f := &LabelCompare{Name: name, Op: op}
	switch p.cur.tok {
	case tokDuration:
		f.Kind, f.Duration = ValueDuration, time.Duration(p.cur.value)
		p.advance()
		return f
	case tokBytes:
		f.Kind, f.Bytes = ValueBytes, uint64(p.cur.value)
		p.advance()
		return f
	}
	if p.cur.tok != tokNumber && !p.cur.is("+") && !p.cur.is("-") {
		p.unexpected()
	}
	f.Number = p.signed(false)
	return f
}
