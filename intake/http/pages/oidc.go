package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// What a session keeps while its browser is at an issuer.
const (
	keptOIDC = "oidc" // what the sign-in there needs
	keptNext = "next" // where to go on to after it
	keptLink = "link" // the user who wants the identity to be linked; "" = a sign-in
)

func (p *Pages) oidc(w http.ResponseWriter, r *http.Request, _ *guard.Info) error {
	address, kept, err := p.OIDC.Begin(r.Context())
	if err != nil {
		return err
	}
	p.Guard.Keep(r.Context(), keptOIDC, kept)
	p.Guard.Keep(r.Context(), keptNext, local(r.URL.Query().Get("next")))
	p.Guard.Keep(r.Context(), keptLink, "")
	return see(w, r, address)
}

// mayLink: an identity is another way in, so it takes what a second factor takes.
func mayLink(i *guard.Info) error {
	if i.Way != "session" || i.Who.User.SecondFactor() && !i.Who.Verified {
		return tickets.ErrVerify
	}
	return nil
}

// oidcLink sends who is signed in to the issuer, to come back with an identity.
func (p *Pages) oidcLink(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := mayLink(i); err != nil {
		return err
	}
	address, kept, err := p.OIDC.Begin(r.Context())
	if err != nil {
		return err
	}
	p.Guard.Keep(r.Context(), keptOIDC, kept)
	p.Guard.Keep(r.Context(), keptLink, strconv.FormatInt(i.Who.User.ID, 10))
	return see(w, r, address)
}

// oidcLinked takes the identity: for the user who asked for it, in the session
// in which he did.
func (p *Pages) oidcLinked(w http.ResponseWriter, r *http.Request, i *guard.Info, kept, user string) error {
	if i.Who.User.ID == 0 || strconv.FormatInt(i.Who.User.ID, 10) != user {
		return tickets.ErrSignIn
	}
	if err := mayLink(i); err != nil {
		return err
	}
	q := r.URL.Query()
	if err := p.OIDC.Link(r.Context(), i.Who.User, kept, q.Get("state"), q.Get("code"), i.Origin()); err != nil {
		p.Log.WarnContext(r.Context(), "an identity was not linked", "request", i.ID, "error", err)
		p.Guard.Flash(r.Context(), "bad", p.text(i, oidcText(err)))
		return see(w, r, "/account/show/")
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "oidc.linked"))
	return see(w, r, "/account/show/")
}

func (p *Pages) oidcUnlink(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := mayLink(i); err != nil {
		return err
	}
	epoch, err := p.Accounts.Unlink(r.Context(), i.Who.User, i.Origin())
	switch {
	case errors.Is(err, accounts.ErrOIDCOnly):
		p.Guard.Flash(r.Context(), "bad", p.text(i, "oidc.only"))
	case errors.Is(err, model.ErrNotFound): // it was, in another window
	case err != nil:
		return err
	default:
		if err := p.Guard.NewEpoch(r.Context(), epoch, i.Who.Verified); err != nil {
			return err
		}
		p.Guard.Flash(r.Context(), "good", p.text(i, "oidc.unlinked"))
	}
	return see(w, r, "/account/show/")
}

func (p *Pages) oidcBack(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	q, kept, next := r.URL.Query(), p.Guard.Kept(r.Context(), keptOIDC), p.Guard.Kept(r.Context(), keptNext)
	link := p.Guard.Kept(r.Context(), keptLink)
	for _, name := range []string{keptOIDC, keptNext, keptLink} {
		p.Guard.Keep(r.Context(), name, "") // each once
	}
	if link != "" {
		return p.oidcLinked(w, r, i, kept, link)
	}
	u, verified, err := p.OIDC.Finish(r.Context(), kept, q.Get("state"), q.Get("code"), i.Origin())
	if err != nil {
		p.Log.WarnContext(r.Context(), "a sign-in by OIDC failed", "request", i.ID, "error", err)
		v := p.loginView(r, i, next, "")
		v.Error = p.text(i, oidcText(err))
		return p.render(w, i, http.StatusForbidden, "login", v)
	}
	if err := p.Guard.SignIn(r.Context(), u, verified); err != nil {
		return err
	}
	if u.SecondFactor() && !verified {
		return see(w, r, "/account/two_factor/?next="+url.QueryEscape(local(next)))
	}
	return see(w, r, local(next))
}

func oidcText(err error) string {
	switch {
	case errors.Is(err, accounts.ErrOIDCTaken):
		return "oidc.taken"
	case errors.Is(err, accounts.ErrOIDCLinked):
		return "oidc.another"
	case errors.Is(err, accounts.ErrOIDCUnknown), errors.Is(err, accounts.ErrOIDCGroup), errors.Is(err, accounts.ErrCredentials):
		return "oidc.unknown"
	case errors.Is(err, accounts.ErrOIDCState):
		return "oidc.state"
	}
	return "oidc.failed"
}
