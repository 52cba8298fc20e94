package guard

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// Options are what a Guard needs to know.
type Options struct {
	Hosts          Hosts    // names the server answers to
	Proxies        Proxies  // whose X-Forwarded-… are believed
	TrustedOrigins []string // may send forms here: "https://other.example.com", with "*." for a part
	SecureCookies  bool     // always; without it, where the request came over TLS
	Sessions       scs.CtxStore
	SessionLife    time.Duration // of a session; 0 = 12 h
	SessionIdle    time.Duration // of one that is not used; 0 = 2 h
	Language       string        // of Languages, for who has chosen none; else the browser's
	Log            *slog.Logger
	// Fail writes the page, or the JSON, of an error.
	Fail func(w http.ResponseWriter, r *http.Request, status int, detail string)
}

// Guard is what stands before the routes.
type Guard struct {
	o        Options
	accounts *accounts.Service
	sessions *scs.SessionManager
	secure   *scs.SessionManager // the same sessions, with a cookie for TLS only
	cross    *http.CrossOriginProtection
	origins  []string // with a "*."
}

// New returns a Guard that knows users by accounts.
func New(a *accounts.Service, o Options) (*Guard, error) {
	g := &Guard{o: o, accounts: a, sessions: scs.New(), cross: http.NewCrossOriginProtection()}
	for _, origin := range o.TrustedOrigins {
		if strings.Contains(origin, "*") {
			g.origins = append(g.origins, origin)
		} else if err := g.cross.AddTrustedOrigin(strings.TrimSuffix(origin, "/")); err != nil {
			return nil, fmt.Errorf("trusted origin %q: give a scheme and a host, as https://logs.example.com: %w", origin, err)
		}
	}
	g.cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.Fail(w, r, http.StatusForbidden, "the request came from another site")
	}))
	s := g.sessions
	s.Store = o.Sessions
	s.Lifetime, s.IdleTimeout = 12*time.Hour, 2*time.Hour
	if o.SessionLife > 0 {
		s.Lifetime = o.SessionLife
	}
	if o.SessionIdle > 0 {
		s.IdleTimeout = o.SessionIdle
	}
	s.Cookie.Name, s.Cookie.HttpOnly, s.Cookie.SameSite, s.Cookie.Path = "session", true, http.SameSiteLaxMode, "/"
	s.Cookie.Persist = false // ends with the browser
	s.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		o.Log.ErrorContext(r.Context(), "sessions cannot be read or written", "error", err)
		o.Fail(w, r, http.StatusInternalServerError, "")
	}
	secure := *s
	secure.Cookie.Secure = true
	g.secure = &secure
	return g, nil
}

// CSP is what pages may load: their own style, scripts and pictures.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Info is what is known of a request before any handler sees it.
type Info struct {
	ID       string     // names the request in answers and logs
	Client   netip.Addr // where it comes from
	Secure   bool       // over TLS
	Host     string     // the name of this server that was asked for
	Lang     string     // of the answer
	Who      tickets.Who
	Way      string // how somebody is known: "", "session", "jwt", "token"
	BadToken bool   // a Bearer token was given that is not good
}

type infoKey struct{}

// From is what the Guard knows of a request. It is never nil.
func From(ctx context.Context) *Info {
	if i, ok := ctx.Value(infoKey{}).(*Info); ok {
		return i
	}
	return &Info{Lang: Languages[0]}
}

// Origin is where a request comes from, for the audit trail.
func (i *Info) Origin() accounts.Origin {
	return accounts.Origin{ClientIP: i.Who.ClientIP, UserAgent: i.Who.UserAgent}
}

// Base is the address of this server as the client sees it: for links in texts.
func (i *Info) Base() string {
	if i.Secure {
		return "https://" + i.Host
	}
	return "http://" + i.Host
}

// Wrap puts the Guard before the routes.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	h := g.identify(next)
	h = g.session(h)
	h = g.origin(h)
	h = g.hosts(h)
	return g.begin(h)
}

func (g *Guard) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang, chosen := language(r, g.o.Language)
		i := &Info{ID: requestID(), Client: g.o.Proxies.Client(r), Secure: g.o.Proxies.Secure(r), Host: r.Host, Lang: lang}
		i.Who.ClientIP, i.Who.UserAgent = i.Client.String(), r.UserAgent()
		if chosen {
			http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: i.Secure || g.o.SecureCookies})
		}
		headers(w.Header(), i)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				g.o.Log.ErrorContext(r.Context(), "a handler panicked", "request", i.ID, "panic", p, "stack", string(debug.Stack()))
				g.o.Fail(w, r, http.StatusInternalServerError, "")
			}
		}()
		r = r.WithContext(context.WithValue(r.Context(), infoKey{}, i))
		next.ServeHTTP(w, r)
	})
}

// session loads the session of the cookie and saves it. Over TLS the cookie is
// for TLS only.
func (g *Guard) session(next http.Handler) http.Handler {
	plain, secure := g.sessions.LoadAndSave(next), g.secure.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.o.SecureCookies || From(r.Context()).Secure {
			secure.ServeHTTP(w, r)
			return
		}
		plain.ServeHTTP(w, r)
	})
}

func requestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // does not fail: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// headers are those of every answer. Pages of a user are not to be kept by
// anybody; what may be kept says so itself.
func headers(h http.Header, i *Info) {
	h.Set("X-Request-Id", i.ID)
	h.Set("Content-Security-Policy", CSP)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
	if i.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// HealthPath is that of the check of health. Whatever watches a server may know
// no name of it, and the answer has none.
const HealthPath = "/api/v1/check/health/"

func (g *Guard) hosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.o.Hosts.Allowed(r.Host) && r.URL.Path != HealthPath {
			g.o.Fail(w, r, http.StatusBadRequest, "this server has another name: see ALLOWED_HOSTS")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// origin refuses forms that another site sends in somebody's name.
func (g *Guard) origin(next http.Handler) http.Handler {
	checked := g.cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.trusted(r.Header.Get("Origin")) {
			next.ServeHTTP(w, r)
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// trusted is for origins with a "*.", which CrossOriginProtection knows not.
func (g *Guard) trusted(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	for _, o := range g.origins {
		scheme, host, _ := strings.Cut(o, "://")
		if domain, ok := strings.CutPrefix(host, "*"); ok && u.Scheme == scheme && strings.HasPrefix(domain, ".") && strings.HasSuffix(u.Host, domain) {
			return true
		}
	}
	return false
}

// identify says who asks: by a Bearer token if there is one, or by the session.
func (g *Guard) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := From(r.Context())
		if err := g.who(r, i); err != nil {
			g.o.Log.ErrorContext(r.Context(), "who asks cannot be told", "request", i.ID, "error", err)
			g.o.Fail(w, r, http.StatusInternalServerError, "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Guard) who(r *http.Request, i *Info) (err error) {
	ctx := r.Context()
	token, bearer := bearerToken(r.Header.Get("Authorization"))
	switch {
	case bearer && strings.HasPrefix(token, accounts.TokenPrefix):
		i.Way = "token"
		i.Who.User, i.Who.Scopes, err = g.accounts.ByAPIToken(ctx, token)
		i.Who.Verified = err == nil // it was made by somebody who was
		if i.Who.Scopes == nil {
			i.Who.Scopes = []string{} // nil would be all of them
		}
	case bearer:
		i.Way = "jwt"
		i.Who.User, i.Who.Verified, err = g.accounts.ByJWT(ctx, token)
	default:
		return g.bySession(ctx, i)
	}
	if errors.Is(err, accounts.ErrToken) {
		i.BadToken, i.Way, err = true, "", nil
	}
	return err
}

func bearerToken(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
