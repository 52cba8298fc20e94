package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// The pages that take one second factor away, and name it. The authenticator has
// the ID 0, passkeys have their own.

type removeView struct {
	view
	Question, Text, Action, Error string
	Last                          bool
	F                             fields
}

// removeView is the page that asks before a factor is taken away; nobody sees
// that of another user.
func (p *Pages) removeView(r *http.Request, i *guard.Info) (v removeView, id int64, err error) {
	u := i.Who.User
	if i.Way != "session" || !i.Who.Verified {
		return v, 0, tickets.ErrVerify
	}
	id, err = strconv.ParseInt(r.PathValue("id"), 10, 64)
	name := p.text(i, "account.totp")
	if err != nil || id == 0 && u.TOTP == "" {
		return v, 0, model.ErrNotFound
	}
	if id != 0 {
		if name, err = p.keyName(r, i, id); err != nil {
			return v, 0, err
		}
	}
	question := fmt.Sprintf(p.text(i, "remove.sure"), name)
	v = removeView{view: p.base(r, i, "account", question), Question: question, Text: p.text(i, "remove.text"), Action: r.URL.Path, F: formOf(
		field{Name: "password", Label: "login.password", Type: "password", Auto: "current-password", Max: accounts.MaxPassword, Required: u.Password != ""},
	)}
	v.Width, v.Last = "narrow", u.PasskeyCount == 0 || u.PasskeyCount == 1 && u.TOTP == ""
	return v, id, nil
}

func (p *Pages) keyName(r *http.Request, i *guard.Info, id int64) (string, error) {
	keys, err := p.Accounts.Keys(r.Context(), i.Who.User)
	for _, k := range keys {
		if k.ID == id {
			return k.Name, err
		}
	}
	return "", errors.Join(err, model.ErrNotFound)
}

func (p *Pages) factorRemove(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	v, _, err := p.removeView(r, i)
	if err != nil {
		return err
	}
	return p.render(w, i, http.StatusOK, "remove", v)
}

// factorRemovePost takes a factor away; as with all of them, a stolen session
// that was verified is not enough where there is a password.
func (p *Pages) factorRemovePost(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v, id, err := p.removeView(r, i)
	if err != nil {
		return err
	}
	if i.Who.User.Password != "" {
		err := p.Accounts.Confirm(r.Context(), i.Who.User, r.PostForm.Get("password"), i.Origin())
		if text, status := p.refusal(w, i, err); text != "" {
			v.Error = text
			return p.render(w, i, status, "remove", v)
		}
		if err != nil {
			return err
		}
	}
	epoch, err := p.Accounts.RemoveFactor(r.Context(), i.Who.User, id, i.Origin())
	if errors.Is(err, model.ErrLast) {
		v.Last = true
		return p.render(w, i, http.StatusConflict, "remove", v)
	}
	if err == nil {
		err = p.Guard.NewEpoch(r.Context(), epoch, true)
	}
	if err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "remove.done"))
	return see(w, r, "/account/show/")
}

// keyRename gives a passkey another name.
func (p *Pages) keyRename(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	return p.rename(w, r, i, "/account/show/", p.Accounts.RenameKey)
}

// tokenRename does so for an API token.
func (p *Pages) tokenRename(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	return p.rename(w, r, i, "/account/tokens/", p.Accounts.RenameToken)
}

type renamer = func(ctx context.Context, u model.User, id int64, name string, from accounts.Origin) error

func (p *Pages) rename(w http.ResponseWriter, r *http.Request, i *guard.Info, back string, do renamer) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if i.Way != "session" || !i.Who.Verified {
		return tickets.ErrVerify
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return model.ErrNotFound
	}
	err = do(r.Context(), i.Who.User, id, trimmed(r, "name"), i.Origin())
	switch {
	case errors.Is(err, accounts.ErrName):
		p.Guard.Flash(r.Context(), "bad", p.text(i, "rename.bad"))
	case err != nil:
		return err
	default:
		p.Guard.Flash(r.Context(), "good", p.text(i, "saved"))
	}
	return see(w, r, back)
}
