package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

const testPassword = "correct horse battery"

// server is the API over a database of its own, with blobs in memory.
type server struct {
	*httptest.Server
	t        *testing.T
	api      *API
	db       *store.DB
	accounts *accounts.Service
	tickets  *tickets.Service
	blobs    map[string]string
	usage    error // of the storage

	mu    sync.Mutex
	clock time.Time
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

func (s *server) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *server) pass(d time.Duration) {
	s.mu.Lock()
	s.clock = s.clock.Add(d)
	s.mu.Unlock()
}

func newServer(t *testing.T, l Limits, rules ...func(*tickets.Rules)) *server {
	t.Helper()
	r := tickets.DefaultRules()
	for _, change := range rules {
		change(&r)
	}
	db, err := store.Open(t.Context(), "sqlite://"+t.TempDir()+"/db")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, db: db, blobs: map[string]string{}, clock: time.Now().UTC().Truncate(time.Second)}
	log := slog.New(slog.NewTextHandler(testLog{t}, nil))
	s.tickets = tickets.New(db, r, tickets.Options{Log: log, Now: s.now})
	s.accounts = accounts.New(db, accounts.Options{Secret: "test", Issuer: "Intake", Audit: s.tickets.Record, Now: s.now})
	failJSON := func(w http.ResponseWriter, _ *http.Request, status int, detail string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"detail": detail})
	}
	g, err := guard.New(s.accounts, guard.Options{Hosts: guard.Hosts{"*"}, Sessions: db.Sessions(), Log: log, Fail: failJSON})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s.api = New(mux, g, Options{
		Accounts: s.accounts, Tickets: s.tickets, DB: db, Open: s.open, Ask: s.ask, Version: "0.0", Log: log,
		Usage: s.usageOf,
	}, l)
	// Uploads are of another package; here they say that they were reached.
	mux.HandleFunc("POST /api/v1/archives/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"file":"/x","ticket":1}`))
	})
	mux.HandleFunc("POST /api/v1/uploads/{$}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	s.Server = httptest.NewServer(g.Wrap(g.Routes(mux)))
	t.Cleanup(func() {
		s.Close()
		_ = db.Close()
	})
	return s
}

func (s *server) usageOf(context.Context) (total, used, free int64, err error) {
	return 1000, 618, 382, s.usage
}

// loose are limits that no test reaches.
func loose() Limits {
	return Limits{Login: guard.NewLimiter(1000, time.Millisecond), Token: guard.NewLimiter(1000, time.Millisecond)}
}

type blob struct{ *strings.Reader }

func (blob) Close() error { return nil }

func (s *server) open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if body, ok := s.blobs[key]; ok {
		return blob{strings.NewReader(body)}, nil
	}
	return nil, fmt.Errorf("blob %s: %w", key, model.ErrNotFound)
}

func (s *server) ask(_ context.Context, ticket, query string, _, _ time.Time) (*engine.Result, error) {
	switch query {
	case "bad":
		return nil, &engine.Error{Status: http.StatusBadRequest, Msg: "parse error at line 1, col 1"}
	case "nothing read":
		return nil, &engine.Error{Status: http.StatusConflict, Msg: "no archive of this ticket has been read yet"}
	case "too long":
		return nil, &engine.Error{Status: http.StatusGatewayTimeout, Msg: "the answer takes too long"}
	case "broken disk":
		return nil, errors.New("open /srv/secret/place: permission denied")
	}
	return &engine.Result{Type: engine.Streams, Streams: []engine.Stream{{All: []entry.Pair{{Name: "ticket", Value: ticket}}, Entries: []engine.Line{{Time: 1, Text: query}}}}}, nil
}

// user makes one with an authenticator.
func (s *server) user(name string, admin bool) model.User {
	s.t.Helper()
	u, err := s.accounts.Create(s.t.Context(), model.User{Username: name, Active: true, Admin: admin}, testPassword, "", accounts.Origin{})
	if err != nil {
		s.t.Fatal(err)
	}
	secret, _ := s.accounts.NewSecret(u)
	code, _ := accounts.TOTPCode(secret, s.now())
	if _, _, err := s.accounts.EnableTOTP(s.t.Context(), u, secret, code, accounts.Origin{}); err != nil {
		s.t.Fatal(err)
	}
	s.pass(time.Minute)
	if u, err = s.db.UserByID(s.t.Context(), u.ID); err != nil {
		s.t.Fatal(err)
	}
	return u
}

// token is an API token of a user.
func (s *server) token(u model.User, scopes ...string) string {
	s.t.Helper()
	if len(scopes) == 0 {
		scopes = model.Scopes
	}
	token, err := s.accounts.NewToken(s.t.Context(), u, "test", scopes, 0, accounts.Origin{})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// jwt is an access token, with or without a second factor.
func (s *server) jwt(u model.User, verified bool) string {
	s.t.Helper()
	code := ""
	if verified {
		s.pass(time.Minute)
		code, _ = accounts.TOTPCode(u.TOTP, s.now())
	}
	pair, err := s.accounts.IssueJWT(s.t.Context(), u.Username, testPassword, code, accounts.Origin{})
	if err != nil {
		s.t.Fatal(err)
	}
	return pair.Access
}

// reply is an answer, read.
type reply struct {
	*http.Response
	Body string
}

func (s *server) call(token, method, path, body string, headers ...string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{resp, string(data)}
}

// archive puts an archive with a report to a ticket.
func (s *server) archive(number, name, content string) model.Archive {
	s.t.Helper()
	ctx := s.t.Context()
	admin, err := s.db.UserByName(ctx, "admin")
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := s.tickets.RotateToken(ctx, tickets.Who{User: admin, Verified: true}, number)
	if err != nil {
		s.t.Fatal(err)
	}
	g, err := s.tickets.Admit(ctx, token, tickets.Request{Kind: model.KindPost, Name: name, Size: int64(len(content))})
	if err != nil {
		s.t.Fatal(err)
	}
	s.blobs[g.Upload.Blob] = content
	a, err := s.tickets.Stored(ctx, g, tickets.Blob{Size: int64(len(content)), SHA256: strings.Repeat("ab", 32), MD5: strings.Repeat("cd", 16)})
	if err != nil {
		s.t.Fatal(err)
	}
	claimed, ok, err := s.db.ClaimImport(ctx, "test", time.Hour, s.now())
	if err != nil || !ok {
		s.t.Fatal(ok, err)
	}
	i := claimed.Import
	i.State, i.Entries, i.Findings, i.Critical = model.ImportDone, 100, 3, 1
	if err := s.db.FinishImport(ctx, i, []byte("<h1>r</h1>"), []byte(`{"Findings":3}`), s.now()); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// furnished has an administrator, a supporter, two platforms and two tickets;
// the first has an archive.
func furnished(t *testing.T, l Limits, rules ...func(*tickets.Rules)) (s *server, admin, maria model.User) {
	t.Helper()
	s = newServer(t, l, rules...)
	admin, maria = s.user("admin", true), s.user("maria", false)
	all := s.token(admin)
	for _, c := range []struct{ path, body string }{
		{"/api/v1/platforms/", `{"name":"zimbra","pretty_name":"Zimbra OSE"}`},
		{"/api/v1/platforms/", `{"name":"visiology","pretty_name":"Visiology"}`},
		{"/api/v1/tickets/", `{"number":1488228,"platform":"zimbra"}`},
		{"/api/v1/tickets/", `{"number":"SUP-1488","platform":"visiology","attempts":3,"note":"*late*"}`},
	} {
		if r := s.call(all, "POST", c.path, c.body); r.StatusCode != http.StatusCreated {
			t.Fatalf("POST %s %s: %s %s", c.path, c.body, r.Status, r.Body)
		}
		s.pass(time.Second)
	}
	s.archive("1488228", "logs.tar.gz", "0123456789")
	return s, admin, maria
}
