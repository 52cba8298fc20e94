package store_test

import (
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// TestOldLog: a log of pushes whose records are values, as they were before they
// had buckets of their own, is read, and goes once its entries are in blocks.
func TestOldLog(t *testing.T) {
	dir, old := t.TempDir(), t.TempDir()
	s, err := store.Open(store.Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // what counts was copied
	labels := store.NewLabels([]entry.Pair{{Name: "job", Value: "a"}})
	for i := range int64(3) {
		b := &store.Batch{Streams: []store.Stream{{Labels: labels, Entries: []store.Entry{{Time: base + i, Line: "line"}}}}}
		if _, err := s.Push(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "pushes.db"))
	if err == nil {
		err = os.WriteFile(filepath.Join(old, "pushes.db"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := flatten(t, filepath.Join(old, "pushes.db")); n != 3 {
		t.Fatalf("%d records, want 3", n)
	}
	for range 2 { // the second time there are blocks, and no log
		s, err := store.Open(store.Options{Dir: old, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := selected(t, s, &engine.Selection{To: base * 2}); len(got) != 3 {
			t.Errorf("%d entries, want 3", len(got))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := flatten(t, filepath.Join(old, "pushes.db")); n != 0 {
		t.Errorf("%d records are left", n)
	}
}

// flatten makes values of the records of a log, and counts them.
func flatten(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // of a test
	err = db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("pushes"))
		records := map[string][]byte{}
		if err := b.ForEach(func(k, v []byte) error {
			if v == nil {
				v = b.Bucket(k).Get([]byte("record"))
				records[string(k)] = append([]byte{}, v...)
			}
			n++
			return nil
		}); err != nil {
			return err
		}
		for k, v := range records {
			if err := b.DeleteBucket([]byte(k)); err != nil {
				return err
			}
			if err := b.Put([]byte(k), v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
