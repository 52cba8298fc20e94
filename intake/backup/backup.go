// Package backup writes the whole intake into one tar and restores it, and
// removes blobs that no row names. A backup is taken while the intake runs: the
// rows of one instant as JSON lines, then the blobs that they name. It can be
// restored into another kind of database or storage than it came from.
package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// The members of a backup, in their order: the manifest, tables, blobs, the end.
const (
	manifestName = "zimbraloki-intake.json"
	tablePrefix  = "tables/"
	tableSuffix  = ".jsonl"
	blobPrefix   = "blobs/"
	endName      = "end.json"
)

// format is the version of this layout.
const format = 1

// manifest opens a backup.
type manifest struct {
	Format  int       `json:"format"`
	Program string    `json:"program"`
	From    string    `json:"database"` // sqlite or postgres
	Created time.Time `json:"created"`
}

// Summary is what a backup holds; its last member, so that one that was cut
// short is known.
type Summary struct {
	Rows    map[string]int64 `json:"rows"` // by table
	Blobs   int64            `json:"blobs"`
	Bytes   int64            `json:"bytes"`             // of the blobs
	Missing []string         `json:"missing,omitempty"` // keys of blobs that were deleted meanwhile, or lost
}

// Write writes a backup of a store and its blobs. Memory does not grow with
// what they hold; a table waits in the folder tmp until its size is known.
func Write(ctx context.Context, w io.Writer, db *store.DB, blobs files.Blobs, program, tmp string, now time.Time) (Summary, error) {
	t := tar.NewWriter(w)
	sum := Summary{Rows: map[string]int64{}}
	if err := member(t, manifestName, now, manifest{format, program, db.Kind(), now.UTC()}); err != nil {
		return sum, err
	}
	var keys []string
	err := db.Snapshot(ctx, func(s *store.Snapshot) error {
		tables, err := s.Tables(ctx)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if err := writeTable(ctx, t, s, table, tmp, now, &sum, &keys); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	for _, key := range keys {
		if err := writeBlob(ctx, t, blobs, key, &sum); err != nil {
			return sum, err
		}
	}
	if err := member(t, endName, now, sum); err != nil {
		return sum, err
	}
	return sum, t.Close()
}

// member writes a value as a small file.
func member(t *tar.Writer, name string, at time.Time, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return put(t, name, at, int64(len(data)), bytes.NewReader(data))
}

func put(t *tar.Writer, name string, at time.Time, size int64, r io.Reader) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at, Format: tar.FormatPAX}
	if err := t.WriteHeader(h); err != nil {
		return fmt.Errorf("backup: %s: %w", name, err)
	}
	if _, err := io.Copy(t, r); err != nil {
		return fmt.Errorf("backup: %s: %w", name, err)
	}
	return nil
}

func writeTable(ctx context.Context, t *tar.Writer, s *store.Snapshot, table, tmp string, now time.Time, sum *Summary, keys *[]string) (err error) {
	f, err := os.CreateTemp(tmp, "backup-*")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	out := bufio.NewWriter(f)
	err = s.Rows(ctx, table, func(row map[string]any) error {
		sum.Rows[table]++
		if key, ok := row["blob_key"].(string); ok && table == "archives" {
			*keys = append(*keys, key)
		}
		return writeRow(out, row)
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("backup: table %s: %w", table, err)
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("backup: table %s: %w", table, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("backup: table %s: %w", table, err)
	}
	return put(t, tablePrefix+table+tableSuffix, now, size, f)
}

// rawBytes is how bytes stand in a row, so that they are told from text.
type rawBytes struct {
	Base64 []byte `json:"base64"`
}

func writeRow(w io.Writer, row map[string]any) error {
	for c, v := range row {
		if b, ok := v.([]byte); ok {
			row[c] = rawBytes{b}
		}
	}
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// readRow is the way back of writeRow.
func readRow(line []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var row map[string]any
	if err := d.Decode(&row); err != nil {
		return nil, err
	}
	for c, v := range row {
		switch v := v.(type) {
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", c, err)
			}
			row[c] = n
		case map[string]any:
			text, ok := v["base64"].(string)
			if !ok || len(v) != 1 {
				return nil, fmt.Errorf("column %s: an object that is no bytes", c)
			}
			b, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", c, err)
			}
			row[c] = b
		case []any:
			return nil, fmt.Errorf("column %s: a list", c)
		}
	}
	return row, nil
}

func writeBlob(ctx context.Context, t *tar.Writer, blobs files.Blobs, key string, sum *Summary) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, info, err := blobs.Open(ctx, key)
	if errors.Is(err, files.ErrNotFound) {
		sum.Missing = append(sum.Missing, key)
		return nil
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer r.Close()
	if err := put(t, blobPrefix+key, info.Modified, info.Size, r); err != nil {
		return err
	}
	sum.Blobs++
	sum.Bytes += info.Size
	return nil
}
