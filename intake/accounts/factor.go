package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// rand20 is a text that nobody guesses.
func rand20() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // does not fail: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// CheckFactor is the second step of a sign-in: a code of the authenticator,
// each once, or a backup code. After a wrong one there is a pause, twice as
// long each time.
func (s *Service) CheckFactor(ctx context.Context, u model.User, code string, from Origin) error {
	event := model.Event{Actor: u.Username, Action: model.ActionSecondFactor, Object: "user/" + u.Username, Outcome: model.OutcomeFailure}
	key := fmt.Sprintf("code\x00%d", u.ID)
	wait, err := s.db.BeginAttempt(ctx, key, codeDelay, s.now())
	if err != nil {
		return err
	}
	if wait > 0 {
		event.Outcome = model.OutcomeLockout
		s.record(ctx, event, from)
		return &DelayError{Wait: wait}
	}
	ok, way, err := s.spend(ctx, u, code)
	if err != nil {
		return err
	}
	event.Detail = "way=" + way
	if !ok {
		s.record(ctx, event, from)
		return ErrCode
	}
	event.Outcome = model.OutcomeSuccess
	s.record(ctx, event, from)
	return s.db.Succeed(ctx, key)
}

// spend looks a code up and uses it up. The database decides, so that of two
// requests with the same code one succeeds.
func (s *Service) spend(ctx context.Context, u model.User, code string) (ok bool, way string, err error) {
	if hash := hashCode(code); hash != nil {
		ok, err = s.db.SpendBackupCode(ctx, u.ID, hash, s.now())
		return ok, "backup", err
	}
	if u.TOTP == "" {
		return false, "totp", nil
	}
	step, ok := totpStep(u.TOTP, code, s.now(), u.TOTPStep)
	if ok {
		ok, err = s.db.SpendTOTPStep(ctx, u.ID, step)
	}
	return ok, "totp", err
}

// NewSecret is a secret for an authenticator that is not in use yet.
func (s *Service) NewSecret(u model.User) (string, error) { return NewTOTP(s.issuer, u.Username) }

// SecretImage is a secret as a QR code, a PNG.
func (s *Service) SecretImage(u model.User, secret string) ([]byte, error) {
	return TOTPImage(s.issuer, u.Username, secret, 440)
}

// ErrHasFactor is a second authenticator beside the first.
var ErrHasFactor = errors.New("a second factor is set up already: remove it first")

// EnableTOTP sets up an authenticator once a code shows that it has the secret.
// The code counts as used, and as the second factor of this session. codes are
// backup codes, in the clear for this one time; none if a passkey came with
// some before. Who signed in before has to sign in anew; epoch is that of this
// session.
func (s *Service) EnableTOTP(ctx context.Context, u model.User, secret, code string, from Origin) (codes []string, epoch int64, err error) {
	if u.TOTP != "" {
		return nil, 0, ErrHasFactor
	}
	step, ok := totpStep(secret, code, s.now(), 0)
	if !ok || secret == "" {
		return nil, 0, ErrCode
	}
	if err := s.db.SetTOTP(ctx, u.ID, secret, step); err != nil {
		return nil, 0, err
	}
	s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionFactorAdd, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess, Detail: "way=totp"}, from)
	if codes, err = s.RenewBackupCodes(ctx, u, from); err != nil {
		return nil, 0, err
	}
	epoch, err = s.db.NewEpoch(ctx, u.ID)
	return codes, epoch, err
}

// RenewBackupCodes puts ten new codes in the place of all old ones.
func (s *Service) RenewBackupCodes(ctx context.Context, u model.User, from Origin) ([]string, error) {
	codes, hashes, err := NewBackupCodes()
	if err != nil {
		return nil, err
	}
	if err := s.db.SetBackupCodes(ctx, u.ID, hashes); err != nil {
		return nil, err
	}
	s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionBackupCodes, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess}, from)
	return codes, nil
}

// RemoveFactors takes authenticator, passkeys, backup codes and API tokens
// from a user and ends his sessions and JWTs; actor is he or an administrator.
// The tokens go with the factor, as they stand for it.
func (s *Service) RemoveFactors(ctx context.Context, u model.User, actor string, from Origin) (epoch int64, err error) {
	keys, err := s.db.Passkeys(ctx, u.ID)
	if err != nil {
		return 0, err
	}
	for _, k := range keys {
		err = errors.Join(err, s.db.DeletePasskey(ctx, u.ID, k.ID))
	}
	tokens, errTokens := s.db.APITokens(ctx, u.ID)
	for _, t := range tokens {
		err = errors.Join(err, s.db.DeleteAPIToken(ctx, u.ID, t.ID))
	}
	err = errors.Join(err, errTokens, s.db.SetBackupCodes(ctx, u.ID, nil), s.db.SetTOTP(ctx, u.ID, "", u.TOTPStep))
	if err != nil {
		return 0, err
	}
	s.record(ctx, model.Event{Actor: actor, Action: model.ActionFactorRemove, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess}, from)
	return s.db.NewEpoch(ctx, u.ID)
}

// Keys are the passkeys of a user, oldest first.
func (s *Service) Keys(ctx context.Context, u model.User) ([]model.Passkey, error) {
	return s.db.Passkeys(ctx, u.ID)
}

// RemoveFactor takes one second factor from its user, a passkey or with 0 the
// authenticator, and ends all other sessions and JWTs. The last one stays, with
// model.ErrLast: who wants none turns them off together.
func (s *Service) RemoveFactor(ctx context.Context, u model.User, passkey int64, from Origin) (epoch int64, err error) {
	way := "way=totp"
	if passkey != 0 {
		way = fmt.Sprintf("way=passkey passkey=%d", passkey)
	}
	e := model.Event{Actor: u.Username, Action: model.ActionFactorRemove, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess, Detail: way}
	epoch, err = s.db.RemoveFactor(ctx, u.ID, passkey)
	if err != nil {
		e.Outcome, e.Detail = model.OutcomeFailure, way+" "+err.Error()
	}
	s.record(ctx, e, from)
	return epoch, err
}

// ErrName is a name of a passkey or a token that cannot be.
var ErrName = errors.New("a name has 1 to 60 characters and no control characters")

// checkName says whether a passkey or a token can be called so.
func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > 60 || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return ErrName
	}
	return nil
}

// RenameKey gives a passkey of a user another name.
func (s *Service) RenameKey(ctx context.Context, u model.User, id int64, name string, from Origin) error {
	err := checkName(name)
	if err == nil {
		err = s.db.RenamePasskey(ctx, u.ID, id, name)
	}
	if err == nil {
		s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionFactorRename, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess, Detail: fmt.Sprintf("way=passkey passkey=%d name=%q", id, name)}, from)
	}
	return err
}

// RenameToken gives an API token of a user another name.
func (s *Service) RenameToken(ctx context.Context, u model.User, id int64, name string, from Origin) error {
	err := checkName(name)
	if err == nil {
		err = s.db.RenameAPIToken(ctx, u.ID, id, name)
	}
	if err == nil {
		s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionAPITokenRename, Object: fmt.Sprintf("token/%d", id), Outcome: model.OutcomeSuccess, Detail: fmt.Sprintf("name=%q", name)}, from)
	}
	return err
}

// NewToken makes a personal API token; token is shown this one time. It stands
// for the second factor that its owner gave when he made it.
func (s *Service) NewToken(ctx context.Context, u model.User, name string, scopes []string, life time.Duration, from Origin) (token string, err error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	token, hash, err := NewAPIToken()
	if err != nil {
		return "", err
	}
	t := model.APIToken{UserID: u.ID, Name: name, Hash: hash, Scopes: scopes, Created: s.now().UTC()}
	if life > 0 {
		t.Expires = t.Created.Add(life)
	}
	if err := s.db.CreateAPIToken(ctx, &t); err != nil {
		return "", err
	}
	s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionAPITokenCreate, Object: fmt.Sprintf("token/%d", t.ID), Outcome: model.OutcomeSuccess, Detail: fmt.Sprintf("name=%q", name)}, from)
	return token, nil
}

// DeleteToken takes a token of a user away.
func (s *Service) DeleteToken(ctx context.Context, u model.User, id int64, from Origin) error {
	if err := s.db.DeleteAPIToken(ctx, u.ID, id); err != nil {
		return err
	}
	s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionAPITokenDelete, Object: fmt.Sprintf("token/%d", id), Outcome: model.OutcomeSuccess}, from)
	return nil
}

// Tokens are the API tokens of a user.
func (s *Service) Tokens(ctx context.Context, u model.User) ([]model.APIToken, error) {
	return s.db.APITokens(ctx, u.ID)
}

// touchEvery is how exact the time of a token's last use is.
const touchEvery = time.Minute

// ByAPIToken is whose API token this is, and what it may do.
func (s *Service) ByAPIToken(ctx context.Context, token string) (model.User, []string, error) {
	t, err := s.db.APITokenByHash(ctx, HashSecret(token))
	if errors.Is(err, model.ErrNotFound) || err == nil && !t.Expires.IsZero() && !s.now().Before(t.Expires) {
		return model.User{}, nil, ErrToken
	}
	if err != nil {
		return model.User{}, nil, err
	}
	u, err := s.db.UserByID(ctx, t.UserID)
	if errors.Is(err, model.ErrNotFound) || err == nil && !u.Active {
		return model.User{}, nil, ErrToken
	}
	if err == nil && s.now().Sub(t.LastUsed) > touchEvery {
		err = s.db.TouchAPIToken(ctx, t.ID, s.now())
	}
	return u, t.Scopes, err
}
