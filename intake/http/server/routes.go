package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/api"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/http/pages"
	"github.com/zimbraloki/zimbraloki/intake/http/upload"
	"github.com/zimbraloki/zimbraloki/intake/importer"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// asker asks the importer in the name of who is signed in.
type asker struct{ *importer.Importer }

// Ask answers a question about a ticket.
func (a asker) Ask(ctx context.Context, q pages.Question) (*engine.Result, error) {
	return a.Importer.Ask(ctx, importer.Question{Person: guard.From(ctx).Who.User.Username, Ticket: q.Ticket, Query: q.Query, From: q.From, To: q.To, Step: q.Step, Limit: q.Lines})
}

// plain is the same for programs: without bounds of their own.
func (a asker) plain(ctx context.Context, ticket, query string, from, to time.Time) (*engine.Result, error) {
	return a.Ask(ctx, pages.Question{Ticket: ticket, Query: query, From: from, To: to})
}

func (s *Server) routes() error {
	set, mux := s.o.Settings, http.NewServeMux()
	base := ""
	if set.BaseURL != nil {
		base = strings.TrimSuffix(set.BaseURL.String(), "/")
	}
	var p *pages.Pages
	g, err := guard.New(s.o.Accounts, guard.Options{
		Hosts: guard.Hosts(set.AllowedHosts), Proxies: s.proxies, TrustedOrigins: set.CSRFTrustedOrigins,
		SecureCookies: strings.HasPrefix(base, "https:"), Sessions: s.o.Store.Sessions(),
		SessionLife: set.Sessions.Life, SessionIdle: set.Sessions.Idle, Language: set.Language, Log: s.o.Log,
		Fail: func(w http.ResponseWriter, r *http.Request, status int, detail string) { p.Fail(w, r, status, detail) },
	})
	if err != nil {
		return err
	}
	login, guesses := guard.NewLimiter(set.Sessions.LoginRate, time.Minute/time.Duration(max(set.Sessions.LoginRate, 1))), guard.NewLimiter(guard.TokenBurst, guard.TokenEvery)
	if s.uploads, err = s.uploader(guesses); err != nil {
		return err
	}
	o := pages.Options{
		Accounts: s.o.Accounts, Tickets: s.o.Tickets, Guard: g, Importer: asker{s.o.Importer}, Open: s.open,
		Usage: func(ctx context.Context) (pages.Usage, error) {
			u, err := s.o.Blobs.Free(ctx)
			return pages.Usage(u), err
		},
		Upload: http.HandlerFunc(s.uploads.Post), Stage: set.Environment, BaseURL: base, Version: s.o.Version, Location: set.Zone, Log: s.o.Log,
	}
	if err := s.signIns(&o, set.BaseURL, base); err != nil {
		return err
	}
	if p, err = pages.New(o); err != nil {
		return err
	}
	p.Register(mux, pages.Limits{Login: login, Upload: guard.NewLimiter(guard.UploadBurst, guard.UploadEvery)})
	s.uploads.Register(mux)
	a := api.New(mux, g, api.Options{
		Accounts: s.o.Accounts, Tickets: s.o.Tickets, DB: s.o.Store, Open: s.open, Usage: s.usage, Ask: asker{s.o.Importer}.plain,
		BaseURL: base, Version: s.o.Version, Log: s.o.Log,
	}, api.Limits{Login: login, Token: guesses})
	s.metrics = a.Metrics()
	s.handler = s.logged(s.metrics.Count(s.bounded(g.Wrap(g.Routes(mux)))))
	return nil
}

func (s *Server) uploader(guesses *guard.Limiter) (*upload.Handler, error) {
	return upload.New(upload.Options{
		Tickets: s.o.Tickets, Blobs: s.o.Blobs, Store: s.o.Store, Guesses: guesses.Guesses(), Client: client,
		User:    func(r *http.Request) string { return guard.From(r.Context()).Who.User.Username },
		FileURL: api.FileURL, Idle: s.o.Settings.Limits.IdleTimeout, Log: s.o.Log,
	})
}

// signIns are the ways to sign in that need to know the server's address.
func (s *Server) signIns(o *pages.Options, base *url.URL, text string) (err error) {
	if base == nil {
		return nil
	}
	if c := s.o.Settings.OIDC; c.Issuer != "" {
		o.OIDC = accounts.NewOIDC(s.o.Accounts, accounts.OIDCOptions{
			Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, Name: c.Name, RedirectURL: text + "/account/oidc/callback/",
			Scopes: c.Scopes, UsernameClaim: c.UsernameClaim, GroupsClaim: c.GroupsClaim, AdminGroup: c.AdminGroup, UserGroup: c.UserGroup,
			CreateUsers: c.CreateUsers, TrustSecondFactor: c.TrustSecondFactor,
		})
	}
	o.Passkeys, err = accounts.NewPasskeys(s.o.Accounts, base)
	return err
}

// usage is how full the place of the archives is; an error if it cannot be
// written to.
func (s *Server) usage(ctx context.Context) (total, used, free int64, err error) {
	if err := s.o.Blobs.Check(ctx); err != nil {
		return 0, 0, 0, err
	}
	u, err := s.o.Blobs.Free(ctx)
	return u.Total, u.Used, u.Free, err
}
