// Package store keeps entries on one machine: what Push returned for is on disk
// (a log of pushes, synced) and stays there through a kill or a loss of power.
// The engine below is bbolt; docs/decisions/0012 says why. Entries lie in blocks
// of some thousand of one stream, column by column, so that a question unpacks
// what it looks at; the blocks of a day lie in one file.
//
// An entry is its stream, time, line and metadata: one that comes again is not
// stored again, in whatever order entries come.
package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Options of a Store. Zero values mean the defaults.
type Options struct {
	Dir      string
	MaxAge   time.Duration // whole days older than that are dropped; 0 keeps all
	MaxBytes int64         // on disk; the oldest days are dropped; 0 keeps all
	NoSync   bool          // leave it to the system when the log of pushes is written: a loss of power loses seconds
	Memory   int64         // bytes of entries that wait for their block; DefaultMemory
	Log      *slog.Logger
	Now      func() time.Time
}

// DefaultMemory is in bytes.
const DefaultMemory = 64 << 20

// Bounds of what waits before it becomes blocks.
const (
	blockRows  = 8192
	blockBytes = 1 << 20          // of lines and metadata
	headAge    = 10 * time.Minute // a slow stream is written nevertheless
	logBytes   = 256 << 20        // of the log of pushes, compressed
)

// MaxStreams bounds the memory that streams take: some kilobytes each.
const MaxStreams = 100_000

// Why a push is refused.
var (
	ErrTooManyStreams = errors.New("too many streams")
	ErrClosed         = errors.New("the store is being closed")
)

// Store is an open store. Safe for concurrent use.
type Store struct {
	o    Options
	seed maphash.Seed
	log  *slog.Logger

	mu      sync.RWMutex // of streams and lastID
	streams map[string]*stream
	lastID  uint64

	// view orders moving of entries from heads to blocks against questions, so
	// that each sees an entry once.
	view sync.RWMutex

	days   days
	pushes pushLog
	flush  flusher
	known  identities
	subs   subscribers
	stats  counters

	ending   sync.RWMutex // held by pushes
	ended    bool
	cancel   context.CancelFunc
	finished sync.WaitGroup
}

type counters struct {
	entries, doubles, late, pushes, questions atomic.Int64
}

// Open opens the store of o.Dir or makes one. What was pushed before a kill is
// there when it returns.
func Open(o Options) (*Store, error) {
	if o.Memory == 0 {
		o.Memory = DefaultMemory
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{o: o, log: o.Log, seed: maphash.MakeSeed(), streams: map[string]*stream{}}
	s.flush.init()
	s.known.init()
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("cannot open the store %q: %w", o.Dir, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.finished.Go(func() { s.work(ctx) })
	go s.pushes.run()
	return s, nil
}

// formName is a file that says which form the store has.
const (
	formName    = "form"
	formPrefix  = "zimbraloki "
	formVersion = formPrefix + "1\n"
)

func (s *Store) open() error {
	if err := os.MkdirAll(s.o.Dir, 0o700); err != nil {
		return err
	}
	form := filepath.Join(s.o.Dir, formName)
	text, err := os.ReadFile(form)
	switch {
	case errors.Is(err, os.ErrNotExist):
		err = os.WriteFile(form, []byte(formVersion), 0o600)
	case err == nil && string(text) != formVersion:
		err = fmt.Errorf("%s says %q, this program knows %q; take the release that made it", form, text, formVersion)
	}
	if err != nil {
		return err
	}
	if err := s.pushes.open(filepath.Join(s.o.Dir, "pushes.db"), s.o.NoSync); err != nil {
		return err
	}
	err = s.load()
	if err != nil {
		err = errors.Join(err, s.days.close(), s.pushes.db.Close())
	}
	return err
}

// load reads which streams there are, and applies the log of pushes again. What
// of it is in blocks already is found there, as with any push that comes again.
func (s *Store) load() error {
	if err := s.days.find(filepath.Join(s.o.Dir, "days")); err != nil {
		return err
	}
	for _, d := range s.days.list() {
		if err := s.loadDay(d); err != nil {
			return err
		}
	}
	n := 0
	err := s.pushes.each(func(seq uint64, record []byte) error {
		r, err := s.readRecord(record)
		if err != nil {
			return err
		}
		s.apply(r, seq)
		n++
		if s.flush.waiting() > s.o.Memory/2 {
			return s.flushDue(s.o.Now())
		}
		return nil
	})
	if n > 0 {
		s.log.Info("pushes of the last run were read again", "pushes", n, "entries", s.stats.entries.Load())
	}
	return err
}

// loadDay notes the streams that have blocks of a day.
func (s *Store) loadDay(d day) error {
	r, err := s.days.reader(d)
	if err != nil {
		return err
	}
	defer r.close()
	b := r.tx.Bucket(inStreams)
	if b == nil {
		return nil
	}
	return b.ForEach(func(k, v []byte) error {
		in := decoder{text: string(v)}
		newest := int64(in.uvarint()) //nolint:gosec // it was an int64
		st := s.streams[NewLabels(in.pairs()).Text]
		if in.bad || len(k) != 8 {
			return errBlock
		}
		if st == nil {
			in = decoder{text: string(v)}
			in.uvarint()
			st = &stream{id: keyNum(k, 0), labels: NewLabels(in.pairs()), newest: -1, inBlocks: -1}
			s.streams[st.labels.Text] = st
			s.lastID = max(s.lastID, st.id)
		}
		st.stored(d, newest)
		return nil
	})
}

// Close writes what waits into blocks and closes the store. Pushes that come
// from now on are refused.
func (s *Store) Close() error {
	s.ending.Lock()
	ended := s.ended
	s.ended = true
	s.ending.Unlock()
	if ended {
		return nil
	}
	s.cancel()
	s.finished.Wait()
	err := s.flushHeads(func(*head) bool { return true })
	return errors.Join(err, s.pushes.close(), s.days.close())
}

// Push stores a batch: when it returns nil, all of it is on disk. Entries that
// are there already are left out; it returns how many are new.
func (s *Store) Push(ctx context.Context, b *Batch) (fresh int, err error) {
	if err := s.flush.wait(ctx, s.o.Memory); err != nil {
		return 0, err
	}
	s.ending.RLock()
	defer s.ending.RUnlock()
	if s.ended {
		return 0, ErrClosed
	}
	if err := s.room(b); err != nil {
		return 0, err
	}
	r := s.newRecord(b)
	seq, err := s.pushes.add(r.bytes)
	r.free()
	defer s.pushes.done(seq)
	if err != nil {
		return 0, err
	}
	s.stats.pushes.Add(1)
	return s.apply(r, seq), nil
}

// room refuses a batch whose streams would be too many.
func (s *Store) room(b *Batch) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.streams)+len(b.Streams) <= MaxStreams {
		return nil
	}
	for i := range b.Streams {
		if s.streams[b.Streams[i].Labels.Text] == nil {
			return ErrTooManyStreams
		}
	}
	return nil
}

// apply puts the entries of a record that are new into the heads of their
// streams.
func (s *Store) apply(r *record, seq uint64) (fresh int) {
	sums := r.sums
	for i := range r.batch.Streams {
		in := &r.batch.Streams[i]
		n := s.add(in, sums, seq)
		sums = sums[len(in.Entries):]
		fresh += n
		s.stats.entries.Add(int64(n))
		s.stats.doubles.Add(int64(len(in.Entries) - n))
	}
	return fresh
}
