package files

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/minio/minio-go/v7"
)

// tailEnding is what the object with the bytes after the last whole part of an
// unfinished blob ends in.
const tailEnding = ".tail"

// firstPart is the size of the first parts of a multipart upload, in bytes; S3
// wants 5 MiB at least.
const firstPart = 16 << 20

// partSize of part i, from 0: S3 takes 10,000 parts, so they grow. All of them
// together are 992 GiB, more than S3 ever took.
func (s *S3) partSize(i int) int64 { return s.firstPart << (i / 2000) }

// s3State is what is kept of an unfinished blob.
type s3State struct {
	sumsState

	Upload string   `json:"upload"` // of S3's multipart upload
	Parts  []string `json:"parts"`  // their ETags
	Tail   int64    `json:"tail"`   // bytes after them
}

func (s *S3) readState(ctx context.Context, key string) (s3State, error) {
	data, err := s.get(ctx, s.part(key, stateEnding))
	if err != nil {
		return s3State{}, err
	}
	return decodeState[s3State](data)
}

// s3Writer writes one unfinished blob. What is not a part yet is in spool.
type s3Writer struct {
	store     *S3
	ctx       context.Context // never cancelled: a cut connection must not lose what came
	key       string
	resumable bool
	size      int64 // of what was taken, in bytes
	trail     *trail
	spool     *os.File
	spooled   int64
	upload    string
	parts     []string
	err       error
	ended     bool
}

// Create implements Blobs.
func (s *S3) Create(ctx context.Context, key string) (Writer, error) { return s.begin(ctx, key, false) }

// Append implements Blobs.
func (s *S3) Append(ctx context.Context, key string) (Writer, error) { return s.begin(ctx, key, true) }

func (s *S3) begin(ctx context.Context, key string, resumable bool) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	spool, err := os.CreateTemp(s.tmp, "part-*")
	if err != nil {
		return nil, fmt.Errorf("part of file %s: %w", key, spaceError(err))
	}
	_ = os.Remove(spool.Name()) // gone with the process
	w := &s3Writer{store: s, ctx: context.WithoutCancel(ctx), key: key, resumable: resumable, spool: spool}
	w.follow(newSums())
	if resumable {
		err = w.resume(ctx)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// follow takes up sums, of all that is sent and spooled.
func (w *s3Writer) follow(s *sums) {
	w.size = s.size
	w.trail = newTrail(w.spool, s, s.size-w.spooled)
}

// resume takes up the kept state, or keeps a first one, so that Pending knows
// the blob.
func (w *s3Writer) resume(ctx context.Context) error {
	st, err := w.store.readState(ctx, w.key)
	if errors.Is(err, ErrNotFound) {
		return w.save(ctx)
	}
	if err != nil {
		return err
	}
	sums, err := st.restore()
	if err != nil {
		return err
	}
	w.upload, w.parts, w.spooled = st.Upload, st.Parts, st.Tail
	w.follow(sums)
	if st.Tail == 0 {
		return nil
	}
	tail, err := w.store.get(ctx, w.store.part(w.key, tailEnding))
	if err == nil && int64(len(tail)) < st.Tail {
		err = fmt.Errorf("file %s: %d bytes are kept of the last part, want %d", w.key, len(tail), st.Tail)
	}
	if err != nil {
		return err
	}
	_, err = w.spool.Write(tail[:st.Tail])
	return spaceError(err)
}

func (w *s3Writer) Offset() int64 { return w.size }

func (w *s3Writer) Sum() (Sum, error) {
	if w.err != nil {
		return Sum{}, w.err
	}
	return w.trail.sum()
}

func (w *s3Writer) Write(p []byte) (int, error) {
	if w.ended {
		return 0, errEnded
	}
	done := 0
	for len(p) > 0 && w.err == nil {
		size := w.store.partSize(len(w.parts))
		n := min(int64(len(p)), size-w.spooled)
		k, err := w.spool.Write(p[:n])
		p, done, w.spooled, w.size = p[k:], done+k, w.spooled+int64(k), w.size+int64(k)
		if err == nil {
			err = w.trail.grew(k)
		}
		if w.err = spaceError(err); w.err != nil {
			break
		}
		if w.spooled == size {
			w.err = w.flush()
		}
	}
	return done, w.err
}

// flush sends what is spooled as a part.
func (w *s3Writer) flush() error {
	ctx, cancel := context.WithTimeout(w.ctx, callTimeout)
	defer cancel()
	if err := w.sendPart(ctx); err != nil || !w.resumable {
		return err
	}
	return w.save(ctx)
}

func (w *s3Writer) sendPart(ctx context.Context) (err error) {
	name := w.store.object(w.key)
	if w.upload == "" {
		opts := minio.PutObjectOptions{ContentType: "application/octet-stream"}
		if w.upload, err = w.store.core.NewMultipartUpload(ctx, w.store.bucket, name, opts); err != nil {
			return s3Error(w.key, err)
		}
	}
	part, err := w.store.core.PutObjectPart(ctx, w.store.bucket, name, w.upload, len(w.parts)+1,
		io.NewSectionReader(w.spool, 0, w.spooled), w.spooled, minio.PutObjectPartOptions{})
	if err != nil {
		return s3Error(w.key, err)
	}
	w.parts = append(w.parts, part.ETag)
	if err := w.trail.drain(); err != nil { // it took less time than the part
		return err
	}
	w.spooled = 0
	if _, err = w.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return w.spool.Truncate(0)
}

// save keeps the state, and before it the tail. Should the state be lost, the
// former one fits still: it wants a shorter tail, which this one begins with.
func (w *s3Writer) save(ctx context.Context) error {
	err := w.trail.ask()
	if err != nil {
		return err
	}
	if w.spooled > 0 {
		_, err = w.store.core.Client.PutObject(ctx, w.store.bucket, w.store.part(w.key, tailEnding),
			io.NewSectionReader(w.spool, 0, w.spooled), w.spooled, minio.PutObjectOptions{DisableMultipart: true})
		if err != nil {
			return s3Error(w.key, err)
		}
	}
	sums, err := w.trail.state()
	if err != nil {
		return err
	}
	data, err := json.Marshal(s3State{sums, w.upload, w.parts, w.spooled})
	if err != nil {
		return err
	}
	return w.store.put(ctx, w.store.part(w.key, stateEnding), data)
}

// close lets go of the spool, which nobody reads or writes any more.
func (w *s3Writer) close() {
	w.ended = true
	w.trail.end()
	w.spool.Close()
}

func (w *s3Writer) Suspend(ctx context.Context) error {
	if w.ended {
		return errEnded
	}
	if !w.resumable {
		w.Abort()
		return nil
	}
	defer w.close()
	if w.err != nil {
		return w.err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return w.save(ctx)
}

func (w *s3Writer) Abort() {
	if w.ended {
		return
	}
	w.close()
	ctx, cancel := context.WithTimeout(w.ctx, callTimeout)
	defer cancel()
	if w.upload != "" {
		_ = w.store.core.AbortMultipartUpload(ctx, w.store.bucket, w.store.object(w.key), w.upload)
	}
	if w.resumable {
		_ = w.store.removeParts(ctx, w.key)
	}
}

func (w *s3Writer) Commit(ctx context.Context) (Sum, error) {
	if w.ended {
		return Sum{}, errEnded
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	sum, err := w.Sum()
	if err == nil {
		err = w.publish(ctx)
	}
	if err != nil {
		w.err = err
		return Sum{}, err
	}
	w.close()
	if w.resumable {
		_ = w.store.removeParts(ctx, w.key)
	}
	return sum, nil
}

func (w *s3Writer) publish(ctx context.Context) error {
	name := w.store.object(w.key)
	_, err := w.store.core.StatObject(ctx, w.store.bucket, name, minio.StatObjectOptions{})
	if err == nil {
		return fmt.Errorf("file %s: %w: a file is never replaced", w.key, fs.ErrExist)
	}
	if err = s3Error(w.key, err); !errors.Is(err, ErrNotFound) {
		return err
	}
	if w.upload == "" { // less than a part
		_, err = w.store.core.Client.PutObject(ctx, w.store.bucket, name, io.NewSectionReader(w.spool, 0, w.spooled), w.spooled,
			minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
		return s3Error(w.key, err)
	}
	if w.spooled > 0 {
		if err := w.sendPart(ctx); err != nil {
			return err
		}
	}
	parts := make([]minio.CompletePart, len(w.parts))
	for i, etag := range w.parts {
		parts[i] = minio.CompletePart{PartNumber: i + 1, ETag: etag}
	}
	_, err = w.store.core.CompleteMultipartUpload(ctx, w.store.bucket, name, w.upload, parts, minio.PutObjectOptions{})
	return s3Error(w.key, err)
}
