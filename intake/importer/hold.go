package importer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// hold is an archive in a worker's hands: its import as it is told to the
// database, at most once a second, and the lease, which goes on with that.
type hold struct {
	i      *Importer
	cancel context.CancelCauseFunc
	end    chan struct{}
	ended  sync.WaitGroup

	mu    sync.Mutex
	m     model.Import
	fresh bool // m is not told yet
}

// errLost is why a worker stops whose archive is somebody else's by now, or gone.
var errLost = errors.New("the import is not this worker's any more, or its archive was deleted")

// tellEvery is how often the progress is written.
const tellEvery = time.Second

// hold keeps the lease of m until release. The context ends with errLost when
// the lease cannot be kept.
func (i *Importer) hold(ctx context.Context, m model.Import) (*hold, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	h := &hold{i: i, cancel: cancel, m: m, end: make(chan struct{})}
	h.ended.Go(func() { h.run(ctx) })
	return h, ctx
}

// release ends the keeping and returns what is known of the import.
func (h *hold) release() model.Import {
	close(h.end)
	h.ended.Wait()
	h.cancel(nil)
	return h.now()
}

func (h *hold) now() model.Import {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.m
}

// set changes what is told.
func (h *hold) set(f func(m *model.Import)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.m)
	h.fresh = true
}

func (h *hold) run(ctx context.Context) {
	t := time.NewTicker(min(tellEvery, h.i.o.Lease/4))
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-h.end:
			return
		case <-t.C:
		}
		h.mu.Lock()
		m, fresh := h.m, h.fresh
		h.fresh = false
		h.mu.Unlock()
		if !fresh && time.Since(last) < h.i.o.Lease/3 {
			continue
		}
		if h.tell(ctx, m) {
			last = time.Now()
		}
		if time.Since(last) > h.i.o.Lease {
			h.cancel(errLost) // another may have it by now
		}
	}
}

// tell renews the lease; false if that did not work.
func (h *hold) tell(ctx context.Context, m model.Import) bool {
	err := h.i.o.Store.RenewImport(context.WithoutCancel(ctx), m, h.i.o.Lease, now())
	switch {
	case errors.Is(err, model.ErrNotFound):
		h.cancel(errLost)
	case err != nil:
		h.i.o.Log.WarnContext(ctx, "the lease of an import cannot be renewed", "archive", m.ArchiveID, "error", err)
	}
	return err == nil
}
