package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// ErrDamaged is a backup that is no backup, was cut short, or holds something
// else than it says.
var ErrDamaged = errors.New("the backup is damaged")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
}

// Read restores a backup into an empty store. The rows come all or not at all;
// each blob is held against the SHA-256 of its row, and the whole against the
// summary at its end. Uploads that were under way are ended, their attempts
// given back: what they had received is not in a backup.
func Read(ctx context.Context, r io.Reader, db *store.DB, blobs files.Blobs, now time.Time) (Summary, error) {
	in := &reader{t: tar.NewReader(bufio.NewReaderSize(r, 1<<20)), blobs: blobs, got: Summary{Rows: map[string]int64{}}, sums: map[string]string{}}
	if err := in.manifest(); err != nil {
		return in.got, err
	}
	err := db.Load(ctx, func(l *store.Loader) error {
		if err := in.tables(ctx, l); err != nil {
			return err
		}
		// The blobs come before the rows are kept, so that a row names none that
		// is not there.
		if err := in.rest(ctx); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return in.got, err
	}
	return in.got, endUploads(ctx, db, now)
}

type reader struct {
	t     *tar.Reader
	h     *tar.Header // of the member that is next
	blobs files.Blobs
	got   Summary
	sums  map[string]string // SHA-256 by key
}

// next goes on to the next member.
func (in *reader) next() error {
	h, err := in.t.Next()
	if err == io.EOF {
		return damaged("it ends before %s", endName)
	}
	if err != nil {
		return damaged("%w", err)
	}
	if h.Typeflag != tar.TypeReg {
		return damaged("member %q is no file", h.Name)
	}
	in.h = h
	return nil
}

// value reads the member as JSON.
func (in *reader) value(v any) error {
	if err := json.NewDecoder(in.t).Decode(v); err != nil {
		return damaged("%s: %w", in.h.Name, err)
	}
	return nil
}

func (in *reader) manifest() error {
	if err := in.next(); err != nil {
		return err
	}
	if in.h.Name != manifestName {
		return damaged("it begins with %q, not with %s", in.h.Name, manifestName)
	}
	var m manifest
	if err := in.value(&m); err != nil {
		return err
	}
	if m.Format != format {
		return fmt.Errorf("the backup has format %d, made by %s; this program reads format %d", m.Format, m.Program, format)
	}
	return in.next()
}

func (in *reader) tables(ctx context.Context, l *store.Loader) error {
	for {
		table, ok := strings.CutPrefix(in.h.Name, tablePrefix)
		if !ok {
			return nil
		}
		table = strings.TrimSuffix(table, tableSuffix)
		rows := bufio.NewReader(in.t)
		for n := 1; ; n++ {
			line, err := rows.ReadBytes('\n')
			if err == io.EOF && len(line) == 0 {
				break
			}
			if err != nil {
				return damaged("%s:%d: %w", in.h.Name, n, err)
			}
			row, err := readRow(line)
			if err != nil {
				return damaged("%s:%d: %w", in.h.Name, n, err)
			}
			if err := l.Insert(ctx, table, row); err != nil {
				return err
			}
			in.got.Rows[table]++
			if table == "archives" {
				key, _ := row["blob_key"].(string)
				in.sums[key], _ = row["sha256"].(string)
			}
		}
		if err := in.next(); err != nil {
			return err
		}
	}
}

// rest reads the blobs and the end.
func (in *reader) rest(ctx context.Context) error {
	for in.h.Name != endName {
		key, ok := strings.CutPrefix(in.h.Name, blobPrefix)
		want, named := in.sums[key]
		if !ok || !named {
			return damaged("member %q is not expected", in.h.Name)
		}
		if err := in.blob(ctx, key, want); err != nil {
			return err
		}
		if err := in.next(); err != nil {
			return err
		}
	}
	var end Summary
	if err := in.value(&end); err != nil {
		return err
	}
	in.got.Missing = end.Missing
	if !maps.Equal(end.Rows, in.got.Rows) || end.Blobs != in.got.Blobs || end.Bytes != in.got.Bytes {
		return damaged("it holds %d blobs of %d bytes and rows %v, its end says %d, %d, %v", in.got.Blobs, in.got.Bytes, in.got.Rows, end.Blobs, end.Bytes, end.Rows)
	}
	return nil
}

func (in *reader) blob(ctx context.Context, key, want string) error {
	w, err := in.blobs.Create(ctx, key)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	n, errRead, errWrite := files.Copy(w, in.t)
	var sum files.Sum
	if errRead == nil && errWrite == nil {
		sum, errWrite = w.Sum()
	}
	if errRead == nil && errWrite == nil && want != "" && sum.SHA256 != want {
		errRead = fmt.Errorf("SHA-256 %s, its row says %s", sum.SHA256, want)
	}
	if errRead != nil {
		w.Abort()
		return damaged("%s: %w", in.h.Name, errRead)
	}
	if errWrite != nil {
		w.Abort()
		return fmt.Errorf("restore: %s: %w", key, errWrite)
	}
	if _, err := w.Commit(ctx); err != nil {
		return fmt.Errorf("restore: %s: %w", key, err)
	}
	in.got.Blobs++
	in.got.Bytes += n
	return nil
}

// endUploads ends the uploads that were under way.
func endUploads(ctx context.Context, db *store.DB, now time.Time) error {
	open, err := db.StaleUploads(ctx, "", now.Add(time.Second))
	if err != nil {
		return err
	}
	for _, u := range open {
		if _, err := db.FailUpload(ctx, u.ID, true, now); err != nil && !errors.Is(err, model.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Tables are the names of the tables of a summary, sorted.
func (s Summary) Tables() []string { return slices.Sorted(maps.Keys(s.Rows)) }
