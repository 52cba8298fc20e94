// Package api is the REST API v1: paths, fields and status codes of the
// original, with what it lacked. The OpenAPI document is made of the handlers.
// intake/docs/api.md lists where it differs on purpose.
package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Options are what the API needs.
type Options struct {
	Accounts *accounts.Service
	Tickets  *tickets.Service
	DB       *store.DB // for health and metrics
	// Open opens a blob, to be read from any place.
	Open func(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Usage is how full the place of the archives is; an error if it is not there.
	Usage func(ctx context.Context) (total, used, free int64, err error)
	// Ask answers LogQL over a ticket's archives; nil = nobody can.
	Ask     func(ctx context.Context, ticket, query string, from, to time.Time) (*engine.Result, error)
	BaseURL string // as people open it, without the last slash; "" = as they ask
	Version string
	Log     *slog.Logger
}

// API serves it.
type API struct {
	Options
	huma huma.API

	checking sync.Mutex
	checked  time.Time // when health was looked at
	healthy  *healthAnswer
}

// Limits are the limiters of what strangers may try.
type Limits struct{ Login, Token *guard.Limiter }

// maxBody bounds the body of a request, in bytes. Archives are not taken here.
const maxBody = 1 << 20

// New registers the API's routes on a mux and returns it.
func New(mux *http.ServeMux, g *guard.Guard, o Options, l Limits) *API {
	a := &API{Options: o}
	c := huma.DefaultConfig("Intake", o.Version)
	c.Info.Description = "Tickets and the archives that customers upload to them. Sign in with a personal API token or a JWT: `Authorization: Bearer …`. " +
		"Downloads, imports, questions, deletions and administration need a second factor: an API token has it, a JWT if it was got with `otp`."
	c.Servers = []*huma.Server{{URL: cmp.Or(o.BaseURL, "/")}}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.Formats = map[string]huma.Format{
		"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat,
		"application/x-www-form-urlencoded": formFormat,
	}
	c.DefaultFormat = "application/json"
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", Description: "A personal API token (zli_…) or an access token of /api/v1/auth/token/."},
		"session": {Type: "apiKey", In: "cookie", Name: "session", Description: "The session of somebody who is signed in to the pages."},
	}
	a.huma = huma.NewAPI(c, &adapter{Adapter: humago.NewAdapter(mux, ""), mux: mux, g: g, l: l})
	a.huma.UseMiddleware(a.signedIn)
	a.root()
	a.archiveRoutes(mux)
	a.importRoutes()
	a.platformRoutes()
	a.ticketRoutes()
	a.tokenRoutes()
	a.authRoutes()
	a.checkRoutes()
	a.documentUploads()
	a.schemaRoutes(mux)
	a.mendResponses()
	return a
}

// mendResponses takes out what huma adds to the document and this API never
// answers: what a body or a parameter lacks is 400.
func (a *API) mendResponses() {
	for _, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if wrong := op.Responses["422"]; wrong != nil {
				delete(op.Responses, "422")
				op.Responses["400"] = wrong
				wrong.Description = http.StatusText(http.StatusBadRequest)
			}
		}
	}
}

// adapter adds to huma's own: a path with a slash at its end is that path
// alone, bodies are bounded, and what strangers try is throttled.
type adapter struct {
	huma.Adapter
	mux *http.ServeMux
	g   *guard.Guard
	l   Limits
}

// Names of groups of operations.
const (
	tagArchives  = "archives"
	tagTickets   = "tickets"
	tagPlatforms = "platforms"
	tagAuth      = "auth"
	tagCheck     = "check"
	tagUploads   = "uploads"
)

// throttled marks operations with the limiter that is theirs.
const (
	throttleLogin = "login"
	throttleToken = "token"
	metaThrottle  = "throttle"
)

// Handle registers an operation.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	path := op.Path
	if strings.HasSuffix(path, "/") {
		path += "{$}"
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		handler(humago.NewContext(op, r, w))
	})
	switch op.Metadata[metaThrottle] {
	case throttleLogin:
		h = a.g.Throttle(a.l.Login, h)
	case throttleToken:
		h = a.guessed(h)
	}
	a.mux.Handle(op.Method+" "+path, h)
}

// guessed puts off who had too many answers that a token is none. Those that
// are good do not count: many share an address.
func (a *adapter) guessed(next http.Handler) http.Handler {
	guesses := a.l.Token.Guesses()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := guard.From(r.Context()).Client
		if wait := guesses.Blocked(client); wait > 0 {
			a.g.TooMany(w, r, wait)
			return
		}
		c := &counted{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(c, r)
		if c.status == http.StatusUnauthorized || c.status == http.StatusNotFound {
			guesses.Wrong(client)
		}
	})
}

// signedIn refuses guests where an operation is not for them, before anything
// is looked at: a guest learns from no method whether something is there.
func (a *API) signedIn(ctx huma.Context, next func(huma.Context)) {
	if len(ctx.Operation().Security[0]) == 0 {
		next(ctx)
		return
	}
	i := guard.From(ctx.Context())
	if i.Who.User.ID == 0 {
		e := fail(http.StatusUnauthorized, "Authentication credentials were not provided.")
		if i.BadToken {
			e = fail(http.StatusUnauthorized, "Given token not valid for any token type")
			e.Code = "token_not_valid"
		}
		body, _ := json.Marshal(e)
		ctx.SetHeader("WWW-Authenticate", `Bearer realm="api"`)
		ctx.SetHeader("Content-Type", "application/json")
		ctx.SetStatus(http.StatusUnauthorized)
		_, _ = ctx.BodyWriter().Write(body)
		return
	}
	next(ctx)
}

// secured is for who is signed in.
var secured = []map[string][]string{{"bearer": {}}, {"session": {}}}

// anybody is for guests too; a document without it leaves that to be guessed.
var anybody = []map[string][]string{{}}

// operation is one of them with what all have.
func operation(method, path, id, tag, summary string, status int, errs ...int) huma.Operation {
	return huma.Operation{
		Method: method, Path: "/api/v1" + path, OperationID: id, Tags: []string{tag}, Summary: summary, DefaultStatus: status,
		Security: secured, Errors: append([]int{http.StatusUnauthorized}, errs...), SkipValidateBody: true, MaxBodyBytes: maxBody,
	}
}

// open makes an operation one for everybody.
func open(op huma.Operation, errs ...int) huma.Operation {
	op.Security, op.Errors = anybody, errs
	return op
}

func throttled(op huma.Operation, by string) huma.Operation {
	op.Metadata, op.Errors = map[string]any{metaThrottle: by}, append(op.Errors, http.StatusTooManyRequests)
	return op
}

func who(ctx context.Context) tickets.Who { return guard.From(ctx).Who }

// base is the address of this server, for links.
func (a *API) base(ctx context.Context) string {
	if a.BaseURL != "" {
		return strings.TrimSuffix(a.BaseURL, "/")
	}
	return guard.From(ctx).Base()
}

// refuse makes an answer of an error of the rules.
func (a *API) refuse(ctx context.Context, err error) error {
	var field *tickets.FieldError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &field):
		return wrongField(field.Field, field.Allowed)
	case errors.Is(err, model.ErrNotFound):
		return fail(http.StatusNotFound, "Not found.")
	case errors.Is(err, model.ErrExists):
		return fail(http.StatusConflict, "It is there, or under way, already.")
	}
	status := tickets.Status(err)
	if status == http.StatusInternalServerError {
		a.Log.ErrorContext(ctx, "a call failed", "request", guard.From(ctx).ID, "error", err)
		return fail(status, "Internal server error.")
	}
	text := err.Error()
	return fail(status, strings.ToUpper(text[:1])+text[1:]+".")
}
