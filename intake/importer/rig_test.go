package importer

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/settings"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// folder is blobs in a folder.
type folder string

func (f folder) Path(_ context.Context, key string) (string, func(), error) {
	p := filepath.Join(string(f), filepath.FromSlash(key))
	_, err := os.Stat(p)
	return p, func() {}, err
}

// rig is a store with a ticket, blobs, and an importer.
type rig struct {
	*Importer
	t     *testing.T
	db    *store.DB
	blobs folder

	mu     sync.Mutex
	events []model.Event
}

func defaults(t *testing.T) settings.Imports {
	t.Helper()
	s, err := settings.Load(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return s.Imports
}

func newRig(t *testing.T, change func(o *Options)) *rig {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(dir, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	must(t, db.CreatePlatform(t.Context(), &model.Platform{Name: "zimbra", PrettyName: "Zimbra"}))
	r := &rig{t: t, db: db, blobs: folder(filepath.Join(dir, "archives"))}
	o := Options{
		Store: db, Blobs: r.blobs, Dir: filepath.Join(dir, "imports"), Server: "test", Workers: 1, Limits: defaults(t), Poll: 5 * time.Millisecond, Datasource: "loki",
		Record: func(_ context.Context, e model.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, e)
		},
	}
	if change != nil {
		change(&o)
	}
	if r.Importer, err = New(o); err != nil {
		t.Fatal(err)
	}
	r.ticket("SUP-1488")
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) ticket(number string) {
	r.t.Helper()
	hash := sha256.Sum256([]byte(number))
	must(r.t, r.db.CreateTicket(r.t.Context(), &model.Ticket{Number: number, Platform: "zimbra", Attempts: 5, TokenHash: hash[:], Created: now(), Updated: now()}))
}

// upload makes an archive of a ticket and asks for its import.
func (r *rig) upload(ticket, name string, data []byte) model.Archive {
	r.t.Helper()
	sum := sha256.Sum256(data)
	a := model.Archive{Ticket: ticket, Name: name, Blob: fmt.Sprintf("%s/%x", ticket, time.Now().UnixNano()), Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Created: now()}
	path := filepath.Join(string(r.blobs), filepath.FromSlash(a.Blob))
	must(r.t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(r.t, os.WriteFile(path, data, 0o600))
	must(r.t, r.db.CreateArchive(r.t.Context(), &a))
	must(r.t, r.db.EnqueueImport(r.t.Context(), a.ID, now()))
	return a
}

// run works until an archive's import has ended.
func (r *rig) run(a model.Archive) model.Import {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	var ended sync.WaitGroup
	ended.Go(func() { r.Run(ctx) })
	defer ended.Wait()
	defer cancel()
	return r.wait(a, func(m model.Import) bool {
		return !m.Ended.IsZero() && m.State != model.ImportQueued && m.State != model.ImportRunning
	})
}

// wait looks at an import until it is as it should be.
func (r *rig) wait(a model.Archive, is func(model.Import) bool) model.Import {
	r.t.Helper()
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); {
		got, err := r.db.Archive(r.t.Context(), a.ID)
		must(r.t, err)
		if is(got.Import) {
			return got.Import
		}
		time.Sleep(5 * time.Millisecond)
	}
	got, _ := r.db.Archive(context.Background(), a.ID)
	r.t.Fatalf("the import stays %+v", got.Import)
	return model.Import{}
}

// sample is a day of the sample logs, shortened, as a tar.gz, and how many
// entries it has by its writer's own knowledge.
func sample(t *testing.T, o samplelogs.Options) (data []byte, entries int64) {
	t.Helper()
	dir := t.TempDir()
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 8, 2, 8, 0, 0, 0, time.UTC)
	}
	files, err := samplelogs.Write(dir, o)
	must(t, err)
	return tarGz(t, dir, o.Start.Add(o.Duration)), samplelogs.Count(files)
}

func tarGz(t *testing.T, dir string, modified time.Time) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.tar.gz")
	f, err := os.Create(name)
	must(t, err)
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	must(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		must(t, err)
		b, err := os.ReadFile(p)
		must(t, err)
		must(t, w.WriteHeader(&tar.Header{Name: filepath.ToSlash(rel), Mode: 0o600, Size: int64(len(b)), ModTime: modified}))
		_, err = w.Write(b)
		return err
	}))
	must(t, w.Close())
	must(t, z.Close())
	must(t, f.Close())
	b, err := os.ReadFile(name)
	must(t, err)
	return b
}
