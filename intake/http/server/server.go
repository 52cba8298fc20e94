// Package server puts the routes together, one handler each, and serves them:
// with bounds on what a connection may cost and none on how long an upload takes,
// with a log that holds no token, and a stop that loses no upload.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/http/api"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/http/upload"
	"github.com/zimbraloki/zimbraloki/intake/importer"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/settings"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// bounds of a connection. Bodies of uploads have their own, see package upload.
type bounds struct {
	header     time.Duration // for the header of a request to come
	body       time.Duration // for the body of one that is no upload
	answer     time.Duration // for a piece of an answer to be taken
	idle       time.Duration // between two requests
	headerSize int           // bytes; net/http adds 4 KiB
	address    int           // connections of one address that are open at a time
}

var usual = bounds{header: 10 * time.Second, body: 30 * time.Second, answer: time.Minute, idle: 2 * time.Minute, headerSize: 64 << 10, address: 256}

// DefaultGrace is how long uploads by one request may go on when the server is
// told to end.
const DefaultGrace = 30 * time.Second

// Options are what a Server is made of.
type Options struct {
	Settings settings.Settings
	Store    *store.DB
	Blobs    files.Blobs
	Tickets  *tickets.Service
	Accounts *accounts.Service
	Importer *importer.Importer
	Grace    time.Duration // 0 = DefaultGrace
	Version  string
	Log      *slog.Logger
	Ready    func(address net.Addr) // is told where it listens; nil = nobody
}

// Server is the whole over HTTP.
type Server struct {
	o       Options
	handler http.Handler
	proxies guard.Proxies
	uploads *upload.Handler
	metrics *api.Metrics
	bounds  bounds

	ending atomic.Bool
	under  sync.WaitGroup // requests that are being answered
}

// New puts the routes together.
func New(o Options) (*Server, error) {
	if o.Grace <= 0 {
		o.Grace = DefaultGrace
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, proxies: guard.Proxies(o.Settings.TrustedProxies), bounds: usual}
	if err := s.routes(); err != nil {
		return nil, err
	}
	return s, nil
}

// Handler is what answers requests.
func (s *Server) Handler() http.Handler { return s.handler }

// Run serves until ctx ends, or a listener fails.
func (s *Server) Run(ctx context.Context) (err error) {
	main, err := s.listen(ctx, s.o.Settings.Listen, "LISTEN")
	if err != nil {
		return err
	}
	servers := []*http.Server{s.server(s.handler)}
	listeners := []net.Listener{main}
	if address := s.o.Settings.MetricsListen; address != "" {
		l, err := s.listen(ctx, address, "METRICS_LISTEN")
		if err != nil {
			return errors.Join(err, main.Close())
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", s.metrics)
		servers, listeners = append(servers, s.server(mux)), append(listeners, l)
	}
	failed := make(chan error, len(servers))
	for n, srv := range servers {
		go func() { failed <- srv.Serve(listeners[n]) }()
	}
	tend, rest := context.WithCancel(ctx)
	defer rest()
	var all sync.WaitGroup
	all.Go(func() { s.tend(tend) })
	all.Go(func() { s.o.Importer.Run(tend) })
	if s.o.Ready != nil {
		s.o.Ready(main.Addr())
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
		rest()
	}
	s.stop(context.WithoutCancel(ctx), servers)
	all.Wait()
	return errors.Join(err, s.o.Tickets.Stop(context.WithoutCancel(ctx)))
}

func (s *Server) listen(ctx context.Context, address, setting string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("setting %s: %w", setting, err)
	}
	return &fair{Listener: l, proxies: s.proxies, most: s.bounds.address, open: map[netip.Prefix]int{}}, nil
}

func (s *Server) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: s.bounds.header, IdleTimeout: s.bounds.idle, MaxHeaderBytes: s.bounds.headerSize,
		ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug), // mostly what scanners send
	}
}

// stop ends the servers: at once for what can be gone on with, after the grace
// for the rest. Attempts of uploads that are cut are given back.
func (s *Server) stop(ctx context.Context, servers []*http.Server) {
	s.o.Log.InfoContext(ctx, "stopping: no new uploads; those by one request may go on", "grace", s.o.Grace)
	s.ending.Store(true)
	s.uploads.Stop()
	graced, cancel := context.WithTimeout(ctx, s.o.Grace)
	defer cancel()
	for _, srv := range servers {
		if err := srv.Shutdown(graced); err != nil {
			s.o.Log.WarnContext(ctx, "requests are cut off", "error", err)
			_ = srv.Close() // it was told
		}
	}
	ended := make(chan struct{})
	go func() { s.under.Wait(); close(ended) }()
	select {
	case <-ended: // what was cut is in the database
	case <-time.After(5 * time.Second):
		s.o.Log.WarnContext(ctx, "some requests do not end")
	}
}

// The pace of housekeeping.
const (
	recoverEvery = 30 * time.Second
	retireEvery  = time.Hour
	// leftover is how old what dead writers left has to be.
	leftover = 48 * time.Hour
)

// tend does what has to be done from time to time, until ctx ends.
func (s *Server) tend(ctx context.Context) {
	t := time.NewTicker(recoverEvery)
	defer t.Stop()
	var retired time.Time
	for {
		s.try(ctx, "finishing uploads", s.uploads.Recover) // before they would be given up as idle
		s.try(ctx, "recovering uploads", s.o.Tickets.Recover)
		if time.Since(retired) > retireEvery {
			retired = time.Now()
			s.try(ctx, "retention", s.o.Tickets.Retire)
			s.try(ctx, "sweeping", func(ctx context.Context) error { return s.o.Blobs.Sweep(ctx, time.Now().Add(-leftover)) })
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (s *Server) try(ctx context.Context, what string, f func(context.Context) error) {
	if err := f(ctx); err != nil && ctx.Err() == nil {
		s.o.Log.ErrorContext(ctx, what+" failed; it is tried again", "error", err)
	}
}

// client is where a request comes from.
func client(r *http.Request) netip.Addr { return guard.From(r.Context()).Client }

// open opens a blob for reading. One that somebody took away by hand is not
// there, and the log says so.
func (s *Server) open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	b, _, err := s.o.Blobs.Open(ctx, key)
	if errors.Is(err, files.ErrNotFound) {
		s.o.Log.ErrorContext(ctx, "the file of an archive is gone", "blob", key)
		return nil, fmt.Errorf("%w: %w", model.ErrNotFound, err)
	}
	return b, err
}
