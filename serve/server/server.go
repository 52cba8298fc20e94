// Package server runs a store and Loki's API over it on an address, until it is
// stopped. It knows no command line and no logs, so that a program that wants
// the server alone is compiled without them.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/serve/lokiapi"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// endGrace is the time that requests have to end when the server is stopped.
const endGrace = 10 * time.Second

// Options say what is served.
type Options struct {
	Listen string // host:port
	Store  store.Options
	API    lokiapi.Options // without Store, Ready, Version and Log
	Out    io.Writer       // gets a line with the address
	Log    *slog.Logger
	// Fill puts into the store what is read while the server answers already; it
	// is not ready before Fill has returned. nil: there is nothing to read.
	Fill func(ctx context.Context, s *store.Store) error
}

// server is one run.
type server struct {
	o       Options
	store   *store.Store
	reading atomic.Bool
}

var errStillReading = errors.New("the logs are still being read; ask again")

// Run answers until ctx ends, or Fill or the listener fails.
func Run(ctx context.Context, o Options) (err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", o.Listen, err)
	}
	s := &server{o: o}
	o.Store.Log = o.Log
	if s.store, err = store.Open(o.Store); err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, s.store.Close()) }()
	s.reading.Store(o.Fill != nil)
	fmt.Fprintf(o.Out, "zimbraloki serve answers on http://%s\n", l.Addr())
	failed := make(chan error, 1)
	if o.Fill != nil {
		go func() { failed <- s.fill(ctx) }()
	}
	return s.serve(ctx, l, failed)
}

// serve answers until ctx ends or reading fails.
func (s *server) serve(ctx context.Context, l net.Listener, failed <-chan error) error {
	o := s.o.API
	o.Store, o.Ready, o.Version, o.Log = s.store, s.ready, buildinfo.Version, s.o.Log
	api := lokiapi.New(o)
	web := &http.Server{
		Handler: api.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
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

func (s *server) fill(ctx context.Context) error {
	if err := s.o.Fill(ctx, s.store); err != nil {
		if ctx.Err() != nil {
			return nil // it is stopped
		}
		return err
	}
	s.reading.Store(false)
	return nil
}

func (s *server) ready() error {
	if s.reading.Load() {
		return errStillReading
	}
	return nil
}
