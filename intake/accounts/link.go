package accounts

import (
	"context"
	"errors"
	"strings"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Why an identity of an issuer is not linked, or stays so.
var (
	ErrOIDCLinked = errors.New("this account has another identity of an issuer: unlink it first")
	ErrOIDCTaken  = errors.New("this identity belongs to another account")
	ErrOIDCOnly   = errors.New("without it nobody could sign in to this account: set a password first")
)

// Link makes the identity that came back with a code one of a user who is signed
// in. This is the only way to an account that has a password: neither its name
// nor a mail address of the issuer's proves whose it is.
func (o *OIDC) Link(ctx context.Context, u model.User, kept, state, code string, from Origin) error {
	subject, err := o.link(ctx, u, kept, state, code)
	e := model.Event{Actor: u.Username, Action: model.ActionIdentityLink, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess, Detail: "identity=" + strings.ReplaceAll(subject, " ", "#")}
	if err != nil {
		e.Outcome, e.Detail = model.OutcomeFailure, err.Error()
	}
	o.s.record(ctx, e, from)
	return err
}

func (o *OIDC) link(ctx context.Context, u model.User, kept, state, code string) (subject string, err error) {
	subject, claims, err := o.exchange(ctx, kept, state, code)
	switch {
	case err != nil:
		return "", err
	case !o.admitted(list(claims[o.o.GroupsClaim])):
		return "", ErrOIDCGroup
	case u.OIDCSubject == subject:
		return subject, nil
	case u.OIDCSubject != "":
		return "", ErrOIDCLinked
	}
	err = o.s.db.SetOIDCSubject(ctx, u.ID, "", subject)
	switch {
	case errors.Is(err, model.ErrExists):
		err = ErrOIDCTaken
	case errors.Is(err, model.ErrNotFound):
		err = ErrOIDCLinked // it was, in the meantime
	}
	return subject, err
}

// Unlink takes the identity of an issuer from a user, and ends all other
// sessions: some may be of a sign-in there. One who has no password keeps it,
// with ErrOIDCOnly.
func (s *Service) Unlink(ctx context.Context, u model.User, from Origin) (epoch int64, err error) {
	e := model.Event{Actor: u.Username, Action: model.ActionIdentityUnlink, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess, Detail: "identity=" + strings.ReplaceAll(u.OIDCSubject, " ", "#")}
	switch {
	case u.OIDCSubject == "":
		return 0, model.ErrNotFound
	case u.Password == "":
		err = ErrOIDCOnly
	default:
		err = s.db.SetOIDCSubject(ctx, u.ID, u.OIDCSubject, "")
	}
	if err == nil {
		epoch, err = s.db.NewEpoch(ctx, u.ID)
	}
	if err != nil {
		e.Outcome, e.Detail = model.OutcomeFailure, err.Error()
	}
	s.record(ctx, e, from)
	return epoch, err
}
