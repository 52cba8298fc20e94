package engine

import (
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// windows puts the entries of one range aggregation into the windows of time
// that end at the instants of the query: (t-range, t], all moved by the offset.
type windows struct {
	ev     *evaluation
	expr   *logql.RangeAgg
	group  *logql.Grouping
	blanks bool // a label whose value is empty counts, as it does until a vector is grouped
	pipe   *pipeline
	unwrap *stage.Unwrap
	behind stage.Chain // filters behind unwrap
	how    calculation

	shift, width, step int64
	reach, rest        int64 // width-1 in steps, and what is left
	places             map[string]int
	all                []*window
	key                []byte
	stream             *entry.Labels // the last one, and its hash
	hash               uint64
}

// window is one series of a range aggregation.
type window struct {
	labels  []entry.Pair
	buckets []bucket // what can be reckoned entry by entry, in the order of time
	tidy    int      // how many there were when they were last put in order
	points  []sample // all values, where they are needed
}

// rangeAgg evaluates a range aggregation, with the labels that group leaves:
// its own grouping, or that of a sum around it.
func (ev *evaluation) rangeAgg(e *logql.RangeAgg, group *logql.Grouping) ([]*series, error) {
	pipe, err := newPipeline(e.Log, wantedBy(e, group), !calculations[e.Op].size)
	if err != nil {
		return nil, err
	}
	w := &windows{
		ev: ev, expr: e, pipe: pipe, how: calculations[e.Op], blanks: group == e.Group, places: map[string]int{},
		shift: int64(e.Offset), width: int64(e.Range), step: ev.step,
	}
	if ev.n == 1 {
		w.step = w.width
	}
	w.reach, w.rest = (w.width-1)/w.step, (w.width-1)%w.step
	if e.Op == "rate" && e.Unwrap != nil {
		w.how = unwrappedRate
	}
	if err := w.unwrapStages(); err != nil {
		return nil, err
	}
	w.group = w.grouping(group)
	sel := &Selection{
		Matchers: e.Log.Matchers, Direction: Forward, Hints: rangeHints(e, pipe, w.group),
		From: ev.start - w.width - w.shift + 1, To: ev.at(ev.n-1) - w.shift + 1,
	}
	pipe.lineless = sel.Hints.NoLine
	if err := ev.read(ev.ctx, sel, w.visit); err != nil {
		return nil, err
	}
	if e.Op == "absent_over_time" {
		return w.absent(), nil
	}
	list := make([]*series, len(w.all))
	for i, s := range w.all {
		list[i] = &series{labels: s.labels, values: w.values(s)}
		w.all[i] = nil
	}
	return list, nil
}

func (w *windows) unwrapStages() error {
	u := w.expr.Unwrap
	if u == nil {
		return nil
	}
	convert := map[string]stage.Conversion{
		"bytes": stage.ConvertBytes, "duration": stage.ConvertDuration, "duration_seconds": stage.ConvertDuration,
	}
	w.unwrap = stage.NewUnwrap(u.Label, convert[u.Convert])
	for _, f := range u.Filters {
		s, err := newLabelFilter(f)
		if err != nil {
			return badf("parse error : stage '| %s' : %v", f, err)
		}
		w.behind = append(w.behind, s)
	}
	return nil
}

// grouping is what the series are named by: what the query says; else all
// labels, without the one that is the value.
func (w *windows) grouping(group *logql.Grouping) *logql.Grouping {
	if w.expr.Op == "absent_over_time" {
		return &logql.Grouping{}
	}
	g := &logql.Grouping{Without: true}
	if group != nil {
		g.Without, g.Labels = group.Without, sortedNames(group.Labels)
	}
	if g.Without && w.expr.Unwrap != nil {
		g.Labels = sortedNames(append(g.Labels, w.expr.Unwrap.Label))
	}
	return g
}

// visit puts one entry into its windows.
func (w *windows) visit(e *entry.Entry) error {
	at, ok := w.bucket(e.Time)
	if !ok {
		return nil
	}
	line, ok := w.pipe.process(e)
	if !ok {
		return nil
	}
	l := &w.pipe.labels
	value := 0.0
	switch {
	case w.unwrap != nil:
		if value, ok = w.unwrap.Value(l); !ok {
			return nil
		}
		if _, ok = w.behind.Process(line, l); !ok {
			return nil
		}
	case w.how.size:
		value = float64(len(line))
		if w.pipe.lineless {
			value = float64(e.Size())
		}
	}
	if l.Err() != "" && !l.Kept() {
		return w.failed()
	}
	s, err := w.series()
	if err != nil {
		return err
	}
	return w.add(s, e, at, value)
}

// series returns the series of the current entry.
func (w *windows) series() (*window, error) {
	l, names := &w.pipe.labels, w.group.Labels
	switch {
	case w.apart():
		w.key = l.KeyWithout(append(w.key[:0], 0xff), nil, true)
	case w.group.Without:
		w.key = l.KeyWithout(w.key[:0], names, w.blanks)
	default:
		w.key = l.KeyBy(w.key[:0], names)
	}
	if at, ok := w.places[string(w.key)]; ok {
		return w.all[at], nil
	}
	if err := w.hold(w.ev.n/4 + 1); err != nil {
		return nil, err
	}
	s := &window{labels: w.labels()}
	w.places[string(w.key)] = len(w.all)
	w.all = append(w.all, s)
	return s, nil
}

// apart reports whether the current entry has an error that the query asks for,
// and the range aggregation a grouping of its own: Loki gives such an entry a
// series of all its labels. A sum around the aggregation puts them together.
func (w *windows) apart() bool {
	return w.blanks && w.expr.Group != nil && w.pipe.labels.Kept()
}

// hold counts what the query keeps in memory.
func (w *windows) hold(cells int) error {
	if w.ev.cells += cells; w.ev.cells > w.ev.opt.MaxCells {
		return badf("the query holds more than %d values, in %d series; aggregate by fewer labels, ask for a shorter time or for fewer points",
			w.ev.opt.MaxCells, len(w.all))
	}
	return nil
}

// labels names the series of the current entry.
func (w *windows) labels() []entry.Pair {
	l := &w.pipe.labels
	if w.apart() {
		list := append(l.AppendWithout(nil, nil, true), entry.Pair{Name: "__preserve_error__", Value: "true"})
		sortPairs(list)
		return clonePairs(list)
	}
	if w.group.Without {
		return clonePairs(l.AppendWithout(nil, w.group.Labels, w.blanks))
	}
	return clonePairs(l.AppendBy(nil, w.group.Labels))
}

// failed is the error of a query whose pipeline could not read an entry.
func (w *windows) failed() error {
	l := &w.pipe.labels
	kind, labels := l.Err(), l.Append(nil)
	if w.group != nil && !w.group.Without {
		names := append([]string{stage.ErrorLabel, stage.DetailsLabel}, w.group.Labels...)
		labels = l.AppendBy(nil, names)
	}
	return badf("pipeline error: '%s' for series: '{%s}'.\n"+
		"Use a label filter to intentionally skip this error. (e.g | __error__!=\"%s\").\n"+
		"To skip all potential errors you can match empty errors.(e.g __error__=\"\")\n"+
		"The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n", kind, labelText(labels), kind)
}

// add puts a value into its bucket.
func (w *windows) add(s *window, e *entry.Entry, at int, value float64) error {
	if w.how.hashed && e.Labels != w.stream {
		w.stream, w.hash = e.Labels, hashLabels(e.Labels.Pairs)
	}
	if w.how.slide != nil {
		s.points = append(s.points, sample{time: e.Time + w.shift, hash: w.hash, value: value})
		return w.hold(1)
	}
	n := len(s.buckets)
	if n == 0 || s.buckets[n-1].at != at {
		if n > 2*s.tidy+64 && w.unordered() {
			w.tidy(s)
			n = len(s.buckets)
		}
		s.buckets = append(s.buckets, bucket{at: at})
		if err := w.hold(1); err != nil {
			return err
		}
		n++
	}
	w.how.step(&s.buckets[n-1].cell, e.Time, w.hash, value)
	return nil
}

// values reckons the instants of a series.
func (w *windows) values(s *window) []float64 {
	out := empty(w.ev.n)
	if w.how.slide != nil {
		slices.SortStableFunc(s.points, byTime)
		w.how.slide(w, s.points, out)
		return out
	}
	if w.unordered() {
		w.tidy(s)
	}
	w.slide(s.buckets, out)
	return out
}

// absent is one series that has a value where no entry was found; its labels
// are those that the selector compares with = once.
func (w *windows) absent() []*series {
	out := w.ev.constant(1)
	for _, s := range w.all {
		for k, v := range w.values(s) {
			if !isNone(v) {
				out.values[k] = none
			}
		}
	}
	seen := map[string]int{}
	for _, m := range w.expr.Log.Matchers {
		seen[m.Name]++
	}
	for _, m := range w.expr.Log.Matchers {
		if m.Op == logql.MatchEqual && seen[m.Name] == 1 && m.Value != "" {
			out.labels = append(out.labels, entry.Pair{Name: m.Name, Value: m.Value})
		}
	}
	sortPairs(out.labels)
	return []*series{out}
}
