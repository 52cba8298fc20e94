package store

import (
	"fmt"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"
)

// pushLog is the log of pushes: a record is synced to disk before its push
// returns, and goes when its entries are in blocks. Pushes that come while one
// is being synced share the next sync.
type pushLog struct {
	db     *bolt.DB
	todo   chan *pushed
	closed chan struct{}

	mu      sync.Mutex
	last    uint64 // number of the newest record
	pending map[uint64]struct{}
	oldest  uint64 // the first record that is kept
	bytes   int64  // of what is kept, about
	trimTo  uint64 // records before it may go
}

type pushed struct {
	seq   uint64
	bytes []byte
	done  chan error
}

// A record has a bucket of its own, under its number: as a value among others it
// would be written again with the page that the next one comes to.
var (
	inPushes = []byte("pushes")
	inRecord = []byte("record")
)

// maxGroup bounds the bytes of one sync.
const maxGroup = 16 << 20

func (l *pushLog) open(path string, noSync bool) (err error) {
	if l.db, err = openBolt(path); err != nil {
		return inUse(err)
	}
	l.db.NoSync = noSync
	l.pending, l.todo, l.closed = map[uint64]struct{}{}, make(chan *pushed, 64), make(chan struct{})
	return l.db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(inPushes)
		return err
	})
}

// each gives the records to use, in their order.
func (l *pushLog) each(use func(seq uint64, record []byte) error) error {
	return l.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(inPushes).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			seq := keyNum(k, 0)
			if v == nil {
				v = tx.Bucket(inPushes).Bucket(k).Get(inRecord)
			}
			l.last = seq
			if l.oldest == 0 {
				l.oldest = seq
			}
			l.bytes += int64(len(v))
			if err := use(seq, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// run writes until close.
func (l *pushLog) run() {
	defer close(l.closed)
	for first := range l.todo {
		group, size := []*pushed{first}, len(first.bytes)
	more:
		for size < maxGroup {
			select {
			case p, ok := <-l.todo:
				if !ok {
					break more
				}
				group, size = append(group, p), size+len(p.bytes)
			default:
				break more
			}
		}
		err := l.write(group)
		for _, p := range group {
			p.done <- err
		}
	}
}

// write puts records to disk, and takes away what is not needed.
func (l *pushLog) write(group []*pushed) error {
	l.mu.Lock()
	from, to := l.oldest, l.trimTo
	l.mu.Unlock()
	gone := int64(0)
	err := l.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(inPushes)
		b.FillPercent = 1 // keys only go up
		if to > from {
			var err error
			if gone, err = drop(b, to); err != nil {
				return err
			}
		}
		for _, p := range group {
			own, err := b.CreateBucket(numKey(p.seq))
			if err == nil {
				err = own.Put(inRecord, p.bytes)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot write to %s: %w", l.db.Path(), err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.oldest, l.bytes = max(from, to), l.bytes-gone
	for _, p := range group {
		l.bytes += int64(len(p.bytes))
	}
	return nil
}

// drop deletes the records before one, and returns their bytes.
func drop(b *bolt.Bucket, to uint64) (gone int64, err error) {
	c := b.Cursor()
	for k, v := c.First(); k != nil && keyNum(k, 0) < to; k, v = c.First() {
		if v == nil {
			gone += int64(len(b.Bucket(k).Get(inRecord)))
			err = b.DeleteBucket(slices.Clone(k))
		} else { // as records were before they had buckets of their own
			gone += int64(len(v))
			err = c.Delete()
		}
		if err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// add writes a record; it returns when it is on disk. Until done, the record is
// needed, whatever heads say.
func (l *pushLog) add(record []byte) (seq uint64, err error) {
	l.mu.Lock()
	l.last++
	seq = l.last
	l.pending[seq] = struct{}{}
	l.mu.Unlock()
	p := &pushed{seq, record, make(chan error, 1)}
	l.todo <- p
	return seq, <-p.done
}

func (l *pushLog) done(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, seq)
}

// needed returns the first record that a push under way may need, or the next.
func (l *pushLog) needed() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.last + 1
	for seq := range l.pending {
		first = min(first, seq)
	}
	return first
}

// trim lets records before need go with the next write.
func (l *pushLog) trim(need uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trimTo = max(l.trimTo, need)
}

// half is a record in the middle if the log has become too long, else 0.
func (l *pushLog) half() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes < logBytes {
		return 0
	}
	return l.oldest + (l.last-l.oldest)/2
}

// close ends writing; nobody adds any more.
func (l *pushLog) close() error {
	close(l.todo)
	<-l.closed
	if err := l.write(nil); err != nil {
		return err
	}
	return l.db.Close()
}
