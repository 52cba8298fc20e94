package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// trail is what was done, newest first: actions with their outcomes.
func (s *site) trail(n int) (list []string) {
	s.t.Helper()
	events, err := s.db.Events(s.t.Context(), model.EventFilter{Page: model.Page{Limit: n}})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range events {
		list = append(list, e.Action+" "+e.Outcome)
	}
	return list
}

// key gives a user a passkey that opens nothing.
func (s *site) key(u model.User, name string) int64 {
	s.t.Helper()
	k := model.Passkey{UserID: u.ID, Name: name, CredentialID: []byte(name), Credential: []byte("{}"), Created: s.now()}
	if err := s.db.CreatePasskey(s.t.Context(), &k); err != nil {
		s.t.Fatal(err)
	}
	return k.ID
}

// TestFactorsOneByOne: each second factor goes by itself, with the password, and
// the last one does not.
func TestFactorsOneByOne(t *testing.T) {
	s, admin := furnished(t)
	phone, blue := s.key(admin.User, "phone"), s.key(admin.User, "blue")
	b, other := s.browser(), s.browser()
	b.signIn("admin")
	other.signIn("admin")
	remove := func(id int64, password string, status int, want string) {
		t.Helper()
		p := b.post(fmt.Sprintf("/account/two_factor/remove/%d/", id), "password", password)
		if p.StatusCode != status || !strings.Contains(p.Body, want) {
			t.Errorf("%d: %s, want %d with %q", id, p.Status, status, want)
		}
	}
	if p := b.get(fmt.Sprintf("/account/two_factor/remove/%d/", phone)); p.StatusCode != http.StatusOK || !strings.Contains(p.Body, "Remove “phone”?") {
		t.Errorf("the question: %s %s", p.Status, p.Body)
	}
	remove(phone, "wrong", http.StatusForbidden, "The password is wrong.")
	remove(phone, testPassword, http.StatusSeeOther, "")
	if got := s.trail(1)[0]; got != "RemoveSecondFactor success" {
		t.Errorf("the trail has %q", got)
	}
	if p := other.get("/account/show/"); p.StatusCode != http.StatusSeeOther {
		t.Errorf("another session lives on: %s", p.Status)
	}
	if p := b.get("/account/show/"); p.StatusCode != http.StatusOK || strings.Contains(p.Body, "phone") || !strings.Contains(p.Body, "blue") || !strings.Contains(p.Body, "Removed.") {
		t.Errorf("the account: %s %s", p.Status, p.Body)
	}
	remove(phone, testPassword, http.StatusNotFound, "")
	remove(0, testPassword, http.StatusSeeOther, "") // the authenticator
	remove(blue, testPassword, http.StatusConflict, "only second factor, so it stays")
	if got := s.trail(1)[0]; got != "RemoveSecondFactor failure" {
		t.Errorf("the trail has %q", got)
	}
	if p := b.get(fmt.Sprintf("/account/two_factor/remove/%d/", blue)); !strings.Contains(p.Body, "only second factor") || strings.Contains(p.Body, `type="password"`) {
		t.Errorf("the last one can be removed: %s", p.Body)
	}
	if u, err := s.db.UserByID(t.Context(), admin.User.ID); err != nil || !u.SecondFactor() {
		t.Errorf("%+v, %v", u, err)
	}
}

// TestRename: names are a user's own to change, of keys and of tokens.
func TestRename(t *testing.T) {
	s, admin := furnished(t)
	maria, err := s.db.UserByName(t.Context(), "maria")
	if err != nil {
		t.Fatal(err)
	}
	key, hers := s.key(admin.User, "phone"), s.key(maria, "hers")
	b := s.browser()
	b.signIn("admin")
	b.post("/account/tokens/", "name", "nightly", "scope", model.ScopeTicketsRead, "days", "30")
	rename := func(path, name string, status int, want string) {
		t.Helper()
		p := b.post(path, "name", name)
		if p.StatusCode != status {
			t.Errorf("%s: %s, want %d", path, p.Status, status)
		}
		if page := b.get(p.Header.Get("Location")); want != "" && !strings.Contains(page.Body, want) {
			t.Errorf("%s as %q: no %s", path, name, want)
		}
	}
	rename(fmt.Sprintf("/account/two_factor/rename/%d/", key), " blue <key> ", http.StatusSeeOther, "blue &lt;key&gt;")
	rename(fmt.Sprintf("/account/two_factor/rename/%d/", key), " ", http.StatusSeeOther, "A name has 1 to 60 characters.")
	rename(fmt.Sprintf("/account/two_factor/rename/%d/", hers), "mine", http.StatusNotFound, "")
	rename("/account/tokens/1/rename/", "hourly", http.StatusSeeOther, "hourly")
	rename("/account/tokens/2/rename/", "hourly", http.StatusNotFound, "")
	if got := s.trail(1)[0]; got != "RenameAPIToken success" {
		t.Errorf("the trail has %q", got)
	}
	plain := s.browser()
	plain.post("/account/login/", "username", "admin", "password", testPassword) // no second factor yet
	for _, path := range []string{fmt.Sprintf("/account/two_factor/rename/%d/", key), "/account/tokens/1/rename/", fmt.Sprintf("/account/two_factor/remove/%d/", key), "/account/oidc/link/", "/account/oidc/unlink/"} {
		if p := plain.post(path, "name", "x", "password", testPassword); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/account/two_factor/") {
			t.Errorf("%s without the second factor: %s %s", path, p.Status, p.Header.Get("Location"))
		}
	}
}

// TestLinkIdentity: an identity comes to an account that has a password by the
// hand of its user alone, in the session in which it was asked for, once.
func TestLinkIdentity(t *testing.T) {
	s, admin := furnished(t)
	s.issuer.Claims = map[string]any{"preferred_username": "admin", "email": "admin@example.org", "email_verified": true}
	callback := func(address string) string {
		t.Helper()
		state, code := s.issuer.Visit(t, address)
		return "/account/oidc/callback/?" + url.Values{"state": {state}, "code": {code}}.Encode()
	}
	subject := func(want string) {
		t.Helper()
		if u, err := s.db.UserByID(t.Context(), admin.User.ID); err != nil || u.OIDCSubject != want {
			t.Errorf("subject %q, %v; want %q", u.OIDCSubject, err, want)
		}
	}
	// A sign-in with the same name and a verified address comes to nothing.
	stranger := s.browser()
	if p := stranger.get(callback(stranger.get("/account/oidc/").Header.Get("Location"))); p.StatusCode != http.StatusForbidden {
		t.Errorf("by name and address: %s", p.Status)
	}
	subject("")

	b, other := s.browser(), s.browser()
	b.signIn("admin")
	other.signIn("maria")
	begin := func() string {
		t.Helper()
		p := b.post("/account/oidc/link/")
		address := p.Header.Get("Location")
		u, err := url.Parse(address)
		if q := u.Query(); p.StatusCode != http.StatusSeeOther || err != nil || q.Get("state") == "" || q.Get("nonce") == "" || q.Get("code_challenge_method") != "S256" {
			t.Fatalf("the way there: %s %s", p.Status, address)
		}
		return address
	}
	if p := other.get(callback(begin())); p.StatusCode == http.StatusOK || p.Header.Get("Location") == "/account/show/" {
		t.Errorf("in another session: %s", p.Status)
	}
	subject("")
	b.get("/account/oidc/callback/?state=guessed&code=x") // this ends what was begun
	back := callback(begin())
	b.get(strings.Replace(back, "state=", "state=x", 1))
	subject("")
	if p := b.get(back); p.Header.Get("Location") == "/account/show/" { // after a wrong state
		t.Error("a second try with the same state")
	}
	subject("")
	back = callback(begin())
	if p := b.get(back); p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != "/account/show/" {
		t.Errorf("linked: %s", p.Status)
	}
	own := s.issuer.URL + " 42"
	subject(own)
	if page := b.get("/account/show/"); !strings.Contains(page.Body, "From now on you can sign in there") || !strings.Contains(page.Body, own) {
		t.Errorf("the account does not say so: %s", page.Body)
	}
	if got := s.trail(1)[0]; got != "LinkIdentity success" {
		t.Errorf("the trail has %q", got)
	}
	// Now the sign-in works, and the second factor is asked for.
	visitor := s.browser()
	if p := visitor.get(callback(visitor.get("/account/oidc/").Header.Get("Location"))); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/account/two_factor/") {
		t.Errorf("sign-in: %s %s", p.Status, p.Header.Get("Location"))
	}
	if p := b.do("POST", "/account/oidc/unlink/", url.Values{}, "Origin", "https://evil.example.org"); p.StatusCode != http.StatusForbidden {
		t.Errorf("unlinked by another site: %s", p.Status)
	}
	if p := b.post("/account/oidc/unlink/"); p.StatusCode != http.StatusSeeOther {
		t.Errorf("unlinked: %s", p.Status)
	}
	subject("")
	if p := visitor.get("/account/show/"); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/account/login/") {
		t.Errorf("the session of the identity lives on: %s", p.Status)
	}
	if got := s.trail(1)[0]; got != "UnlinkIdentity success" {
		t.Errorf("the trail has %q", got)
	}
}
