package engine

import (
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
	pipe   *pipeline
	unwrap *stage.Unwrap
	behind stage.Chain // filters behind unwrap
	how    calculation

	shift, width int64
	places       map[string]int
	all          []*window
	key          []byte
	hashes       map[*entry.Labels]uint64
}

// window is one series of a range aggregation.
type window struct {
	labels []entry.Pair
	sums   []int64  // counts and sizes: changes from instant to instant
	cells  []cell   // what can be reckoned entry by entry
	points []sample // all, where it can't
}

// cell is what is known of one series in one window.
type cell struct {
	n    int64
	a, b float64
	time int64
	hash uint64
}

// sample is one value at its time. The hash of its stream orders those of one
// time.
type sample struct {
	time  int64
	hash  uint64
	value float64
}

// rangeAgg evaluates a range aggregation, with the labels that group leaves:
// its own grouping, or that of a sum around it.
func (ev *evaluation) rangeAgg(e *logql.RangeAgg, group *logql.Grouping) ([]*series, error) {
	pipe, err := newPipeline(e.Log, wantedBy(e, group))
	if err != nil {
		return nil, err
	}
	w := &windows{
		ev: ev, expr: e, pipe: pipe, how: calculations[e.Op], shift: int64(e.Offset), width: int64(e.Range),
		places: map[string]int{}, hashes: map[*entry.Labels]uint64{},
	}
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
	first, last := w.span(e.Time)
	if first > last {
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
	if l.Err() != "" {
		return w.failed()
	}
	s, err := w.series()
	if err != nil {
		return err
	}
	w.add(s, e, first, last, value)
	return nil
}

// span returns the first and the last instant whose window has the time.
func (w *windows) span(t int64) (first, last int) {
	t += w.shift
	f := &w.ev.frame
	if d := t - f.start; d > 0 {
		first = int((d + f.step - 1) / f.step)
	}
	d := t + w.width - 1 - f.start
	if d < 0 {
		return 0, -1
	}
	return first, int(min(d/f.step, int64(f.n-1)))
}

// series returns the series of the current entry.
func (w *windows) series() (*window, error) {
	l, names := &w.pipe.labels, w.group.Labels
	if w.group.Without {
		w.key = l.KeyWithout(w.key[:0], names)
	} else {
		w.key = l.KeyBy(w.key[:0], names)
	}
	if at, ok := w.places[string(w.key)]; ok {
		return w.all[at], nil
	}
	if w.ev.cells += w.ev.n; w.ev.cells > maxCells {
		return nil, badf("the query holds more than %d series; aggregate by fewer labels or ask for fewer points", len(w.all))
	}
	s := &window{labels: w.labels()}
	switch {
	case w.how.points != nil:
	case w.how.count || w.how.size:
		s.sums = make([]int64, 2*(w.ev.n+1))
	default:
		s.cells = make([]cell, w.ev.n)
	}
	w.places[string(w.key)] = len(w.all)
	w.all = append(w.all, s)
	return s, nil
}

// labels names the series of the current entry.
func (w *windows) labels() []entry.Pair {
	l := &w.pipe.labels
	if w.group.Without {
		return clonePairs(l.AppendWithout(nil, w.group.Labels))
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

// add counts an entry in the windows from first to last.
func (w *windows) add(s *window, e *entry.Entry, first, last int, value float64) {
	switch {
	case s.sums != nil:
		n := w.ev.n + 1
		s.sums[first]++
		s.sums[last+1]--
		if w.how.size {
			s.sums[n+first] += int64(value)
			s.sums[n+last+1] -= int64(value)
		}
	case s.cells != nil:
		hash := w.hash(e.Labels)
		for k := first; k <= last; k++ {
			w.how.step(&s.cells[k], e.Time, hash, value)
		}
	default:
		s.points = append(s.points, sample{time: e.Time, hash: w.hash(e.Labels), value: value})
	}
}

func (w *windows) hash(l *entry.Labels) uint64 {
	h, ok := w.hashes[l]
	if !ok {
		h = hashLabels(l.Pairs)
		w.hashes[l] = h
	}
	return h
}

// values reckons the instants of a series.
func (w *windows) values(s *window) []float64 {
	out := empty(w.ev.n)
	seconds := float64(w.width) / 1e9
	switch {
	case s.sums != nil:
		count, size := int64(0), int64(0)
		for k := range out {
			count += s.sums[k]
			size += s.sums[w.ev.n+1+k]
			if count > 0 {
				v := count
				if w.how.size {
					v = size
				}
				out[k] = w.how.end(float64(v), seconds)
			}
		}
	case s.cells != nil:
		for k := range out {
			if s.cells[k].n > 0 {
				out[k] = w.how.last(&s.cells[k], seconds)
			}
		}
	default:
		w.slide(s.points, out)
	}
	return out
}

// absent is one series that has a value where no entry was found; its labels
// are those that the selector compares with = once.
func (w *windows) absent() []*series {
	out := w.ev.constant(1)
	for _, s := range w.all {
		for k := range out.values {
			if s.cells[k].n > 0 {
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
