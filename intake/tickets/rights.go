package tickets

import (
	"context"
	"fmt"
	"slices"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Right is what somebody wants to do.
type Right int

// The rights. Those from Download on need a second factor.
const (
	ReadTickets Right = iota
	WriteTickets
	ReadArchives // lists and reports' counts
	WriteArchives
	Download
	Import
	Ask // questions to a ticket's logs
	ReadReport
	Delete
	Admin
)

// rights are what each right needs of a token, and whether it needs a second
// factor.
var rights = map[Right]struct {
	scope    string
	verified bool
}{
	ReadTickets:   {model.ScopeTicketsRead, false},
	WriteTickets:  {model.ScopeTicketsWrite, false},
	ReadArchives:  {model.ScopeArchivesRead, false},
	WriteArchives: {model.ScopeArchivesWrite, false},
	Download:      {model.ScopeArchivesRead, true},
	Import:        {model.ScopeArchivesWrite, true},
	Ask:           {model.ScopeArchivesRead, true},
	ReadReport:    {model.ScopeArchivesRead, true},
	Delete:        {model.ScopeArchivesWrite, true},
	Admin:         {model.ScopeAdmin, true},
}

// Allow tells whether somebody may do something at all: nil, ErrSignIn,
// ErrForbidden, or ErrVerify when a second factor is missing.
func (w Who) Allow(r Right) error {
	need, known := rights[r]
	switch {
	case !known:
		return fmt.Errorf("right %d: %w", r, ErrForbidden)
	case w.User.ID == 0, !w.User.Active:
		return ErrSignIn
	case w.Scopes != nil && !slices.Contains(w.Scopes, need.scope):
		return fmt.Errorf("%w: the token needs the scope %s", ErrForbidden, need.scope)
	case r == Admin && !w.User.Admin:
		return ErrForbidden
	case need.verified && !w.Verified:
		return ErrVerify
	}
	return nil
}

// own is the user whose tickets alone somebody sees, "" = all.
func (s *Service) own(w Who) string {
	if s.rules.OwnOnly && !w.User.Admin {
		return w.User.Username
	}
	return ""
}

// find is a ticket that somebody may do something with. One of another user,
// where that is not to be seen, is not found.
func (s *Service) find(ctx context.Context, w Who, r Right, number string) (model.Ticket, error) {
	if err := w.Allow(r); err != nil {
		return model.Ticket{}, err
	}
	t, err := s.db.TicketByNumber(ctx, number)
	if err != nil {
		return model.Ticket{}, err
	}
	if own := s.own(w); own != "" && t.Owner != own {
		return model.Ticket{}, fmt.Errorf("ticket %s: %w", number, model.ErrNotFound)
	}
	return t, nil
}

// findArchive is the same for an archive.
func (s *Service) findArchive(ctx context.Context, w Who, r Right, id int64) (model.Archive, error) {
	if err := w.Allow(r); err != nil {
		return model.Archive{}, err
	}
	a, err := s.db.Archive(ctx, id)
	if err != nil {
		return model.Archive{}, err
	}
	if s.own(w) == "" {
		return a, nil
	}
	if _, err := s.find(ctx, w, r, a.Ticket); err != nil {
		return model.Archive{}, fmt.Errorf("%s: %w", archiveObject(id), err)
	}
	return a, nil
}
