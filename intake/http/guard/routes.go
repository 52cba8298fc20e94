package guard

import (
	"net/http"
	"path"
	"strings"
)

// Routes serves a mux, and says itself what the mux has no route for: 404, or
// 405 with Allow; and where only the last slash is missing, as in the
// original's addresses, it leads to it.
func (g *Guard) Routes(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		if slash := slashed(r); slash != nil {
			if _, pattern := mux.Handler(slash); pattern != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
				http.Redirect(w, r, slash.URL.RequestURI(), http.StatusMovedPermanently)
				return
			}
		}
		rec := &recorder{header: http.Header{}}
		h.ServeHTTP(rec, r)
		if allow := rec.header.Get("Allow"); allow != "" && rec.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", allow)
			g.o.Fail(w, r, rec.status, `Method "`+r.Method+`" not allowed.`)
			return
		}
		g.o.Fail(w, r, http.StatusNotFound, "")
	})
}

func slashed(r *http.Request) *http.Request {
	// What is not clean could be read as the address of another host.
	if path.Clean(r.URL.Path) != r.URL.Path || strings.HasSuffix(r.URL.Path, "/") || strings.Contains(r.URL.Path, `\`) {
		return nil
	}
	c := r.Clone(r.Context())
	c.URL.Path += "/"
	c.URL.RawPath = ""
	return c
}

// recorder takes what the mux says itself: a status and a header.
type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }
