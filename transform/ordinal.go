package transform

// ordinals counts the entries of a chunk that have one and the same time, so
// that each gets a nanosecond of its own: they keep their order in Loki and
// none is taken for a duplicate of another. It is a hash table with open
// addressing that is emptied by a new generation, not by clearing.
type ordinals struct {
	slots []ordinal
	gen   uint32
	used  int
}

type ordinal struct {
	time  int64
	gen   uint32
	count uint32
}

const ordinalsMin = 1 << 12 // slots; a power of two

func (o *ordinals) reset() {
	o.gen++
	o.used = 0
	if o.slots == nil || o.gen == 0 {
		o.slots, o.gen = make([]ordinal, ordinalsMin), 1
	}
}

// next returns how many times t was asked for before, since reset.
func (o *ordinals) next(t int64) int64 {
	if o.used*2 >= len(o.slots) {
		o.grow()
	}
	s := o.slot(t)
	if s.gen != o.gen {
		*s = ordinal{time: t, gen: o.gen}
		o.used++
	}
	s.count++
	return int64(s.count - 1)
}

// atLeast makes next(t) return n or more.
func (o *ordinals) atLeast(t int64, n int64) {
	if o.next(t) < n {
		o.slot(t).count = uint32(n)
	}
}

func (o *ordinals) slot(t int64) *ordinal {
	mask := uint64(len(o.slots) - 1)
	for i := uint64(t) * 0x9e3779b97f4a7c15 >> 20; ; i++ {
		s := &o.slots[i&mask]
		if s.gen != o.gen || s.time == t {
			return s
		}
	}
}

func (o *ordinals) grow() {
	old := o.slots
	o.slots = make([]ordinal, 2*len(old))
	for i := range old {
		if old[i].gen == o.gen {
			*o.slot(old[i].time) = old[i]
		}
	}
}
