package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// Ticket is one. The original's fields come first; its token is null here but
// in the answer that made it, since only its hash is kept.
type Ticket struct {
	ID         int64      `json:"id"`
	Number     Number     `json:"number"`
	Resolved   bool       `json:"resolved"`
	Token      *string    `json:"token" doc:"Shown once, to who made the ticket or the token"`
	Attempts   int        `json:"attempts" minimum:"0" maximum:"10" doc:"Uploads that the token still admits"`
	Platform   string     `json:"platform"`
	TimeCreate time.Time  `json:"time_create"`
	TimeUpdate time.Time  `json:"time_update"`
	User       string     `json:"user" doc:"Its owner"`
	Note       string     `json:"note" doc:"Markdown"`
	ExpiresAt  *time.Time `json:"expires_at" doc:"Until when the token is valid; null is without end"`
	ResolvedAt *time.Time `json:"resolved_at"`
	HasToken   bool       `json:"has_token" doc:"false once it was revoked"`
}

// TicketBody is what a ticket is made of.
type TicketBody struct {
	Number    *Number `json:"number,omitempty"`
	Resolved  *Bool   `json:"resolved,omitempty"`
	Attempts  *Int    `json:"attempts,omitempty" minimum:"0" maximum:"10"`
	Platform  *string `json:"platform,omitempty"`
	Note      *string `json:"note,omitempty" maxLength:"65536"`
	User      *string `json:"user,omitempty" doc:"Another owner; administrators may"`
	ExpiresAt Expiry  `json:"expires_at,omitzero" doc:"Of the token; null is without end"`
}

// OneTicket names one in a path.
type OneTicket struct {
	Number string `path:"number" maxLength:"64"`
}

// TicketQuery are the filters of the list, the original's.
type TicketQuery struct {
	Paging
	ID       Optional `query:"id"`
	IDIn     string   `query:"id__in" doc:"Numbers with commas"`
	IDMin    Optional `query:"id__gte"`
	IDMax    Optional `query:"id__lte"`
	Number   string   `query:"number" doc:"Numbers with commas"`
	NumberIn string   `query:"number__in" doc:"The same"`
	Contains string   `query:"number__contains" doc:"A part of the number"`
	NumMin   Optional `query:"number__gte"`
	NumMax   Optional `query:"number__lte"`
	Resolved string   `query:"resolved" enum:"true,false,True,False,1,0"`
	User     string   `query:"user" doc:"The owner's user name"`
	Platform string   `query:"platform"`
	Search   string   `query:"search" doc:"A part of the number or of the note"`
}

func (q *TicketQuery) filter() (model.TicketFilter, error) {
	f := model.TicketFilter{
		Page: q.slice(), IDMin: q.IDMin.value(), IDMax: q.IDMax.value(), Numbers: split(q.Number), Contains: q.Contains, NumMin: q.NumMin.value(), NumMax: q.NumMax.value(),
		Owner: q.User, Platform: q.Platform, Text: q.Search,
	}
	f.Numbers = append(f.Numbers, split(q.NumberIn)...)
	if id := q.ID.value(); id != nil {
		f.IDs = append(f.IDs, *id)
	}
	for _, s := range split(q.IDIn) {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return f, wrongField("id__in", "Enter a number.")
		}
		f.IDs = append(f.IDs, id)
	}
	if v, ok := truth(q.Resolved); ok {
		f.Resolved = &v
	}
	return f, nil
}

func split(s string) (list []string) {
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

type ticketAnswer struct{ Body Ticket }

func ticketOf(t model.Ticket, token string) Ticket {
	out := Ticket{
		ID: t.ID, Number: Number(t.Number), Resolved: t.Resolved, Attempts: t.Attempts, Platform: t.Platform, TimeCreate: t.Created.UTC(), TimeUpdate: t.Updated.UTC(),
		User: t.Owner, Note: t.Note, ExpiresAt: moment(t.ExpiresAt), ResolvedAt: moment(t.ResolvedAt), HasToken: len(t.TokenHash) > 0,
	}
	if token != "" {
		out.Token = &token
	}
	return out
}

func (a *API) ticketAnswer(ctx context.Context, t model.Ticket, token string, err error) (*ticketAnswer, error) {
	var e *Error
	switch {
	case errors.As(err, &e):
		return nil, e
	case errors.Is(err, model.ErrExists):
		return nil, wrongField("number", "ticket with this number already exists.")
	case err != nil:
		return nil, a.refuse(ctx, err)
	}
	return &ticketAnswer{ticketOf(t, token)}, nil
}

func (a *API) ticketRoutes() {
	huma.Register(a.huma, operation(http.MethodGet, "/tickets/", "tickets_list", tagTickets, "Tickets, newest first", http.StatusOK, 400, 403), a.listTickets)
	huma.Register(a.huma, operation(http.MethodPost, "/tickets/", "tickets_create", tagTickets, "Create a ticket; the answer has its token, once", http.StatusCreated, 400, 403),
		func(ctx context.Context, in *struct{ Body TicketBody }) (*ticketAnswer, error) {
			n, err := in.Body.fresh()
			if err != nil {
				return nil, err
			}
			t, token, err := a.Tickets.CreateTicket(ctx, who(ctx), n)
			return a.ticketAnswer(ctx, t, token, err)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/tickets/{number}/", "tickets_read", tagTickets, "A ticket", http.StatusOK, 403, 404),
		func(ctx context.Context, in *OneTicket) (*ticketAnswer, error) {
			t, err := a.Tickets.Ticket(ctx, who(ctx), in.Number)
			return a.ticketAnswer(ctx, t, "", err)
		})
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		id, required := "tickets_update", true
		if method == http.MethodPatch {
			id, required = "tickets_partial_update", false
		}
		huma.Register(a.huma, operation(method, "/tickets/{number}/", id, tagTickets, "Change a ticket", http.StatusOK, 400, 403, 404),
			func(ctx context.Context, in *struct {
				OneTicket
				Body TicketBody
			},
			) (*ticketAnswer, error) {
				c, err := in.Body.change(required)
				if err != nil {
					return nil, err
				}
				t, err := a.Tickets.UpdateTicket(ctx, who(ctx), in.Number, c)
				return a.ticketAnswer(ctx, t, "", err)
			})
	}
	huma.Register(a.huma, operation(http.MethodDelete, "/tickets/{number}/", "tickets_delete", tagTickets, "Delete a ticket with its archives; needs a second factor", http.StatusNoContent, 403, 404),
		func(ctx context.Context, in *OneTicket) (*struct{}, error) {
			return nil, a.refuse(ctx, a.Tickets.DeleteTicket(ctx, who(ctx), in.Number))
		})
}

func (a *API) listTickets(ctx context.Context, in *TicketQuery) (*Listed[Ticket], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Tickets.Tickets(ctx, who(ctx), f)
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	var rows []Ticket
	for _, t := range list {
		rows = append(rows, ticketOf(t.Ticket, ""))
	}
	return listed(&in.Paging, a.base(ctx), rows, total), nil
}

func (b *TicketBody) missing() error {
	switch {
	case b.Number == nil:
		return wrongField("number", "This field is required.")
	case b.Platform == nil:
		return wrongField("platform", "This field is required.")
	}
	return nil
}

func (b *TicketBody) fresh() (tickets.NewTicket, error) {
	if err := b.missing(); err != nil {
		return tickets.NewTicket{}, err
	}
	n := tickets.NewTicket{Number: string(*b.Number), Platform: *b.Platform, ExpiresAt: b.ExpiresAt.at, Attempts: (*int)(b.Attempts)}
	if b.Note != nil {
		n.Note = *b.Note
	}
	if b.Resolved != nil {
		n.Resolved = bool(*b.Resolved)
	}
	return n, nil
}

func (b *TicketBody) change(required bool) (model.TicketChange, error) {
	if required {
		if err := b.missing(); err != nil {
			return model.TicketChange{}, err
		}
	}
	return model.TicketChange{
		Number: (*string)(b.Number), Platform: b.Platform, Owner: b.User, Note: b.Note, Resolved: (*bool)(b.Resolved), Attempts: (*int)(b.Attempts), ExpiresAt: b.ExpiresAt.at,
	}, nil
}

func (a *API) tokenRoutes() {
	huma.Register(a.huma, operation(http.MethodPost, "/tickets/{number}/token/", "tickets_token_create", tagTickets, "Give a ticket another token; the answer has it, once", http.StatusCreated, 403, 404),
		func(ctx context.Context, in *OneTicket) (*ticketAnswer, error) {
			token, err := a.Tickets.RotateToken(ctx, who(ctx), in.Number)
			if err != nil {
				return nil, a.refuse(ctx, err)
			}
			t, err := a.Tickets.Ticket(ctx, who(ctx), in.Number)
			return a.ticketAnswer(ctx, t, token, err)
		})
	huma.Register(a.huma, operation(http.MethodDelete, "/tickets/{number}/token/", "tickets_token_delete", tagTickets, "Revoke a ticket's token", http.StatusNoContent, 403, 404),
		func(ctx context.Context, in *OneTicket) (*struct{}, error) {
			return nil, a.refuse(ctx, a.Tickets.RevokeToken(ctx, who(ctx), in.Number))
		})
}
