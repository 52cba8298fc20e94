package tickets

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// NewTicket is what somebody gives for a ticket.
type NewTicket struct {
	Number, Platform, Note string
	Resolved               bool
	Attempts               *int       // nil = as the rules say
	ExpiresAt              *time.Time // of the token; nil = as the rules say, the zero time = never
}

// Ticket is one that somebody may see.
func (s *Service) Ticket(ctx context.Context, w Who, number string) (model.Ticket, error) {
	return s.find(ctx, w, ReadTickets, number)
}

// maxValues bounds a list of numbers in a filter: a database takes so many
// arguments and no more.
const maxValues = 1000

// Tickets are those of a filter that somebody may see, newest first, and how
// many there are on all pages.
func (s *Service) Tickets(ctx context.Context, w Who, f model.TicketFilter) ([]model.TicketRow, int, error) {
	if err := w.Allow(ReadTickets); err != nil {
		return nil, 0, err
	}
	if len(f.Numbers) > maxValues {
		return nil, 0, bad("number", "", fmt.Sprintf("%d numbers at most", maxValues))
	}
	if len(f.IDs) > maxValues {
		return nil, 0, bad("id", "", fmt.Sprintf("%d numbers at most", maxValues))
	}
	if own := s.own(w); own != "" {
		if f.Owner != "" && f.Owner != own {
			return []model.TicketRow{}, 0, nil
		}
		f.Owner = own
	}
	n, err := s.db.CountTickets(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.db.TicketRows(ctx, f)
	return rows, n, err
}

// CreateTicket makes a ticket of somebody's, and its token, which nobody can
// see again.
func (s *Service) CreateTicket(ctx context.Context, w Who, n NewTicket) (model.Ticket, string, error) {
	t, token, err := s.create(ctx, w, n)
	s.done(ctx, w, model.ActionTicketCreate, ticketObject(n.Number), err, fmt.Sprintf("platform=%s attempts=%d", t.Platform, t.Attempts))
	return t, token, err
}

func (s *Service) create(ctx context.Context, w Who, n NewTicket) (model.Ticket, string, error) {
	if err := w.Allow(WriteTickets); err != nil {
		return model.Ticket{}, "", err
	}
	now := s.clock()
	t := model.Ticket{
		Number: n.Number, Platform: n.Platform, Owner: w.User.Username, Note: n.Note, Resolved: n.Resolved, Attempts: s.rules.Attempts,
		Created: now, Updated: now, ExpiresAt: s.expiry(now),
	}
	if n.Resolved {
		t.ResolvedAt = now
	}
	if n.Attempts != nil {
		t.Attempts = *n.Attempts
	}
	if n.ExpiresAt != nil {
		t.ExpiresAt = n.ExpiresAt.Truncate(time.Microsecond) // as it will be read
	}
	if err := errors.Join(checkNumber(t.Number), checkAttempts(t.Attempts), checkNote(t.Note)); err != nil {
		return model.Ticket{}, "", err
	}
	if _, err := s.platform(ctx, t.Platform); err != nil {
		return model.Ticket{}, "", err
	}
	token := newToken()
	t.TokenHash = HashToken(token)
	if err := s.db.CreateTicket(ctx, &t); err != nil {
		return model.Ticket{}, "", err
	}
	return t, token, nil
}

// expiry is when a token that is made now expires.
func (s *Service) expiry(now time.Time) time.Time {
	if s.rules.TokenLife <= 0 {
		return time.Time{}
	}
	return now.Add(s.rules.TokenLife)
}

// platform finds one that a request names; none is a wrong value, not a page
// that is not there.
func (s *Service) platform(ctx context.Context, name string) (model.Platform, error) {
	p, err := s.db.PlatformByName(ctx, name)
	if errors.Is(err, model.ErrNotFound) {
		return p, bad("platform", name, "no such platform")
	}
	return p, err
}

// UpdateTicket changes the fields that are named.
func (s *Service) UpdateTicket(ctx context.Context, w Who, number string, c model.TicketChange) (model.Ticket, error) {
	t, err := s.update(ctx, w, number, c)
	s.done(ctx, w, model.ActionTicketModify, ticketObject(number), err, changes(c))
	return t, err
}

func (s *Service) update(ctx context.Context, w Who, number string, c model.TicketChange) (model.Ticket, error) {
	t, err := s.find(ctx, w, WriteTickets, number)
	if err != nil {
		return t, err
	}
	if c.Number != nil {
		err = checkNumber(*c.Number)
	}
	if c.Attempts != nil {
		err = errors.Join(err, checkAttempts(*c.Attempts))
	}
	if c.Note != nil {
		err = errors.Join(err, checkNote(*c.Note))
	}
	if c.Platform != nil {
		_, wrong := s.platform(ctx, *c.Platform)
		err = errors.Join(err, wrong)
	}
	if c.Owner != nil && *c.Owner != t.Owner {
		err = errors.Join(err, s.mayOwn(ctx, w, *c.Owner))
	}
	if err != nil {
		return t, err
	}
	return s.db.UpdateTicket(ctx, t.ID, c, s.clock())
}

// mayOwn tells whether somebody may hand a ticket over to a user: administrators
// may, which is the one way to a ticket whose owner was deleted.
func (s *Service) mayOwn(ctx context.Context, w Who, name string) error {
	if err := w.Allow(Admin); err != nil {
		return err
	}
	_, err := s.db.UserByName(ctx, name)
	if errors.Is(err, model.ErrNotFound) {
		return bad("user", name, "no such user")
	}
	return err
}

// changes names what a change changes; a note is not repeated.
func changes(c model.TicketChange) string {
	var parts []string
	add := func(key string, set bool, value any) {
		if set {
			parts = append(parts, fmt.Sprintf("%s=%v", key, value))
		}
	}
	add("number", c.Number != nil, deref(c.Number))
	add("platform", c.Platform != nil, deref(c.Platform))
	add("owner", c.Owner != nil, deref(c.Owner))
	add("note", c.Note != nil, "changed")
	add("resolved", c.Resolved != nil, deref(c.Resolved))
	add("attempts", c.Attempts != nil, deref(c.Attempts))
	if c.ExpiresAt != nil {
		when := "never"
		if !c.ExpiresAt.IsZero() {
			when = c.ExpiresAt.UTC().Format(time.RFC3339)
		}
		add("expires", true, when)
	}
	return strings.Join(parts, " ")
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// RotateToken gives a ticket another token, with a fresh life; the old one
// admits nothing from then on.
func (s *Service) RotateToken(ctx context.Context, w Who, number string) (token string, err error) {
	defer func() { s.done(ctx, w, model.ActionTokenRotate, ticketObject(number), err, "") }()
	t, err := s.find(ctx, w, WriteTickets, number)
	if err != nil {
		return "", err
	}
	now := s.clock()
	token = newToken()
	hash, expires := HashToken(token), s.expiry(now)
	_, err = s.db.UpdateTicket(ctx, t.ID, model.TicketChange{TokenHash: &hash, ExpiresAt: &expires}, now)
	return token, err
}

// RevokeToken takes a ticket's token away.
func (s *Service) RevokeToken(ctx context.Context, w Who, number string) (err error) {
	defer func() { s.done(ctx, w, model.ActionTokenRevoke, ticketObject(number), err, "") }()
	t, err := s.find(ctx, w, WriteTickets, number)
	if err != nil {
		return err
	}
	_, err = s.db.UpdateTicket(ctx, t.ID, model.TicketChange{TokenHash: &[]byte{}}, s.clock())
	return err
}

// DeleteTicket removes a ticket with its archives.
func (s *Service) DeleteTicket(ctx context.Context, w Who, number string) (err error) {
	var blobs []string
	defer func() {
		s.done(ctx, w, model.ActionTicketDelete, ticketObject(number), err, fmt.Sprintf("blobs=%d", len(blobs)))
	}()
	if err := w.Allow(WriteTickets); err != nil { // Delete is of archives too
		return err
	}
	t, err := s.find(ctx, w, Delete, number)
	if err != nil {
		return err
	}
	if blobs, err = s.db.DeleteTicket(ctx, t.ID); err != nil {
		return err
	}
	s.dropBlobs(ctx, blobs...)
	return nil
}

// dropBlobs removes blobs that no row names any more. One that cannot be
// removed is told and left to the command cleanup: the rows are gone already.
func (s *Service) dropBlobs(ctx context.Context, keys ...string) {
	if s.storage.Delete == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, k := range keys {
		if err := s.storage.Delete(ctx, k); err != nil {
			s.log.WarnContext(ctx, "a blob that no row names is left; cleanup removes it", "blob", k, "error", err)
		}
	}
}
