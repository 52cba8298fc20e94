package accounts

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// issuer is a provider of OpenID Connect that says what a test wants.
type issuer struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims jwt.MapClaims
	codes  map[string]url.Values // what the browser brought, by code
}

// oneKey is made once: that takes its time.
var oneKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := oneKey()
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		b64 := base64.RawURLEncoding.EncodeToString
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("/token", i.token)
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// visit is the browser at the issuer: it comes back with a code.
func (i *issuer) visit(t *testing.T, address string) (state, code string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	code = rand20()
	i.codes[code] = u.Query()
	return u.Query().Get("state"), code
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	asked, ok := i.codes[r.PostFormValue("code")]
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || asked.Get("code_challenge_method") != "S256" || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	c := jwt.MapClaims{"iss": i.URL, "aud": "intake", "sub": "42", "nonce": asked.Get("nonce"), "exp": 4e9, "iat": 1}
	for k, v := range i.claims {
		c[k] = v
	}
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	t.Header["kid"] = "1"
	raw, _ := t.SignedString(i.key)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": raw})
}

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
			f, i := newFixture(t), newIssuer(t)
			if c.before != nil {
				c.before(t, f)
			}
			o := c.options
			o.Issuer, o.ClientID, o.ClientSecret, o.RedirectURL = i.URL, "intake", "secret", "http://intake.example.org/account/oidc/callback/"
			i.claims = c.claims
			sign := NewOIDC(f.Service, o)
			address, kept, err := sign.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			state, code := i.visit(t, address)
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
	f, i := newFixture(t), newIssuer(t)
	i.claims = jwt.MapClaims{"preferred_username": "maria"}
	sign := NewOIDC(f.Service, OIDCOptions{Issuer: i.URL, ClientID: "intake", CreateUsers: true})
	address, kept, err := sign.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state, code := i.visit(t, address)
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
	i.claims = jwt.MapClaims{"preferred_username": "masha"}
	address, kept, _ = sign.Begin(t.Context())
	state, code = i.visit(t, address)
	again, _, err := sign.Finish(t.Context(), kept, state, code, here)
	if err != nil || again.ID != u.ID {
		t.Errorf("%+v, %v", again, err)
	}
	if e := f.events[len(f.events)-1]; e.Action != model.ActionAuth || e.Outcome != model.OutcomeSuccess || e.Actor != "maria" {
		t.Errorf("%+v", e)
	}
}
