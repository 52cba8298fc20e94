package api

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/internal/metrics"
)

// stored are the gauges of what the database holds.
var stored = []struct {
	metrics.Desc
	value func(model.Totals) int64
}{
	{gauge("intake_platforms", "Platforms"), func(t model.Totals) int64 { return t.Platforms }},
	{gauge("intake_users", "Users, those who may not sign in included"), func(t model.Totals) int64 { return t.Users }},
	{gauge("intake_tickets", "Tickets"), func(t model.Totals) int64 { return t.Tickets }},
	{gauge("intake_tickets_open", "Tickets that are not resolved"), func(t model.Totals) int64 { return t.OpenTickets }},
	{gauge("intake_archives", "Archives"), func(t model.Totals) int64 { return t.Archives }},
	{gauge("intake_archives_bytes", "Bytes of all archives"), func(t model.Totals) int64 { return t.Bytes }},
	{gauge("intake_uploads_open", "Uploads that have begun and not ended"), func(t model.Totals) int64 { return t.OpenUploads }},
	{gauge("intake_imports_queued", "Imports that wait for a worker"), func(t model.Totals) int64 { return t.QueuedImports }},
	{gauge("intake_imports_running", "Imports that a worker reads"), func(t model.Totals) int64 { return t.RunningImports }},
}

func gauge(name, help string) metrics.Desc {
	return metrics.Desc{Name: name, Kind: metrics.Gauge, Help: help}
}

// Metrics counts answers and writes all numbers for Prometheus.
type Metrics struct {
	api *API

	mu      sync.Mutex
	answers map[[2]string]int64 // by method and status
}

// Metrics returns the counters. They belong to a listener of their own: what
// they tell is not for everybody.
func (a *API) Metrics() *Metrics { return &Metrics{api: a, answers: map[[2]string]int64{}} }

// Count counts the answers of a handler.
func (m *Metrics) Count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &counted{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			method := r.Method
			if !methods[method] {
				method = "other" // anybody can make up a method
			}
			m.mu.Lock()
			m.answers[[2]string{method, strconv.Itoa(c.status)}]++
			m.mu.Unlock()
		}()
		next.ServeHTTP(c, r)
	})
}

var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true}

// counted keeps the status of an answer.
type counted struct {
	http.ResponseWriter
	status int
	wrote  bool
}

// WriteHeader keeps it. Informational answers (1xx) come before the status.
func (c *counted) WriteHeader(status int) {
	if !c.wrote && status >= 200 {
		c.status, c.wrote = status, true
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write is one of status 200, if none was said.
func (c *counted) Write(b []byte) (int, error) {
	c.wrote = true
	return c.ResponseWriter.Write(b)
}

// Unwrap lets deadlines and flushes through.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// ServeHTTP writes the numbers.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var out metrics.Writer
	up := int64(1)
	totals, err := m.api.DB.Totals(r.Context())
	if err != nil {
		m.api.Log.ErrorContext(r.Context(), "metrics: the database does not answer", "error", err)
		up = 0
	} else {
		for _, g := range stored {
			out.Begin(g.Desc)
			out.Int(g.value(totals))
		}
	}
	out.Begin(gauge("intake_database_up", "1 if the database answers"))
	out.Int(up)
	m.storage(&out, r)
	out.Begin(metrics.Desc{Name: "intake_http_answers_total", Kind: metrics.Counter, Help: "Answers by method and status", Labels: []string{"method", "status"}})
	m.mu.Lock()
	for k, n := range m.answers {
		out.Int(n, k[0], k[1])
	}
	m.mu.Unlock()
	metrics.Process(&out)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

func (m *Metrics) storage(out *metrics.Writer, r *http.Request) {
	total, _, free, err := m.api.Usage(r.Context())
	up := int64(1)
	if err != nil {
		up = 0
	} else {
		out.Begin(gauge("intake_storage_bytes", "Bytes of the place of the archives"))
		out.Int(total)
		out.Begin(gauge("intake_storage_free_bytes", "Bytes that are free there"))
		out.Int(free)
	}
	out.Begin(gauge("intake_storage_up", "1 if the place of the archives answers"))
	out.Int(up)
}
