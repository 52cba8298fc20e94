package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

type usersView struct {
	view
	Users []model.User
}

func (p *Pages) users(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	v := usersView{view: p.base(r, i, "users", "nav.users")}
	var err error
	if v.Users, err = p.Accounts.Users(r.Context()); err != nil {
		return err
	}
	v.Flash = p.Guard.Flashes(r.Context())
	return p.render(w, i, http.StatusOK, "users", v)
}

type userView struct {
	view
	U             model.User
	New, Self     bool
	Action, Error string
	F             fields
}

func (p *Pages) userView(r *http.Request, i *guard.Info, u model.User) userView {
	v := userView{view: p.base(r, i, "users", "users.new"), U: u, New: u.ID == 0, Self: u.ID != 0 && u.ID == i.Who.User.ID, Action: "/users/create/", F: formOf(
		field{Name: "username", Label: "users.name", Value: u.Username, Auto: "off", Max: 150, Required: true},
		field{Name: "email", Label: "users.email", Type: "email", Value: u.Email, Auto: "off", Max: 254},
		field{Name: "first_name", Label: "users.first", Value: u.FirstName, Auto: "off", Max: 150},
		field{Name: "last_name", Label: "users.last_name", Value: u.LastName, Auto: "off", Max: 150},
		field{Name: "password", Label: "users.password", Type: "password", Auto: "new-password", Max: accounts.MaxPassword, Hint: passwordHint(u.ID == 0)},
	)}
	v.Width = "middle"
	if !v.New {
		v.Title, v.Action = u.Username, fmt.Sprintf("/users/%d/", u.ID)
	}
	return v
}

func passwordHint(fresh bool) string {
	if fresh {
		return "users.passwordhint"
	}
	return "users.passwordkeep"
}

func (p *Pages) userNew(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	return p.render(w, i, http.StatusOK, "user", p.userView(r, i, model.User{Active: true}))
}

func (p *Pages) pathUser(r *http.Request) (model.User, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return model.User{}, model.ErrNotFound
	}
	return p.Accounts.User(r.Context(), id)
}

func (p *Pages) user(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	u, err := p.pathUser(r)
	if err != nil {
		return err
	}
	return p.render(w, i, http.StatusOK, "user", p.userView(r, i, u))
}

func (p *Pages) userSave(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	var u model.User
	if r.PathValue("id") != "" {
		var err error
		if u, err = p.pathUser(r); err != nil {
			return err
		}
	}
	u.Username, u.Email, u.FirstName, u.LastName = trimmed(r, "username"), trimmed(r, "email"), trimmed(r, "first_name"), trimmed(r, "last_name")
	if u.ID == 0 || u.ID != i.Who.User.ID { // nobody locks himself out
		u.Active, u.Admin = r.PostForm.Get("active") == "1", r.PostForm.Get("admin") == "1"
	}
	password, actor := r.PostForm.Get("password"), i.Who.User.Username
	var err error
	if u.ID == 0 {
		_, err = p.Accounts.Create(r.Context(), u, password, actor, i.Origin())
	} else {
		err = p.Accounts.Change(r.Context(), u, password, actor, i.Origin())
	}
	if err != nil {
		return p.userWrong(w, r, i, u, err)
	}
	if password != "" && u.ID == i.Who.User.ID {
		if err := p.Guard.NewEpoch(r.Context(), i.Who.User.Epoch+1, i.Who.Verified); err != nil {
			return err
		}
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "saved"))
	return see(w, r, "/users/")
}

func (p *Pages) userWrong(w http.ResponseWriter, r *http.Request, i *guard.Info, u model.User, err error) error {
	v := p.userView(r, i, u)
	switch key := weak(err); {
	case key != "":
		v.F.fail("password", p.text(i, key))
	case errors.Is(err, model.ErrExists):
		v.F.fail("username", p.text(i, "users.taken"))
	case errors.Is(err, accounts.ErrUsername):
		v.F.fail("username", p.text(i, "users.badname"))
	case errors.Is(err, accounts.ErrEmail):
		v.F.fail("email", p.text(i, "users.bademail"))
	case errors.Is(err, accounts.ErrLastOne):
		v.Error = p.text(i, "users.lastone")
	default:
		return err
	}
	return p.render(w, i, http.StatusBadRequest, "user", v)
}

func (p *Pages) userReset(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	u, err := p.pathUser(r)
	if err != nil {
		return err
	}
	if u.ID == i.Who.User.ID {
		return see(w, r, "/account/two_factor/disable/")
	}
	if _, err := p.Accounts.RemoveFactors(r.Context(), u, i.Who.User.Username, i.Origin()); err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "good", fmt.Sprintf(p.text(i, "users.resetdone"), u.Username))
	return see(w, r, "/users/")
}

func (p *Pages) userDelete(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	u, err := p.pathUser(r)
	if err != nil {
		return err
	}
	return p.sure(w, r, i, "users", fmt.Sprintf(p.text(i, "users.sure"), u.Username), p.text(i, "users.suretext"), fmt.Sprintf("/users/%d/delete/", u.ID), "/users/")
}

func (p *Pages) userDeletePost(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	u, err := p.pathUser(r)
	if err != nil {
		return err
	}
	err = p.Accounts.Delete(r.Context(), u.ID, i.Who.User.Username, i.Origin())
	if errors.Is(err, accounts.ErrLastOne) {
		return p.userWrong(w, r, i, u, err)
	}
	if err != nil {
		return err
	}
	if u.ID == i.Who.User.ID {
		return see(w, r, "/account/login/")
	}
	p.Guard.Flash(r.Context(), "good", fmt.Sprintf(p.text(i, "users.deleted"), u.Username))
	return see(w, r, "/users/")
}

type auditView struct {
	view
	Filter            model.EventFilter
	Actions, Outcomes []string
	Events            []model.Event
	Pager             pager
}

func (p *Pages) audit(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	q, page := r.URL.Query(), pageOf(r.URL.Query())
	v := auditView{
		view: p.base(r, i, "audit", "nav.audit"), Actions: model.Actions,
		Outcomes: []string{model.OutcomeSuccess, model.OutcomeFailure, model.OutcomeRejected, model.OutcomeLockout, model.OutcomeAdmin},
		Filter: model.EventFilter{
			Page: model.Page{Limit: perPage, Offset: (page - 1) * perPage}, Actor: q.Get("actor"), Action: q.Get("action"), Object: q.Get("object"), Outcome: q.Get("outcome"),
		},
	}
	list, total, err := p.Tickets.Events(r.Context(), i.Who, v.Filter)
	if err != nil {
		return err
	}
	v.Events, v.Pager = list, pagerOf(r, page, total)
	return p.render(w, i, http.StatusOK, "audit", v)
}
