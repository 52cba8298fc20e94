package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// partsDir holds unfinished blobs and what is kept beside them. It is in the
// folder itself, so that a rename finishes a blob.
const partsDir = ".parts"

const (
	fileMode = 0o600
	dirMode  = 0o700
)

// Folder is a Blobs in a folder; nothing outside of it can be reached, by links
// either.
type Folder struct {
	root *os.Root
	// saveEvery is how much is taken between two times that it is made safe, in
	// bytes: what a crash may cost, and what the last sync has to write.
	saveEvery int64
}

const saveEvery = 32 << 20

// OpenFolder makes the folder if need be.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("folder for files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("folder for files: %w", err)
	}
	if err := root.MkdirAll(partsDir, dirMode); err != nil {
		return nil, fmt.Errorf("folder for files: %w", err)
	}
	return &Folder{root, saveEvery}, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Create implements Blobs.
func (f *Folder) Create(_ context.Context, key string) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return f.begin(key, path.Join(partsDir, randomName()+".tmp"), false)
}

// Append implements Blobs.
func (f *Folder) Append(_ context.Context, key string) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return f.begin(key, path.Join(partsDir, partName(key)), true)
}

// Pending implements Blobs.
func (f *Folder) Pending(_ context.Context, key string) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	part := path.Join(partsDir, partName(key))
	info, err := f.root.Stat(part)
	if err != nil {
		return 0, notFound(key, err)
	}
	st, err := f.readState(part)
	if err != nil || st.Offset > info.Size() {
		return 0, nil // begun, and nothing of it is safe
	}
	return st.Offset, nil
}

// Forget implements Blobs.
func (f *Folder) Forget(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return f.removePart(path.Join(partsDir, partName(key)))
}

func (f *Folder) removePart(part string) error {
	var errs []error
	for _, name := range []string{part, part + stateEnding} {
		if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Open implements Blobs.
func (f *Folder) Open(_ context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	file, err := f.root.Open(key)
	if err != nil {
		return nil, Info{}, notFound(key, err)
	}
	st, err := file.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("file %s: %w", key, ErrNotFound)
	}
	if err != nil {
		file.Close()
		return nil, Info{}, err
	}
	return file, Info{key, st.Size(), st.ModTime()}, nil
}

// Path implements Blobs: the blob itself.
func (f *Folder) Path(ctx context.Context, key string) (string, func(), error) {
	file, _, err := f.Open(ctx, key)
	if err != nil {
		return "", nil, err
	}
	file.Close()
	return filepath.Join(f.root.Name(), filepath.FromSlash(key)), func() {}, nil
}

// Delete implements Blobs; the folder of the ticket goes with its last file.
func (f *Folder) Delete(ctx context.Context, key string) error {
	if err := f.Forget(ctx, key); err != nil {
		return err
	}
	if err := f.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
		if f.root.Remove(dir) != nil {
			break // not empty
		}
	}
	return nil
}

// List implements Blobs.
func (f *Folder) List(_ context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist): // deleted meanwhile
				return nil
			case err != nil:
				return err
			case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case !d.Type().IsRegular() || !strings.HasPrefix(name, prefix):
				return nil
			}
			st, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(Info{name, st.Size(), st.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Info{}, fmt.Errorf("list of files: %w", err))
		}
	}
}

// Sweep implements Blobs.
func (f *Folder) Sweep(_ context.Context, before time.Time) error {
	entries, err := fs.ReadDir(f.root.FS(), partsDir)
	if err != nil {
		return fmt.Errorf("unfinished files: %w", err)
	}
	for _, e := range entries {
		st, err := e.Info()
		if err == nil && st.ModTime().Before(before) {
			err = f.sweepPart(e.Name())
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// sweepPart removes an old part with its state, and a state that has no part.
func (f *Folder) sweepPart(name string) error {
	part, isState := strings.CutSuffix(name, stateEnding)
	if !isState {
		return f.removePart(path.Join(partsDir, name))
	}
	if _, err := f.root.Lstat(path.Join(partsDir, part)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return f.root.Remove(path.Join(partsDir, name))
}

// Free implements Blobs.
func (f *Folder) Free(context.Context) (Usage, error) { return diskUsage(f.root.Name()) }

// Check implements Blobs.
func (f *Folder) Check(context.Context) error {
	name := path.Join(partsDir, randomName()+".check")
	defer func() { _ = f.root.Remove(name) }()
	const text = "ok"
	if err := f.root.WriteFile(name, []byte(text), fileMode); err != nil {
		return spaceError(err)
	}
	data, err := f.root.ReadFile(name)
	if err == nil && string(data) != text {
		err = fmt.Errorf("the folder for files gave back %q for %q", data, text)
	}
	return err
}

// spaceError names a full disk or quota, however the system says it.
func spaceError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
