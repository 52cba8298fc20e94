package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestRoutes: each path reaches the handler that is its own, another method is
// 405 and says which are not, and what is nobody's is 404, as a page for people
// and as JSON for programs.
func TestRoutes(t *testing.T) {
	r := newRig(t, nil, nil)
	f := func(method, path string, status int, parts ...string) {
		t.Helper()
		a := r.call(method, path, "")
		all := a.body
		for _, name := range []string{"Location", "Allow", "Content-Type", "Tus-Version"} {
			all += "\n" + name + ": " + a.Header.Get(name)
		}
		if a.StatusCode != status {
			t.Errorf("%s %s: %d, want %d\n%.300s", method, path, a.StatusCode, status, all)
		}
		for _, p := range parts {
			if !strings.Contains(all, p) {
				t.Errorf("%s %s: %q is not in\n%.500s", method, path, p, all)
			}
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s %s: headers %v", method, path, a.Header)
		}
	}
	// Pages.
	f("GET", "/", 303, "Location: /account/login/")
	f("GET", "/account/login/", 200, `<form`, `name="password"`, "Content-Type: text/html")
	f("HEAD", "/account/login/", 200)
	f("GET", "/tickets/", 303, "Location: /account/login/")
	f("GET", "/archives/upload/", 200, "data-upload")
	f("GET", "/archives/download/1/", 303, "Location: /account/login/")
	f("GET", "/robots.txt", 200, "Disallow")
	// The API.
	f("GET", "/api/v1/check/health/", 200, `"status":"ok"`)
	f("GET", "/api/v1/archives/", 401, "Authentication credentials were not provided.", "Content-Type: application/json")
	f("GET", "/api/v1/schema/", 200, `"openapi":"3.1`)
	f("GET", "/api/v1/schema/swagger/", 200, "Content-Type: text/html")
	f("POST", "/api/v1/auth/token/", 400, `{"detail":`)
	// Uploads.
	f("POST", "/api/v1/archives/", 401, "Upload-Token")
	f("POST", "/api/v1/archives", 401, "Upload-Token")
	f("OPTIONS", "/api/v1/uploads/", 200, "Tus-Version: 1.0.0")
	f("HEAD", "/api/v1/uploads/0123456789abcdef", 404)
	// Methods.
	f("DELETE", "/account/login/", 405, "Allow: GET, HEAD, POST", "Content-Type: text/html")
	f("PUT", "/api/v1/archives/", 405, "Allow: GET, HEAD, POST", `Method \"PUT\" not allowed.`)
	f("GET", "/api/v1/auth/token/", 405, "Allow: POST")
	f("PATCH", "/robots.txt", 405, "Allow: GET, HEAD")
	// Nothing.
	f("GET", "/nothing", 404, "Content-Type: text/html")
	f("GET", "/api/v1/nothing/", 404, "Content-Type: application/json", `"detail"`)
	f("GET", "/metrics", 404) // has a listener of its own
	f("GET", "/static/0/none.js", 404)
	f("GET", "/%2e%2e/%2e%2e/etc/passwd", 404)
	f("GET", "/static/..%2f..%2fsecret.key", 404)
	// A slash that is missing.
	f("GET", "/tickets", 307, "Location: /tickets/")
}

// TestOperations: what the document of the API promises is there, and what it does
// not is 405, with the methods that it does.
func TestOperations(t *testing.T) {
	r := newRig(t, nil, nil)
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	must(t, json.Unmarshal([]byte(r.call("GET", "/api/v1/schema/", "").body), &doc))
	if len(doc.Paths) < 20 {
		t.Fatalf("%d paths", len(doc.Paths))
	}
	all := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	for path, operations := range doc.Paths {
		if strings.HasPrefix(path, "/api/v1/uploads/") {
			continue // tus says itself what it takes
		}
		at := strings.NewReplacer("{id}", "1", "{number}", "1", "{name}", "x", "{token}", "0b4f6a52-8d43-4b07-9f0c-5d1be42d2a10").Replace(path)
		if strings.Contains(at, "{") {
			t.Fatalf("the test does not know what to put into %s", path)
		}
		var there []string
		for _, m := range all {
			if _, ok := operations[strings.ToLower(m)]; ok {
				there = append(there, m)
			}
		}
		for _, m := range all {
			a := r.call(m, at, "")
			ours := strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") && strings.Contains(a.body, `"detail"`)
			switch {
			case slices.Contains(there, m):
				if a.StatusCode == 405 || a.StatusCode == 404 && !strings.Contains(path, "{") {
					t.Errorf("%s %s: %d %s", m, at, a.StatusCode, a.body)
				}
			case a.StatusCode != 405 || !ours:
				t.Errorf("%s %s: %d %s, want 405", m, at, a.StatusCode, a.body)
			default:
				for _, want := range there {
					if !slices.Contains(strings.Split(a.Header.Get("Allow"), ", "), want) {
						t.Errorf("%s %s: Allow %q lacks %s", m, at, a.Header.Get("Allow"), want)
					}
				}
			}
		}
	}
}
