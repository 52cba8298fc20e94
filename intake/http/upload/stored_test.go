package upload

import (
	"context"
	"errors"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// granted is an admitted upload whose blob is there.
func (f *fixture) granted(token string, data []byte) (tickets.Grant, files.Sum) {
	f.t.Helper()
	ctx := context.Background()
	g, err := f.svc.Admit(ctx, token, tickets.Request{Kind: model.KindPost, Name: "a.log", Size: int64(len(data))})
	if err != nil {
		f.t.Fatal(err)
	}
	w, err := f.blobs.Create(ctx, g.Upload.Blob)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		f.t.Fatal(err)
	}
	sum, err := w.Commit(ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	return g, sum
}

// TestStoredTwice: two processes may think that they hold an upload, as when one
// of them was stopped for a while. Who comes second removes nothing.
func TestStoredTwice(t *testing.T) {
	f := start(t)
	data := noise(1000)
	g, sum := f.granted(f.ticket("1", 1), data)
	if _, err := f.h.stored(t.Context(), g, sum); err != nil {
		t.Fatal(err)
	}
	if _, err := f.h.stored(t.Context(), g, sum); !errors.Is(err, tickets.ErrGone) {
		t.Errorf("stored again: %v, want %v", err, tickets.ErrGone)
	}
	f.wantArchive("1", "a.log", data)
}

// TestStoredUnsure: an error of the database does not tell that it did nothing.
// The blob goes only when the upload is known to have ended without it.
func TestStoredUnsure(t *testing.T) {
	for _, want := range []struct {
		state model.UploadState
		kept  bool
	}{{model.UploadOpen, true}, {model.UploadDone, true}, {model.UploadFailed, false}, {model.UploadRefunded, false}} {
		f := start(t)
		ctx := t.Context()
		g, sum := f.granted(f.ticket("1", 1), noise(10))
		var err error
		switch want.state {
		case model.UploadDone:
			_, err = f.svc.Stored(ctx, g, tickets.Blob{Size: sum.Size, SHA256: sum.SHA256, MD5: sum.MD5})
		case model.UploadFailed:
			err = f.svc.Failed(ctx, g, tickets.ErrFault)
		case model.UploadRefunded:
			err = f.svc.Failed(ctx, g, errCut)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.h.drop(ctx, g); err != nil {
			t.Fatal(err)
		}
		if got, err := exists(ctx, f.blobs, g.Upload.Blob); got != want.kept || err != nil {
			t.Errorf("an upload that is %s: its blob is there: %t, %v; want %t", want.state, got, err, want.kept)
		}
	}
}
