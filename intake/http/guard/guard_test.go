package guard

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// newGuard is a Guard over a database of its own; next is what it guards.
func newGuard(t *testing.T, o Options, next http.HandlerFunc) (http.Handler, *Guard, *accounts.Service) {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite://"+t.TempDir()+"/db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	a := accounts.New(db, accounts.Options{Secret: "test"})
	o.Sessions, o.Log = db.Sessions(), slog.New(slog.DiscardHandler)
	if o.Hosts == nil {
		o.Hosts = Hosts{"*"}
	}
	o.Fail = func(w http.ResponseWriter, _ *http.Request, status int, detail string) {
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, detail)
	}
	g, err := New(a, o)
	if err != nil {
		t.Fatal(err)
	}
	return g.Wrap(next), g, a
}

func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for n := 0; n+1 < len(headers); n += 2 {
		if headers[n] == "Host" {
			r.Host = headers[n+1]
		}
		r.Header.Set(headers[n], headers[n+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWrap(t *testing.T) {
	h, _, _ := newGuard(t, Options{Hosts: Hosts{"logs.example.com"}}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("a secret")
		}
		_, _ = fmt.Fprint(w, From(r.Context()).Lang)
	})
	for _, c := range []struct {
		target  string
		headers []string
		status  int
		body    string
	}{
		{"/", []string{"Host", "logs.example.com"}, 200, "en"},
		{"/", []string{"Host", "logs.example.com", "Accept-Language", "ru"}, 200, "ru"},
		{"/?lang=ru", []string{"Host", "logs.example.com"}, 200, "ru"},
		{"/", []string{"Host", "evil.example.org"}, 400, "this server has another name: see ALLOWED_HOSTS"},
		{HealthPath, []string{"Host", "10.1.2.3:8000"}, 200, "en"}, // of a machine that watches
		{"/panic", []string{"Host", "logs.example.com"}, 500, ""},
	} {
		w := ask(h, "GET", c.target, c.headers...)
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s %q: %d %q", c.target, c.headers, w.Code, w.Body)
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Request-Id", "Referrer-Policy", "Cross-Origin-Opener-Policy"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s %q: no %s", c.target, c.headers, name)
			}
		}
		if got := strings.Contains(w.Header().Get("Set-Cookie"), "lang=ru"); got != strings.Contains(c.target, "lang=") {
			t.Errorf("%s: Set-Cookie %q", c.target, w.Header().Get("Set-Cookie"))
		}
	}
	a, b := ask(h, "GET", "/", "Host", "logs.example.com"), ask(h, "GET", "/", "Host", "logs.example.com")
	if a.Header().Get("X-Request-Id") == b.Header().Get("X-Request-Id") {
		t.Error("two requests have one ID")
	}
}

func TestTrustedOrigins(t *testing.T) {
	h, _, _ := newGuard(t, Options{TrustedOrigins: []string{"https://help.example.org", "https://*.example.net"}}, func(http.ResponseWriter, *http.Request) {})
	for origin, want := range map[string]int{
		"https://help.example.org": 200, "http://help.example.org": 403, "https://a.example.net": 200, "http://a.example.net": 403, "https://example.net": 403,
		"https://evilexample.net": 403, "https://a.example.net.evil.example.org": 403, "null": 403, "https://other.example.org": 403,
	} {
		if w := ask(h, "POST", "/", "Origin", origin, "Sec-Fetch-Site", "cross-site"); w.Code != want {
			t.Errorf("%s: %d, want %d", origin, w.Code, want)
		}
	}
	if _, err := New(nil, Options{TrustedOrigins: []string{"help.example.org"}}); err == nil {
		t.Error("a host passes for an origin")
	}
}

// TestWho: who is known by what, and that a token which is none is nobody's,
// even beside a session.
func TestWho(t *testing.T) {
	var seen *Info
	_, g, a := newGuard(t, Options{}, nil)
	h := g.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = From(r.Context())
		if r.URL.Path == "/in" {
			u, err := a.CheckPassword(r.Context(), "maria", "correct horse battery", accounts.Origin{})
			if err == nil {
				err = g.SignIn(r.Context(), u, false)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}))
	u, err := a.Create(t.Context(), model.User{Username: "maria", Active: true}, "correct horse battery", "", accounts.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.NewToken(t.Context(), u, "x", []string{model.ScopeTicketsRead}, time.Hour, accounts.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := a.IssueJWT(t.Context(), "maria", "correct horse battery", "", accounts.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	cookie, _, _ := strings.Cut(ask(h, "GET", "/in").Header().Get("Set-Cookie"), ";")
	for _, c := range []struct {
		name          string
		headers       []string
		way           string
		verified, bad bool
		scopes        int // -1 = all
	}{
		{"a guest", nil, "", false, false, -1},
		{"a session", []string{"Cookie", cookie}, "session", false, false, -1},
		{"an API token", []string{"Authorization", "Bearer " + token}, "token", true, false, 1},
		{"a JWT", []string{"Authorization", "bearer " + pair.Access}, "jwt", false, false, -1},
		{"a refresh token", []string{"Authorization", "Bearer " + pair.Refresh}, "", false, true, -1},
		{"a token that is none", []string{"Authorization", "Bearer zli_x"}, "", false, true, 0},
		{"the same beside a session", []string{"Authorization", "Bearer x", "Cookie", cookie}, "", false, true, -1},
		{"another scheme", []string{"Authorization", "Basic bWFyaWE6eA==", "Cookie", cookie}, "session", false, false, -1},
	} {
		ask(h, "GET", "/", c.headers...)
		scopes := -1
		if seen.Who.Scopes != nil {
			scopes = len(seen.Who.Scopes)
		}
		if seen.Way != c.way || seen.Who.Verified != c.verified || seen.BadToken != c.bad || scopes != c.scopes || (seen.Who.User.ID == u.ID) != (c.way != "") {
			t.Errorf("%s: %+v", c.name, seen)
		}
	}
	if _, err := a.ChangePassword(context.WithoutCancel(t.Context()), u, "correct horse battery", "another good one", accounts.Origin{}); err != nil {
		t.Fatal(err)
	}
	if ask(h, "GET", "/", "Cookie", cookie); seen.Who.User.ID != 0 {
		t.Error("a session outlives the password")
	}
}

func TestRoutes(t *testing.T) {
	_, g, _ := newGuard(t, Options{}, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /a/{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "a") })
	mux.HandleFunc("POST /a/{$}", func(http.ResponseWriter, *http.Request) {})
	h := g.Routes(mux)
	for _, c := range []struct {
		method, target, allow, location string
		status                          int
	}{
		{"GET", "/a/", "", "", 200},
		{"DELETE", "/a/", "GET, HEAD, POST", "", 405},
		{"OPTIONS", "/a/", "GET, HEAD, POST", "", 405},
		{"GET", "/b/", "", "", 404},
		{"GET", "/a/b/", "", "", 404},
		{"GET", "/a", "", "/a/", 307},
		{"GET", "//a/", "", "/a/", 307},
		{"GET", "//evil.example.org/..//a", "", "/a/", 307},
		{"GET", "//evil.example.org/a", "", "", 404},
	} {
		w := ask(h, c.method, "http://logs.example.com"+c.target)
		if w.Code != c.status || w.Header().Get("Allow") != c.allow || c.location != "" && w.Header().Get("Location") != c.location || strings.HasPrefix(w.Header().Get("Location"), "//") {
			t.Errorf("%s %s: %d, Allow %q, Location %q", c.method, c.target, w.Code, w.Header().Get("Allow"), w.Header().Get("Location"))
		}
	}
}

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"logs.tar.gz": `attachment; filename=logs.tar.gz`, "a b.gz": `attachment; filename="a b.gz"`, `a"b\c.gz`: `attachment; filename="a_b_c.gz"; filename*=UTF-8''a%22b%5Cc.gz`,
		"журнал 1.gz": `attachment; filename="______ 1.gz"; filename*=UTF-8''%D0%B6%D1%83%D1%80%D0%BD%D0%B0%D0%BB%201.gz`,
		"a\r\nX: y":   `attachment; filename="a__X: y"; filename*=UTF-8''a%0D%0AX%3A%20y`,
	} {
		if got := disposition(name); got != want {
			t.Errorf("disposition(%q) = %s, want %s", name, got, want)
		}
	}
}
