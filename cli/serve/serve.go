// Package serve is zimbraloki serve: Loki's HTTP API over a store in a folder,
// or over logs that it reads.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/serve/lokiapi"
	"github.com/zimbraloki/zimbraloki/serve/push"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// endGrace is the time that requests have to end when the server is stopped.
const endGrace = 10 * time.Second

// server is one run.
type server struct {
	o       *options
	c       *cobra.Command
	store   *store.Store
	log     *slog.Logger
	reading atomic.Bool
}

func run(c *cobra.Command, o *options, args []string) (err error) {
	lo, err := o.logs.Options(c, args)
	if err != nil {
		return err
	}
	s := &server{o: o, c: c, log: lo.Log}
	dir := o.data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "zimbraloki-serve-"); err != nil {
			return fmt.Errorf("cannot make a folder for what is read: %w; set TMPDIR to one that can be written", err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // of the system's folder for such
	}
	l, err := new(net.ListenConfig).Listen(c.Context(), "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", o.listen, err)
	}
	s.store, err = store.Open(store.Options{
		Dir: dir, MaxAge: o.age, MaxBytes: o.sizeBytes, NoSync: o.noSync || o.data == "", Memory: o.memoryBytes, Log: s.log,
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, s.store.Close()) }()
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	s.reading.Store(len(args) > 0)
	s.say("zimbraloki serve answers on %s\n", listening(l.Addr()))
	failed := make(chan error, 1)
	if len(args) > 0 {
		go func() { failed <- s.read(ctx, lo) }()
	}
	return s.serve(ctx, l, failed)
}

// serve answers until ctx ends or reading fails.
func (s *server) serve(ctx context.Context, l net.Listener, failed <-chan error) error {
	api := lokiapi.New(lokiapi.Options{
		Store: s.store, Push: push.Options{ServiceName: s.o.serviceName, Level: s.o.level, MaxAge: s.o.age},
		ReadOnly: s.o.data == "", Token: s.o.token, User: s.o.user, Password: s.o.password,
		MaxEntries: s.o.maxEntries, MaxSeries: s.o.maxSeries, Timeout: s.o.timeout,
		Ready: s.ready, Version: buildinfo.Version, Log: s.log,
	})
	web := &http.Server{
		Handler: api.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() { done <- web.Serve(l) }()
	var err error
	for running := true; running; {
		select {
		case err = <-done:
			return fmt.Errorf("cannot go on answering: %w", err)
		case err = <-failed:
			running, failed = err == nil, nil
		case <-ctx.Done():
			running = false
		}
	}
	api.End()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), endGrace)
	defer cancel()
	if web.Shutdown(grace) != nil {
		_ = web.Close() // whoever is still waiting has had the time
	}
	return err
}

func (s *server) ready() error {
	if s.reading.Load() {
		return errStillReading
	}
	return nil
}

// read puts the entries of the logs into the store. Those that are there already
// are not stored again.
func (s *server) read(ctx context.Context, o logs.Options) error {
	began := time.Now()
	b := batcher{s: s.store}
	partly, err := logs.Survey(ctx, o, func(_ *rotation.Source, e *entry.Entry) {
		b.add(ctx, e)
	})
	b.flush(ctx)
	if err = errors.Join(err, b.err); err != nil {
		if ctx.Err() != nil {
			return nil // it is stopped
		}
		return err
	}
	s.reading.Store(false)
	left := ""
	if partly {
		left = "; not all could be read, see above"
	}
	s.say("%s read in %s, %s new%s\n", say.Count(b.read, "entry", "entries"), time.Since(began).Round(time.Millisecond), say.Count(b.fresh, "entry", "entries"), left)
	return nil
}

// say says how it goes, to people who want to know.
func (s *server) say(format string, args ...any) {
	if !flags.Quiet(s.c) {
		fmt.Fprintf(s.c.ErrOrStderr(), format, args...)
	}
}
