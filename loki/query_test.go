package loki

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestGet: a question goes beside the push endpoint, with tenant and
// credentials, and an error does not say them.
func TestGet(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.URL.Path == "/gate/loki/api/v1/labels" && r.Method == http.MethodGet && r.Header.Get("Content-Type") == "" {
			_, _ = w.Write([]byte(user + " " + password + " " + r.Header.Get("X-Scope-OrgID") + " " + r.URL.Query().Get("start") + " " + r.Header.Get("X-Loki-Response-Encoding-Flags")))
			return
		}
		http.Error(w, "no "+password, http.StatusForbidden)
	}))
	defer s.Close()
	c, err := NewClient(Options{URL: s.URL + "/gate" + PushPath, User: "anna", Password: "s3cret-word", TenantID: "mail", Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body, err := c.Get(t.Context(), "/loki/api/v1/labels", url.Values{"start": {"7"}})
	if want := "anna s3cret-word mail 7 categorize-labels"; err != nil || string(body) != want {
		t.Errorf("%q, %v; want %q", body, err, want)
	}
	_, err = c.Get(t.Context(), "/elsewhere", nil)
	if err == nil || !strings.Contains(err.Error(), "status 403: no ") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
	other, err := NewClient(Options{URL: s.URL + "/own/way", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Get(t.Context(), "/x", nil); err == nil || !strings.Contains(err.Error(), "/own/way does not end in") {
		t.Errorf("error %v", err)
	}
}
