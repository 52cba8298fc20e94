package logql

import "time"

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
