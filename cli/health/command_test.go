package health

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
)

func TestHealth(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ready" {
			http.Error(w, "cannot deliver", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	}))
	f := func(code int, want string, args ...string) {
		t.Helper()
		if out, got := flagtest.Run(t.Context(), Command(), args...); got != code || !strings.Contains(out, want) {
			t.Errorf("%q: exit code %d, want %d\n%s", args, got, code, out)
		}
	}
	f(0, "ok\n", s.URL+"/health")
	f(flags.ExitError, "503 Service Unavailable: cannot deliver", s.URL+"/ready")
	s.Close()
	f(flags.ExitError, "is metrics_listen set?", s.URL)
	f(flags.ExitUsage, "one URL", "a", "b")
}
