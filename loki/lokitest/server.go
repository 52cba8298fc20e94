// Package lokitest is a Loki for tests: it takes pushes as Loki v3.7.8 does,
// refuses what Loki refuses in Loki's words, keeps a journal of what it stored,
// and goes wrong when told to. It reads bodies on its own, not with the code
// that writes them.
package lokitest

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Options of a Server. The zero value takes everything.
type Options struct {
	MaxLine   int           // bytes of a line (max_line_size); 0: any
	MaxAge    time.Duration // reject_old_samples_max_age; 0: any
	MaxFuture time.Duration // creation_grace_period; 0: any
	Window    time.Duration // how far behind its stream an entry may be (max_chunk_age/2); 0: any
	MaxBody   int           // decompressed bytes of a body, beyond them 413; 0: any

	// Refuse returns the text with which an entry is refused, "" to take it.
	// The rest of the push is stored.
	Refuse func(*Entry) string
	// RefusePush returns the text of a 400 that refuses a whole push, "" to
	// take it.
	RefusePush func([]Entry) string
	// Auth returns the status that refuses a request, 0 to take it.
	Auth func(*http.Request) int

	Config string // what /config answers; "": there is none

	TLS *tls.Config      // serve https; nil: http
	Now func() time.Time // time.Now if nil
}

// Entry is an entry as it was stored.
type Entry struct {
	Tenant string
	Labels string // sorted, as {a="b", c="d"}
	Time   int64  // ns
	Line   string
	Meta   []entry.Pair // sorted by name
	Copies int          // how often it was stored: Loki shows one
}

// Label returns the value of a label, "" if the entry has none of that name.
func (e *Entry) Label(name string) string { return lookup(parseText(e.Labels), name) }

// Request is one request of the journal.
type Request struct {
	Header  http.Header
	Path    string
	Status  int // answered; 0 if the connection was broken instead
	Entries []Entry
	Body    []byte // as received
}

// Server is a fake Loki on loopback.
type Server struct {
	URL string // of the push endpoint
	o   Options
	srv *httptest.Server

	closing chan struct{}
	once    sync.Once

	mu       sync.Mutex
	script   []Fault
	random   *rand.Rand
	rate     float64
	from     []Fault
	stored   map[string]*Entry
	order    []*Entry
	highest  map[string]int64 // newest time of a stream
	requests []Request
}

// New starts a server.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, closing: make(chan struct{}), stored: make(map[string]*Entry), highest: make(map[string]int64)}
	s.srv = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if o.TLS != nil {
		s.srv.TLS = o.TLS
		s.srv.StartTLS()
	} else {
		s.srv.Start()
	}
	s.URL = s.srv.URL + "/loki/api/v1/push"
	return s
}

// Close stops the server and ends what hangs.
func (s *Server) Close() {
	s.once.Do(func() { close(s.closing) })
	s.srv.Close()
}

// CloseConnections drops all kept connections, as a proxy does.
func (s *Server) CloseConnections() { s.srv.CloseClientConnections() }

// Server returns the HTTP server behind s, whose certificate clients need.
func (s *Server) Server() *httptest.Server { return s.srv }

// Script makes the next requests go wrong, one fault each. The zero Fault lets
// one pass.
func (s *Server) Script(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, faults...)
}

// Random makes a share of the requests go wrong (0 ≤ rate ≤ 1), in ways drawn
// from from, all of Faults if empty. The same seed and order of requests give
// the same faults.
func (s *Server) Random(seed uint64, rate float64, from ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(from) == 0 {
		from = Faults()
	}
	s.random, s.rate, s.from = rand.New(rand.NewPCG(seed, 0)), rate, from //nolint:gosec // faults that can be repeated
}

// Entries returns what is stored, in the order in which it first came.
func (s *Server) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Entry, len(s.order))
	for i, e := range s.order {
		all[i] = *e
	}
	return all
}

// Forget drops what is stored and the journal of requests.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.stored)
	clear(s.highest)
	s.order, s.requests = nil, nil
}

// Requests returns the journal of requests.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Compare holds what is stored against what should be. id names an entry, as
// by a number in its line. missing are the wanted that are not stored, doubles
// the ids of which more than one entry is visible: the same line in two
// streams, or with different metadata.
func (s *Server) Compare(want []string, id func(*Entry) string) (missing, doubles []string) {
	seen := make(map[string]int)
	for _, e := range s.Entries() {
		seen[id(&e)]++
	}
	for _, w := range want {
		if seen[w] == 0 {
			missing = append(missing, w)
		}
	}
	for name, n := range seen {
		if n > 1 {
			doubles = append(doubles, name)
		}
	}
	sort.Strings(doubles)
	return missing, doubles
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	fault := s.nextFault()
	entries, body, status, text := s.read(r)
	if fault.Many && len(entries) < 2 {
		fault = Fault{}
	}
	if status == 0 && fault.Partial > 0 {
		status, text = s.storeAllBut(entries, fault.Partial)
		fault = Fault{}
	}
	if status == 0 && (!fault.wrong() || fault.Store) {
		status, text = s.take(entries)
	}
	rec := Request{Header: r.Header.Clone(), Path: r.URL.Path, Status: status, Entries: entries, Body: body}
	if fault.wrong() {
		rec.Status = fault.Status
	}
	s.mu.Lock()
	s.requests = append(s.requests, rec)
	s.mu.Unlock()
	if fault.wrong() {
		s.fail(w, r, fault)
		return
	}
	switch status {
	case http.StatusNoContent:
		w.WriteHeader(status)
		return
	case http.StatusOK:
		fmt.Fprint(w, text) //nolint:gosec // no browser reads the answers of a test
		return
	}
	http.Error(w, text, status)
}

// read reads a push. A status other than 0 refuses it.
func (s *Server) read(r *http.Request) (entries []Entry, body []byte, status int, text string) {
	body, err := readBody(r)
	if s.o.Auth != nil {
		if status := s.o.Auth(r); status != 0 {
			return nil, body, status, http.StatusText(status)
		}
	}
	switch {
	case err != nil:
		return nil, body, http.StatusBadRequest, err.Error()
	case r.URL.Path == "/config" && s.o.Config != "":
		return nil, body, http.StatusOK, s.o.Config
	case r.URL.Path != "/loki/api/v1/push":
		return nil, body, http.StatusNotFound, "404 page not found"
	case r.Method != http.MethodPost:
		return nil, body, http.StatusMethodNotAllowed, ""
	}
	raw, streams, err := decode(r.Header, body)
	if s.o.MaxBody > 0 && len(raw) > s.o.MaxBody {
		return nil, body, http.StatusRequestEntityTooLarge, fmt.Sprintf(
			"request body too large: message size too large than max (%d vs %d)", len(raw), s.o.MaxBody)
	}
	if err != nil {
		return nil, body, http.StatusBadRequest, err.Error()
	}
	if len(streams) == 0 {
		return nil, body, http.StatusUnprocessableEntity, "error at least one valid stream is required for ingestion"
	}
	tenant := r.Header.Get("X-Scope-OrgID")
	for _, st := range streams {
		labels, err := parseLabels(st.labels)
		if err != nil {
			return nil, body, http.StatusBadRequest, "couldn't parse labels: " + err.Error()
		}
		for _, e := range st.entries {
			sort.SliceStable(e.Meta, func(i, j int) bool { return e.Meta[i].Name < e.Meta[j].Name })
			e.Tenant, e.Labels = tenant, labelsText(labels)
			entries = append(entries, e)
		}
	}
	return entries, body, 0, ""
}

// take validates and stores a push as Loki does, and returns its answer.
func (s *Server) take(entries []Entry) (status int, text string) {
	if s.o.RefusePush != nil {
		if text := s.o.RefusePush(entries); text != "" {
			return http.StatusBadRequest, text
		}
	}
	errs := make(map[string]int)
	var order []string
	var valid []Entry
	for i := range entries {
		text, fatal := s.validate(&entries[i])
		switch {
		case fatal:
			return http.StatusInternalServerError, text
		case text == "":
			valid = append(valid, entries[i])
			continue
		case errs[text] == 0:
			order = append(order, text)
		}
		errs[text]++
	}
	if text := s.ingest(valid); text != "" {
		return http.StatusBadRequest, text
	}
	if len(order) > 0 {
		return http.StatusBadRequest, grouped(order, errs)
	}
	return http.StatusNoContent, ""
}

// grouped writes errors as Loki does (pkg/util/errors.go, GroupedErrors).
func grouped(order []string, count map[string]int) string {
	var parts []string
	for _, text := range order {
		if len(order) > 1 || count[text] > 1 {
			text = fmt.Sprintf("%d errors like: %s", count[text], text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}
