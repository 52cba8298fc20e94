package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestAccountIsOnesOwn: neither a token, whatever its scopes, nor a session
// without the second factor that there is changes an account.
func TestAccountIsOnesOwn(t *testing.T) {
	s, admin := furnished(t)
	token, err := s.accounts.NewToken(t.Context(), admin.User, "reader", []string{model.ScopeTicketsRead}, 0, accounts.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	thief := s.browser() // knows the password
	thief.post("/account/login/", "username", "admin", "password", testPassword)
	profile := url.Values{"email": {"thief@example.org"}}
	password := url.Values{"old_password": {testPassword}, "new_password1": {"quite another one"}, "new_password2": {"quite another one"}}
	for _, c := range []struct {
		path string
		form url.Values
	}{{"/account/update/", profile}, {"/account/password-change/", password}} {
		if p := s.browser().do("POST", c.path, c.form, "Authorization", "Bearer "+token); p.StatusCode != http.StatusForbidden {
			t.Errorf("POST %s with a token that reads tickets: %s", c.path, p.Status)
		}
		if p := thief.do("POST", c.path, c.form); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/account/two_factor/") {
			t.Errorf("POST %s without the second factor: %s %s", c.path, p.Status, p.Header.Get("Location"))
		}
	}
	u, err := s.db.UserByName(t.Context(), "admin")
	if err != nil || u.Email != admin.User.Email || u.Password != admin.User.Password {
		t.Errorf("the account is %+v, %v", u, err)
	}
	own := s.browser()
	own.signIn("admin")
	if p := own.do("POST", "/account/update/", profile); p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != "/account/show/" {
		t.Errorf("his own: %s %s", p.Status, p.Header.Get("Location"))
	}
}

// TestFormLosesNothing: what nobody touched in a form of a ticket stays as it
// became while the form was open.
func TestFormLosesNothing(t *testing.T) {
	s, admin := furnished(t)
	b := s.browser()
	b.signIn("admin")
	form := formIn(t, b.get("/tickets/update/visiology/SUP-1488/").Body)
	_, err := s.tickets.UpdateTicket(t.Context(), admin, "SUP-1488", model.TicketChange{Attempts: new(1), Note: new("a colleague's note")})
	if err != nil {
		t.Fatal(err)
	}
	check := func(attempts int, note string) {
		t.Helper()
		if p := b.do("POST", "/tickets/update/visiology/SUP-1488/", form); p.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s %s", p.Status, p.Body)
		}
		got, err := s.db.TicketByNumber(t.Context(), "SUP-1488")
		if err != nil || got.Attempts != attempts || got.Note != note {
			t.Errorf("%d attempts, note %q, %v; want %d and %q", got.Attempts, got.Note, err, attempts, note)
		}
	}
	check(1, "a colleague's note")
	form.Set("note", "mine")
	check(1, "mine")
	form.Set("attempts", "7")
	check(7, "mine")
}

// formIn is the form of a ticket as a browser would send it.
func formIn(t *testing.T, body string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || attr(n, "name") == "" || !within(n, "/tickets/update/") {
			continue
		}
		switch {
		case n.Data == "textarea":
			values.Set(attr(n, "name"), strings.ReplaceAll(text(n), "\n", "\r\n"))
		case n.Data == "input" && (attr(n, "type") != "radio" || strings.Contains(body, attr(n, "value")+`" required checked`)):
			values.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	return values
}

// within tells whether an element is in a form that goes there.
func within(n *html.Node, action string) bool {
	for p := range n.Ancestors() {
		if p.Data == "form" {
			return strings.HasPrefix(attr(p, "action"), action)
		}
	}
	return false
}
