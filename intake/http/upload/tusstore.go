package upload

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// tusStore is tusd's view of tickets, blobs and the database.
type tusStore struct{ h *Handler }

// NewUpload implements handler.DataStore. The attempt is spent already.
func (s tusStore) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	ctx = context.WithoutCancel(ctx)
	if info.MetaData[metaKeyed] != "" {
		return s.keyed(ctx, info)
	}
	g, err := s.h.Tickets.Grant(ctx, info.ID)
	if err != nil {
		return nil, s.h.tusError(info.ID, err)
	}
	if err := s.h.Store.CreateTus(ctx, info.ID, info.MetaData["sha256"]); err != nil {
		s.h.failed(ctx, g, err, true)
		return nil, s.h.tusError(info.ID, err)
	}
	return &tusUpload{h: s.h, g: g}, nil
}

// keyed is a new upload whose creation its client may repeat, or one that is there:
// which of the requests at once was the first does not matter. What fails here is
// not given back, since the client comes again with the same key.
func (s tusStore) keyed(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	if err := s.h.Store.CreateTus(ctx, info.ID, info.MetaData["sha256"]); err != nil && !errors.Is(err, model.ErrExists) {
		return nil, s.h.tusError(info.ID, err)
	}
	return &keyedUpload{&tusUpload{h: s.h, g: tickets.Grant{Upload: model.Upload{ID: info.ID, Size: info.Size, Name: info.MetaData["filename"]}}}}, nil
}

// keyedUpload is an upload within its creation: what the request brings begins at
// 0, however much another one of the same key has brought until this one had the
// lock.
type keyedUpload struct{ *tusUpload }

// WriteChunk implements handler.Upload. It passes over what is there.
func (u *keyedUpload) WriteChunk(ctx context.Context, _ int64, src io.Reader) (int64, error) {
	now, err := tusStore{u.h}.open(context.WithoutCancel(ctx), u.g.Upload.ID)
	if err != nil {
		return 0, u.h.tusError(u.g.Upload.ID, err)
	}
	u.tusUpload = now
	there := u.offset
	if _, err := io.CopyN(io.Discard, src, there); err != nil || there == u.g.Upload.Size {
		return there, u.h.tusError(u.g.Upload.ID, ignoreEOF(err))
	}
	n, err := u.tusUpload.WriteChunk(ctx, there, src)
	return there + n, err
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// GetUpload implements handler.DataStore. An upload of which all bytes are there,
// and whose process died before it said so, is finished here.
func (s tusStore) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	ctx = context.WithoutCancel(ctx) // another that waits for the lock cancels it; this is short
	u, err := s.open(ctx, id)
	if err == nil && !u.done && u.offset == u.g.Upload.Size {
		err = u.finish(ctx)
	}
	if err != nil {
		return nil, s.h.tusError(id, err)
	}
	return u, nil
}

func (s tusStore) open(ctx context.Context, id string) (*tusUpload, error) {
	row, err := s.h.Store.Upload(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case row.Kind != model.KindTus:
		return nil, model.ErrNotFound
	case row.State == model.UploadDone:
		return &tusUpload{h: s.h, g: tickets.Grant{Upload: row}, offset: row.Size, done: true}, nil
	case row.State != model.UploadOpen:
		return nil, tickets.ErrGone
	}
	g, err := s.h.Tickets.Grant(ctx, id)
	if err != nil {
		return nil, err
	}
	u := &tusUpload{h: s.h, g: g}
	u.offset, err = s.h.Blobs.Pending(ctx, g.Upload.Blob)
	if errors.Is(err, files.ErrNotFound) { // nothing came yet, or all of it
		u.committed, err = exists(ctx, s.h.Blobs, g.Upload.Blob)
		if u.committed {
			u.offset = g.Upload.Size
		}
	}
	return u, err
}

func exists(ctx context.Context, b files.Blobs, key string) (bool, error) {
	r, _, err := b.Open(ctx, key)
	if errors.Is(err, files.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, r.Close()
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (s tusStore) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	if k, ok := u.(*keyedUpload); ok {
		return k.tusUpload
	}
	return u.(*tusUpload)
}

// tusUpload is one upload within one request, which holds its lock.
type tusUpload struct {
	h         *Handler
	g         tickets.Grant
	offset    int64
	committed bool // the blob is there, and no archive of it
	done      bool // the archive is there
	w         files.Writer
}

// GetInfo implements handler.Upload.
func (u *tusUpload) GetInfo(context.Context) (handler.FileInfo, error) {
	up := u.g.Upload
	return handler.FileInfo{ID: up.ID, Size: up.Size, Offset: u.offset, MetaData: handler.MetaData{"filename": up.Name}}, nil
}

// WriteChunk implements handler.Upload. What came before a fault is safe, and
// counts.
func (u *tusUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	w, err := u.h.Blobs.Append(ctx, u.g.Upload.Blob)
	if err != nil {
		return 0, u.h.tusError(u.g.Upload.ID, err)
	}
	if w.Offset() != offset {
		return 0, errors.Join(handler.ErrMismatchOffset, w.Suspend(ctx))
	}
	n, errRead, errWrite := files.Copy(w, &watched{r: src, h: u.h, ctx: ctx, id: u.g.Upload.ID, left: -1, came: offset})
	err = errors.Join(errWrite, errRead)
	u.offset = offset + n
	if err == nil && u.offset == u.g.Upload.Size {
		u.w = w // FinishUpload goes on with it
		return n, nil
	}
	if errors.Is(err, tickets.ErrGone) {
		w.Abort()
	} else if errSave := w.Suspend(ctx); errSave != nil {
		n = 0
		if err == nil {
			err = errSave
		}
	} else if errTouch := u.h.Tickets.Touch(ctx, u.g.Upload.ID, u.offset); errTouch != nil {
		err = errors.Join(err, errTouch)
	}
	return n, u.h.tusError(u.g.Upload.ID, err)
}

// GetReader implements handler.Upload: what was sent is not given back.
func (u *tusUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, handler.ErrNotFound
}

// FinishUpload implements handler.Upload.
func (u *tusUpload) FinishUpload(ctx context.Context) error {
	if u.done {
		return nil
	}
	return u.h.tusError(u.g.Upload.ID, u.finish(context.WithoutCancel(ctx)))
}

// finish makes the blob an archive, if it is what the client promised. If not,
// its bytes go and the upload begins anew at its URL: the attempt stays spent on
// it, since a client that promises a wrong sum would else send for ever, but a
// customer whose bytes were damaged on the way does not lose it.
func (u *tusUpload) finish(ctx context.Context) error {
	want, err := u.h.Store.TusChecksum(ctx, u.g.Upload.ID)
	if err != nil {
		return err
	}
	sum, err := u.commit(ctx, want)
	if err != nil {
		return err
	}
	if _, err := u.h.stored(ctx, u.g, sum); err != nil {
		return err
	}
	u.done = true
	return nil
}

func (u *tusUpload) commit(ctx context.Context, want string) (sum files.Sum, err error) {
	if u.committed {
		if sum, err = files.SumOf(ctx, u.h.Blobs, u.g.Upload.Blob); err != nil {
			return sum, err
		}
		if !u.fits(sum, want) {
			u.offset, u.committed = 0, false
			return sum, errors.Join(errChecksum, u.h.Blobs.Delete(ctx, u.g.Upload.Blob))
		}
		return sum, nil
	}
	w := u.w
	if w == nil {
		if w, err = u.h.Blobs.Append(ctx, u.g.Upload.Blob); err != nil {
			return sum, err
		}
	}
	u.w = nil
	if sum, err = w.Sum(); err != nil {
		return sum, errors.Join(err, w.Suspend(ctx))
	}
	if !u.fits(sum, want) {
		u.offset = 0
		w.Abort()
		return sum, errChecksum
	}
	if sum, err = w.Commit(ctx); err != nil {
		err = errors.Join(err, w.Suspend(ctx))
	}
	return sum, err
}

func (u *tusUpload) fits(sum files.Sum, want string) bool {
	return sum.Size == u.g.Upload.Size && (want == "" || sum.SHA256 == want)
}

var errCancelled = errors.New("the customer cancelled it")

// Terminate implements handler.TerminatableUpload: the customer does not want to
// go on. Nothing is stored, so nothing was spent.
func (u *tusUpload) Terminate(ctx context.Context) error {
	if u.done {
		return tusAnswer(answer{http.StatusForbidden, nil, detail("the upload is complete and cannot be taken back")})
	}
	if err := u.h.Tickets.Failed(ctx, u.g, errCancelled); err != nil {
		return u.h.tusError(u.g.Upload.ID, err)
	}
	return u.h.tusError(u.g.Upload.ID, u.h.Blobs.Delete(ctx, u.g.Upload.Blob))
}
