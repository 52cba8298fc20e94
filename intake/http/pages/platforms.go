package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

type platformsView struct {
	view
	Platforms []model.Platform
	P         model.Platform
	MayWrite  bool
	Error     string
	F         fields
}

func (p *Pages) platformsView(r *http.Request, i *guard.Info, in model.Platform) (platformsView, error) {
	v := platformsView{view: p.base(r, i, "platforms", "nav.platforms"), P: in, MayWrite: i.Who.Allow(tickets.Admin) == nil, F: formOf(
		field{Name: "pretty_name", Label: "platforms.pretty", Value: in.PrettyName, Max: 60, Required: true},
		field{Name: "name", Label: "platforms.name", Value: in.Name, Max: 20, Required: true, Hint: "platforms.namehint"},
	)}
	v.Width = "middle"
	var err error
	v.Platforms, err = p.Tickets.Platforms(r.Context(), i.Who)
	return v, err
}

// wrong puts an error of a platform to its field; one that is none of a field
// is returned.
func (v *platformsView) wrong(p *Pages, i *guard.Info, err error) error {
	var field *tickets.FieldError
	switch {
	case errors.Is(err, model.ErrExists):
		v.F.fail("name", p.text(i, "platforms.taken"))
	case errors.As(err, &field) && field.Field == "name":
		v.F.fail("name", p.text(i, "platforms.badname"))
	case errors.As(err, &field):
		v.F.fail("pretty_name", p.text(i, "platforms.badpretty"))
	default:
		return err
	}
	return nil
}

func (p *Pages) platforms(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	v, err := p.platformsView(r, i, model.Platform{})
	if err != nil {
		return err
	}
	v.Flash = p.Guard.Flashes(r.Context())
	return p.render(w, i, http.StatusOK, "platforms", v)
}

func platformInput(r *http.Request) model.Platform {
	return model.Platform{Name: trimmed(r, "name"), PrettyName: trimmed(r, "pretty_name")}
}

func (p *Pages) platformCreate(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	in := platformInput(r)
	_, err := p.Tickets.CreatePlatform(r.Context(), i.Who, in)
	if err == nil {
		return see(w, r, "/platforms/")
	}
	v, errView := p.platformsView(r, i, in)
	if err := errors.Join(v.wrong(p, i, err), errView); err != nil {
		return err
	}
	return p.render(w, i, http.StatusBadRequest, "platforms", v)
}

func (p *Pages) platform(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	in, err := p.Tickets.Platform(r.Context(), i.Who, r.PathValue("name"))
	if err != nil {
		return err
	}
	v, err := p.platformsView(r, i, in)
	if err != nil {
		return err
	}
	v.Title = in.PrettyName
	return p.render(w, i, http.StatusOK, "platform", v)
}

func (p *Pages) platformUpdate(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	old, err := p.Tickets.Platform(r.Context(), i.Who, r.PathValue("name"))
	if err != nil {
		return err
	}
	in := platformInput(r)
	_, err = p.Tickets.UpdatePlatform(r.Context(), i.Who, old.Name, in)
	if err == nil {
		p.Guard.Flash(r.Context(), "good", p.text(i, "saved"))
		return see(w, r, "/platforms/")
	}
	v, errView := p.platformsView(r, i, in)
	if err := errors.Join(v.wrong(p, i, err), errView); err != nil {
		return err
	}
	v.P = old // the form goes to the one that there is
	return p.render(w, i, http.StatusBadRequest, "platform", v)
}

func (p *Pages) platformDelete(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	in, err := p.Tickets.Platform(r.Context(), i.Who, r.PathValue("name"))
	if err != nil {
		return err
	}
	_, n, err := p.Tickets.Tickets(r.Context(), i.Who, model.TicketFilter{Platform: in.Name, Page: model.Page{Limit: 1}})
	if err != nil {
		return err
	}
	text := fmt.Sprintf(p.text(i, "platforms.suretext"), n, p.sets[i.Lang].texts.plural(i.Lang, "tickets", n))
	return p.sure(w, r, i, "platforms", fmt.Sprintf(p.text(i, "platforms.sure"), in.PrettyName), text, "/platforms/"+in.Name+"/delete/", "/platforms/")
}

func (p *Pages) platformDeletePost(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := p.Tickets.DeletePlatform(r.Context(), i.Who, r.PathValue("name")); err != nil {
		return err
	}
	p.Guard.Flash(r.Context(), "good", p.text(i, "platforms.deleted"))
	return see(w, r, "/platforms/")
}
