package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

type loginView struct {
	view
	Next, Error, OIDC string
	F                 fields
}

func (p *Pages) loginView(r *http.Request, i *guard.Info, next, username string) loginView {
	v := loginView{view: p.base(r, i, "login", "login.title"), Next: local(next), F: formOf(
		field{Name: "username", Label: "login.username", Value: username, Auto: "username", Max: 150, Required: true, Focus: username == ""},
		field{Name: "password", Label: "login.password", Type: "password", Auto: "current-password", Max: accounts.MaxPassword, Required: true, Focus: username != ""},
	)}
	v.Width = "narrow"
	if p.OIDC != nil {
		v.OIDC = p.OIDC.Name()
	}
	return v
}

func (p *Pages) login(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	next := r.URL.Query().Get("next")
	if i.Who.User.ID != 0 {
		return see(w, r, local(next))
	}
	return p.render(w, i, http.StatusOK, "login", p.loginView(r, i, next, ""))
}

func (p *Pages) loginPost(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	username, next := r.PostForm.Get("username"), local(r.PostForm.Get("next"))
	u, err := p.Accounts.CheckPassword(r.Context(), username, r.PostForm.Get("password"), i.Origin())
	if text, status := p.refusal(w, i, err); text != "" {
		v := p.loginView(r, i, next, username)
		v.Error = text
		return p.render(w, i, status, "login", v)
	}
	if err == nil {
		err = p.Guard.SignIn(r.Context(), u, false)
	}
	if err != nil {
		return err
	}
	if u.SecondFactor() {
		return see(w, r, "/account/two_factor/?next="+url.QueryEscape(next))
	}
	return see(w, r, next)
}

// badForm is a body that is no form.
func badForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", tickets.ErrBadValue, err)
}

// refusal says to a person why a password or a code was not taken; "" if it
// was, or if the error is none that he can mend.
func (p *Pages) refusal(w http.ResponseWriter, i *guard.Info, err error) (text string, status int) {
	var delay *accounts.DelayError
	switch {
	case errors.As(err, &delay):
		w.Header().Set("Retry-After", strconv.FormatInt(accounts.Seconds(delay.Wait), 10))
		return fmt.Sprintf(p.text(i, "login.delay"), accounts.Seconds(delay.Wait)), http.StatusTooManyRequests
	case errors.Is(err, accounts.ErrCredentials):
		return p.text(i, "login.wrong"), http.StatusUnauthorized
	case errors.Is(err, accounts.ErrCode):
		return p.text(i, "factor.wrong"), http.StatusUnauthorized
	case errors.Is(err, accounts.ErrOldPassword):
		return p.text(i, "password.old"), http.StatusForbidden
	}
	return "", 0
}

func (p *Pages) logout(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if i.Who.User.ID != 0 {
		p.Accounts.SignedOut(r.Context(), i.Who.User, i.Origin())
	}
	if err := p.Guard.SignOut(r.Context()); err != nil {
		return err
	}
	return see(w, r, "/account/login/")
}

type factorView struct {
	view
	Next, Error string
	Passkey     bool
	F           fields
}

func (p *Pages) factorView(r *http.Request, i *guard.Info, next string) factorView {
	v := factorView{view: p.base(r, i, "factor", "factor.title"), Next: local(next), Passkey: p.Passkeys != nil && i.Who.User.PasskeyCount > 0, F: formOf(
		field{Name: "code", Label: "factor.code", Auto: "one-time-code", Mode: "text", Class: "code", Max: 40, Required: true, Focus: true, Hint: "factor.hint"},
	)}
	v.Width = "narrow"
	if v.Passkey {
		v.Scripts = []string{"passkey.js"}
	}
	return v
}

func (p *Pages) factor(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	next := r.URL.Query().Get("next")
	switch {
	case i.Who.Verified:
		return see(w, r, local(next))
	case !i.Who.User.SecondFactor():
		return see(w, r, "/account/two_factor/setup/?next="+url.QueryEscape(local(next)))
	}
	return p.render(w, i, http.StatusOK, "factor", p.factorView(r, i, next))
}

func (p *Pages) factorPost(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if i.Way != "session" {
		return tickets.ErrForbidden
	}
	next := r.PostForm.Get("next")
	err := p.Accounts.CheckFactor(r.Context(), i.Who.User, r.PostForm.Get("code"), i.Origin())
	if text, status := p.refusal(w, i, err); text != "" {
		v := p.factorView(r, i, next)
		v.Error = text
		v.F.fail("code", "")
		return p.render(w, i, status, "factor", v)
	}
	if err == nil {
		err = p.Guard.Verified(r.Context())
	}
	if err != nil {
		return err
	}
	return see(w, r, local(next))
}
