package api

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestEdges: what a program sends that was written for the original, or against
// this.
func TestEdges(t *testing.T) {
	s, admin, maria := furnished(t, loose())
	all, archives, writer := s.token(admin), s.token(admin, model.ScopeArchivesRead, model.ScopeArchivesWrite), s.token(maria)
	ones := strings.TrimSuffix(strings.Repeat("1,", 1200), ",")
	for _, c := range []struct {
		token, method, path, body string
		status                    int
		want                      string
	}{
		// 0 is a bound too: who pages back by it comes to an end.
		{all, "GET", "/tickets/?id__lte=0", "", 200, `^\[\]\s*$`},
		{all, "GET", "/tickets/?id=0", "", 200, `^\[\]\s*$`},
		{all, "GET", "/archives/?id__lte=0", "", 200, `^\[\]\s*$`},
		{all, "GET", "/archives/?id=0", "", 200, `^\[\]\s*$`},
		// A number that is a text is within no bound.
		{all, "GET", "/tickets/?number__lte=2000000", "", 200, `^\[{"id":1,.*}\]\s*$`},
		{all, "GET", "/tickets/?number__gte=0", "", 200, `^\[{"id":1,.*}\]\s*$`},
		{all, "GET", "/archives/?ticket__lte=5", "", 200, `^\[\]\s*$`},
		// Times as Django takes them.
		{all, "GET", "/archives/?time_create__gte=2020-01-01", "", 200, `^\[{"id":1,`},
		{all, "GET", "/archives/?time_create__gte=2020-01-01+10:00:00", "", 200, `^\[{"id":1,`},
		{all, "GET", "/archives/?time_create__lte=2020-01-01T10:00:00", "", 200, `^\[\]\s*$`},
		{all, "GET", "/archives/?time_create__lte=yesterday", "", 400, `{"time_create__lte":\["`},
		{all, "GET", "/tickets/?number=" + ones, "", 400, `number`},
		{all, "GET", "/tickets/?id__in=" + ones, "", 400, `id`},
		{all, "GET", "/archives/x/", "", 404, `Not found`},
		{all, "GET", "/tickets/" + strings.Repeat("1", 65) + "/", "", 404, `Not found`},

		{all, "POST", "/tickets/", `{"number":1e5,"platform":"zimbra"}`, 400, `number`},
		{all, "POST", "/tickets/", `{"number":12.5,"platform":"zimbra"}`, 400, `number`},
		{all, "PATCH", "/tickets/SUP-1488/", `{"note":"` + strings.Repeat("x", 65<<10) + `"}`, 400, `{"note":\["`},
		{all, "PATCH", "/tickets/SUP-1488/", `{"expires_at":null}`, 200, `"expires_at":null`},
		{all, "PATCH", "/tickets/SUP-1488/", `{"expires_at":"1970-01-01T00:00:00Z"}`, 200, `"expires_at":"1970-`},
		{all, "PATCH", "/tickets/SUP-1488/", `{"attempts":2}`, 200, `"expires_at":"1970-`},
		{all, "POST", "/tickets/", `{"number":9,"platform":"zimbra","expires_at":null}`, 201, `"expires_at":null`},
		{all, "POST", "/tickets/", `{"number":10,"platform":"zimbra"}`, 201, `"expires_at":"2`},

		// A ticket is handed over by an administrator; what others read they may send back.
		{writer, "PATCH", "/tickets/SUP-1488/", `{"user":"maria"}`, 403, `permission`},
		{writer, "PATCH", "/tickets/SUP-1488/", `{"user":"admin","attempts":1}`, 200, `"user":"admin"`},
		{all, "PATCH", "/tickets/SUP-1488/", `{"user":"nobody"}`, 400, `{"user":\["`},
		{all, "PATCH", "/tickets/SUP-1488/", `{"user":"maria"}`, 200, `"user":"maria"`},

		// All of a change or nothing.
		{all, "PATCH", "/archives/1/", `{"name":"other.zip","ticket":777}`, 400, `Invalid pk`},
		{all, "GET", "/archives/1/", "", 200, `"name":"logs.tar.gz"`},
		{archives, "PATCH", "/archives/1/", `{"name":"other.zip","ticket":"SUP-1488"}`, 403, `tickets:write`},
		{all, "GET", "/archives/1/", "", 200, `"name":"logs.tar.gz"`},
		{archives, "DELETE", "/tickets/SUP-1488/", "", 403, `tickets:write`},

		{all, "POST", "/tickets/SUP-1488/ask/", `{"query":"broken disk"}`, 500, `{"detail":"Internal server error."}`},
		{all, "POST", "/tickets/SUP-1488/ask/", `{"query":"too long"}`, 504, `{"detail":"`},
	} {
		r := s.call(c.token, c.method, "/api/v1"+c.path, c.body)
		if r.StatusCode != c.status || !regexp.MustCompile(pattern(c.want)).MatchString(r.Body) {
			t.Errorf("%s %.80s %.80s: %s\n%.300s\nwant %d and %s", c.method, c.path, c.body, r.Status, r.Body, c.status, c.want)
		}
	}
	// A text that SQLite keeps and PostgreSQL does not is no fault of ours.
	if r := s.call("", "POST", "/api/v1/auth/token/", `{"username":"a\u0000b","password":"x"}`); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("%s %s", r.Status, r.Body)
	}
}

// TestGoodTokensAreNotCounted: many customers and programs behind one address
// do not hinder each other.
func TestGoodTokensAreNotCounted(t *testing.T) {
	tokens := guard.NewLimiter(5, time.Hour)
	s, admin, _ := furnished(t, Limits{Login: guard.NewLimiter(1000, time.Millisecond), Token: tokens})
	r := s.call(s.token(admin), "POST", "/api/v1/tickets/", `{"number":5,"platform":"zimbra"}`)
	token := regexp.MustCompile(`"token":"([^"]+)"`).FindStringSubmatch(r.Body)[1]
	good := s.jwt(admin, false)
	for range 20 {
		if r := s.call("", "GET", "/api/v1/check/token/"+url.PathEscape(token), ""); r.StatusCode != http.StatusOK {
			t.Fatalf("check: %s %s", r.Status, r.Body)
		}
		if r := s.call("", "POST", "/api/v1/auth/token/verify/", `{"token":"`+good+`"}`); r.StatusCode != http.StatusOK {
			t.Fatalf("verify: %s %s", r.Status, r.Body)
		}
	}
	for range 5 {
		s.call("", "POST", "/api/v1/auth/token/refresh/", `{"refresh":"x"}`)
	}
	if r := s.call("", "POST", "/api/v1/auth/token/verify/", `{"token":"`+good+`"}`); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
		t.Errorf("after wrong ones: %s %s", r.Status, r.Body)
	}
}

// TestHealthIsCheap: however many ask, the storage is written to once in a while.
func TestHealthIsCheap(t *testing.T) {
	s, _, _ := furnished(t, loose())
	s.usage = errors.New("gone")
	first := s.call("", "GET", "/api/v1/check/health/", "")
	s.usage = nil
	if r := s.call("", "GET", "/api/v1/check/health/", ""); r.Body != first.Body || first.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("asked at once: %s, then %s", first.Body, r.Body)
	}
}

// TestGuestsFillNothing: a request without a token leaves no row behind.
func TestGuestsFillNothing(t *testing.T) {
	s, _, _ := furnished(t, loose())
	before, err := s.db.CountEvents(t.Context(), model.EventFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := s.tickets.Admit(t.Context(), "", tickets.Request{ClientIP: "192.0.2.1"}); !errors.Is(err, tickets.ErrTokenMissing) {
			t.Fatal(err)
		}
	}
	if after, err := s.db.CountEvents(t.Context(), model.EventFilter{}); err != nil || after != before {
		t.Errorf("%d events, before %d, %v", after, before, err)
	}
}
