package accounts

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Passkeys are keys in a device or in a browser, as a second factor.
type Passkeys struct {
	s *Service
	w *webauthn.WebAuthn
}

// NewPasskeys makes passkeys for the site that people open at an address. They
// are bound to its host.
func NewPasskeys(s *Service, base *url.URL) (*Passkeys, error) {
	w, err := webauthn.New(&webauthn.Config{RPID: base.Hostname(), RPDisplayName: s.issuer, RPOrigins: []string{base.Scheme + "://" + base.Host}})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", base, err)
	}
	return &Passkeys{s: s, w: w}, nil
}

// holder is a user as the library wants him.
type holder struct {
	model.User
	keys []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return binary.BigEndian.AppendUint64(nil, uint64(h.ID)) }
func (h holder) WebAuthnName() string                       { return h.Username }
func (h holder) WebAuthnDisplayName() string                { return h.Username }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (p *Passkeys) holder(ctx context.Context, u model.User) (holder, []model.Passkey, error) {
	rows, err := p.s.db.Passkeys(ctx, u.ID)
	h := holder{User: u}
	for _, r := range rows {
		var c webauthn.Credential
		if err := json.Unmarshal(r.Credential, &c); err != nil {
			return h, nil, fmt.Errorf("passkey %d: %w", r.ID, err)
		}
		h.keys = append(h.keys, c)
	}
	return h, rows, err
}

// BeginAdd is what the browser needs to make a key, and what its session has
// to keep until it has one.
func (p *Passkeys) BeginAdd(ctx context.Context, u model.User) (options any, kept string, err error) {
	h, _, err := p.holder(ctx, u)
	if err != nil {
		return nil, "", err
	}
	options, session, err := p.w.BeginRegistration(h,
		webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{UserVerification: protocol.VerificationPreferred}))
	if err != nil {
		return nil, "", fmt.Errorf("a new passkey: %w", err)
	}
	data, err := json.Marshal(session)
	return options, string(data), err
}

// Add takes the key that the browser made. As with EnableTOTP: codes if it is
// the first second factor, and the epoch that this session goes on with.
func (p *Passkeys) Add(ctx context.Context, u model.User, kept string, body io.Reader, name string, from Origin) (codes []string, epoch int64, err error) {
	if err := checkName(name); err != nil {
		return nil, 0, err
	}
	h, _, err := p.holder(ctx, u)
	if err != nil {
		return nil, 0, err
	}
	var session webauthn.SessionData
	answer, errBody := protocol.ParseCredentialCreationResponseBody(body)
	if errBody != nil || json.Unmarshal([]byte(kept), &session) != nil {
		return nil, 0, ErrCode
	}
	key, err := p.w.CreateCredential(h, session, answer)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrCode, err)
	}
	data, err := json.Marshal(key)
	if err != nil {
		return nil, 0, err
	}
	row := model.Passkey{UserID: u.ID, Name: name, CredentialID: key.ID, Credential: data, Created: p.s.now().UTC()}
	if err := p.s.db.CreatePasskey(ctx, &row); err != nil {
		return nil, 0, err
	}
	p.s.record(ctx, model.Event{Actor: u.Username, Action: model.ActionFactorAdd, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess, Detail: fmt.Sprintf("way=passkey passkey=%d name=%q", row.ID, name)}, from)
	if u.SecondFactor() {
		return nil, u.Epoch, nil
	}
	if codes, err = p.s.RenewBackupCodes(ctx, u, from); err != nil {
		return nil, 0, err
	}
	epoch, err = p.s.db.NewEpoch(ctx, u.ID)
	return codes, epoch, err
}

// BeginCheck is what the browser needs to show a key.
func (p *Passkeys) BeginCheck(ctx context.Context, u model.User) (options any, kept string, err error) {
	h, _, err := p.holder(ctx, u)
	if err != nil {
		return nil, "", err
	}
	options, session, err := p.w.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrCode, err)
	}
	data, err := json.Marshal(session)
	return options, string(data), err
}

// Check is the second step of a sign-in by a key. A counter that went back
// means that the key was copied.
func (p *Passkeys) Check(ctx context.Context, u model.User, kept string, body io.Reader, from Origin) error {
	err := p.check(ctx, u, kept, body)
	event := model.Event{Actor: u.Username, Action: model.ActionSecondFactor, Object: "user/" + u.Username, Outcome: model.OutcomeSuccess, Detail: "way=passkey"}
	if err != nil {
		event.Outcome = model.OutcomeFailure
	}
	p.s.record(ctx, event, from)
	return err
}

func (p *Passkeys) check(ctx context.Context, u model.User, kept string, body io.Reader) error {
	h, rows, err := p.holder(ctx, u)
	if err != nil {
		return err
	}
	var session webauthn.SessionData
	answer, errBody := protocol.ParseCredentialRequestResponseBody(body)
	if errBody != nil || json.Unmarshal([]byte(kept), &session) != nil {
		return ErrCode
	}
	key, err := p.w.ValidateLogin(h, session, answer)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCode, err)
	}
	if key.Authenticator.CloneWarning {
		return fmt.Errorf("%w: the passkey's counter went back", ErrCode)
	}
	data, err := json.Marshal(key)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if string(r.CredentialID) == string(key.ID) {
			return p.s.db.UpdatePasskey(ctx, r.ID, data, p.s.now())
		}
	}
	return errors.New("the passkey is gone")
}
