package server

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAccessLog: a line for each answer, with what came of it and who asked, and
// without what is nobody's to know.
func TestAccessLog(t *testing.T) {
	r := newRig(t, nil, nil)
	token := r.token()
	f := func(method, path string, want logLine, header ...string) {
		t.Helper()
		a := r.call(method, path, "", header...)
		got := r.request()
		if got.Level != want.Level || got.Method != method || got.Path != want.Path || got.Status != a.StatusCode || got.ClientIP != want.ClientIP {
			t.Errorf("%s %s: %s, want %+v and %d", method, path, got.whole, want, a.StatusCode)
		}
		if method != "HEAD" && got.Bytes < int64(len(a.body)) || got.RequestID != a.Header.Get("X-Request-Id") || got.RequestID == "" {
			t.Errorf("%s %s: %s; %d bytes came, request %q", method, path, got.whole, len(a.body), a.Header.Get("X-Request-Id"))
		}
		for _, secret := range []string{token, "q=private", "secret"} {
			if strings.Contains(got.whole, secret) {
				t.Errorf("%s %s: the log tells %q: %s", method, path, secret, got.whole)
			}
		}
	}
	const here = "127.0.0.1"
	f("GET", "/account/login/?next=secret&q=private", logLine{Level: "INFO", Path: "/account/login/", ClientIP: here})
	f("GET", "/nothing?q=private", logLine{Level: "INFO", Path: "/nothing", ClientIP: here})
	f("GET", "/api/v1/check/token/"+token+"/", logLine{Level: "INFO", Path: "/api/v1/check/token/…", ClientIP: here})
	f("HEAD", "/api/v1/uploads/secret", logLine{Level: "INFO", Path: "/api/v1/uploads/…", ClientIP: here})
	f("POST", "/api/v1/uploads/", logLine{Level: "INFO", Path: "/api/v1/uploads/", ClientIP: here}, "Upload-Token", token)
	f("POST", "/api/v1/archives/", logLine{Level: "INFO", Path: "/api/v1/archives/", ClientIP: "192.0.2.7"}, "Upload-Token", token, "X-Forwarded-For", "198.51.100.1, 192.0.2.7")
	f("GET", "/api/v1/check/health/", logLine{Level: "DEBUG", Path: "/api/v1/check/health/", ClientIP: here})
	f("GET", "/static/0/none.js", logLine{Level: "INFO", Path: "/static/0/none.js", ClientIP: here}) // 404
}

// TestAnswer: what is counted is what was sent, by whichever way, in pieces.
func TestAnswer(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 3*piece/10+1)
	f := func(write func(a *answer) (int64, error), want int) {
		t.Helper()
		rec := httptest.NewRecorder()
		a := &answer{ResponseWriter: rec, c: http.NewResponseController(rec), status: 200}
		n, err := write(a)
		if err != nil || n != int64(want) || a.bytes != int64(want) || !bytes.Equal(rec.Body.Bytes(), data[:want]) {
			t.Errorf("%d written, %d counted, %d arrived, %v; want %d", n, a.bytes, rec.Body.Len(), err, want)
		}
	}
	for _, size := range []int{0, 1, piece - 1, piece, piece + 1, len(data)} {
		f(func(a *answer) (int64, error) { n, err := a.Write(data[:size]); return int64(n), err }, size)
		f(func(a *answer) (int64, error) { return a.ReadFrom(bytes.NewReader(data[:size])) }, size)
		f(func(a *answer) (int64, error) { return io.CopyN(a, bytes.NewReader(data), int64(size)) }, size)
	}
}
