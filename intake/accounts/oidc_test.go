package accounts

import (
	"errors"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/zimbraloki/zimbraloki/intake/accounts/oidctest"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

func TestOIDC(t *testing.T) {
	for name, c := range map[string]struct {
		options  OIDCOptions
		claims   jwt.MapClaims
		before   func(t *testing.T, f *fixture)
		verified bool
		admin    bool
		want     error
	}{
		"nobody of that name":                 {claims: jwt.MapClaims{"preferred_username": "maria"}, want: ErrOIDCUnknown},
		"an account that waits":               {claims: jwt.MapClaims{"preferred_username": "maria"}, before: func(t *testing.T, f *fixture) { f.user(t, "maria", "") }},
		"an account that has a password":      {claims: jwt.MapClaims{"preferred_username": "maria"}, before: func(t *testing.T, f *fixture) { f.user(t, "maria", "some hash") }, want: ErrOIDCUnknown},
		"accounts are made":                   {options: OIDCOptions{CreateUsers: true}, claims: jwt.MapClaims{"preferred_username": "maria", "email": "maria@example.org"}},
		"no name":                             {options: OIDCOptions{CreateUsers: true}, want: ErrUsername},
		"a second factor, trusted":            {options: OIDCOptions{CreateUsers: true, TrustSecondFactor: true}, claims: jwt.MapClaims{"preferred_username": "maria", "amr": []string{"pwd", "otp"}}, verified: true},
		"a second factor, not trusted":        {options: OIDCOptions{CreateUsers: true}, claims: jwt.MapClaims{"preferred_username": "maria", "amr": []string{"pwd", "otp"}}},
		"a password alone":                    {options: OIDCOptions{CreateUsers: true, TrustSecondFactor: true}, claims: jwt.MapClaims{"preferred_username": "maria", "amr": []string{"pwd"}}},
		"not in the group":                    {options: OIDCOptions{CreateUsers: true, UserGroup: "support", GroupsClaim: "groups"}, claims: jwt.MapClaims{"preferred_username": "maria", "groups": []string{"sales"}}, want: ErrOIDCGroup},
		"in the group of administrators":      {options: OIDCOptions{CreateUsers: true, AdminGroup: "ops", GroupsClaim: "groups"}, claims: jwt.MapClaims{"preferred_username": "maria", "groups": []string{"ops"}}, admin: true},
		"an account that may not sign in":     {claims: jwt.MapClaims{"preferred_username": "maria"}, before: inactive, want: ErrCredentials},
		"for another client":                  {options: OIDCOptions{CreateUsers: true}, claims: jwt.MapClaims{"preferred_username": "maria", "aud": "other"}, want: errAny},
		"of another issuer":                   {options: OIDCOptions{CreateUsers: true}, claims: jwt.MapClaims{"preferred_username": "maria", "iss": "https://other.example.org"}, want: errAny},
		"expired":                             {options: OIDCOptions{CreateUsers: true}, claims: jwt.MapClaims{"preferred_username": "maria", "exp": 1}, want: errAny},
		"with the nonce of another sign-in":   {options: OIDCOptions{CreateUsers: true}, claims: jwt.MapClaims{"preferred_username": "maria", "nonce": "x"}, want: ErrOIDCState},
		"another subject has the name by now": {options: OIDCOptions{CreateUsers: true}, claims: jwt.MapClaims{"preferred_username": "maria"}, before: taken, want: ErrOIDCUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			f, i := newFixture(t), oidctest.New(t)
			if c.before != nil {
				c.before(t, f)
			}
			o := c.options
			o.Issuer, o.ClientID, o.ClientSecret, o.RedirectURL = i.URL, "intake", "secret", "http://intake.example.org/account/oidc/callback/"
			i.Claims = c.claims
			sign := NewOIDC(f.Service, o)
			address, kept, err := sign.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			state, code := i.Visit(t, address)
			u, verified, err := sign.Finish(t.Context(), kept, state, code, here)
			if c.want == errAny && err != nil {
				return
			}
			if !errors.Is(err, c.want) || verified != c.verified || u.Admin != c.admin || c.want == nil && u.Username != "maria" {
				t.Errorf("%+v, verified %v, %v; want %v", u, verified, err, c.want)
			}
		})
	}
}

// errAny stands for an error of the library.
var errAny = errors.New("any")

func inactive(t *testing.T, f *fixture) {
	u := f.user(t, "maria", "")
	u.Active = false
	if err := f.db.UpdateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
}

func taken(t *testing.T, f *fixture) {
	u := f.user(t, "maria", "")
	u.OIDCSubject = "somebody else"
	if err := f.db.UpdateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
}

func TestOIDCState(t *testing.T) {
	f, i := newFixture(t), oidctest.New(t)
	i.Claims = jwt.MapClaims{"preferred_username": "maria"}
	sign := NewOIDC(f.Service, OIDCOptions{Issuer: i.URL, ClientID: "intake", CreateUsers: true})
	address, kept, err := sign.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state, code := i.Visit(t, address)
	_, other, _ := sign.Begin(t.Context())
	for _, c := range []struct{ kept, state, code string }{
		{kept, "guessed", code},
		{"", "", code},
		{"", state, code},
		{other, state, code},
		{state + " " + strings.Join(strings.Fields(other)[1:], " "), state, code}, // PKCE: the code of another's browser
		{kept, state, "guessed"},
	} {
		if u, _, err := sign.Finish(t.Context(), c.kept, c.state, c.code, here); err == nil {
			t.Errorf("%+v signs %s in", c, u.Username)
		}
	}
	u, _, err := sign.Finish(t.Context(), kept, state, code, here)
	if err != nil || u.Username != "maria" {
		t.Fatal(u, err)
	}
	// The subject is known now, whatever name it has.
	i.Claims = jwt.MapClaims{"preferred_username": "masha"}
	address, kept, _ = sign.Begin(t.Context())
	state, code = i.Visit(t, address)
	again, _, err := sign.Finish(t.Context(), kept, state, code, here)
	if err != nil || again.ID != u.ID {
		t.Errorf("%+v, %v", again, err)
	}
	if e := f.events[len(f.events)-1]; e.Action != model.ActionAuth || e.Outcome != model.OutcomeSuccess || e.Actor != "maria" {
		t.Errorf("%+v", e)
	}
}
