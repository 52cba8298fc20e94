package accounts

import (
	"errors"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/zimbraloki/zimbraloki/intake/accounts/oidctest"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestLink: an account with a password gets an identity by the hand of its user,
// and by nothing that an issuer says.
func TestLink(t *testing.T) {
	f, i := newFixture(t), oidctest.New(t)
	hash, err := HashPassword(testPassword)
	if err != nil {
		t.Fatal(err)
	}
	maria, ivan := f.user(t, "maria", hash), f.user(t, "ivan", hash)
	sign := NewOIDC(f.Service, OIDCOptions{Issuer: i.URL, ClientID: "intake", CreateUsers: true, UserGroup: "support", GroupsClaim: "groups"})
	come := func(c jwt.MapClaims) (kept, state, code string) {
		t.Helper()
		c["preferred_username"], c["email"], c["email_verified"] = "maria", "maria@example.org", true
		if c["groups"] == nil {
			c["groups"] = "support"
		}
		i.Claims = c
		address, kept, err := sign.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		state, code = i.Visit(t, address)
		return kept, state, code
	}
	now := func(u model.User) model.User {
		t.Helper()
		u, err := f.db.UserByID(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	link := func(u model.User, c jwt.MapClaims, want error) {
		t.Helper()
		kept, state, code := come(c)
		if err := sign.Link(t.Context(), now(u), kept, state, code, here); !errors.Is(err, want) {
			t.Errorf("%s with %v: %v, want %v", u.Username, c, err, want)
		}
		outcome := model.OutcomeSuccess
		if want != nil {
			outcome = model.OutcomeFailure
		}
		if e := f.events[len(f.events)-1]; e.Action != model.ActionIdentityLink || e.Outcome != outcome || e.Actor != u.Username || e.ClientIP != here.ClientIP {
			t.Errorf("event %+v", e)
		}
	}
	signIn := func(subject string, want error) {
		t.Helper()
		kept, state, code := come(jwt.MapClaims{"sub": subject})
		u, verified, err := sign.Finish(t.Context(), kept, state, code, here)
		if !errors.Is(err, want) || verified || want == nil && u.ID != maria.ID {
			t.Errorf("%s signs %q in, %v; want %v", subject, u.Username, err, want)
		}
	}
	signIn("42", ErrOIDCUnknown) // her name and her verified address, but her password is not asked for
	link(maria, jwt.MapClaims{"sub": "42", "groups": "sales"}, ErrOIDCGroup)
	link(maria, jwt.MapClaims{"sub": "42"}, nil)
	signIn("42", nil)
	link(maria, jwt.MapClaims{"sub": "42"}, nil) // once more
	link(maria, jwt.MapClaims{"sub": "43"}, ErrOIDCLinked)
	link(ivan, jwt.MapClaims{"sub": "42"}, ErrOIDCTaken)
	if kept, _, code := come(jwt.MapClaims{"sub": "44"}); !errors.Is(sign.Link(t.Context(), ivan, kept, "guessed", code, here), ErrOIDCState) {
		t.Error("a guessed state links")
	}
	link(ivan, jwt.MapClaims{"sub": "44", "nonce": "another"}, ErrOIDCState)

	before := now(maria)
	epoch, err := f.Unlink(t.Context(), before, here)
	if err != nil || epoch != before.Epoch+1 || now(maria).OIDCSubject != "" {
		t.Errorf("unlinked: epoch %d of %d, %v", epoch, before.Epoch, err)
	}
	if e := f.events[len(f.events)-1]; e.Action != model.ActionIdentityUnlink || e.Outcome != model.OutcomeSuccess {
		t.Errorf("event %+v", e)
	}
	signIn("42", ErrOIDCUnknown)
	if _, err := f.Unlink(t.Context(), now(maria), here); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("unlinked twice: %v", err)
	}
	link(ivan, jwt.MapClaims{"sub": "42"}, nil) // it is free again
	only := f.user(t, "only", "")
	if err := f.db.SetOIDCSubject(t.Context(), only.ID, "", "iss only"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Unlink(t.Context(), now(only), here); !errors.Is(err, ErrOIDCOnly) || now(only).OIDCSubject == "" {
		t.Errorf("the only way in: %v", err)
	}
}

// TestRemoveFactor: one factor goes, the last one stays, and each is in the trail.
func TestRemoveFactor(t *testing.T) {
	f := newFixture(t)
	u := f.user(t, "maria", "")
	key := model.Passkey{UserID: u.ID, Name: "phone", CredentialID: []byte("a"), Credential: []byte("{}"), Created: f.time()}
	if err := errors.Join(f.db.CreatePasskey(t.Context(), &key), f.db.SetTOTP(t.Context(), u.ID, "SECRET", 1)); err != nil {
		t.Fatal(err)
	}
	remove := func(id int64, want error, outcome string) {
		t.Helper()
		if _, err := f.RemoveFactor(t.Context(), u, id, here); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", id, err, want)
		}
		if e := f.events[len(f.events)-1]; e.Action != model.ActionFactorRemove || e.Outcome != outcome || e.Actor != "maria" {
			t.Errorf("event %+v", e)
		}
	}
	remove(key.ID+1, model.ErrNotFound, model.OutcomeFailure)
	remove(0, nil, model.OutcomeSuccess)
	remove(key.ID, model.ErrLast, model.OutcomeFailure)
	remove(0, model.ErrNotFound, model.OutcomeFailure)
	other := f.user(t, "ivan", "")
	if err := f.RenameKey(t.Context(), other, key.ID, "mine", here); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("another's passkey is renamed: %v", err)
	}
	for _, name := range []string{"", "a\nb", "a\xff", string(make([]rune, 61))} {
		if err := f.RenameKey(t.Context(), u, key.ID, name, here); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
		if err := f.RenameToken(t.Context(), u, 1, name, here); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := f.RenameKey(t.Context(), u, key.ID, "blue key", here); err != nil {
		t.Fatal(err)
	}
	if e := f.events[len(f.events)-1]; e.Action != model.ActionFactorRename || e.Detail != `way=passkey passkey=1 name="blue key"` {
		t.Errorf("event %+v", e)
	}
	keys, err := f.Keys(t.Context(), u)
	if err != nil || len(keys) != 1 || keys[0].Name != "blue key" {
		t.Errorf("%+v, %v", keys, err)
	}
}
