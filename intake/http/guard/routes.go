package guard

import "net/http"

// Routes serves a mux, and says itself what the mux has no route for: 404, or
// 405 with Allow. Where only the last slash is missing the mux leads to it.
func (g *Guard) Routes(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
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

// recorder takes what the mux says itself: a status and a header.
type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }
