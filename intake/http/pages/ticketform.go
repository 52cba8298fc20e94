package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

type ticketFormView struct {
	view
	New                                                  bool
	T                                                    model.Ticket
	Action, Error, PlatformName, PlatformError, NoteText string
	Seen                                                 ticketSeen
	Platforms                                            []model.Platform
	F                                                    fields
}

// ticketInput is a form of a ticket as it came.
type ticketInput struct {
	number, platform, attempts, days, note string
	seen                                   ticketSeen
}

// ticketSeen is what a form showed first: what is as it was then was not
// touched, and stays as it may have become while the form was open.
type ticketSeen struct{ Attempts, Note string }

func seen(attempts, note string) ticketSeen {
	sum := sha256.Sum256([]byte(note))
	return ticketSeen{attempts, hex.EncodeToString(sum[:8])}
}

func (p *Pages) ticketForm(r *http.Request, i *guard.Info, t model.Ticket, in ticketInput) (ticketFormView, error) {
	fresh := t.ID == 0
	v := ticketFormView{view: p.base(r, i, "tickets", "tickets.new"), New: fresh, T: t, Action: "/tickets/create/", PlatformName: in.platform, NoteText: in.note, Seen: in.seen, F: formOf(
		field{Name: "number", Label: "ticket.number", Value: in.number, Max: 64, Required: true, Focus: fresh, Hint: "ticket.numberhint"},
		field{Name: "attempts", Label: "ticket.attempts", Type: "number", Value: in.attempts, Most: model.MaxAttempts, Required: true, Hint: "ticket.attemptshint"},
		field{Name: "days", Label: "ticket.days", Type: "number", Value: in.days, Most: 3650, Hint: daysHint(fresh)},
	)}
	v.Width = "middle"
	if !fresh {
		v.Title, v.Action = p.text(i, "ticket.edit")+" "+t.Number, "/tickets/update/"+t.Platform+"/"+t.Number+"/"
	}
	var err error
	v.Platforms, err = p.Tickets.Platforms(r.Context(), i.Who)
	if len(v.Platforms) == 1 && v.PlatformName == "" {
		v.PlatformName = v.Platforms[0].Name
	}
	return v, err
}

func daysHint(fresh bool) string {
	if fresh {
		return "ticket.dayshint"
	}
	return "ticket.daysedit"
}

func (p *Pages) ticketNew(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	rules, days := p.Tickets.Rules(), ""
	if rules.TokenLife > 0 {
		days = strconv.Itoa(int(rules.TokenLife / (24 * time.Hour)))
	}
	v, err := p.ticketForm(r, i, model.Ticket{}, ticketInput{platform: r.URL.Query().Get("platform"), attempts: strconv.Itoa(rules.Attempts), days: days})
	if err != nil {
		return err
	}
	return p.render(w, i, http.StatusOK, "ticketform", v)
}

func inputOf(r *http.Request) ticketInput {
	return ticketInput{number: trimmed(r, "number"), platform: r.PostForm.Get("platform"), attempts: trimmed(r, "attempts"), days: trimmed(r, "days"), note: strings.ReplaceAll(r.PostForm.Get("note"), "\r\n", "\n"), seen: ticketSeen{r.PostForm.Get("seen_attempts"), r.PostForm.Get("seen_note")}}
}

// values are the numbers of a form; an error names the field.
func (in ticketInput) values(now time.Time) (attempts int, expires *time.Time, err error) {
	if attempts, err = strconv.Atoi(in.attempts); err != nil {
		return 0, nil, &tickets.FieldError{Field: "attempts", Value: in.attempts, Allowed: "0 to 10"}
	}
	if in.days == "" {
		return attempts, nil, nil
	}
	days, err := strconv.Atoi(in.days)
	if err != nil || days < 0 || days > 3650 {
		return 0, nil, &tickets.FieldError{Field: "days", Value: in.days, Allowed: "0 to 3650"}
	}
	at := time.Time{} // 0 is without end
	if days > 0 {
		at = now.Add(time.Duration(days) * 24 * time.Hour)
	}
	return attempts, &at, nil
}

func (p *Pages) ticketCreate(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	in := inputOf(r)
	attempts, expires, err := in.values(time.Now())
	if err == nil {
		var t model.Ticket
		var token string
		t, token, err = p.Tickets.CreateTicket(r.Context(), i.Who, tickets.NewTicket{Number: in.number, Platform: in.platform, Note: in.note, Attempts: &attempts, ExpiresAt: expires})
		if err == nil {
			return p.showTicket(w, r, i, http.StatusCreated, t, token)
		}
	}
	return p.ticketWrong(w, r, i, model.Ticket{}, in, err)
}

// ticketWrong shows a form again, with what is wrong at its field.
func (p *Pages) ticketWrong(w http.ResponseWriter, r *http.Request, i *guard.Info, t model.Ticket, in ticketInput, cause error) error {
	v, err := p.ticketForm(r, i, t, in)
	if err != nil {
		return err
	}
	var wrong *tickets.FieldError
	switch {
	case errors.Is(cause, model.ErrExists):
		v.F.fail("number", p.text(i, "ticket.taken"))
	case errors.As(cause, &wrong) && wrong.Field == "platform":
		v.PlatformError = p.text(i, "ticket.noplatform")
	case errors.As(cause, &wrong):
		if _, known := v.F[wrong.Field]; !known {
			v.Error = p.text(i, "ticket.badnote")
			break
		}
		v.F.fail(wrong.Field, p.text(i, "ticket.bad"+wrong.Field))
	default:
		return cause
	}
	return p.render(w, i, http.StatusBadRequest, "ticketform", v)
}

func (p *Pages) ticketEdit(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	t, err := p.Tickets.Ticket(r.Context(), i.Who, r.PathValue("number"))
	if err != nil {
		return err
	}
	attempts := strconv.Itoa(t.Attempts)
	v, err := p.ticketForm(r, i, t, ticketInput{number: t.Number, platform: t.Platform, attempts: attempts, note: t.Note, seen: seen(attempts, t.Note)})
	if err != nil {
		return err
	}
	return p.render(w, i, http.StatusOK, "ticketform", v)
}

func (p *Pages) ticketUpdate(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	t, err := p.Tickets.Ticket(r.Context(), i.Who, r.PathValue("number"))
	if err != nil {
		return err
	}
	in := inputOf(r)
	attempts, expires, err := in.values(time.Now())
	if err == nil {
		c := model.TicketChange{Number: &in.number, Platform: &in.platform, ExpiresAt: expires}
		now := seen(in.attempts, in.note)
		if now.Attempts != in.seen.Attempts {
			c.Attempts = &attempts
		}
		if now.Note != in.seen.Note {
			c.Note = &in.note
		}
		var changed model.Ticket
		changed, err = p.Tickets.UpdateTicket(r.Context(), i.Who, t.Number, c)
		if err == nil {
			return see(w, r, ticketURL(changed))
		}
	}
	return p.ticketWrong(w, r, i, t, in, err)
}
