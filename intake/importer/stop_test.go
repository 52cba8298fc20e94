package importer

import (
	"context"
	"errors"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// ends are blobs that fail in words of their own as the program is told to end.
type ends struct{ stop context.CancelFunc }

func (e ends) Path(context.Context, string) (string, func(), error) {
	e.stop()
	return "", nil, errors.New("interrupted (9)")
}

// TestInterrupted: an import that fails since the program ends is read by the next
// one, and has not failed.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r := newRig(t, func(o *Options) { o.Blobs = ends{stop} })
	a := r.upload("SUP-1488", "good.log", []byte(line))
	r.Run(ctx)
	got, err := r.db.Archive(t.Context(), a.ID)
	if err != nil || got.Import.State != model.ImportQueued || got.Import.Tries != 0 {
		t.Errorf("%+v, %v; want it in the queue, as if it had not been begun", got.Import, err)
	}
}
