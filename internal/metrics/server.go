package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Options of a Server.
type Options struct {
	// Addr is host:port to listen on; port 0 takes any that is free.
	Addr string
	// Page writes the metrics.
	Page func(*Writer)
	// Ready tells whether what is counted works; its error is for people.
	Ready func(context.Context) error
	// Pprof serves profiles of the process below /debug/pprof/.
	Pprof        bool
	Log          *slog.Logger
	WriteTimeout time.Duration // of a page; zero for 30 s
}

// Server answers /metrics, /health and /ready.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
}

// writeTimeout is how long a reader may take for a page; without it one that does
// not read would keep its connection for ever. A profile has as much more as it runs.
const writeTimeout = 30 * time.Second

// Listen binds the address and serves it in a goroutine of its own. Whatever
// goes wrong with the address is known when it returns.
func Listen(o Options) (*Server, error) {
	l, err := net.Listen("tcp", o.Addr) //nolint:noctx // it does not wait
	if err != nil {
		return nil, fmt.Errorf("cannot listen on metrics_listen %q: %w; each output section needs an address of its own", o.Addr, err)
	}
	s := &Server{listener: l, done: make(chan struct{}), http: &http.Server{
		Handler:           handler(o),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      cmp.Or(o.WriteTimeout, writeTimeout),
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("metrics are no longer served", "address", o.Addr, "error", err)
		}
	}()
	return s, nil
}

// Addr is the address that s listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close frees the address before it returns, and cuts off whoever is reading: a
// hot reload opens the same address right afterwards.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	return err
}

func handler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, _ *http.Request) {
		var w Writer
		o.Page(&w)
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = rw.Write(w.Bytes()) // who went away needs no answer
	})
	mux.HandleFunc("GET /health", func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, "ok\n")
	})
	mux.HandleFunc("GET /ready", func(rw http.ResponseWriter, r *http.Request) {
		if err := o.Ready(r.Context()); err != nil {
			http.Error(rw, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(rw, "ready\n")
	})
	if o.Pprof {
		servePprof(mux)
	}
	return mux
}
