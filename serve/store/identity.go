package store

import (
	"hash/maphash"
	"slices"
	"sync"

	"github.com/zimbraloki/zimbraloki/entry"
)

// identities remembers which entries the blocks hold that late entries were
// last held against: a push that comes again a day later finds its blocks here
// after the first entry. Sums have a key of the process, so nobody can write
// two entries that have one.
type identities struct {
	mu     sync.Mutex
	lists  map[listKey][]ref
	blocks map[ref]*identity
	order  []ref // of blocks, the last used at the end
}

type listKey struct {
	stream uint64
	day    day
}

// identity is the times of a block, and which entry has each.
type identity struct {
	times []int64
	sums  []uint64 // nil until an entry of one of the times comes
}

// Bounds of what is remembered: 16 bytes an entry.
const (
	maxIdentities = 64
	maxLists      = 1024
)

func (n *identities) init() {
	n.lists, n.blocks = map[listKey][]ref{}, map[ref]*identity{}
}

// has reports whether a block holds the entry. An error of reading counts as no:
// an entry twice is better than one lost.
func (n *identities) has(s *Store, stream uint64, t int64, sum uint64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	s.stats.late.Add(1)
	l := look{n: n, s: s}
	defer l.close()
	found, err := l.look(stream, t, sum)
	if err != nil {
		s.log.Error("cannot tell whether an entry is stored already", "error", err)
	}
	return found
}

// look is one search; it opens the file if it needs to.
type look struct {
	n *identities
	s *Store
	r *reader
}

func (l *look) open(d day) (err error) {
	if l.r == nil {
		l.r, err = l.s.days.reader(d)
	}
	return err
}

func (l *look) close() {
	if l.r != nil {
		l.r.close()
	}
}

func (l *look) look(stream uint64, t int64, sum uint64) (bool, error) {
	key := listKey{stream, dayOf(t)}
	refs, ok := l.n.lists[key]
	if !ok {
		if err := l.open(key.day); err != nil {
			return false, err
		}
		refs = l.r.refs(stream, nil)
		if len(l.n.lists) >= maxLists {
			clear(l.n.lists)
		}
		l.n.lists[key] = refs
	}
	for _, r := range refs {
		if t < r.min || t > r.max {
			continue
		}
		found, err := l.in(r, t, sum)
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// in looks into one block.
func (l *look) in(r ref, t int64, sum uint64) (bool, error) {
	id, err := l.get(r)
	if err != nil {
		return false, err
	}
	i, found := slices.BinarySearch(id.times, t)
	if !found {
		return false, nil
	}
	if id.sums == nil {
		if err := l.open(r.day); err != nil {
			return false, err
		}
		if id.sums, err = l.s.sums(l.r.block(r)); err != nil {
			return false, err
		}
	}
	for ; i < len(id.times) && id.times[i] == t; i++ {
		if id.sums[i] == sum {
			return true, nil
		}
	}
	return false, nil
}

func (l *look) get(r ref) (*identity, error) {
	n := l.n
	if id := n.blocks[r]; id != nil {
		if last := len(n.order) - 1; n.order[last] != r {
			at := slices.Index(n.order, r)
			n.order = append(slices.Delete(n.order, at, at+1), r)
		}
		return id, nil
	}
	if err := l.open(r.day); err != nil {
		return nil, err
	}
	var b block
	if err := b.read(l.r.block(r), reading{}); err != nil {
		return nil, err
	}
	if len(n.order) >= maxIdentities {
		delete(n.blocks, n.order[0])
		n.order = slices.Delete(n.order, 0, 1)
	}
	id := &identity{times: b.times}
	n.blocks[r] = id
	n.order = append(n.order, r)
	return id, nil
}

// forget drops what is known of a stream's day, whose blocks have changed.
func (n *identities) forget(stream uint64, d day) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.lists, listKey{stream, d})
}

// sums reads a whole block and sums its entries.
func (s *Store) sums(v stored) ([]uint64, error) {
	var b block
	if err := b.read(v, everything); err != nil {
		return nil, err
	}
	var one []byte
	var meta []entry.Pair
	sums := make([]uint64, 0, len(b.times))
	for row := range b.times {
		e := b.entry(row, meta)
		meta = e.Meta
		one = e.appendIdentity(one[:0])
		sums = append(sums, maphash.Bytes(s.seed, one))
	}
	return sums, nil
}

var everything = reading{lens: true, lines: true, want: func(string) bool { return true }}
