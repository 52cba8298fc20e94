package pages

import (
	"errors"
	"net/http"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// keptSecret is where a session keeps the secret of an authenticator that is
// being set up.
const keptSecret = "totp"

type setupView struct {
	view
	Next, Error, Secret, Mark string
	F                         fields
}

func (p *Pages) setupView(r *http.Request, i *guard.Info, next, secret string) setupView {
	v := setupView{view: p.base(r, i, "factor", "setup.title"), Next: local(next), Secret: grouped(secret), Mark: time.Now().Format("150405.000"), F: formOf(
		field{Name: "code", Label: "setup.code", Auto: "one-time-code", Mode: "numeric", Class: "code", Max: 10, Required: true, Focus: true},
	)}
	v.Width = "narrow"
	return v
}

func grouped(s string) string {
	out := ""
	for n, r := range s {
		if n > 0 && n%4 == 0 {
			out += " "
		}
		out += string(r)
	}
	return out
}

func (p *Pages) setup(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if i.Way != "session" {
		return tickets.ErrForbidden
	}
	if i.Who.User.TOTP != "" {
		return see(w, r, "/account/show/")
	}
	// Who has a passkey has to show it before there is another way in.
	if i.Who.User.SecondFactor() && !i.Who.Verified {
		return tickets.ErrVerify
	}
	secret := p.Guard.Kept(r.Context(), keptSecret)
	if secret == "" {
		var err error
		if secret, err = p.Accounts.NewSecret(i.Who.User); err != nil {
			return err
		}
		p.Guard.Keep(r.Context(), keptSecret, secret)
	}
	return p.render(w, i, http.StatusOK, "setup", p.setupView(r, i, r.URL.Query().Get("next"), secret))
}

// qr is the picture of the secret that the session keeps. It has an address of
// its own, as no page may hold a picture within.
func (p *Pages) qr(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	secret := p.Guard.Kept(r.Context(), keptSecret)
	if secret == "" || i.Way != "session" || i.Who.User.TOTP != "" {
		p.Fail(w, r, http.StatusNotFound, "")
		return nil
	}
	data, err := p.Accounts.SecretImage(i.Who.User, secret)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	_, err = w.Write(data)
	return err
}

type codesView struct {
	view
	Next  string
	Codes []string
}

func (p *Pages) setupPost(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if i.Way != "session" {
		return tickets.ErrForbidden
	}
	if i.Who.User.SecondFactor() && !i.Who.Verified {
		return tickets.ErrVerify
	}
	secret, next := p.Guard.Kept(r.Context(), keptSecret), r.PostForm.Get("next")
	codes, epoch, err := p.Accounts.EnableTOTP(r.Context(), i.Who.User, secret, r.PostForm.Get("code"), i.Origin())
	if errors.Is(err, accounts.ErrCode) && secret != "" {
		v := p.setupView(r, i, next, secret)
		v.Error = p.text(i, "setup.wrong")
		return p.render(w, i, http.StatusUnauthorized, "setup", v)
	}
	if errors.Is(err, accounts.ErrCode) || errors.Is(err, accounts.ErrHasFactor) {
		return see(w, r, "/account/two_factor/setup/")
	}
	if err != nil {
		return err
	}
	p.Guard.Keep(r.Context(), keptSecret, "")
	if err := p.Guard.NewEpoch(r.Context(), epoch, true); err != nil {
		return err
	}
	i.Who.Verified = true
	return p.showCodes(w, r, i, codes, local(next))
}

func (p *Pages) showCodes(w http.ResponseWriter, r *http.Request, i *guard.Info, codes []string, next string) error {
	v := codesView{view: p.base(r, i, "factor", "codes.title"), Next: next, Codes: codes}
	v.Width, v.Scripts = "narrow", []string{"live.js"}
	return p.render(w, i, http.StatusOK, "codes", v)
}

func (p *Pages) newCodes(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if !i.Who.Verified || i.Way != "session" {
		return tickets.ErrVerify
	}
	codes, err := p.Accounts.RenewBackupCodes(r.Context(), i.Who.User, i.Origin())
	if err != nil {
		return err
	}
	return p.showCodes(w, r, i, codes, "/account/show/")
}

type disableView struct {
	view
	Error string
	F     fields
}

func (p *Pages) disableView(r *http.Request, i *guard.Info) disableView {
	v := disableView{view: p.base(r, i, "account", "disable.title"), F: formOf(
		field{Name: "password", Label: "login.password", Type: "password", Auto: "current-password", Max: accounts.MaxPassword},
	)}
	v.Width = "narrow"
	return v
}

func (p *Pages) disable(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if !i.Who.Verified {
		return tickets.ErrVerify
	}
	return p.render(w, i, http.StatusOK, "disable", p.disableView(r, i))
}

// disablePost takes the second factor away; a stolen session that was verified
// is not enough where there is a password.
func (p *Pages) disablePost(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if !i.Who.Verified || i.Way != "session" {
		return tickets.ErrVerify
	}
	if i.Who.User.Password != "" {
		err := p.Accounts.Confirm(r.Context(), i.Who.User, r.PostForm.Get("password"), i.Origin())
		if text, status := p.refusal(w, i, err); text != "" {
			v := p.disableView(r, i)
			v.Error = text
			return p.render(w, i, status, "disable", v)
		}
		if err != nil {
			return err
		}
	}
	epoch, err := p.Accounts.RemoveFactors(r.Context(), i.Who.User, i.Who.User.Username, i.Origin())
	if err == nil {
		err = p.Guard.NewEpoch(r.Context(), epoch, false)
	}
	if err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "warn", p.text(i, "disable.done"))
	return see(w, r, "/account/show/")
}
