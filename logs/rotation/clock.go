package rotation

import "time"

// clock gives each line of a log the time at which it must have arrived: its
// own. The transform needs it where a stamp says too little: RFC 3164 has no
// year, and the hour that the end of summer time repeats is there twice. Both
// are told by going forward through the log.
type clock struct {
	loc  *time.Location
	last int64 // of the newest stamp, ns; 0 before the first
	// bound is a time before which the last line of the part was written: of
	// its rotation, or of the file.
	bound int64
	limit int64 // nothing is later: the start of the run

	minute  wall  // of the cached minute, seconds cut
	instant int64 // its start, ns
	second  int64 // its second occurrence, where the zone repeats it
	folded  int64 // the newest time of a repeated hour's second occurrence
}

const (
	day = int64(24 * time.Hour)
	// back is how far lines of one log may be out of order, as of hosts whose
	// syslog comes late.
	back = 31 * day
	// fold is how far a log goes back when its clock is put back by an hour.
	fold = int64(20 * time.Minute)
)

// part begins a file that was last written at or before bound, ns.
func (c *clock) part(bound int64) {
	if bound <= 0 || bound > c.limit {
		bound = c.limit
	}
	c.bound = bound
}

// at returns the time of a line that names w.
func (c *clock) at(w *wall) int64 {
	t := w.unix
	switch {
	case t > 0:
	case w.year == 0:
		t = c.yearless(w)
	case w.zoned:
		t = time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, w.second, int(w.nano), time.UTC).UnixNano() - int64(w.zone)*1e9
	default:
		t = c.local(w)
	}
	c.last = t
	return t
}

// yearless finds the year of w: that of the line before, or the next one. Of
// the first line of a log it is the latest in which the line is not after the
// file's end.
func (c *clock) yearless(w *wall) int64 {
	dated := *w
	if c.last == 0 {
		dated.year = time.Unix(0, c.bound).In(c.loc).Year() + 1
		for range 9 { // 29 February comes again within eight years
			if t := c.local(&dated); t <= c.bound+day && exists(&dated) {
				return t
			}
			dated.year--
		}
		return c.bound
	}
	dated.year = time.Unix(0, c.last-back).In(c.loc).Year()
	t := c.local(&dated)
	for t < c.last-back {
		dated.year++
		t = c.local(&dated)
	}
	if t > c.limit+day { // nothing is from the future; a log that is badly out of order
		dated.year--
		t = c.local(&dated)
	}
	return t
}

func exists(w *wall) bool {
	return w.month != 2 || w.day < 29 || w.year%4 == 0 && (w.year%100 != 0 || w.year%400 == 0)
}

// local resolves a time of c.loc, which may be there twice.
func (c *clock) local(w *wall) int64 {
	m := wall{year: w.year, month: w.month, day: w.day, hour: w.hour, minute: w.minute}
	if m != c.minute {
		c.minute = m
		c.instant, c.second = occurrences(m.date(m.year, c.loc))
	}
	off := int64(w.second)*1e9 + w.nano
	// The second time has come once the log goes back: what it names would
	// otherwise be well before the line before.
	if c.second > c.instant && c.last > 0 && (c.instant+off < c.last-fold || c.last-c.folded < 2*int64(time.Hour)) {
		c.folded = c.second + off
		return c.second + off
	}
	return c.instant + off
}

// occurrences returns the instants at which a clock shows t's time of day.
func occurrences(t time.Time) (first, second int64) {
	first, second = t.UnixNano(), t.UnixNano()
	for _, shift := range []time.Duration{-2 * time.Hour, -time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour} {
		o := t.Add(shift)
		if o.Day() == t.Day() && o.Hour() == t.Hour() && o.Minute() == t.Minute() {
			first, second = min(first, o.UnixNano()), max(second, o.UnixNano())
		}
	}
	return first, second
}

// Clock gives the lines of a log that is being written their times.
type Clock struct{ c clock }

// NewClock makes a Clock.
func NewClock(o Options) *Clock {
	return &Clock{clock{loc: o.Location}}
}

// At returns the time of the next line, which arrived at now, ns.
func (c *Clock) At(line []byte, now int64) int64 {
	c.c.limit = now
	c.c.part(now)
	w, ok := stampOf(line)
	if !ok {
		return now
	}
	return min(c.c.at(&w), now)
}
