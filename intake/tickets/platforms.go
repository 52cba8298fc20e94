package tickets

import (
	"context"
	"fmt"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

func platformObject(name string) string { return "platform/" + name }

// Platforms are all.
func (s *Service) Platforms(ctx context.Context, w Who) ([]model.Platform, error) {
	if err := w.Allow(ReadTickets); err != nil {
		return nil, err
	}
	return s.db.Platforms(ctx)
}

// Platform is the one of that name.
func (s *Service) Platform(ctx context.Context, w Who, name string) (model.Platform, error) {
	if err := w.Allow(ReadTickets); err != nil {
		return model.Platform{}, err
	}
	return s.db.PlatformByName(ctx, name)
}

// CreatePlatform adds one; administrators may.
func (s *Service) CreatePlatform(ctx context.Context, w Who, p model.Platform) (_ model.Platform, err error) {
	defer func() { s.done(ctx, w, model.ActionPlatformCreate, platformObject(p.Name), err, "") }()
	if err := w.Allow(Admin); err != nil {
		return p, err
	}
	if err := checkPlatform(p); err != nil {
		return p, err
	}
	err = s.db.CreatePlatform(ctx, &p)
	return p, err
}

// UpdatePlatform changes the names of one; administrators may.
func (s *Service) UpdatePlatform(ctx context.Context, w Who, name string, p model.Platform) (_ model.Platform, err error) {
	defer func() {
		s.done(ctx, w, model.ActionPlatformModify, platformObject(name), err, fmt.Sprintf("name=%s pretty_name=%q", p.Name, p.PrettyName))
	}()
	if err := w.Allow(Admin); err != nil {
		return p, err
	}
	old, err := s.db.PlatformByName(ctx, name)
	if err != nil {
		return p, err
	}
	if err := checkPlatform(p); err != nil {
		return p, err
	}
	p.ID = old.ID
	return p, s.db.UpdatePlatform(ctx, p)
}

// DeletePlatform removes one with all its tickets and their archives;
// administrators may.
func (s *Service) DeletePlatform(ctx context.Context, w Who, name string) (err error) {
	var blobs []string
	defer func() {
		s.done(ctx, w, model.ActionPlatformDelete, platformObject(name), err, fmt.Sprintf("blobs=%d", len(blobs)))
	}()
	if err := w.Allow(Admin); err != nil {
		return err
	}
	p, err := s.db.PlatformByName(ctx, name)
	if err != nil {
		return err
	}
	if blobs, err = s.db.DeletePlatform(ctx, p.ID); err != nil {
		return err
	}
	s.dropBlobs(ctx, blobs...)
	return nil
}

// Events are those of a filter, newest first, and how many there are on all
// pages; administrators may read them.
func (s *Service) Events(ctx context.Context, w Who, f model.EventFilter) ([]model.Event, int, error) {
	if err := w.Allow(Admin); err != nil {
		return nil, 0, err
	}
	n, err := s.db.CountEvents(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	list, err := s.db.Events(ctx, f)
	return list, n, err
}
