package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// days are the files of the days. Those that nobody uses are closed when they
// become many.
type days struct {
	dir string

	mu    sync.Mutex
	files map[day]*dayFile
	uses  uint64
}

// dayFile is one file; days.mu holds all of it but the database.
type dayFile struct {
	day  day
	path string
	db   *bolt.DB // nil while it is closed
	refs int
	used uint64
	gone bool // deleted: closed by who uses it last
}

// maxOpenDays bounds the files that are open at one time without being used.
const maxOpenDays = 16

// mapSize is the address space, in bytes, that a file has from the start: to
// outgrow it, a writer waits until no question reads the file.
const mapSize = 1 << (27 + 6*(bits.UintSize/64))

func openBolt(path string) (*bolt.DB, error) {
	return bolt.Open(path, 0o600, &bolt.Options{Timeout: 2 * time.Second, FreelistType: bolt.FreelistMapType, InitialMmapSize: mapSize})
}

// find lists the files that are there.
func (d *days) find(dir string) error {
	d.dir, d.files = dir, map[day]*dayFile{}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	names, err := os.ReadDir(dir)
	for _, n := range names {
		if at, ok := parseDay(n.Name()); ok {
			d.files[at] = &dayFile{day: at, path: filepath.Join(dir, n.Name())}
		}
	}
	return err
}

// list returns the days in order.
func (d *days) list() []day {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []day
	for at := range d.files {
		list = append(list, at)
	}
	slices.Sort(list)
	return list
}

// errNoDay says that a day has no entries.
var errNoDay = errors.New("nothing of that day")

// use opens a day's file, and makes it if create says so. Who got it calls done.
func (d *days) use(at day, create bool) (*dayFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[at]
	if f == nil {
		if !create {
			return nil, errNoDay
		}
		f = &dayFile{day: at, path: filepath.Join(d.dir, at.fileName())}
	}
	if f.db == nil {
		db, err := openBolt(f.path)
		if err != nil {
			return nil, fmt.Errorf("cannot open %s: %w", f.path, err)
		}
		f.db = db
		d.files[at] = f
		d.closeIdle(f)
	}
	d.uses++
	f.used = d.uses
	f.refs++
	return f, nil
}

// closeIdle closes the file that was used longest ago if too many are open.
func (d *days) closeIdle(but *dayFile) {
	var idle []*dayFile
	for _, f := range d.files {
		if f != but && f.db != nil && f.refs == 0 {
			idle = append(idle, f)
		}
	}
	if len(idle) > maxOpenDays {
		f := slices.MinFunc(idle, func(a, b *dayFile) int { return cmp.Compare(a.used, b.used) })
		_ = f.db.Close() // all that was written to it is synced
		f.db = nil
	}
}

// done ends a use.
func (d *days) done(f *dayFile) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.refs--; f.refs == 0 && f.gone {
		_ = f.db.Close() // it is deleted
	}
}

// remove deletes a day.
func (d *days) remove(at day) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[at]
	if f == nil {
		return nil
	}
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	delete(d.files, at)
	f.gone = true
	if f.refs == 0 && f.db != nil {
		return f.db.Close()
	}
	return nil
}

// size is what all files take, in bytes.
func (d *days) size() (sum int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.files {
		if st, err := os.Stat(f.path); err == nil {
			sum += st.Size()
		}
	}
	return sum
}

func (d *days) close() (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.files {
		if f.db != nil {
			err = errors.Join(err, f.db.Close())
		}
	}
	return err
}

// reader is one state of a day's file, for one goroutine.
type reader struct {
	d  *days
	f  *dayFile
	tx *bolt.Tx
	// The buckets; nil in a file that was just made.
	heads, meta, lines *bolt.Bucket
}

func (d *days) reader(at day) (*reader, error) {
	f, err := d.use(at, false)
	if err != nil {
		return nil, err
	}
	tx, err := f.db.Begin(false)
	if err != nil {
		d.done(f)
		return nil, err
	}
	return &reader{d, f, tx, tx.Bucket(inHeads), tx.Bucket(inMeta), tx.Bucket(inLines)}, nil
}

func (r *reader) close() {
	_ = r.tx.Rollback() // it only read
	r.d.done(r.f)
}

// refs appends the blocks of a stream, in the order in which they were stored.
func (r *reader) refs(stream uint64, list []ref) []ref {
	if r.heads == nil {
		return list
	}
	from := len(list)
	prefix := numKey(stream)
	c := r.heads.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if b, ok := parseRef(r.f.day, k); ok {
			list = append(list, b)
		}
	}
	slices.SortFunc(list[from:], func(a, b ref) int { return cmp.Compare(a.seq, b.seq) })
	return list
}

// stored is the values of a block, views of the file that hold until the reader
// is closed. Any goroutine may read them.
type stored struct{ head, meta, lines []byte }

func (r *reader) block(b ref) stored {
	return stored{r.heads.Get(b.headKey()), r.meta.Get(b.dataKey()), r.lines.Get(b.dataKey())}
}

// reading says what of a block is read; times always are.
type reading struct {
	lens, lines bool
	want        func(name string) bool // which columns; nil for none
}

// read reads a block.
func (b *block) read(s stored, what reading) error {
	if err := b.decodeHead(s.head); err != nil {
		return err
	}
	if err := b.decodeTimes(s.meta, what.lens); err != nil {
		return err
	}
	b.cols = b.cols[:0]
	if what.want != nil {
		if err := b.decodeCols(s.meta, what.want); err != nil {
			return err
		}
	}
	if what.lines {
		return b.decodeLines(s.lines)
	}
	return nil
}

// ErrInUse says that another process has the store open.
var ErrInUse = errors.New("another zimbraloki serve uses it; stop that one, or take another folder")

// inUse tells a person what it means that a file is locked.
func inUse(err error) error {
	if errors.Is(err, bolterrors.ErrTimeout) {
		return ErrInUse
	}
	return err
}
