// Package lokiapi answers Loki's HTTP API (v3.7) over a store: what Grafana, our
// dashboards, logcli and clients that push ask for.
package lokiapi

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/metrics"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/serve/push"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// Options of an API.
type Options struct {
	Store    *store.Store
	Push     push.Options
	ReadOnly bool // pushes are refused
	// Token or User and Password must come with every request but /ready; all ""
	// lets everybody in.
	Token, User, Password string
	MaxEntries            int // that a log query may ask for; DefaultMaxEntries
	MaxSeries             int // of a metric query; DefaultMaxSeries
	Timeout               time.Duration
	// Ready tells why the server is not ready, nil if it is. nil is always.
	Ready   func() error
	Version string
	Log     *slog.Logger
	Now     func() time.Time
}

// Defaults, in entries and of time: those of Loki.
const (
	DefaultMaxEntries = 5000
	DefaultMaxSeries  = 500
	DefaultTimeout    = time.Minute
)

// API is the handler. Safe for concurrent use.
type API struct {
	o       Options
	engine  *engine.Engine
	readers sync.Pool     // of *push.Reader
	turns   chan struct{} // one for each question that is being worked on
	counts  requestCounts
	ending  chan struct{}
}

// Read-only errors, and what to do.
const textReadOnly = "this server only reads: start it with --data to push to it"

// New makes the handler.
func New(o Options) *API {
	if o.MaxEntries == 0 {
		o.MaxEntries = DefaultMaxEntries
	}
	if o.MaxSeries == 0 {
		o.MaxSeries = DefaultMaxSeries
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Push.Now == nil {
		o.Push.Now = o.Now
	}
	return &API{
		readers: sync.Pool{New: func() any { return new(push.Reader) }},
		o:       o, engine: engine.New(o.Store, engine.Options{MaxSeries: o.MaxSeries, Timeout: o.Timeout}),
		turns: make(chan struct{}, 2*runtime.GOMAXPROCS(0)), ending: make(chan struct{}),
	}
}

// End lets those go who wait for entries to come. Requests that are being
// answered end on their own.
func (a *API) End() { close(a.ending) }

// answer is what a handler returns: an error, or a body of JSON.
type answer func(r *http.Request) ([]byte, error)

// Handler returns the routes.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	const v1 = "/loki/api/v1/"
	for path, f := range map[string]answer{
		"query": a.query, "query_range": a.queryRange, "labels": a.labels, "label": a.labels,
		"label/{name}/values": a.labelValues, "series": a.series, "index/stats": a.indexStats,
		"index/volume": a.volume, "index/volume_range": a.volumeRange, "detected_labels": a.detectedLabels,
		"detected_fields": a.detectedFields, "detected_field/{name}/values": a.detectedValues, "patterns": a.patterns,
		"drilldown-limits": a.drilldownLimits,
	} {
		h := a.asked(strings.ReplaceAll(path, "/{name}", ""), f)
		mux.HandleFunc("GET "+v1+path, h)
		mux.HandleFunc("POST "+v1+path, h)
	}
	mux.HandleFunc("GET "+v1+"format_query", a.formatQuery)
	mux.HandleFunc("POST "+v1+"format_query", a.formatQuery)
	mux.HandleFunc("GET "+v1+"tail", a.tail)
	mux.HandleFunc("POST "+v1+"push", a.push)
	mux.HandleFunc(v1+"push", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) })
	mux.HandleFunc("GET "+v1+"status/buildinfo", a.buildInfo)
	mux.HandleFunc("GET /config", a.config)
	mux.HandleFunc("GET /metrics", a.metrics)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "404 page not found", http.StatusNotFound) })
	root := http.NewServeMux()
	root.HandleFunc("GET /ready", a.ready)
	root.Handle("/", a.guard(mux))
	return root
}

// guard asks for the credentials.
func (a *API) guard(next http.Handler) http.Handler {
	if a.o.Token == "" && a.o.Password == "" {
		return next
	}
	equal := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		user, password, basic := r.BasicAuth()
		if a.o.Token != "" && bearer && equal(token, a.o.Token) ||
			a.o.Password != "" && basic && equal(user, a.o.User) && equal(password, a.o.Password) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="zimbraloki"`)
		http.Error(w, "401 unauthorized: send the token or the user that zimbraloki serve was started with", http.StatusUnauthorized)
	})
}

// asked makes a handler of an answer, and counts.
func (a *API) asked(route string, f answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		body, err := a.take(r, f)
		status := http.StatusOK
		if err != nil {
			var text string
			status, text = statusOf(r.Context(), err)
			if status == http.StatusInternalServerError {
				a.o.Log.Error("a question has no answer", "route", route, "error", err)
			}
			writeText(w, status, text)
		} else {
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			writeBody(w, r, body)
		}
		a.counts.add(route, status, time.Since(began))
	}
}

// take waits for its turn, so that memory is bounded whatever comes at once.
func (a *API) take(r *http.Request, f answer) ([]byte, error) {
	ctx, cancel := context.WithTimeout(r.Context(), a.o.Timeout)
	defer cancel()
	select {
	case a.turns <- struct{}{}:
		defer func() { <-a.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := r.ParseForm(); err != nil {
		return nil, badf("%v", err)
	}
	return f(r.WithContext(ctx))
}

// apiError is an answer that is none.
type apiError struct {
	status int
	text   string
}

func (e *apiError) Error() string { return e.text }

func badf(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// statusGone is what nginx, and Loki, write for a client that went away.
const statusGone = 499

func statusOf(ctx context.Context, err error) (status int, text string) {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.status, e.text
	}
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Status != http.StatusInternalServerError {
		return e.Status, e.Msg
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "request timed out, decrease the duration of the request or add more label matchers (prefer exact match over regex match) to reduce the amount of data processed"
	case ctx.Err() != nil:
		return statusGone, "The request was cancelled by the client."
	}
	return http.StatusInternalServerError, err.Error()
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // who went away needs no answer
}

// push takes entries.
func (a *API) push(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	status, text := a.store(r)
	a.counts.add("push", status, time.Since(began))
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	writeText(w, status, text+"\n")
}

func (a *API) store(r *http.Request) (status int, text string) {
	if a.o.ReadOnly {
		return http.StatusForbidden, textReadOnly
	}
	if a.o.Ready != nil {
		if err := a.o.Ready(); err != nil {
			return http.StatusServiceUnavailable, err.Error()
		}
	}
	reader := a.readers.Get().(*push.Reader)
	defer a.readers.Put(reader)
	batch, refused := reader.Read(r.Header, r.ContentLength, r.Body, &a.o.Push)
	if batch != nil && len(batch.Streams) > 0 {
		switch _, err := a.o.Store.Push(r.Context(), batch); {
		case errors.Is(err, store.ErrTooManyStreams):
			return http.StatusTooManyRequests, fmt.Sprintf("Maximum active stream limit exceeded (limit: %d): labels with many values belong into structured metadata", store.MaxStreams)
		case errors.Is(err, store.ErrClosed):
			return http.StatusServiceUnavailable, err.Error()
		case err != nil:
			a.o.Log.Error("a push cannot be stored", "error", err)
			return http.StatusInternalServerError, err.Error()
		}
	}
	if refused != nil {
		if e, ok := errors.AsType[*push.Error](refused); ok {
			return e.Status, e.Text
		}
		return http.StatusBadRequest, refused.Error()
	}
	return http.StatusNoContent, ""
}

func (a *API) ready(w http.ResponseWriter, _ *http.Request) {
	if a.o.Ready != nil {
		if err := a.o.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	writeText(w, http.StatusOK, "ready\n")
}

func (a *API) metrics(w http.ResponseWriter, _ *http.Request) {
	var page metrics.Writer
	a.page(&page)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(page.Bytes()) // who went away needs no answer
}
