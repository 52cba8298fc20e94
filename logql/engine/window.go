package engine

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// windows puts the entries of one range aggregation into the windows of time
// that end at the instants of the query: (t-range, t], all moved by the offset.
type windows struct {
	ev    *evaluation
	expr  *logql.RangeAgg
	group *logql.Grouping
	// unordered says that buckets may come in any order, and again.
	unordered bool
	blanks    bool // a label whose value is empty counts, as it does until a vector is grouped
	pipe      *pipeline
	known     *hinter // what the pipeline looks at
	unwrap    *stage.Unwrap
	behind    stage.Chain // filters behind unwrap
	how       calculation

	shift, width, step int64
	reach, rest        int64 // width-1 in steps, and what is left
	places             map[string]int
	all                []*window
	key                []byte
	stream             *entry.Labels // the last one, and its hash
	hash               uint64
	spare              []window // memory for series
	at                 int      // the bucket of the times from first to final
	within             bool     // some window has it
	first, final       int64
	slots              memo
}

// window is one series of a range aggregation.
type window struct {
	key     string
	labels  []entry.Pair // nil as long as key tells them
	born    int64        // the time of its first entry
	buckets []bucket     // what can be reckoned entry by entry, in the order of time
	tidy    int          // how many there were when they were last put in order
	points  []sample     // all values, where they are needed
	one     [1]bucket    // the first memory of buckets
}

// rangeAgg evaluates a range aggregation, with the labels that group leaves:
// its own grouping, or that of a sum around it.
func (ev *evaluation) rangeAgg(e *logql.RangeAgg, group *logql.Grouping) ([]*series, error) {
	w, err := ev.blocks(e, group)
	if err != nil {
		return nil, err
	}
	if w == nil {
		if w, err = ev.windows(e, group); err != nil {
			return nil, err
		}
		if err := ev.read(ev.ctx, w.selection(), w.visit); err != nil {
			return nil, err
		}
		w.arrange()
	}
	if e.Op == "absent_over_time" {
		return w.absent(), nil
	}
	list := make([]*series, len(w.all))
	for i, s := range w.all {
		list[i] = &series{labels: w.named(s), values: w.values(s)}
		w.all[i] = nil
	}
	return list, nil
}

// windows makes ready for the entries of a range aggregation.
func (ev *evaluation) windows(e *logql.RangeAgg, group *logql.Grouping) (*windows, error) {
	pipe, err := newPipeline(e.Log, wantedBy(e, group), !calculations[e.Op].size)
	if err != nil {
		return nil, err
	}
	w := &windows{
		ev: ev, expr: e, pipe: pipe, how: calculations[e.Op], blanks: group == e.Group, places: map[string]int{},
		shift: int64(e.Offset), width: int64(e.Range), step: ev.step, first: 1, unordered: !ev.src.Ordered(),
	}
	if ev.n == 1 {
		w.step = max(w.width, 1) // [0s] is a range, too
	}
	w.reach, w.rest = (w.width-1)/w.step, (w.width-1)%w.step
	if e.Op == "rate" && e.Unwrap != nil {
		w.how = unwrappedRate
	}
	if err := w.unwrapStages(); err != nil {
		return nil, err
	}
	w.group = w.grouping(group)
	w.known = rangeHints(e, pipe, w.group)
	pipe.lineless = w.known.hints.NoLine
	return w, nil
}

// selection is the entries that some window may have.
func (w *windows) selection() *Selection {
	ev := w.ev
	return &Selection{
		Matchers: w.expr.Log.Matchers, Direction: Forward, Hints: w.known.hints,
		From: ev.start - w.width - w.shift + 1, To: ev.at(ev.n-1) - w.shift + 1,
	}
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
		s, err := newLabelFilter(f, asWritten)
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
	s, value, err := w.sample(e)
	if s == nil || err != nil {
		return err
	}
	if w.how.hashed && e.Labels != w.stream {
		w.stream, w.hash = e.Labels, hashLabels(e.Labels.Pairs)
	}
	return w.add(s, e.Time, at, value)
}

// sample puts an entry through the pipeline and returns its series, nil if it
// has none, and its value.
func (w *windows) sample(e *entry.Entry) (s *window, value float64, err error) {
	line, ok := w.pipe.process(e)
	if !ok {
		return nil, 0, nil
	}
	l := &w.pipe.labels
	switch {
	case w.unwrap != nil:
		if value, ok = w.unwrap.Value(l); !ok {
			return nil, 0, nil
		}
		if _, ok = w.behind.Process(line, l); !ok {
			return nil, 0, nil
		}
	case w.how.size:
		value = float64(len(line))
		if w.known.hints.NeedSize && w.pipe.lineless {
			value = float64(e.Size())
		}
	}
	if l.Err() != "" && !l.Kept() {
		return nil, 0, w.failed()
	}
	s, err = w.series()
	return s, value, err
}

// series returns the series of the current entry.
func (w *windows) series() (*window, error) {
	l, names := &w.pipe.labels, w.group.Labels
	switch {
	case w.apart():
		w.key = l.KeyWithout(append(w.key[:0], 0xff), nil, true)
	case w.group.Without:
		w.key = l.KeyWithout(w.key[:0], names, true)
	default:
		w.key = l.KeyBy(w.key[:0], names)
	}
	if at, ok := w.places[string(w.key)]; ok {
		return w.all[at], nil
	}
	if err := w.hold(w.ev.n/4 + 1); err != nil {
		return nil, err
	}
	if len(w.spare) == 0 {
		w.spare = make([]window, min(len(w.all)+1, 256))
	}
	s := &w.spare[0]
	w.spare = w.spare[1:]
	s.key, s.born, s.buckets = string(w.key), math.MaxInt64, s.one[:0]
	switch {
	case w.apart():
		s.labels = append(clonePairs(l.AppendWithout(nil, nil, true)), entry.Pair{Name: "__preserve_error__", Value: "true"})
		sortPairs(s.labels)
	case w.group.Without:
		s.labels = clonePairs(l.AppendWithout(nil, names, w.blanks))
	}
	w.places[s.key] = len(w.all)
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
	if w.ev.cells += cells; w.ev.cells > w.ev.share {
		return badf("the query holds more than %d values, in %d series; aggregate by fewer labels, ask for a shorter time or for fewer points",
			w.ev.opt.MaxCells, len(w.all))
	}
	return nil
}

// named returns the labels of a series.
func (w *windows) named(s *window) []entry.Pair {
	if w.group.Without || s.labels != nil {
		return s.labels
	}
	return stage.PairsOfKey(s.key, w.group.Labels)
}

// arrange puts the series in the order in which they began.
func (w *windows) arrange() {
	slices.SortFunc(w.all, func(a, b *window) int {
		if a.born != b.born {
			return cmp.Compare(a.born, b.born)
		}
		return strings.Compare(a.key, b.key)
	})
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
func (w *windows) add(s *window, t int64, at int, value float64) error {
	s.born = min(s.born, t)
	if w.how.slide != nil {
		s.points = append(s.points, sample{time: t + w.shift, hash: w.hash, value: value})
		return w.hold(1)
	}
	n := len(s.buckets)
	if n == 0 || s.buckets[n-1].at != at {
		if n > 2*s.tidy+64 && w.unordered {
			w.tidy(s)
			n = len(s.buckets)
		}
		s.buckets = append(s.buckets, bucket{at: at})
		if err := w.hold(1); err != nil {
			return err
		}
		n++
	}
	w.how.step(&s.buckets[n-1].cell, t, w.hash, value)
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
	if w.unordered {
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
