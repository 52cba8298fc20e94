package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// frame are the instants at which a metric query is evaluated.
type frame struct {
	start, step int64 // nanoseconds
	n           int
}

func (f *frame) at(k int) int64 { return f.start + int64(k)*f.step }

// series is one label set with a value, or none, for each instant.
type series struct {
	labels []entry.Pair
	values []float64
}

// none marks an instant without a value. It is a NaN that no calculation makes.
var none = math.Float64frombits(0x7ff0_0000_0000_0b0b)

func isNone(v float64) bool { return math.Float64bits(v) == math.Float64bits(none) }

// empty returns n instants without values.
func empty(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = none
	}
	return v
}

// evaluation is one metric query on its way.
type evaluation struct {
	*Engine
	ctx context.Context
	frame
	cells int // values that are held for all aggregations of the query
	share int // how many there may be
}

// metric answers a metric query.
func (e *Engine) metric(ctx context.Context, expr logql.Expr, p *Params) (*Result, error) {
	f := frame{start: p.End, step: 1, n: 1}
	if !p.Instant {
		step := int64(p.Step)
		if step <= 0 {
			return nil, badf("zero or negative query resolution step widths are not accepted. Try a positive integer")
		}
		if (p.End-p.Start)/step > int64(e.opt.MaxPoints) {
			return nil, badf("exceeded maximum resolution of %d points per time series. Try increasing the value of the step parameter", e.opt.MaxPoints)
		}
		start := p.Start - p.Start%step
		f = frame{start: start, step: step, n: int((p.End-start+step-1)/step) + 1}
	}
	if l, ok := expr.(*logql.Literal); ok && p.Instant {
		return &Result{Type: Scalar, Scalar: Point{Time: p.End / 1e6, Value: l.Value}}, nil
	}
	ev := &evaluation{Engine: e, ctx: ctx, frame: f, share: e.opt.MaxCells}
	list, err := ev.top(expr)
	if err != nil {
		return nil, err
	}
	return ev.result(expr, list, p.Instant)
}

// top evaluates the whole query, which may be a number alone.
func (ev *evaluation) top(expr logql.Expr) ([]*series, error) {
	if l, ok := expr.(*logql.Literal); ok {
		return []*series{ev.constant(l.Value)}, nil
	}
	return ev.eval(expr)
}

func (ev *evaluation) constant(v float64) *series {
	s := &series{values: make([]float64, ev.n)}
	for i := range s.values {
		s.values[i] = v
	}
	return s
}

func (ev *evaluation) eval(expr logql.Expr) ([]*series, error) {
	switch e := expr.(type) {
	case *logql.RangeAgg:
		return ev.rangeAgg(e, e.Group)
	case *logql.VectorAgg:
		return ev.vectorAgg(e)
	case *logql.BinaryExpr:
		return ev.binary(e)
	case *logql.LabelReplace:
		return ev.labelReplace(e)
	case *logql.Vector:
		return []*series{ev.constant(e.Value)}, nil
	}
	return nil, &Error{
		Status: http.StatusInternalServerError,
		Msg:    "unexpected expr type (*syntax.LiteralExpr) for Evaluator type (*logql.DefaultEvaluator)",
	}
}

// result brings series into the form of an answer.
func (ev *evaluation) result(expr logql.Expr, list []*series, instant bool) (*Result, error) {
	r := &Result{Type: Matrix}
	if instant {
		r.Type = Vector
		for _, s := range list {
			if !isNone(s.values[0]) {
				r.Series = append(r.Series, Series{Labels: s.labels, Points: ev.points(s)})
			}
		}
		arrange(expr, r.Series)
	} else {
		r.Series = ev.merged(list)
	}
	if len(r.Series) > ev.opt.MaxSeries {
		return nil, badf("maximum number of series (%d) reached for a single query; consider reducing query cardinality by "+
			"adding more specific stream selectors, reducing the time range, or aggregating results with functions like "+
			"sum(), count() or topk()", ev.opt.MaxSeries)
	}
	return r, nil
}

// merged joins series of the same labels, which or and label_replace make.
func (ev *evaluation) merged(list []*series) (out []Series) {
	place := map[string]int{}
	var key []byte
	for _, s := range list {
		points := ev.points(s)
		if len(points) == 0 {
			continue
		}
		key = appendKey(key[:0], s.labels)
		if at, ok := place[string(key)]; ok {
			out[at].Points = append(out[at].Points, points...)
			slices.SortStableFunc(out[at].Points, func(a, b Point) int { return int(a.Time - b.Time) })
			continue
		}
		place[string(key)] = len(out)
		out = append(out, Series{Labels: s.labels, Points: points})
	}
	return out
}

func (ev *evaluation) points(s *series) []Point {
	n := 0
	for _, v := range s.values {
		if !isNone(v) {
			n++
		}
	}
	points := make([]Point, 0, n)
	for k, v := range s.values {
		if !isNone(v) {
			points = append(points, Point{Time: ev.at(k) / 1e6, Value: v})
		}
	}
	return points
}

// arrange puts a vector in the order that sort and sort_desc ask for.
func arrange(expr logql.Expr, list []Series) {
	agg, ok := expr.(*logql.VectorAgg)
	if !ok || agg.Op != "sort" && agg.Op != "sort_desc" {
		return
	}
	slices.SortStableFunc(list, func(a, b Series) int {
		x, y := a.Points[0].Value, b.Points[0].Value
		if agg.Op == "sort_desc" {
			x, y = y, x
		}
		switch {
		case x < y || math.IsNaN(x) && !math.IsNaN(y):
			return -1
		case x > y || math.IsNaN(y) && !math.IsNaN(x):
			return 1
		}
		return 0
	})
}

// read asks the source and names the errors of limits as Loki does.
func (e *Engine) read(ctx context.Context, sel *Selection, visit func(*entry.Entry) error) error {
	n := 0
	err := e.src.Select(ctx, sel, func(en *entry.Entry) error {
		if n++; n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if en.Time < sel.From || en.Time >= sel.To {
			return nil
		}
		return visit(en)
	})
	return e.named(err)
}

// named is what a query says of an error of its source.
func (e *Engine) named(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrStop):
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{
			Status: http.StatusGatewayTimeout, cause: err,
			Msg: fmt.Sprintf("query timed out after %s (context deadline exceeded); ask for a shorter time", e.opt.Timeout),
		}
	}
	return err
}
