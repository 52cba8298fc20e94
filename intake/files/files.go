// Package files keeps what customers upload: blobs in a folder or in an S3
// bucket, behind one interface. A blob is seen by nobody until it is whole and
// safe on disk; one that was cut can be gone on with; SHA-256 and MD5 are
// computed behind the writer, of what the file holds. Keys are made here and never come from a
// customer's file name.
package files

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	// ErrNoSpace: the disk, the quota or the bucket is full. Nothing was kept.
	ErrNoSpace = errors.New("no space left for the file")
	// ErrNotFound: no blob, or no unfinished one, has the key.
	ErrNotFound = errors.New("no such file")
)

// Blobs is a store of files by key. All methods may be called at once, by
// several processes too; only one Writer may be open for a key.
type Blobs interface {
	// Create begins a blob that is written in one go; Suspend ends it as Abort does.
	Create(ctx context.Context, key string) (Writer, error)
	// Append begins a blob, or goes on with one that was suspended or whose
	// process died: Offset says where.
	Append(ctx context.Context, key string) (Writer, error)
	// Pending says how many bytes of an unfinished blob are safe. ErrNotFound.
	Pending(ctx context.Context, key string) (int64, error)
	// Forget removes an unfinished blob; it is no error if there is none.
	Forget(ctx context.Context, key string) error
	// Open reads a blob, from anywhere in it. ErrNotFound.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)
	// Path is a local file with the blob's content, for programs that read it
	// more than once; done releases it. ErrNotFound.
	Path(ctx context.Context, key string) (path string, done func(), err error)
	// Delete removes a blob, finished or not; it is no error if there is none.
	Delete(ctx context.Context, key string) error
	// List yields blobs whose key begins with prefix, in no certain order.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Sweep removes what dead writers left and nobody touched since before.
	Sweep(ctx context.Context, before time.Time) error
	// Free is the space of the disk. Total is 0 where nobody knows it (S3).
	Free(ctx context.Context) (Usage, error)
	// Check fails if nothing can be written and read back.
	Check(ctx context.Context) error
}

// Writer takes the bytes of one blob. It ends with Commit, Suspend or Abort;
// what comes after one of them does nothing.
type Writer interface {
	io.Writer
	// Offset is the number of bytes taken, those of earlier writers included.
	Offset() int64
	// Sum is that of the bytes taken so far, for which it may have to wait a
	// moment. It fails if they cannot be read back.
	Sum() (Sum, error)
	// Commit makes the blob visible, once it is safe on disk.
	Commit(ctx context.Context) (Sum, error)
	// Suspend makes what was written safe, for Append to go on with.
	Suspend(ctx context.Context) error
	// Abort forgets the blob.
	Abort()
}

// Sum is what is known of a blob after its last byte.
type Sum struct {
	Size   int64
	SHA256 string // hex
	MD5    string // hex
}

// Info describes a blob.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time
}

// Usage is the space of a store, in bytes; Total is 0 if it is not known.
type Usage struct{ Total, Used, Free int64 }

// NewKey makes a key for a file of a ticket: its id in the database and 128
// random bits.
func NewKey(ticket int64) string {
	return strconv.FormatInt(ticket, 10) + "/" + randomName()
}

func randomName() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// keyForm: parts of letters, digits, dots, dashes, underscores; none begins
// with a dot, which is how the store names its own things.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

func checkKey(key string) error {
	if len(key) > 200 || !keyForm.MatchString(key) {
		return fmt.Errorf("key %q of a file: want up to 200 letters, digits, and . _ - in parts between slashes, none beginning with a dot", key)
	}
	return nil
}

// partName is the name of the unfinished blob of a key: keys have no plus.
func partName(key string) string { return strings.ReplaceAll(key, "/", "+") }

// notFound makes one error of the ways a store says that there is nothing.
func notFound(key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("file %s: %w", key, ErrNotFound)
	}
	return err
}
