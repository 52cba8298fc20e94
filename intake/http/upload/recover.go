package upload

import (
	"context"
	"errors"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// quiet is how long nobody was seen at an upload before it is looked after.
const quiet = time.Minute

// Stop has the running requests of resumable uploads end, with all that came kept
// and an answer that sends their clients to try again. It belongs before
// http.Server.Shutdown, which waits for uploads by one request.
func (h *Handler) Stop() { h.stop() }

// Recover finishes the resumable uploads of which all bytes are there, and whose
// process died before it said so: their clients may never ask again. It belongs
// beside Service.Recover, which in the end would give them up.
func (h *Handler) Recover(ctx context.Context) error {
	open, err := h.Store.StaleUploads(ctx, model.KindTus, time.Now().Add(-quiet))
	if err != nil {
		return err
	}
	var failed error
	for _, up := range open {
		n, err := h.Blobs.Pending(ctx, up.Blob)
		if errors.Is(err, files.ErrNotFound) {
			var whole bool
			if whole, err = exists(ctx, h.Blobs, up.Blob); whole {
				n = up.Size
			}
		}
		if err == nil && n == up.Size {
			err = h.finishLate(ctx, up.ID)
		}
		if err != nil && !errors.Is(err, errChecksum) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// finishLate finishes one, unless somebody is at it.
func (h *Handler) finishLate(ctx context.Context, id string) error {
	lock, err := h.locks.NewLock(id)
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	if err := lock.Lock(wait, func() {}); err != nil {
		return nil
	}
	u, err := tusStore{h}.open(ctx, id)
	if err == nil && !u.done && u.offset == u.g.Upload.Size {
		err = u.finish(context.WithoutCancel(ctx))
	}
	return errors.Join(err, lock.Unlock())
}
