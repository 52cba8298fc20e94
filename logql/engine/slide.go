package engine

import "slices"

// cell is what is known of the values of one series in some time.
type cell struct {
	n    int64
	a, b float64
	time int64
	hash uint64
}

// bucket holds the values that fall into the same windows. Between two instants
// of the query there are at most two of them, as a window's beginning may lie
// there.
type bucket struct {
	at int // place in the order of time: even ones end with a window's beginning
	cell
}

// sample is one value at its time. The hash of its stream orders those of one
// time.
type sample struct {
	time  int64 // with the offset of the aggregation
	hash  uint64
	value float64
}

// byTime orders samples as Loki reads them.
func byTime(a, b sample) int {
	switch {
	case a.time < b.time || a.time == b.time && a.hash < b.hash:
		return -1
	case a.time == b.time && a.hash == b.hash:
		return 0
	}
	return 1
}

// bucket returns the place of a time, or false if no window has it. Instant k
// has the buckets from 2k+1 to 2(k+reach)+1.
func (w *windows) bucket(t int64) (at int, ok bool) {
	d := t + w.shift - w.ev.start
	instant := d / w.step // the first one that is not before the time
	if d > instant*w.step {
		instant++
	}
	place := instant + w.reach
	if place < 0 || instant >= int64(w.ev.n) {
		return 0, false
	}
	at = int(2 * place)
	if instant*w.step-d <= w.rest {
		at++ // as near to the instant as that of the last window
	}
	first, last := max(instant, 0), place-1+int64(at&1)
	return at, first <= last
}

// place is bucket, which remembers the times of the last one.
func (w *windows) place(t int64) (at int, ok bool) {
	if t >= w.first && t <= w.final {
		return w.at, w.within
	}
	w.at, w.within = w.bucket(t)
	d := t + w.shift - w.ev.start
	instant := d / w.step
	if d > instant*w.step {
		instant++
	}
	w.first, w.final = (instant-1)*w.step+1, instant*w.step
	if mid := instant*w.step - w.rest; d >= mid {
		w.first = max(w.first, mid)
	} else {
		w.final = mid - 1
	}
	w.first += w.ev.start - w.shift
	w.final += w.ev.start - w.shift
	return w.at, w.within
}

// tidy puts the buckets of a series in order and joins those of one place.
func (w *windows) tidy(s *window) {
	slices.SortStableFunc(s.buckets, func(a, b bucket) int { return a.at - b.at })
	kept := s.buckets[:0]
	for _, b := range s.buckets {
		if n := len(kept); n > 0 && kept[n-1].at == b.at {
			w.join(&kept[n-1].cell, &b.cell)
			continue
		}
		kept = append(kept, b)
	}
	w.ev.cells -= len(s.buckets) - len(kept)
	s.buckets, s.tidy = kept, len(kept)
}

// join takes the values of b, which come later, into a.
func (w *windows) join(a, b *cell) {
	switch {
	case b.n == 0:
	case a.n == 0:
		*a = *b
	default:
		w.how.join(a, b)
	}
}

// slide reckons every window from its buckets, each of which is joined to
// others a few times only, however many windows it is in: buckets before mid
// hold what is from them to mid, and back holds what is from mid on.
func (w *windows) slide(b []bucket, out []float64) {
	seconds := float64(w.width) / 1e9
	var back, c cell
	from, mid, to := 0, 0, 0
	for k := range out {
		for ; to < len(b) && b[to].at <= 2*(k+int(w.reach))+1; to++ {
			w.join(&back, &b[to].cell)
		}
		for from < to && b[from].at < 2*k+1 {
			from++
		}
		if from > mid {
			for i := to - 2; i >= from; i-- {
				w.join(&b[i].cell, &b[i+1].cell)
			}
			mid, back = to, cell{}
		}
		c = back
		if from < mid {
			c = b[from].cell
			w.join(&c, &back)
		}
		if c.n > 0 {
			out[k] = w.how.last(&c, seconds)
		}
	}
}

// ends calls f with what each window has of the samples: those from and before
// to.
func (w *windows) ends(points []sample, f func(k, from, to int)) {
	from, to := 0, 0
	for k := range w.ev.n {
		end := w.ev.at(k)
		for to < len(points) && points[to].time <= end {
			to++
		}
		for from < to && points[from].time <= end-w.width {
			from++
		}
		if from < to {
			f(k, from, to)
		}
	}
}
