// Package pages are the pages for people: rendered here, in Russian and
// English, with one style sheet and without a script but for what a page
// cannot do alone (resuming an upload, the progress of an import, copying).
package pages

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Importer is what pages ask of the room that reads archives.
type Importer interface {
	// Ask answers a question from the archives of a ticket. What the person can
	// mend is an *engine.Error or a *logql.ParseError.
	Ask(ctx context.Context, q Question) (*engine.Result, error)
	// Explore is a link to the ticket's logs in Grafana, "" if there is none.
	Explore(ctx context.Context, ticket string) string
}

// Usage is how full the place of the archives is, in bytes.
type Usage struct{ Total, Used, Free int64 }

// Options are what the pages need.
type Options struct {
	Accounts *accounts.Service
	Tickets  *tickets.Service
	Guard    *guard.Guard
	Importer Importer // nil: no questions, no links
	// Open opens a blob, to be read from any place.
	Open  func(ctx context.Context, key string) (io.ReadSeekCloser, error)
	Usage func(ctx context.Context) (Usage, error) // nil: not shown
	// Upload takes one archive as `POST /api/v1/archives/` does: for the form
	// without a script.
	Upload   http.Handler
	OIDC     *accounts.OIDC     // nil: no such sign-in
	Passkeys *accounts.Passkeys // nil: none
	Site     string             // its name; "" = Intake
	Stage    string             // shown above all pages, "" = none
	BaseURL  string             // as people open it, without the last slash; "" = as they ask
	Version  string
	Location *time.Location // of times; nil = UTC
	Log      *slog.Logger
}

// Pages serves them.
type Pages struct {
	Options
	sets map[string]set // by language
}

// New returns the pages. Guard may be set later, before the first request.
func New(o Options) (*Pages, error) {
	p := &Pages{Options: o, sets: map[string]set{}}
	if p.Site == "" {
		p.Site = "Intake"
	}
	if p.Location == nil {
		p.Location = time.UTC
	}
	for _, lang := range guard.Languages {
		s, err := p.parse(lang)
		if err != nil {
			return nil, err
		}
		p.sets[lang] = s
	}
	return p, nil
}

// maxForm bounds the body of a form.
const maxForm = 1 << 20 // bytes

// handler serves a page or says why not.
type handler func(w http.ResponseWriter, r *http.Request, i *guard.Info) error

func (p *Pages) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := h(w, r, guard.From(r.Context())); err != nil {
			p.refuse(w, r, err)
		}
	})
}

// signed is a page for those who are signed in; others are asked to.
func (p *Pages) signed(h handler) http.Handler {
	return p.handle(func(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
		if i.Who.User.ID == 0 {
			return tickets.ErrSignIn
		}
		return h(w, r, i)
	})
}

// allowed is a page for those who may do something.
func (p *Pages) allowed(right tickets.Right, h handler) http.Handler {
	return p.signed(func(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
		if err := i.Who.Allow(right); err != nil {
			return err
		}
		return h(w, r, i)
	})
}

// refuse answers with what an error means to a person: a sign-in, the second
// factor, or a page that says what is wrong.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, err error) {
	i := guard.From(r.Context())
	status := statusOf(err)
	next := ""
	if r.Method == http.MethodGet {
		next = "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	switch {
	case errors.Is(err, tickets.ErrSignIn):
		http.Redirect(w, r, "/account/login/"+next, http.StatusSeeOther)
		return
	case errors.Is(err, tickets.ErrVerify) && i.Who.User.SecondFactor() && i.Way == "session":
		http.Redirect(w, r, "/account/two_factor/"+next, http.StatusSeeOther)
		return
	case status == http.StatusInternalServerError:
		p.Log.ErrorContext(r.Context(), "a page failed", "request", i.ID, "path", r.URL.Path, "error", err)
	}
	p.Fail(w, r, status, "")
}

func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, model.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, model.ErrExists):
		return http.StatusConflict
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	}
	return tickets.Status(err)
}

// view is what every page has.
type view struct {
	Lang, Title, Site, Stage, Version, Section, Width, Path, Base, Zone string
	User                                                                model.User
	Verified                                                            bool
	Flash                                                               []guard.Flash
	Languages                                                           []languageLink
	Scripts                                                             []string
}

type languageLink struct {
	Code, Name, URL string
	Current         bool
}

var languageNames = map[string]string{"en": "English", "ru": "Русский"}

// base is the part that every page has. title is a key of the texts, or a name.
func (p *Pages) base(r *http.Request, i *guard.Info, section, title string) view {
	v := view{
		Lang: i.Lang, Title: p.sets[i.Lang].texts.or(title), Site: p.Site, Version: p.Version, Section: section,
		Path: r.URL.RequestURI(), User: i.Who.User, Verified: i.Who.Verified, Base: p.baseURL(i), Zone: time.Now().In(p.Location).Format("MST"),
	}
	if p.Stage != "" && p.Stage != "Production" {
		v.Stage = p.Stage
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		v.Path = "/"
	}
	for _, code := range guard.Languages {
		u, q := *r.URL, r.URL.Query()
		q.Set("lang", code)
		u.RawQuery = q.Encode()
		v.Languages = append(v.Languages, languageLink{Code: code, Name: languageNames[code], URL: u.RequestURI(), Current: code == i.Lang})
	}
	return v
}

func (p *Pages) baseURL(i *guard.Info) string {
	if p.BaseURL != "" {
		return strings.TrimSuffix(p.BaseURL, "/")
	}
	return i.Base()
}

// render writes a page. It is made in memory first, so that one that fails is
// not half there.
func (p *Pages) render(w http.ResponseWriter, i *guard.Info, status int, name string, data any) error {
	var b bytes.Buffer
	if err := p.sets[i.Lang].pages[name].ExecuteTemplate(&b, "layout", data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", i.Lang)
	w.Header().Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // a client that went away is no error of ours
	return nil
}

// text is a sentence in the language of a request.
func (p *Pages) text(i *guard.Info, key string) string { return p.sets[i.Lang].texts[key] }

// local is an address to go on to, if it is on this site.
func local(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

func see(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
