package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
)

func TestHealth(t *testing.T) {
	s, admin, _ := furnished(t, loose())
	token := s.token(admin)
	s.usage = errors.New("open /srv/secret/place: permission denied")
	r := s.call("", "GET", "/api/v1/check/health/", "")
	if r.StatusCode != http.StatusServiceUnavailable || r.Body != `{"status":"error","database":"ok","storage":"error"}`+"\n" {
		t.Errorf("without storage: %s %s", r.Status, r.Body)
	}
	r = s.call(token, "GET", "/api/v1/check/storage/", "")
	if r.StatusCode != 200 || r.Body != `{"total":0,"used":0,"free":0,"used_percent":0,"status":"error"}`+"\n" {
		t.Errorf("without storage: %s %s", r.Status, r.Body)
	}
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	s.api.checked = time.Time{} // long ago
	r = s.call("", "GET", "/api/v1/check/health/", "")
	if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(r.Body, `"database":"error"`) {
		t.Errorf("without a database: %s %s", r.Status, r.Body)
	}
	if r := s.call(token, "GET", "/api/v1/tickets/", ""); r.StatusCode != http.StatusInternalServerError || strings.Contains(r.Body, "sql") {
		t.Errorf("without a database: %s %s", r.Status, r.Body)
	}
}

func TestThrottle(t *testing.T) {
	s, _, _ := furnished(t, Limits{Login: guard.NewLimiter(3, time.Hour), Token: guard.NewLimiter(5, time.Hour)})
	for n := range 4 {
		r := s.call("", "POST", "/api/v1/auth/token/", `{"username":"a`+string(rune('a'+n))+`","password":"x"}`)
		if want := map[bool]int{true: 401, false: 429}[n < 3]; r.StatusCode != want || want == 429 && r.Header.Get("Retry-After") == "" {
			t.Errorf("login %d: %s %s", n, r.Status, r.Body)
		}
	}
	for n := range 6 {
		r := s.call("", "GET", "/api/v1/check/token/8c0f5d8e-0000-4000-8000-000000000000", "")
		if want := map[bool]int{true: 404, false: 429}[n < 5]; r.StatusCode != want {
			t.Errorf("token %d: %s %s", n, r.Status, r.Body)
		}
	}
}

func TestMetrics(t *testing.T) {
	s, _, _ := furnished(t, loose())
	a := &API{Options: Options{DB: s.db, Usage: s.usageOf}}
	m := a.Metrics()
	h := m.Count(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	for _, c := range []struct{ method, path string }{{"GET", "/"}, {"GET", "/no"}, {"GET", "/no"}, {"MADEUP", "/"}} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(c.method, c.path, nil))
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		"intake_tickets 2\n", "intake_tickets_open 2\n", "intake_archives 1\n", "intake_archives_bytes 10\n", "intake_database_up 1\n", "intake_storage_up 1\n", "intake_storage_free_bytes 382\n",
		`intake_http_answers_total{method="GET",status="200"} 1`, `intake_http_answers_total{method="GET",status="404"} 2`, `intake_http_answers_total{method="other",status="200"} 1`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in\n%s", want, w.Body)
		}
	}
}
