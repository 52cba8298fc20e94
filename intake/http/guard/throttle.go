package guard

import (
	"net/http"
	"strconv"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
)

// The limits of what a client may try, by its address: so many at once, and one
// more each interval.
const (
	LoginBurst  = 10
	LoginEvery  = 6 * time.Second
	TokenBurst  = 20
	TokenEvery  = 3 * time.Second
	UploadBurst = 60
	UploadEvery = 2 * time.Second
)

// Throttle lets a client go on only as fast as a limiter says, and answers 429
// otherwise. Only requests that try something are counted: those with the
// methods that are named, or all; whether it succeeds is not known yet, and to
// count only afterwards would let many guesses pass at once.
func (g *Guard) Throttle(l *Limiter, next http.Handler, methods ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if counted(r.Method, methods) {
			if ok, wait := l.Allow(From(r.Context()).Client); !ok {
				g.TooMany(w, r, wait)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// TooMany answers 429, in the original's words.
func (g *Guard) TooMany(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	seconds := strconv.FormatInt(accounts.Seconds(wait), 10)
	w.Header().Set("Retry-After", seconds)
	g.o.Fail(w, r, http.StatusTooManyRequests, "Request was throttled. Expected available in "+seconds+" seconds.")
}

func counted(method string, methods []string) bool {
	for _, m := range methods {
		if m == method {
			return true
		}
	}
	return len(methods) == 0
}
