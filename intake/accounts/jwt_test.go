package accounts

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

func TestJWT(t *testing.T) {
	f := newFixture(t)
	u, _ := f.enrol(t, f.user(t, "maria", hashed(t)))
	code, _ := TOTPCode(u.TOTP, f.time())
	plain, err := f.IssueJWT(t.Context(), "maria", testPassword, "", here)
	if err != nil {
		t.Fatal(err)
	}
	full, err := f.IssueJWT(t.Context(), "maria", testPassword, code, here)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.IssueJWT(t.Context(), "maria", testPassword, code, here); !errors.Is(err, ErrCode) {
		t.Errorf("a used code gives tokens: %v", err)
	}
	for _, c := range []struct {
		name, token    string
		valid, verifed bool
	}{
		{"without a code", plain.Access, true, false},
		{"with a code", full.Access, true, true},
		{"a refresh token", full.Refresh, false, false},
		{"nothing", "", false, false},
		{"another key", forged(t, u, newSigner("guess").key, jwt.SigningMethodHS256), false, false},
		{"no signature", forged(t, u, jwt.UnsafeAllowNoneSignatureType, jwt.SigningMethodNone), false, false},
		{"another algorithm", forged(t, u, f.signer.key, jwt.SigningMethodHS512), false, false},
		{"the secret itself as key", forged(t, u, []byte("test secret"), jwt.SigningMethodHS256), false, false},
	} {
		got, verified, err := f.ByJWT(t.Context(), c.token)
		if (err == nil) != c.valid || verified != c.verifed || c.valid && got.ID != u.ID {
			t.Errorf("%s: %v, %v, %v", c.name, got.Username, verified, err)
		}
	}
	f.pass(AccessLife)
	if _, _, err := f.ByJWT(t.Context(), full.Access); !errors.Is(err, ErrToken) {
		t.Errorf("after an hour: %v", err)
	}
	access, err := f.RefreshJWT(t.Context(), full.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, verified, err := f.ByJWT(t.Context(), access); err != nil || !verified {
		t.Errorf("refreshed: %v, %v", verified, err)
	}
	if _, err := f.RefreshJWT(t.Context(), access); !errors.Is(err, ErrToken) {
		t.Errorf("an access token refreshes: %v", err)
	}
	if f.VerifyJWT(t.Context(), access) != nil || f.VerifyJWT(t.Context(), full.Refresh) != nil || f.VerifyJWT(t.Context(), "x") == nil {
		t.Error("VerifyJWT")
	}
	f.pass(RefreshLife)
	if _, err := f.RefreshJWT(t.Context(), full.Refresh); !errors.Is(err, ErrToken) {
		t.Errorf("after a day: %v", err)
	}
}

func forged(t *testing.T, u model.User, key any, m jwt.SigningMethod) string {
	t.Helper()
	s, err := jwt.NewWithClaims(m, claims{Kind: kindAccess, UserID: u.ID, Verified: true, Epoch: u.Epoch, RegisteredClaims: jwt.RegisteredClaims{
		ExpiresAt: jwt.NewNumericDate(time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)),
	}}).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestJWTEnds: what a user had signed in before ends with his password, his
// factor, and when he may not sign in any more.
func TestJWTEnds(t *testing.T) {
	for name, change := range map[string]func(f *fixture, u model.User) error{
		"password": func(f *fixture, u model.User) error {
			_, err := f.ChangePassword(t.Context(), u, testPassword, "another good one", here)
			return err
		},
		"factor": func(f *fixture, u model.User) error {
			_, err := f.RemoveFactors(t.Context(), u, "admin", here)
			return err
		},
		"inactive": func(f *fixture, u model.User) error {
			u.Active = false
			return f.db.UpdateUser(t.Context(), u)
		},
		"deleted": func(f *fixture, u model.User) error { return f.db.DeleteUser(t.Context(), u.ID) },
	} {
		f := newFixture(t)
		u := f.user(t, "maria", hashed(t))
		pair, err := f.IssueJWT(t.Context(), "maria", testPassword, "", here)
		if err != nil {
			t.Fatal(err)
		}
		if err := change(f, u); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, _, err = f.ByJWT(t.Context(), pair.Access)
		_, errRefresh := f.RefreshJWT(t.Context(), pair.Refresh)
		if !errors.Is(err, ErrToken) || !errors.Is(errRefresh, ErrToken) {
			t.Errorf("%s: %v, %v", name, err, errRefresh)
		}
	}
}

func TestChangePassword(t *testing.T) {
	f := newFixture(t)
	u := f.user(t, "maria", hashed(t))
	if _, err := f.ChangePassword(t.Context(), u, "wrong", "another good one", here); !errors.Is(err, ErrOldPassword) {
		t.Errorf("without the old one: %v", err)
	}
	if _, err := f.ChangePassword(t.Context(), u, testPassword, "short", here); !errors.Is(err, ErrPasswordShort) {
		t.Errorf("a short one: %v", err)
	}
	epoch, err := f.ChangePassword(t.Context(), u, testPassword, "another good one", here)
	if now := f.again(t, u); err != nil || now.Epoch != epoch {
		t.Errorf("epoch %d, %v; the user's is %d", epoch, err, now.Epoch)
	}
	if _, err := f.CheckPassword(t.Context(), "maria", "another good one", here); err != nil {
		t.Error(err)
	}
}
