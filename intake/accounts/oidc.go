package accounts

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// OIDCOptions say which issuer's users may sign in, and as whom.
type OIDCOptions struct {
	Issuer, ClientID, ClientSecret string
	Name                           string // what the button says
	RedirectURL                    string // …/account/oidc/callback/
	Scopes                         []string
	UsernameClaim, GroupsClaim     string
	AdminGroup, UserGroup          string // "" = nobody is made one, everybody may
	CreateUsers                    bool
	TrustSecondFactor              bool // an `amr` that names a second factor stands for ours
}

// OIDC is the sign-in at an issuer: code flow with PKCE, state and nonce.
type OIDC struct {
	s      *Service
	o      OIDCOptions
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // nil until the issuer answered once
}

// NewOIDC does not ask the issuer yet: it need not be there at the start.
func NewOIDC(s *Service, o OIDCOptions) *OIDC {
	if len(o.Scopes) == 0 {
		o.Scopes = []string{oidc.ScopeOpenID, "profile", "email"}
	}
	if o.UsernameClaim == "" {
		o.UsernameClaim = "preferred_username"
	}
	return &OIDC{s: s, o: o, client: &http.Client{Timeout: 15 * time.Second}}
}

// Name is what the button says.
func (o *OIDC) Name() string { return o.o.Name }

// Why nobody is signed in by an issuer.
var (
	ErrOIDCState   = errors.New("this sign-in was not begun here, or too long ago: begin anew")
	ErrOIDCUnknown = errors.New("there is no account for this user; an administrator has to create it without a password")
	ErrOIDCGroup   = errors.New("this user is not in the group that may sign in")
)

func (o *OIDC) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		// The provider keeps the context for its keys: it must outlive the request.
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), o.client), o.o.Issuer)
		if err != nil {
			return nil, nil, fmt.Errorf("OIDC issuer %s: %w", o.o.Issuer, err)
		}
		o.provider = p
	}
	return &oauth2.Config{
		ClientID: o.o.ClientID, ClientSecret: o.o.ClientSecret, RedirectURL: o.o.RedirectURL, Scopes: o.o.Scopes, Endpoint: o.provider.Endpoint(),
	}, o.provider, nil
}

// Begin is where to send the browser, and what its session has to keep until
// it comes back.
func (o *OIDC) Begin(ctx context.Context) (address, kept string, err error) {
	c, _, err := o.config(ctx)
	if err != nil {
		return "", "", err
	}
	state, nonce, verifier := rand20(), rand20(), oauth2.GenerateVerifier()
	address = c.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	return address, state + " " + nonce + " " + verifier, nil
}

// Finish is who came back with a code. verified says that the issuer asked him
// for a second factor and that this is trusted.
func (o *OIDC) Finish(ctx context.Context, kept, state, code string, from Origin) (u model.User, verified bool, err error) {
	subject, claims, err := o.exchange(ctx, kept, state, code)
	if err != nil {
		return u, false, err
	}
	u, err = o.user(ctx, subject, claims, from)
	o.record(ctx, u, claims, err, from)
	return u, err == nil && o.o.TrustSecondFactor && strong(claims["amr"]), err
}

// exchange is whom the issuer names for a code, as issuer and subject, and what
// it says of him.
func (o *OIDC) exchange(ctx context.Context, kept, state, code string) (subject string, claims map[string]any, err error) {
	parts := strings.Fields(kept)
	if len(parts) != 3 || subtle.ConstantTimeCompare([]byte(parts[0]), []byte(state)) != 1 {
		return "", nil, ErrOIDCState
	}
	c, provider, err := o.config(ctx)
	if err != nil {
		return "", nil, err
	}
	ctx = oidc.ClientContext(ctx, o.client)
	answer, err := c.Exchange(ctx, code, oauth2.VerifierOption(parts[2]))
	if err != nil {
		return "", nil, fmt.Errorf("OIDC issuer %s: the code was not taken: %w", o.o.Issuer, err)
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return "", nil, fmt.Errorf("OIDC issuer %s gives no id_token: the scope openid is needed", o.o.Issuer)
	}
	id, err := provider.Verifier(&oidc.Config{ClientID: o.o.ClientID, Now: o.s.now}).Verify(ctx, raw)
	if err != nil {
		return "", nil, fmt.Errorf("OIDC issuer %s: %w", o.o.Issuer, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(parts[1])) != 1 {
		return "", nil, ErrOIDCState
	}
	if err := id.Claims(&claims); err != nil {
		return "", nil, fmt.Errorf("OIDC issuer %s: claims: %w", o.o.Issuer, err)
	}
	return id.Issuer + " " + id.Subject, claims, nil
}

func (o *OIDC) record(ctx context.Context, u model.User, claims map[string]any, err error, from Origin) {
	name := u.Username
	if name == "" {
		name = text(claims[o.o.UsernameClaim])
	}
	e := model.Event{Actor: name, Action: model.ActionAuth, Object: "user/" + name, Outcome: model.OutcomeSuccess, Detail: "way=oidc"}
	if err != nil {
		e.Outcome, e.Detail = model.OutcomeFailure, "way=oidc "+err.Error()
	}
	o.s.record(ctx, e, from)
}

// user is the account of a subject. One without a subject and without a
// password waits for its owner; one with a password is somebody's already,
// whatever an issuer says of names.
func (o *OIDC) user(ctx context.Context, subject string, claims map[string]any, from Origin) (model.User, error) {
	groups := list(claims[o.o.GroupsClaim])
	if !o.admitted(groups) {
		return model.User{}, ErrOIDCGroup
	}
	db := o.s.db
	u, err := db.UserByOIDC(ctx, subject)
	if errors.Is(err, model.ErrNotFound) {
		u, err = o.adopt(ctx, subject, claims, from)
	}
	if err != nil {
		return model.User{}, err
	}
	if !u.Active {
		return model.User{}, ErrCredentials
	}
	if admin := slices.Contains(groups, o.o.AdminGroup); o.o.AdminGroup != "" && admin != u.Admin {
		u.Admin = admin
		if err := db.UpdateUser(ctx, u); err != nil {
			return model.User{}, err
		}
		o.s.recordAdmin(ctx, model.ActionUserModify, u, "", from, nil)
	}
	return u, db.SeeLogin(ctx, u.ID, o.s.now())
}

// admitted tells whether somebody of these groups may sign in.
func (o *OIDC) admitted(groups []string) bool {
	return o.o.UserGroup == "" || slices.Contains(groups, o.o.UserGroup)
}

func (o *OIDC) adopt(ctx context.Context, subject string, claims map[string]any, from Origin) (model.User, error) {
	name := text(claims[o.o.UsernameClaim])
	u, err := o.s.db.UserByName(ctx, name)
	switch {
	case errors.Is(err, model.ErrNotFound) && o.o.CreateUsers:
		u = model.User{Username: name, Email: text(claims["email"]), FirstName: text(claims["given_name"]), LastName: text(claims["family_name"]), Active: true, OIDCSubject: subject}
		return o.s.Create(ctx, u, "", "", from)
	case errors.Is(err, model.ErrNotFound):
		return u, ErrOIDCUnknown
	case err != nil:
		return u, err
	case u.Password != "" || u.OIDCSubject != "":
		return model.User{}, ErrOIDCUnknown
	}
	u.OIDCSubject = subject
	return u, o.s.db.UpdateUser(ctx, u)
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func list(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			out = append(out, text(x))
		}
	}
	return out
}

// strong reports whether the methods of a sign-in (RFC 8176) are two factors,
// or one that holds two. A code or a key alone is one.
func strong(amr any) bool {
	var holds, is bool // what he has; what he knows, or is
	for _, m := range list(amr) {
		switch m {
		case "mfa", "sc", "fido":
			return true
		case "otp", "hwk", "swk", "pop", "sms", "tel":
			holds = true
		case "pwd", "pin", "kba", "fpt", "face", "iris", "retina", "vbm":
			is = true
		}
	}
	return holds && is
}
