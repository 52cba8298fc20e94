package logql

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
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

// What a range aggregation takes.
const (
	takesLines = 1 << iota
	takesUnwrap
	takesGroup
)

// rangeOps are the aggregations over time.
var rangeOps = map[string]int{
	"rate": takesLines | takesUnwrap, "rate_counter": takesUnwrap, "count_over_time": takesLines,
	"bytes_rate": takesLines, "bytes_over_time": takesLines, "absent_over_time": takesLines | takesUnwrap,
	"sum_over_time": takesUnwrap, "avg_over_time": takesUnwrap | takesGroup, "max_over_time": takesUnwrap | takesGroup,
	"min_over_time": takesUnwrap | takesGroup, "stddev_over_time": takesUnwrap | takesGroup,
	"stdvar_over_time": takesUnwrap | takesGroup, "quantile_over_time": takesUnwrap | takesGroup,
	"first_over_time": takesUnwrap | takesGroup, "last_over_time": takesUnwrap | takesGroup,
}

func (p *parser) rangeAgg(op string) Expr {
	e := &RangeAgg{Op: op}
	p.expect("(")
	param := ""
	switch {
	case p.cur.tok == tokNumber:
		param = p.cur.text
		v := p.number(false)
		e.Param = &v
		p.expect(",")
		if !p.cur.is("{") && !p.cur.is("(") {
			p.unexpected("{", "(")
		}
	case !p.cur.is("{") && !p.cur.is("("):
		p.unexpected("NUMBER", "{", "(")
	}
	p.logRange(e)
	p.expect(")")
	e.Group = p.grouping()
	checkRangeAgg(e, param)
	return e
}

func checkRangeAgg(e *RangeAgg, param string) {
	switch {
	case e.Op == "quantile_over_time":
		if e.Param == nil {
			fail("parameter required for operation quantile_over_time")
		}
	case e.Param != nil:
		fail("parameter " + param + " not supported for operation " + e.Op)
	}
	takes := rangeOps[e.Op]
	switch {
	case e.Group != nil && takes&takesGroup == 0:
		fail("grouping not allowed for " + e.Op + " aggregation")
	case e.Unwrap != nil && takes&takesUnwrap == 0:
		fail("invalid aggregation " + e.Op + " with unwrap")
	case e.Unwrap == nil && takes&takesLines == 0:
		fail("invalid aggregation " + e.Op + " without unwrap")
	}
}

// logRange reads a log query with its window. Filters may stand before the
// window or, if none does, behind it.
func (p *parser) logRange(e *RangeAgg) {
	if !p.take("(") {
		e.Log = &LogExpr{Matchers: p.matchers()}
		if p.cur.tok == tokRange {
			p.window(e)
			e.Log.Stages = p.pipeline(true)
			p.unwrap(e)
			return
		}
		e.Log.Stages = p.pipeline(true)
		p.unwrap(e)
		if p.cur.tok != tokRange {
			p.unexpected()
		}
		p.window(e)
		return
	}
	p.bracketedRange(e)
}

// bracketedRange reads what stands in brackets: with the window in them, or
// behind.
func (p *parser) bracketedRange(e *RangeAgg) {
	if p.take("(") {
		p.descend()
		p.bracketedRange(e)
		p.deep--
	} else {
		e.Log = &LogExpr{Matchers: p.matchers()}
		inside := p.cur.tok == tokRange
		if inside {
			p.window(e)
		}
		e.Log.Stages = p.pipeline(true)
		p.unwrap(e)
		if !inside && p.cur.tok == tokRange {
			p.window(e)
			inside = true
		}
	}
	p.expect(")")
	if e.window != "" {
		return
	}
	if p.cur.tok != tokRange {
		p.unexpected("RANGE")
	}
	p.window(e)
	if len(e.Log.Stages) == 0 && e.Unwrap == nil && p.cur.is("|") {
		p.advance()
		if !p.cur.is("unwrap") {
			p.unexpected("unwrap")
		}
		p.unwrapLabel(e)
	}
}

// window reads [5m] and its offset.
func (p *parser) window(e *RangeAgg) {
	e.window, e.Range = p.cur.text, time.Duration(p.cur.value)
	p.advance()
	if !p.take("offset") {
		return
	}
	if p.cur.tok != tokDuration {
		p.unexpected("DURATION")
	}
	e.Offset = time.Duration(p.cur.value)
	p.advance()
}

// unwrap reads | unwrap …, if it is there.
func (p *parser) unwrap(e *RangeAgg) {
	if p.cur.is("|") && p.peek().is("unwrap") {
		p.advance()
		p.unwrapLabel(e)
	}
}

func (p *parser) unwrapLabel(e *RangeAgg) {
	p.advance()
	u := &Unwrap{}
	if p.cur.tok == tokFunc && (p.cur.text == "duration" || p.cur.text == "duration_seconds" || p.cur.text == "bytes") {
		u.Convert = p.cur.text
		p.advance()
		p.expect("(")
		u.Label = p.ident()
		p.expect(")")
	} else {
		u.Label = p.ident()
	}
	for p.take("|") {
		if p.cur.tok != tokIdent && !p.cur.is("(") {
			p.unexpected("IDENTIFIER", "(")
		}
		u.Filters = append(u.Filters, p.labelFilter(0))
	}
	if p.cur.tok != tokRange && e.window == "" && !p.cur.is(")") {
		p.unexpected("RANGE", "|")
	}
	e.Unwrap = u
}
