package importer

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/source"
)

// Archives that were asked about stay open for a while: to unpack one takes
// longer than to answer.
const (
	keepOpen = 10 * time.Minute
	maxOpen  = 8
)

// openArchive is an archive that questions are answered from, one at a time.
type openArchive struct {
	use   sync.Mutex
	src   *source.Source // nil: not open
	close func()

	// Of opened.mu.
	users int
	last  time.Time
	gone  bool // closed as soon as nobody uses it
}

// opened are archives that are open, by the key of their blob.
type opened struct {
	open func(ctx context.Context, a model.Archive) (*source.Source, func(), error)

	mu   sync.Mutex
	list map[string]*openArchive
}

// take returns an archive for one question; put gives it back.
func (o *opened) take(ctx context.Context, a model.Archive) (*openArchive, error) {
	o.mu.Lock()
	if o.list == nil {
		o.list = map[string]*openArchive{}
	}
	x := o.list[a.Blob]
	if x == nil {
		x = &openArchive{}
		o.list[a.Blob] = x
	}
	x.users++
	o.mu.Unlock()
	x.use.Lock()
	if x.src == nil {
		var err error
		if x.src, x.close, err = o.open(ctx, a); err != nil {
			x.src = nil
			o.forget(a.Blob)
			o.put(x)
			return nil, err
		}
	}
	return x, ctx.Err()
}

func (o *opened) put(x *openArchive) {
	x.use.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	x.users--
	x.last = time.Now()
	if x.gone && x.users == 0 {
		x.shut()
	}
}

func (x *openArchive) shut() {
	if x.src != nil {
		x.close()
		x.src = nil
	}
}

// forget closes an archive, once nobody uses it.
func (o *opened) forget(blob string) {
	o.drop(func(b string, _ *openArchive) bool { return b == blob })
}

// closeIdle closes those that nobody has asked about for long, and of too many
// the oldest.
func (o *opened) closeIdle() {
	o.drop(func(_ string, x *openArchive) bool { return x.users == 0 && time.Since(x.last) > keepOpen })
	for {
		o.mu.Lock()
		oldest, n := "", len(o.list)
		for b, x := range o.list {
			if x.users == 0 && (oldest == "" || x.last.Before(o.list[oldest].last)) {
				oldest = b
			}
		}
		o.mu.Unlock()
		if n <= maxOpen || oldest == "" {
			return
		}
		o.forget(oldest)
	}
}

func (o *opened) closeAll() { o.drop(func(string, *openArchive) bool { return true }) }

func (o *opened) drop(which func(blob string, x *openArchive) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for b, x := range o.list {
		if !which(b, x) {
			continue
		}
		delete(o.list, b)
		x.gone = true
		if x.users == 0 {
			x.shut()
		}
	}
}

// sources opens archives for a question, until done is called.
func (i *Importer) sources(ctx context.Context, list []model.Archive) (u union, done func(), err error) {
	var taken []*openArchive
	done = func() {
		for _, x := range taken {
			i.opened.put(x)
		}
		i.opened.closeIdle()
	}
	for _, a := range list {
		x, err := i.opened.take(ctx, a)
		if x != nil {
			taken = append(taken, x)
		}
		if err != nil {
			done()
			return nil, nil, err
		}
		u = append(u, x.src)
	}
	return u, done, nil
}

// openForQuestions opens an archive whose import has found no breach of a limit.
func (i *Importer) openForQuestions(ctx context.Context, a model.Archive) (*source.Source, func(), error) {
	path, release, err := i.o.Blobs.Path(ctx, a.Blob)
	if err != nil {
		return nil, nil, err
	}
	c, err := i.config(a)
	if err != nil {
		release()
		return nil, nil, err
	}
	notices := logs.NewNotices(io.Discard)
	set, err := logs.Open(ctx, i.options(a, path, c), notices)
	if err != nil {
		release()
		return nil, nil, err
	}
	if notices.Over() != nil {
		set.Close()
		release()
		return nil, nil, errors.New("the archive breaks a limit; have it read again")
	}
	return &source.Source{Set: set, Config: c}, func() { set.Close(); release() }, nil
}
