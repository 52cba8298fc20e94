package importer

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/settings"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// Blobs is what an Importer needs of the place where archives lie: a local file
// with the content of a blob, until done is called.
type Blobs interface {
	Path(ctx context.Context, key string) (path string, done func(), err error)
}

// Options are what an Importer is made of. Store, Blobs and Dir must be there.
type Options struct {
	Store *store.DB
	Blobs Blobs
	// Dir is a folder of its own: what is unpacked while it is read, how far each
	// archive is shipped, and what Loki refused. Processes that share it go on
	// with each other's shipping.
	Dir      string
	Server   string // the name of this process among those that share the store
	Workers  int    // archives that are read at once
	Limits   settings.Imports
	Zone     *time.Location // of times without one; nil = UTC
	Language string         // of the report, shown first: en or ru

	Loki       *url.URL // nil = nothing is shipped
	Tenant     string
	Delete     bool     // what was shipped goes with its archive
	Grafana    *url.URL // nil = no links
	Datasource string   // UID of Loki in Grafana

	Lease    time.Duration // how long a worker that is not heard of keeps its archive; 0 = a minute
	Poll     time.Duration // between two looks into the queue; 0 = 2 s
	Patience time.Duration // how long a Loki that takes nothing is waited for; 0 = 10 min

	Record func(context.Context, model.Event) // gets how imports end; nil = nobody
	Log    *slog.Logger                       // nil = nowhere
	Client *http.Client                       // for Loki's delete API; nil = a usual one
}

// Of are the options that settings say. Store, Blobs, Server, Record and Log are
// the caller's.
func Of(s settings.Settings) Options {
	o := Options{
		Dir: filepath.Join(s.DataDir, "imports"), Workers: s.Imports.Workers, Limits: s.Imports, Zone: s.Zone, Language: s.Language,
		Loki: s.Loki, Tenant: s.Tenant, Delete: s.LokiDel, Grafana: s.Grafana, Datasource: s.GrafDS,
	}
	return o
}

// maxTries is how often an archive is taken up again whose workers were killed.
const maxTries = 5

// Importer reads archives.
type Importer struct {
	o      Options
	wake   chan struct{}
	opened opened
	asking asking
}

// New makes an Importer, and its folder.
func New(o Options) (*Importer, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Language != "ru" {
		o.Language = "en"
	}
	orElse(&o.Lease, time.Minute)
	orElse(&o.Poll, 2*time.Second)
	orElse(&o.Patience, 10*time.Minute)
	orElse(&o.Limits.MaxTime, time.Hour)
	if o.Record == nil {
		o.Record = func(context.Context, model.Event) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 30 * time.Second}
	}
	for _, dir := range []string{o.Dir, filepath.Join(o.Dir, tmp)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("folder of imports: %w; DATA_DIR has to be one that the program may write to", err)
		}
	}
	i := &Importer{o: o, wake: make(chan struct{}, 1)}
	i.opened.open = i.openForQuestions
	return i, nil
}

// tmp is the folder for what is unpacked, in Options.Dir. Its files have no
// names where the system can do without.
const tmp = "tmp"

func orElse(d *time.Duration, other time.Duration) {
	if *d <= 0 {
		*d = other
	}
}

// Wake makes a worker look into the queue now.
func (i *Importer) Wake() {
	select {
	case i.wake <- struct{}{}:
	default: // it is going to
	}
}

// Run works until ctx ends. What is under way then is put back into the queue,
// with its place.
func (i *Importer) Run(ctx context.Context) {
	var all sync.WaitGroup
	for n := range i.o.Workers {
		all.Go(func() { i.worker(ctx, fmt.Sprintf("%s/%d", i.o.Server, n)) })
	}
	all.Go(func() { i.tidy(ctx) })
	all.Wait()
	i.opened.closeAll()
}

func (i *Importer) worker(ctx context.Context, owner string) {
	for ctx.Err() == nil {
		a, ok, err := i.o.Store.ClaimImport(ctx, owner, i.o.Lease, now())
		switch {
		case err != nil && ctx.Err() == nil:
			i.o.Log.ErrorContext(ctx, "the queue of imports cannot be read", "error", err)
		case ok:
			i.work(ctx, a, owner)
			continue
		}
		i.idle(ctx)
	}
}

// idle waits until there may be something to do.
func (i *Importer) idle(ctx context.Context) {
	t := time.NewTimer(i.o.Poll)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-i.wake:
	case <-t.C:
	}
}

// now is the time in the precision of the store.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
