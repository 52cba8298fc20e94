package pages

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

type accountView struct {
	view
	Passkeys bool
	Keys     []model.Passkey
	OIDC     string // the issuer's name, "" = there is none
	F        fields
}

func (p *Pages) accountView(r *http.Request, i *guard.Info) (accountView, error) {
	u := i.Who.User
	v := accountView{view: p.base(r, i, "account", u.Username), Passkeys: p.Passkeys != nil, F: formOf(
		field{Name: "email", Label: "users.email", Type: "email", Value: u.Email, Auto: "email", Max: 254},
		field{Name: "first_name", Label: "users.first", Value: u.FirstName, Auto: "given-name", Max: 150},
		field{Name: "last_name", Label: "users.last_name", Value: u.LastName, Auto: "family-name", Max: 150},
		field{Name: "old_password", Label: "password.current", Type: "password", Auto: "current-password", Max: accounts.MaxPassword, Required: true},
		field{Name: "new_password1", Label: "password.new", Type: "password", Auto: "new-password", Max: accounts.MaxPassword, Required: true, Hint: "password.hint"},
		field{Name: "new_password2", Label: "password.repeat", Type: "password", Auto: "new-password", Max: accounts.MaxPassword, Required: true},
	)}
	v.Width = "middle"
	var err error
	if v.Keys, err = p.Accounts.Keys(r.Context(), u); err != nil {
		return v, err
	}
	if p.OIDC != nil {
		v.OIDC = p.OIDC.Name()
	}
	if v.Passkeys {
		v.Scripts = []string{"passkey.js"}
	}
	return v, nil
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	v, err := p.accountView(r, i)
	if err != nil {
		return err
	}
	v.Flash = p.Guard.Flashes(r.Context())
	return p.render(w, i, http.StatusOK, "account", v)
}

func (p *Pages) profile(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if err := ownHand(i); err != nil {
		return err
	}
	u := i.Who.User
	u.Email, u.FirstName, u.LastName = trimmed(r, "email"), trimmed(r, "first_name"), trimmed(r, "last_name")
	err := p.Accounts.Profile(r.Context(), u, i.Origin())
	if errors.Is(err, accounts.ErrEmail) || errors.Is(err, accounts.ErrUsername) {
		i.Who.User = u
		v, err := p.accountView(r, i)
		if err != nil {
			return err
		}
		v.F.fail("email", p.text(i, "users.bademail"))
		return p.render(w, i, http.StatusBadRequest, "account", v)
	}
	if err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "saved"))
	return see(w, r, "/account/show/")
}

// ownHand: an account is changed in a session, and where there is a second
// factor, with it: a password that somebody else knows is not enough.
func ownHand(i *guard.Info) error {
	switch {
	case i.Way != "session":
		return tickets.ErrForbidden
	case i.Who.User.SecondFactor() && !i.Who.Verified:
		return tickets.ErrVerify
	}
	return nil
}

func trimmed(r *http.Request, name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }

func (p *Pages) password(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if err := ownHand(i); err != nil {
		return err
	}
	fail := func(name, text string, status int) error {
		v, err := p.accountView(r, i)
		if err != nil {
			return err
		}
		v.F.fail(name, text)
		return p.render(w, i, status, "account", v)
	}
	fresh := r.PostForm.Get("new_password1")
	if fresh != r.PostForm.Get("new_password2") {
		return fail("new_password2", p.text(i, "password.differ"), http.StatusBadRequest)
	}
	epoch, err := p.Accounts.ChangePassword(r.Context(), i.Who.User, r.PostForm.Get("old_password"), fresh, i.Origin())
	if text, status := p.refusal(w, i, err); text != "" {
		return fail("old_password", text, status)
	}
	if key := weak(err); key != "" {
		return fail("new_password1", p.text(i, key), http.StatusBadRequest)
	}
	if err == nil {
		err = p.Guard.NewEpoch(r.Context(), epoch, i.Who.Verified)
	}
	if err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "password.changed"))
	return see(w, r, "/account/show/")
}

// weak is the text that says why a password is not taken, "" if it is no such
// error.
func weak(err error) string {
	for _, c := range []struct {
		err error
		key string
	}{{accounts.ErrPasswordShort, "password.short"}, {accounts.ErrPasswordLong, "password.long"}, {accounts.ErrPasswordName, "password.name"}, {accounts.ErrPasswordPlain, "password.plain"}} {
		if errors.Is(err, c.err) {
			return c.key
		}
	}
	return ""
}

type tokensView struct {
	view
	Secret, ScopeError string
	Tokens             []model.APIToken
	Scopes             []scopeChoice
	Lives              []lifeChoice
	F                  fields
}

type scopeChoice struct {
	Name string
	On   bool
}

type lifeChoice struct {
	Days int
	Text string
	On   bool
}

func (p *Pages) tokensView(r *http.Request, i *guard.Info, name string, scopes []string, days int) (tokensView, error) {
	v := tokensView{view: p.base(r, i, "account", "tokens.title"), F: formOf(
		field{Name: "name", Label: "tokens.name", Value: name, Max: 60, Required: true, Hint: "tokens.namehint"},
	)}
	v.Scripts = []string{"live.js"}
	for _, s := range model.Scopes {
		if s != model.ScopeAdmin || i.Who.User.Admin {
			v.Scopes = append(v.Scopes, scopeChoice{s, slices.Contains(scopes, s)})
		}
	}
	for _, d := range []int{30, 90, 365, 0} {
		v.Lives = append(v.Lives, lifeChoice{d, p.text(i, "tokens.life."+strconv.Itoa(d)), d == days})
	}
	var err error
	v.Tokens, err = p.Accounts.Tokens(r.Context(), i.Who.User)
	return v, err
}

func (p *Pages) tokens(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	v, err := p.tokensView(r, i, "", []string{model.ScopeTicketsRead, model.ScopeArchivesRead}, 90)
	if err != nil {
		return err
	}
	v.Flash = p.Guard.Flashes(r.Context())
	return p.render(w, i, http.StatusOK, "tokens", v)
}

func (p *Pages) tokenCreate(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if i.Way != "session" || !i.Who.Verified {
		return tickets.ErrVerify
	}
	name, scopes := trimmed(r, "name"), r.PostForm["scope"]
	days, err := strconv.Atoi(r.PostForm.Get("days"))
	valid := err == nil && days >= 0 && days <= 3650 && name != "" && len(scopes) > 0
	for _, s := range scopes {
		valid = valid && slices.Contains(model.Scopes, s) && (s != model.ScopeAdmin || i.Who.User.Admin)
	}
	if !valid {
		v, err := p.tokensView(r, i, name, scopes, days)
		if err != nil {
			return err
		}
		if name == "" {
			v.F.fail("name", p.text(i, "tokens.noname"))
		}
		if len(scopes) == 0 {
			v.ScopeError = p.text(i, "tokens.noscope")
		}
		return p.render(w, i, http.StatusBadRequest, "tokens", v)
	}
	secret, err := p.Accounts.NewToken(r.Context(), i.Who.User, name, scopes, time.Duration(days)*24*time.Hour, i.Origin())
	if errors.Is(err, accounts.ErrName) {
		v, err := p.tokensView(r, i, name, scopes, days)
		if err != nil {
			return err
		}
		v.F.fail("name", p.text(i, "rename.bad"))
		return p.render(w, i, http.StatusBadRequest, "tokens", v)
	}
	if err != nil {
		return err
	}
	v, err := p.tokensView(r, i, "", scopes, days)
	if err != nil {
		return err
	}
	v.Secret = secret
	return p.render(w, i, http.StatusCreated, "tokens", v)
}

func (p *Pages) tokenDelete(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return model.ErrNotFound
	}
	if i.Way != "session" {
		return tickets.ErrForbidden
	}
	if err := p.Accounts.DeleteToken(r.Context(), i.Who.User, id, i.Origin()); err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "tokens.deleted"))
	return see(w, r, "/account/tokens/")
}
