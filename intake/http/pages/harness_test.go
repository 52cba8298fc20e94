package pages

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/accounts/oidctest"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

const testPassword = "correct horse battery"

// site is a server of pages over a database of its own, with blobs in memory.
type site struct {
	*httptest.Server
	t        *testing.T
	db       *store.DB
	accounts *accounts.Service
	tickets  *tickets.Service
	blobs    map[string]string
	uploads  []string // what the handler of uploads was given: token, name, body
	named    string   // its address by a name
	asked    Question // what the importer was asked last
	issuer   *oidctest.Issuer
	mu       sync.Mutex
	clock    time.Time
}

func newSite(t *testing.T) *site {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite://"+t.TempDir()+"/db")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, db: db, blobs: map[string]string{}, clock: time.Now().UTC().Truncate(time.Second)}
	log := slog.New(slog.NewTextHandler(testLog{t}, nil))
	s.tickets = tickets.New(db, tickets.DefaultRules(), tickets.Options{Log: log, Now: s.now})
	s.accounts = accounts.New(db, accounts.Options{Secret: "test", Issuer: "Intake", Audit: s.tickets.Record, Now: s.now})
	s.Server = httptest.NewUnstartedServer(nil)
	// Passkeys are of names, not of addresses.
	s.named = strings.Replace(s.Listener.Addr().String(), "127.0.0.1", "http://localhost", 1)
	base, err := url.Parse(s.named)
	if err != nil {
		t.Fatal(err)
	}
	passkeys, err := accounts.NewPasskeys(s.accounts, base)
	if err != nil {
		t.Fatal(err)
	}
	s.issuer = oidctest.New(t)
	sign := accounts.NewOIDC(s.accounts, accounts.OIDCOptions{Issuer: s.issuer.URL, ClientID: "intake", Name: "Keycloak", RedirectURL: s.named + "/account/oidc/callback/"})
	p, err := New(Options{
		OIDC: sign, Passkeys: passkeys, Accounts: s.accounts, Tickets: s.tickets, Importer: s, Open: s.open, Upload: http.HandlerFunc(s.upload), Version: "0.0", Log: log,
		Usage: func(context.Context) (Usage, error) { return Usage{100 << 30, 62 << 30, 38 << 30}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	proxies := guard.Proxies{netip.MustParsePrefix("127.0.0.1/32")}
	g, err := guard.New(s.accounts, guard.Options{Hosts: guard.Hosts{"*"}, Proxies: proxies, Sessions: db.Sessions(), Log: log, Fail: p.Fail})
	if err != nil {
		t.Fatal(err)
	}
	p.Guard = g
	mux := http.NewServeMux()
	p.Register(mux, Limits{Login: guard.NewLimiter(1000, time.Millisecond), Upload: guard.NewLimiter(1000, time.Millisecond)})
	s.Config.Handler = g.Wrap(g.Routes(mux))
	s.Start()
	t.Cleanup(func() {
		s.Close()
		_ = db.Close()
	})
	return s
}

// testLog puts the server's log into that of the test.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	s.clock = s.clock.Add(d)
	s.mu.Unlock()
}

type blob struct{ *strings.Reader }

func (blob) Close() error { return nil }

func (s *site) open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	body, ok := s.blobs[key]
	if !ok {
		return nil, fmt.Errorf("blob %s: %w", key, model.ErrNotFound)
	}
	return blob{strings.NewReader(body)}, nil
}

func (s *site) upload(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.uploads = append(s.uploads, r.Header.Get("Upload-Token"), r.Header.Get("Content-Disposition"), string(body))
	if r.Header.Get("Upload-Token") != "good" {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"detail":"token <b>bad</b> is not valid"}`))
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// Ask answers as an importer would: the query says what kind of answer.
func (s *site) Ask(_ context.Context, q Question) (*engine.Result, error) {
	s.asked = q
	query := q.Query
	from := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	switch {
	case strings.HasPrefix(query, "{"):
		r := &engine.Result{Type: engine.Streams}
		for n := range 3 {
			r.Streams = append(r.Streams, engine.Stream{Labels: []entry.Pair{{Name: "host", Value: "mail.example.org"}, {Name: "level", Value: "error"}, {Name: "log", Value: "mailbox"}, {Name: "user", Value: "user@example.org"}, {Name: "client_ip", Value: "203.0.113.7"}}, Entries: []engine.Line{{
				Time: from.Add(time.Duration(n) * time.Hour).UnixNano(), Text: "ERROR [qtp-1] [name=user@example.org;] soap - handler exception <script>alert(1)</script>",
			}}})
		}
		return r, nil
	case query == "nothing":
		return &engine.Result{Type: engine.Vector}, nil
	case strings.HasPrefix(query, "sum"):
		r := &engine.Result{Type: engine.Matrix}
		for n, name := range []string{"mailbox", "zimbra", "audit"} {
			e := engine.Series{Labels: []entry.Pair{{Name: "log_type", Value: name}}}
			for h := range 24 {
				e.Points = append(e.Points, engine.Point{Time: from.Add(time.Duration(h) * time.Hour).UnixMilli(), Value: float64((h*(n+3))%17*1127 + 3*n)})
			}
			r.Series = append(r.Series, e)
		}
		return r, nil
	}
	return nil, &engine.Error{Status: http.StatusBadRequest, Msg: "parse error at line 1, col 1: syntax error: unexpected <IDENTIFIER>"}
}

func (s *site) Explore(context.Context, string) string {
	return "https://grafana.example.org/explore?x=1"
}

func (s *site) user(name string, admin bool) model.User {
	s.t.Helper()
	u, err := s.accounts.Create(s.t.Context(), model.User{Username: name, Email: name + "@example.org", Active: true, Admin: admin}, testPassword, "", accounts.Origin{})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// enrol gives a user an authenticator, and is him as the rules see him.
func (s *site) enrol(u model.User) tickets.Who {
	s.t.Helper()
	secret, err := s.accounts.NewSecret(u)
	if err != nil {
		s.t.Fatal(err)
	}
	code, _ := accounts.TOTPCode(secret, s.now())
	if _, _, err := s.accounts.EnableTOTP(s.t.Context(), u, secret, code, accounts.Origin{}); err != nil {
		s.t.Fatal(err)
	}
	s.pass(time.Minute)
	u, err = s.db.UserByID(s.t.Context(), u.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return tickets.Who{User: u, Verified: true}
}

// browser is a client with cookies that follows no redirect by itself.
type browser struct {
	*http.Client
	s *site
}

func (s *site) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{s: s, Client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is an answer, read.
type page struct {
	*http.Response
	Body string
}

func (b *browser) do(method, path string, form url.Values, headers ...string) page {
	b.s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(b.s.t.Context(), method, b.s.URL+path, body)
	if err != nil {
		b.s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	resp, err := b.Do(r)
	if err != nil {
		b.s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.s.t.Fatal(err)
	}
	return page{resp, string(data)}
}

func (b *browser) get(path string) page { b.s.t.Helper(); return b.do("GET", path, nil) }

func (b *browser) post(path string, pairs ...string) page {
	b.s.t.Helper()
	form := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		form.Add(pairs[n], pairs[n+1])
	}
	return b.do("POST", path, form)
}

// signIn signs a user in, with the second factor where he has one.
func (b *browser) signIn(name string) {
	b.s.t.Helper()
	if p := b.post("/account/login/", "username", name, "password", testPassword); p.StatusCode != http.StatusSeeOther {
		b.s.t.Fatalf("sign-in of %s: %s %s", name, p.Status, p.Body)
	}
	u, err := b.s.db.UserByName(b.s.t.Context(), name)
	if err != nil {
		b.s.t.Fatal(err)
	}
	if u.TOTP == "" {
		return
	}
	b.s.pass(time.Minute)
	code, _ := accounts.TOTPCode(u.TOTP, b.s.now())
	if p := b.post("/account/two_factor/", "code", code, "next", "/tickets/"); p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != "/tickets/" {
		b.s.t.Fatalf("second factor of %s: %s %s", name, p.Status, p.Body)
	}
}

// archive puts an archive, with a report where it is to have one, to a ticket.
func (s *site) archive(w tickets.Who, number, name, content string, state model.ImportState) model.Archive {
	s.t.Helper()
	ctx := s.t.Context()
	token, err := s.tickets.RotateToken(ctx, w, number)
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
	if state == model.ImportQueued {
		return a
	}
	claimed, ok, err := s.db.ClaimImport(ctx, "test", time.Hour, s.now())
	if err != nil || !ok || claimed.ID != a.ID {
		s.t.Fatalf("claim: %v %v %v", claimed.ID, ok, err)
	}
	i := claimed.Import
	if state == model.ImportRunning {
		i.Done, i.Total = 40<<20, 100<<20
		if err := s.db.RenewImport(ctx, i, time.Hour, s.now()); err != nil {
			s.t.Fatal(err)
		}
		return a
	}
	i.State, i.Entries, i.Unparsed, i.Findings, i.Critical = state, 1_284_113, 17, 9, 2
	i.From, i.To = s.now().Add(-30*24*time.Hour), s.now()
	if state != model.ImportDone {
		i.Error = "unpacked more than 200 times its size: put into quarantine"
	}
	if err := s.db.FinishImport(ctx, i, []byte("<!doctype html><html lang=en><title>r</title><style>body{font:15px system-ui}</style><h1>Report</h1><p>Two things broke.</p>"), []byte("{}"), s.now()); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// furnished is a site with an administrator, a supporter and tickets.
func furnished(t *testing.T) (*site, tickets.Who) {
	t.Helper()
	s := newSite(t)
	admin := s.enrol(s.user("admin", true))
	s.user("maria", false)
	for _, p := range []model.Platform{{Name: "zimbra", PrettyName: "Zimbra OSE"}, {Name: "visiology", PrettyName: "Visiology 3"}} {
		if _, err := s.tickets.CreatePlatform(t.Context(), admin, p); err != nil {
			t.Fatal(err)
		}
	}
	note := "# Mail is late\n\nSince **Monday** deliveries take *hours*. See [the case](https://help.example.org/1488228).\n\n- queue of 40 000\n- `mailboxd` restarts\n\n```\nFATAL: out of memory\n```\n"
	for n, number := range []string{"1488228", "SUP-1488", "SUP-1490", "1488301"} {
		platform := "zimbra"
		if n == 2 {
			platform = "visiology"
		}
		if _, _, err := s.tickets.CreateTicket(t.Context(), admin, tickets.NewTicket{Number: number, Platform: platform, Note: note}); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Hour)
	}
	yes := true
	if _, err := s.tickets.UpdateTicket(t.Context(), admin, "1488301", model.TicketChange{Resolved: &yes}); err != nil {
		t.Fatal(err)
	}
	return s, admin
}
