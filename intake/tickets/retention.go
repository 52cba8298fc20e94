package tickets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// endedUploads is how long the rows of ended uploads stay, for questions of
// customers.
const endedUploads = 7 * 24 * time.Hour

// Retire removes what the rules keep no longer: archives, tickets, events,
// sessions that have expired, pauses that are over. It belongs to every hour.
func (s *Service) Retire(ctx context.Context) error {
	now := s.clock()
	var failed []error
	before := func(keep time.Duration, f func(time.Time) error) {
		if keep > 0 {
			failed = append(failed, f(now.Add(-keep)))
		}
	}
	before(s.rules.KeepTickets, func(t time.Time) error { return s.retireTickets(ctx, t) })
	before(s.rules.KeepResolved, func(t time.Time) error {
		return s.retireArchives(ctx, model.ArchiveFilter{ResolvedBefore: t}, "resolved")
	})
	before(s.rules.KeepArchives, func(t time.Time) error {
		return s.retireArchives(ctx, model.ArchiveFilter{CreatedBefore: t}, "age")
	})
	before(s.rules.KeepEvents, func(t time.Time) error {
		_, err := s.db.ForgetEvents(ctx, t)
		return err
	})
	before(endedUploads, func(t time.Time) error {
		_, err := s.db.ForgetUploads(ctx, t)
		return err
	})
	failed = append(failed, s.db.Sessions().Forget(ctx, now), s.db.ForgetDelays(ctx, now))
	return errors.Join(failed...)
}

func (s *Service) retireArchives(ctx context.Context, f model.ArchiveFilter, why string) error {
	list, err := s.db.Archives(ctx, f)
	if err != nil {
		return err
	}
	for _, a := range list {
		blob, err := s.db.RetireArchive(ctx, a.ID, f)
		if errors.Is(err, model.ErrNotFound) {
			continue // somebody else was faster, or took the ticket up again
		}
		if err != nil {
			return err
		}
		s.event(ctx, model.Event{
			Action: model.ActionRetention, Object: archiveObject(a.ID), Outcome: model.OutcomeSuccess,
			Detail: fmt.Sprintf("ticket=%s name=%q size=%d reason=%s", a.Ticket, a.Name, a.Size, why),
		})
		s.dropBlobs(ctx, blob)
	}
	return nil
}

func (s *Service) retireTickets(ctx context.Context, before time.Time) error {
	resolved := true
	list, err := s.db.Tickets(ctx, model.TicketFilter{Resolved: &resolved, ResolvedBefore: before})
	if err != nil {
		return err
	}
	for _, t := range list {
		blobs, err := s.db.RetireTicket(ctx, t.ID, before)
		if errors.Is(err, model.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		s.event(ctx, model.Event{
			Action: model.ActionRetention, Object: ticketObject(t.Number), Outcome: model.OutcomeSuccess, Detail: fmt.Sprintf("blobs=%d reason=resolved", len(blobs)),
		})
		s.dropBlobs(ctx, blobs...)
	}
	return nil
}
