package files

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// store makes an empty store; again opens the same one as another process would.
type store struct {
	name       string
	open       func(t *testing.T) (b Blobs, again func() Blobs)
	partLength int // bytes from which a blob has more than one part
}

// eachStore runs the test on a folder and, if versitygw is there, on S3.
func eachStore(t *testing.T, test func(t *testing.T, s store)) {
	t.Helper()
	for _, s := range []store{folderStore, s3Store} {
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
}

var folderStore = store{"folder", func(t *testing.T) (Blobs, func() Blobs) {
	dir := t.TempDir()
	open := func() Blobs {
		f, err := OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		f.saveEvery = 1 << 20
		return f
	}
	return open(), open
}, 1 << 20}

// noise is n bytes that compress badly and are the same in each run.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(b)
	return b
}

func sumOf(b []byte) Sum {
	sha, md := sha256.Sum256(b), md5.Sum(b)
	return Sum{int64(len(b)), hex.EncodeToString(sha[:]), hex.EncodeToString(md[:])}
}

func content(t *testing.T, b Blobs, key string) []byte {
	t.Helper()
	r, info, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size != int64(len(data)) || info.Key != key || time.Since(info.Modified) > time.Hour {
		t.Errorf("info %+v of %d bytes", info, len(data))
	}
	return data
}

func keys(t *testing.T, b Blobs, prefix string) (list []string) {
	t.Helper()
	for info, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, info.Key)
	}
	return list
}

// begin opens a writer and writes the pieces.
func begin(t *testing.T, open func(context.Context, string) (Writer, error), key string, pieces ...[]byte) Writer {
	t.Helper()
	w, err := open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		if n, err := w.Write(p); n != len(p) || err != nil {
			t.Fatalf("wrote %d of %d: %v", n, len(p), err)
		}
	}
	return w
}

func commit(t *testing.T, w Writer, want []byte) {
	t.Helper()
	sum, err := w.Commit(t.Context())
	if err != nil || sum != sumOf(want) {
		t.Errorf("%+v, %v; want %+v", sum, err, sumOf(want))
	}
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// TestCreate: a blob of any length is seen with its sums after Commit, not before.
func TestCreate(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, again := s.open(t)
		for _, n := range []int{0, 1, copyBuffer, s.partLength, s.partLength + 1} {
			key, data := NewKey(7), noise(n)
			w := begin(t, b.Create, key, data[:n/3], data[n/3:])
			if _, _, err := b.Open(t.Context(), key); !errors.Is(err, ErrNotFound) {
				t.Errorf("%d bytes are seen before Commit: %v", n, err)
			}
			if list := keys(t, b, ""); len(list) != 0 {
				t.Errorf("listed before Commit: %v", list)
			}
			commit(t, w, data)
			if _, err := w.Write([]byte("x")); err == nil {
				t.Error("writes after Commit")
			}
			if !bytes.Equal(content(t, again(), key), data) {
				t.Errorf("%d bytes came back changed", n)
			}
			if sum, err := SumOf(t.Context(), b, key); err != nil || sum != sumOf(data) {
				t.Errorf("SumOf: %+v %v", sum, err)
			}
			if err := b.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestAbort: nothing is left of it, and a blob is never replaced.
func TestAbort(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, _ := s.open(t)
		key := NewKey(1)
		begin(t, b.Create, key, noise(s.partLength+5)).Abort()
		if err := begin(t, b.Create, key, noise(5)).Suspend(t.Context()); err != nil {
			t.Error(err)
		}
		w := begin(t, b.Append, key, noise(s.partLength+5))
		w.Abort()
		w.Abort()
		if _, err := w.Commit(t.Context()); err == nil {
			t.Error("Commit after Abort")
		}
		_, err := b.Pending(t.Context(), key)
		wantError(t, "pending after Abort", err, ErrNotFound)
		commit(t, begin(t, b.Create, key, []byte("first")), []byte("first"))
		w = begin(t, b.Create, key, []byte("second"))
		_, err = w.Commit(t.Context())
		wantError(t, "second Commit", err, fs.ErrExist)
		w.Abort()
		if got := content(t, b, key); string(got) != "first" {
			t.Errorf("%q", got)
		}
		leftovers(t, b)
	})
}

// leftovers fails if unfinished blobs are there.
func leftovers(t *testing.T, b Blobs) {
	t.Helper()
	if f, ok := b.(*Folder); ok {
		if entries, err := fs.ReadDir(f.root.FS(), partsDir); err != nil || len(entries) > 0 {
			t.Errorf("left over: %v %v", entries, err)
		}
	}
	if s, ok := b.(*S3); ok {
		for o := range s.core.Client.ListIncompleteUploads(t.Context(), s.bucket, "", true) {
			t.Errorf("left over: %+v", o)
		}
		if entries, err := os.ReadDir(s.tmp); err != nil || len(entries) > 0 {
			t.Errorf("left over: %v %v", entries, err)
		}
	}
}

// TestAppend: cut anywhere, gone on with by another process, same sums.
func TestAppend(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, again := s.open(t)
		data := noise(s.partLength + 3000)
		for _, cuts := range [][]int{{0}, {1}, {0, 0, 5}, {s.partLength - 1, s.partLength}, {s.partLength, s.partLength + 1}, {2999, s.partLength + 2999}} {
			key, at := NewKey(2), 0
			for _, cut := range cuts {
				w := begin(t, again().Append, key, data[at:cut])
				if err := w.Suspend(t.Context()); err != nil {
					t.Fatal(err)
				}
				at = cut
				if n, err := b.Pending(t.Context(), key); n != int64(at) || err != nil {
					t.Errorf("pending %d, %v; want %d", n, err, at)
				}
			}
			w := begin(t, again().Append, key)
			if w.Offset() != int64(at) {
				t.Errorf("offset %d, want %d", w.Offset(), at)
			}
			if _, err := w.Write(data[at:]); err != nil {
				t.Fatal(err)
			}
			commit(t, w, data)
			if !bytes.Equal(content(t, b, key), data) {
				t.Errorf("cuts %v: content changed", cuts)
			}
			if _, err := b.Pending(t.Context(), key); !errors.Is(err, ErrNotFound) {
				t.Errorf("pending after Commit: %v", err)
			}
			_ = b.Delete(t.Context(), key)
		}
		leftovers(t, b)
	})
}

// TestAppendCrash: a writer that ended without a word left what it had made
// safe, and another one begins there.
func TestAppendCrash(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, again := s.open(t)
		key, data := NewKey(3), noise(2*s.partLength+1)
		crashed := begin(t, b.Append, key, data[:s.partLength], data[s.partLength:s.partLength+100])
		if f, ok := crashed.(*folderWriter); ok {
			f.waitSaving() // the save in the background is not bound to a time
		}
		n, err := again().Pending(t.Context(), key)
		if err != nil || n != int64(s.partLength) {
			t.Fatalf("pending %d, %v; want %d", n, err, s.partLength)
		}
		w := begin(t, again().Append, key, data[n:])
		commit(t, w, data)
		if !bytes.Equal(content(t, b, key), data) {
			t.Error("content changed")
		}
	})
}

// TestForgetSweep: unfinished blobs go when nobody wants them, young ones stay.
func TestForgetSweep(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, _ := s.open(t)
		ctx := t.Context()
		suspended := func(n int) string {
			key := NewKey(4)
			if err := begin(t, b.Append, key, noise(n)).Suspend(ctx); err != nil {
				t.Fatal(err)
			}
			return key
		}
		key := suspended(s.partLength + 1)
		for range 2 {
			if err := b.Forget(ctx, key); err != nil {
				t.Error(err)
			}
		}
		leftovers(t, b)
		if err := b.Delete(ctx, suspended(10)); err != nil {
			t.Error(err)
		}
		leftovers(t, b)
		key = suspended(s.partLength + 1)
		if err := b.Sweep(ctx, time.Now().Add(-time.Hour)); err != nil {
			t.Error(err)
		}
		if _, err := b.Pending(ctx, key); err != nil {
			t.Errorf("a young one is gone: %v", err)
		}
		begin(t, b.Create, NewKey(5), noise(s.partLength+1)) // and its process dies
		if err := b.Sweep(ctx, time.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
		_, err := b.Pending(ctx, key)
		wantError(t, "pending after Sweep", err, ErrNotFound)
		leftovers(t, b)
	})
}

// TestReading: seek, path, list, delete.
func TestReading(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, _ := s.open(t)
		ctx := t.Context()
		commit(t, begin(t, b.Create, "12/a", []byte("0123456789")), []byte("0123456789"))
		commit(t, begin(t, b.Create, "13/b", []byte("b")), []byte("b"))
		r, _, err := b.Open(ctx, "12/a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Seek(-3, io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != "789" || err != nil {
			t.Errorf("%q %v", got, err)
		}
		r.Close()
		path, done, err := b.Path(ctx, "12/a")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); string(got) != "0123456789" || err != nil {
			t.Errorf("%q %v", got, err)
		}
		done()
		if got := keys(t, b, "12/"); len(got) != 1 || got[0] != "12/a" {
			t.Errorf("%q", got)
		}
		for range 2 {
			if err := b.Delete(ctx, "12/a"); err != nil {
				t.Error(err)
			}
		}
		if got := keys(t, b, ""); len(got) != 1 || got[0] != "13/b" {
			t.Errorf("%q", got)
		}
		_, _, err = b.Path(ctx, "12/a")
		wantError(t, "path", err, ErrNotFound)
		_, _, err = b.Open(ctx, "12")
		wantError(t, "open a folder", err, ErrNotFound)
		if err := b.Check(ctx); err != nil {
			t.Error(err)
		}
		if u, err := b.Free(ctx); err != nil || u.Total < u.Free || u.Total < 0 || s.name == "folder" && u.Total == 0 {
			t.Errorf("%+v %v", u, err)
		}
		leftovers(t, b)
	})
}

// TestKeys: what leads out of the store, or to its own things, is no key.
func TestKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, _ := s.open(t)
		for _, key := range []string{"", "/a", "a/", "../a", "a/../b", "a//b", ".parts/x", "a/.b", "a+b", "a\x00b", "a\\b", "a b", "ä", strings.Repeat("a", 201)} {
			ctx := t.Context()
			_, errCreate := b.Create(ctx, key)
			_, errAppend := b.Append(ctx, key)
			_, _, errOpen := b.Open(ctx, key)
			_, _, errPath := b.Path(ctx, key)
			_, errPending := b.Pending(ctx, key)
			for i, err := range []error{errCreate, errAppend, errOpen, errPath, errPending, b.Delete(ctx, key), b.Forget(ctx, key)} {
				if err == nil || !strings.Contains(err.Error(), "key ") {
					t.Errorf("call %d takes %q: %v", i, key, err)
				}
			}
		}
	})
}

// TestParallel: many at once, in one folder.
func TestParallel(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		b, _ := s.open(t)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				key, data := NewKey(9), noise(1000*i)
				w, err := b.Create(context.Background(), key)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = w.Write(data)
				if sum, err := w.Commit(context.Background()); err != nil || sum != sumOf(data) {
					t.Errorf("%d: %+v %v", i, sum, err)
				}
				if i%2 == 0 {
					if err := b.Delete(context.Background(), key); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := len(keys(t, b, "9/")); n != 10 {
			t.Errorf("%d blobs, want 10", n)
		}
	})
}
