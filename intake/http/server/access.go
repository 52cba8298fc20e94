package server

import (
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/http/upload"
)

// logged writes a line of the access log for each answer, and counts those that
// are under way.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.under.Add(1)
		defer s.under.Done()
		began := time.Now()
		a := &answer{ResponseWriter: w, c: http.NewResponseController(w), pace: s.bounds.answer, status: http.StatusOK}
		_ = a.c.SetWriteDeadline(time.Time{}) // of the answer before
		defer func() {
			a.wait() // for what is still in the buffer
			s.o.Log.LogAttrs(r.Context(), level(r, a.status), "request", slog.String("method", r.Method), slog.String("path", shown(r.URL.Path)), slog.Int("status", a.status),
				slog.Int64("bytes", a.bytes), slog.Duration("duration", time.Since(began)), slog.String("client_ip", s.proxies.Client(r).String()),
				slog.String("request_id", w.Header().Get("X-Request-Id")))
		}()
		next.ServeHTTP(a, r)
	})
}

// level keeps what is asked every few seconds by machines out of the usual log.
func level(r *http.Request, status int) slog.Level {
	if status < 400 && (strings.HasPrefix(r.URL.Path, "/static/") || strings.HasPrefix(r.URL.Path, "/api/v1/check/health") || strings.HasPrefix(r.URL.Path, "/archives/progress/")) {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// secretPaths are those that have a token or an upload's address behind them.
var secretPaths = []string{"/api/v1/check/token/", upload.PathUploads}

// shown is a path without what is nobody's to know; queries are left out whole.
func shown(path string) string {
	for _, p := range secretPaths {
		if strings.HasPrefix(path, p) && len(path) > len(p) {
			return p + "…"
		}
	}
	return path
}

// answer keeps what an answer was, and ends one that nobody takes.
type answer struct {
	http.ResponseWriter
	c      *http.ResponseController
	pace   time.Duration
	status int
	bytes  int64
	begun  bool
}

// piece is how much of an answer has its own time, in bytes.
const piece = 256 << 10

// wait gives the next piece its time. A server that has no deadlines has none.
func (a *answer) wait() { _ = a.c.SetWriteDeadline(time.Now().Add(a.pace)) }

// WriteHeader keeps the status; informational ones come before it.
func (a *answer) WriteHeader(status int) {
	if !a.begun && status >= 200 {
		a.status, a.begun = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts what is sent.
func (a *answer) Write(b []byte) (n int, err error) {
	a.begun = true
	for first := true; first || len(b) > 0; first = false {
		a.wait()
		part, err := a.ResponseWriter.Write(b[:min(len(b), piece)])
		n, a.bytes, b = n+part, a.bytes+int64(part), b[part:]
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// ReadFrom lets the system copy a download.
func (a *answer) ReadFrom(r io.Reader) (n int64, err error) {
	a.begun = true
	whole, ok := r.(*io.LimitedReader) // the system copies out of one of them, not of two
	if !ok {
		whole = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	for whole.N > 0 {
		a.wait()
		part, err := io.CopyN(a.ResponseWriter, whole.R, min(whole.N, piece))
		n, a.bytes, whole.N = n+part, a.bytes+part, whole.N-part
		if err == io.EOF { //nolint:errorlint // as readers say it
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Unwrap lets deadlines and flushes through.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// bounded bounds the time that bodies take which are no uploads, and refuses
// uploads once the server is ending.
func (s *Server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case isUpload(r):
			if s.ending.Load() {
				w.Header().Set("Retry-After", "30")
				w.Header().Set("Connection", "close")
				http.Error(w, `{"detail":"The server is being restarted; try again."}`, http.StatusServiceUnavailable)
				return
			}
		case r.Body != nil && r.Body != http.NoBody:
			c := http.NewResponseController(w)
			_ = c.SetReadDeadline(time.Now().Add(s.bounds.body)) // a server that cannot has no slow clients
			r.Body = &timed{ReadCloser: r.Body, c: c}
		}
		next.ServeHTTP(w, r)
	})
}

func isUpload(r *http.Request) bool {
	p := r.URL.Path
	return r.Method == http.MethodPost && (p == "/archives/upload/" || strings.TrimSuffix(p, "/")+"/" == upload.PathArchives) || strings.HasPrefix(p, upload.PathUploads)
}

// timed takes the deadline away when a body has come: the answer has no such
// limit, and a connection with one would end it.
type timed struct {
	io.ReadCloser
	c *http.ResponseController
}

// Read reads.
func (t *timed) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err == io.EOF { //nolint:errorlint // as readers say it
		_ = t.c.SetReadDeadline(time.Time{})
	}
	return n, err
}

// Close closes.
func (t *timed) Close() error {
	err := t.ReadCloser.Close()
	_ = t.c.SetReadDeadline(time.Time{})
	return err
}
