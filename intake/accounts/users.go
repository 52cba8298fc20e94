package accounts

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// usernameText is what a name may be: as the original has it.
var usernameText = regexp.MustCompile(`^[\p{L}\p{N}@.+_-]{1,150}$`)

// Why a user cannot be as a form says.
var (
	ErrUsername = errors.New("a user name has letters, digits and @.+-_, and any name 150 characters at most")
	ErrEmail    = errors.New("this is no mail address")
	ErrLastOne  = errors.New("nobody else would be an administrator")
)

// CheckUser says whether a user's names can be so.
func CheckUser(u model.User) error {
	if !usernameText.MatchString(u.Username) {
		return ErrUsername
	}
	if u.Email != "" && (strings.Count(u.Email, "@") != 1 || len(u.Email) > 254 || strings.ContainsAny(u.Email, " \t\r\n<>\"") || strings.HasPrefix(u.Email, "@") || strings.HasSuffix(u.Email, "@")) {
		return ErrEmail
	}
	if max(utf8.RuneCountInString(u.FirstName), utf8.RuneCountInString(u.LastName)) > maxName {
		return ErrUsername
	}
	return nil
}

// Create adds a user. An empty password lets him in by another way only.
func (s *Service) Create(ctx context.Context, u model.User, password, actor string, from Origin) (model.User, error) {
	if err := CheckUser(u); err != nil {
		return u, err
	}
	if password != "" {
		if err := CheckPassword(password, u.Username); err != nil {
			return u, err
		}
		hash, err := HashPassword(password)
		if err != nil {
			return u, err
		}
		u.Password = hash
	}
	u.Created = s.now().UTC()
	err := s.db.CreateUser(ctx, &u)
	s.recordAdmin(ctx, model.ActionUserCreate, u, actor, from, err)
	return u, err
}

func (s *Service) recordAdmin(ctx context.Context, action string, u model.User, actor string, from Origin, err error) {
	e := model.Event{Actor: actor, Action: action, Object: "user/" + u.Username, Outcome: model.OutcomeAdmin, Detail: fmt.Sprintf("active=%t admin=%t", u.Active, u.Admin)}
	if err != nil {
		e.Outcome, e.Detail = model.OutcomeFailure, err.Error()
	}
	s.record(ctx, e, from)
}

// Change sets names, address and rights of a user, and his password where one
// is given. One who may not sign in any more, or is no administrator any more,
// is signed out everywhere.
func (s *Service) Change(ctx context.Context, u model.User, password, actor string, from Origin) error {
	err := s.change(ctx, u, password)
	s.recordAdmin(ctx, model.ActionUserModify, u, actor, from, err)
	return err
}

func (s *Service) change(ctx context.Context, u model.User, password string) error {
	old, err := s.db.UserByID(ctx, u.ID)
	if err != nil {
		return err
	}
	if err := CheckUser(u); err != nil {
		return err
	}
	if old.Admin && old.Active && !(u.Admin && u.Active) {
		if err := s.another(ctx, u.ID); err != nil {
			return err
		}
	}
	if password != "" { // before anything is changed
		if err := CheckPassword(password, u.Username); err != nil {
			return err
		}
	}
	if err := s.db.UpdateUser(ctx, u); err != nil {
		return err
	}
	if password != "" {
		if err := s.SetPassword(ctx, u, password); err != nil {
			return err
		}
	}
	if old.Active && !u.Active || old.Admin && !u.Admin {
		_, err = s.db.NewEpoch(ctx, u.ID)
	}
	return err
}

// another tells whether there is an administrator besides.
func (s *Service) another(ctx context.Context, id int64) error {
	all, err := s.db.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.ID != id && u.Active && u.Admin {
			return nil
		}
	}
	return ErrLastOne
}

// Profile sets what a user may change of himself: address and names.
func (s *Service) Profile(ctx context.Context, u model.User, from Origin) error {
	if err := CheckUser(u); err != nil {
		return err
	}
	err := s.db.UpdateProfile(ctx, u.ID, u.Email, u.FirstName, u.LastName)
	if err == nil {
		s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionProfile, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess}, from)
	}
	return err
}

// Delete removes a user; his tickets stay.
func (s *Service) Delete(ctx context.Context, id int64, actor string, from Origin) error {
	u, err := s.db.UserByID(ctx, id)
	if err != nil {
		return err
	}
	if u.Admin && u.Active {
		if err := s.another(ctx, id); err != nil {
			return err
		}
	}
	err = s.db.DeleteUser(ctx, id)
	s.recordAdmin(ctx, model.ActionUserDelete, u, actor, from, err)
	return err
}

// Users are all, by name.
func (s *Service) Users(ctx context.Context) ([]model.User, error) { return s.db.Users(ctx) }

// User is the one of an ID, or model.ErrNotFound.
func (s *Service) User(ctx context.Context, id int64) (model.User, error) {
	return s.db.UserByID(ctx, id)
}

// SignedOut notes that a user ended his session.
func (s *Service) SignedOut(ctx context.Context, u model.User, from Origin) {
	s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionLogout, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess}, from)
}
