package logql

import (
	"fmt"
	"regexp"
	"strconv"
)

// bindings of the binary operators, weakest first; ^ binds to the right.
var bindings = map[string]int{
	"or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, ">": 3, ">=": 3, "<": 3, "<=": 3,
	"+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "^": 6,
}

// binary reads operands and the operators that bind more tightly than bound.
func (p *parser) binary(bound int) Expr {
	p.descend()
	defer func(deep int) { p.deep = deep }(p.deep - 1)
	left := p.operand()
	for {
		op := p.cur.text
		b := bindings[op]
		if p.cur.tok != tokPunct && p.cur.tok != tokWord || b <= bound {
			return left
		}
		p.descend()
		p.advance()
		e := &BinaryExpr{Op: op, Left: left}
		p.modifiers(e)
		if op == "^" {
			b--
		}
		e.Right = p.binary(b)
		left = checkBinary(e)
	}
}

// modifiers reads bool, on or ignoring, group_left or group_right.
func (p *parser) modifiers(e *BinaryExpr) {
	e.Bool = p.take("bool")
	switch {
	case p.take("on"):
		e.Matching.On = true
	case p.take("ignoring"):
	default:
		return
	}
	e.Matching.Labels = p.labelList()
	switch {
	case p.take("group_left"):
		e.Matching.Card = ManyToOne
	case p.take("group_right"):
		e.Matching.Card = OneToMany
	default:
		return
	}
	if p.cur.is("(") {
		e.Matching.Include = p.labelList()
	}
}

// labelList reads (a, b), or ().
func (p *parser) labelList() []string {
	p.expect("(")
	list := []string{}
	if p.take(")") {
		return list
	}
	want := []string{"IDENTIFIER", ")"}
	for {
		list = append(list, p.ident(want...))
		if p.take(")") {
			return list
		}
		p.expect(",", ",", ")")
		want = nil
	}
}

// checkBinary refuses what has no value, and reckons numbers.
func checkBinary(e *BinaryExpr) Expr {
	for i, leg := range []Expr{e.Left, e.Right} {
		side := [...]string{"left", "right"}[i]
		switch leg := leg.(type) {
		case *LogExpr:
			kind := "*syntax.MatchersExpr"
			if len(leg.Stages) > 0 {
				kind = "*syntax.PipelineExpr"
			}
			fail(fmt.Sprintf("unexpected type for %s leg of binary operation (%s): %s", side, e.Op, kind))
		case *Literal:
			if IsSet(e.Op) {
				fail(fmt.Sprintf("unexpected literal for %s leg of logical/set binary operation (%s): %f", side, e.Op, leg.Value))
			}
		}
	}
	l, ok1 := e.Left.(*Literal)
	r, ok2 := e.Right.(*Literal)
	if ok1 && ok2 {
		v, holds := Calculate(e.Op, l.Value, r.Value)
		if IsComparison(e.Op) {
			v = 0
			if holds {
				v = 1
			}
		}
		return &Literal{Value: v}
	}
	return e
}

func (p *parser) operand() Expr {
	switch {
	case p.cur.is("{"):
		return &LogExpr{Matchers: p.matchers(), Stages: p.pipeline(false)}
	case p.take("("):
		e := p.binary(0)
		if !p.take(")") {
			p.unexpected()
		}
		return e
	case p.cur.tok == tokNumber, p.cur.is("+"), p.cur.is("-"):
		return &Literal{Value: p.signed(true)}
	case p.cur.tok != tokFunc:
		p.unexpected()
	}
	op := p.cur.text
	switch {
	case op == "vector":
		return p.vector()
	case op == "label_replace":
		return p.labelReplace()
	case rangeOps[op] != 0:
		p.advance()
		return p.rangeAgg(op)
	case vectorOps[op]:
		p.advance()
		return p.vectorAgg(op)
	}
	p.unexpected()
	return nil
}

// signed reads a number with its sign. Go's float is what it can be; what is
// none is refused if strict.
func (p *parser) signed(strict bool) float64 {
	minus := p.cur.is("-")
	if minus || p.cur.is("+") {
		p.advance()
	}
	v := p.number(strict)
	if minus {
		return -v
	}
	return v
}

func (p *parser) number(strict bool) float64 {
	if p.cur.tok != tokNumber {
		p.unexpected("NUMBER")
	}
	v, err := strconv.ParseFloat(p.cur.text, 64)
	if err != nil && strict {
		fail("unable to parse literal as a float: " + err.Error())
	}
	p.advance()
	return v
}

// metric reads an operand of a function: what has a value.
func (p *parser) metric() Expr {
	e := p.binary(0)
	if _, ok := e.(*LogExpr); ok {
		p.unexpected()
	}
	return e
}

func (p *parser) vector() Expr {
	p.advance()
	p.expect("(")
	v := &Vector{Value: p.number(true)}
	p.expect(")")
	return v
}

func (p *parser) labelReplace() Expr {
	p.advance()
	p.expect("(")
	e := &LabelReplace{Inner: p.metric()}
	if !p.cur.is(",") {
		p.unexpected()
	}
	for _, s := range []*string{&e.Dst, &e.Replacement, &e.Src, &e.Regexp} {
		p.expect(",")
		*s = p.text()
	}
	p.expect(")")
	if _, err := regexp.Compile("^(?:" + e.Regexp + ")$"); err != nil {
		fail("invalid regex in label_replace: " + err.Error())
	}
	return e
}

// vectorOps are the aggregations of an instant.
var vectorOps = wordSet("sum", "avg", "max", "min", "count", "stddev", "stdvar", "bottomk", "topk", "approx_topk",
	"sort", "sort_desc")

func (p *parser) vectorAgg(op string) Expr {
	e := &VectorAgg{Op: op, Group: p.grouping()}
	before := e.Group != nil
	p.expect("(")
	param := ""
	if p.cur.tok == tokNumber && p.peek().is(",") {
		param = p.cur.text
		p.advance()
		p.advance()
	}
	e.Inner = p.metric()
	if !p.take(")") {
		p.unexpected()
	}
	if !before {
		e.Group = p.grouping()
	}
	checkVectorAgg(e, param)
	return e
}

// grouping reads by (…) or without (…), if it is there.
func (p *parser) grouping() *Grouping {
	switch {
	case p.take("by"):
		return &Grouping{Labels: p.labelList()}
	case p.take("without"):
		return &Grouping{Labels: p.labelList(), Without: true}
	}
	return nil
}

func checkVectorAgg(e *VectorAgg, param string) {
	switch e.Op {
	case "topk", "bottomk", "approx_topk":
		if param == "" {
			fail("parameter required for operation " + e.Op)
		}
		n, err := strconv.Atoi(param)
		if err != nil {
			fail("invalid parameter " + e.Op + "(" + param + ",")
		}
		if n <= 0 {
			fail("invalid parameter (must be greater than 0) " + e.Op + "(" + param)
		}
		e.Param = n
	default:
		if param != "" {
			fail("unsupported parameter for operation " + e.Op + "(" + param + ",")
		}
	}
	if e.Group == nil {
		return
	}
	switch e.Op {
	case "sort", "sort_desc":
		fail("sort and sort_desc doesn't allow grouping by ")
	case "approx_topk":
		fail("grouping not allowed for approx_topk aggregation")
	}
}
