package pages

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// session is the value of a browser's cookie.
func (b *browser) session() string {
	u, _ := url.Parse(b.s.URL)
	for _, c := range b.Jar.Cookies(u) {
		if c.Name == "session" {
			return c.Value
		}
	}
	return ""
}

// TestSessionFixation: an ID that somebody planted is worth nothing after the
// sign-in, nor after the second factor, nor after the sign-out.
func TestSessionFixation(t *testing.T) {
	s, _ := furnished(t)
	b := s.browser()
	b.get("/account/two_factor/setup/") // no session yet
	u, _ := url.Parse(s.URL)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: "planted-by-somebody-else"}})
	b.post("/account/login/", "username", "admin", "password", testPassword)
	first := b.session()
	if first == "" || first == "planted-by-somebody-else" {
		t.Fatalf("the session is %q", first)
	}
	user, _ := s.db.UserByName(t.Context(), "admin")
	s.pass(time.Minute)
	code, _ := accounts.TOTPCode(user.TOTP, s.now())
	b.post("/account/two_factor/", "code", code)
	second := b.session()
	if second == first {
		t.Error("the second factor leaves the session's ID as it was")
	}
	with := func(id, path string) int {
		other := s.browser()
		other.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: id}})
		return other.get(path).StatusCode
	}
	for id, want := range map[string]int{"planted-by-somebody-else": http.StatusSeeOther, first: http.StatusSeeOther, second: http.StatusOK} {
		if got := with(id, "/users/"); got != want {
			t.Errorf("with the ID %.12s: %d, want %d", id, got, want)
		}
	}
	b.post("/account/logout/")
	if got := with(second, "/users/"); got != http.StatusSeeOther {
		t.Errorf("after the sign-out: %d", got)
	}
}

func TestCookie(t *testing.T) {
	s, _ := furnished(t)
	for _, c := range []struct {
		proto  string
		secure bool
	}{{"http", false}, {"https", true}} {
		p := s.browser().do("POST", "/account/login/", url.Values{"username": {"maria"}, "password": {testPassword}}, "X-Forwarded-Proto", c.proto)
		cookie := p.Cookies()[0]
		if cookie.Name != "session" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure != c.secure || cookie.MaxAge != 0 {
			t.Errorf("%s: %s", c.proto, cookie)
		}
		if hsts := p.Header.Get("Strict-Transport-Security"); (hsts != "") != c.secure {
			t.Errorf("%s: Strict-Transport-Security %q", c.proto, hsts)
		}
	}
}

// TestCrossOrigin: no form of another site does anything.
func TestCrossOrigin(t *testing.T) {
	s, _ := furnished(t)
	b := s.browser()
	b.signIn("admin")
	for _, c := range []struct {
		headers []string
		want    int
	}{
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.org"}, http.StatusForbidden},
		{[]string{"Sec-Fetch-Site", "same-site", "Origin", "https://other.example.org"}, http.StatusForbidden},
		{[]string{"Origin", "https://evil.example.org"}, http.StatusForbidden}, // an old browser
		{[]string{"Origin", "null"}, http.StatusForbidden},                     // a sandboxed frame
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", s.URL}, http.StatusSeeOther},
		{[]string{"Origin", s.URL}, http.StatusSeeOther},
		{nil, http.StatusSeeOther}, // no browser
	} {
		p := b.do("POST", "/tickets/do/SUP-1488/resolve/", url.Values{}, c.headers...)
		if p.StatusCode != c.want {
			t.Errorf("%q: %s, want %d", c.headers, p.Status, c.want)
		}
	}
	ticket, err := s.db.TicketByNumber(t.Context(), "1488228")
	if err != nil || ticket.Resolved {
		t.Error("the wrong ticket is resolved")
	}
}

func TestHeaders(t *testing.T) {
	s, admin := furnished(t)
	s.archive(admin, "1488228", "evil.html", "<script>alert(1)</script>", model.ImportDone)
	b := s.browser()
	b.signIn("admin")
	for _, c := range []struct{ path, name, want string }{
		{"/tickets/", "Content-Security-Policy", "default-src 'none'; script-src 'self'"},
		{"/tickets/", "X-Content-Type-Options", "nosniff"},
		{"/tickets/", "Referrer-Policy", "same-origin"},
		{"/tickets/", "Cache-Control", "no-store"},
		{"/tickets/", "Content-Type", "text/html; charset=utf-8"},
		{"/nothing/", "Content-Security-Policy", "frame-ancestors 'none'"},
		{"/archives/download/1/", "Content-Disposition", "attachment; filename=evil.html"},
		{"/archives/download/1/", "Content-Type", "application/octet-stream"},
		{"/archives/download/1/", "Content-Security-Policy", "default-src 'none'; sandbox"},
		{"/archives/download/1/", "X-Content-Type-Options", "nosniff"},
		{"/archives/report/1/", "Content-Security-Policy", "sandbox allow-top-navigation-by-user-activation; default-src 'none'"},
	} {
		if got := b.get(c.path).Header.Get(c.name); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s is %q, want %q", c.path, c.name, got, c.want)
		}
	}
}

// TestSecondFactorIsNeeded: what a password alone does not open, and where each
// refusal leads.
func TestSecondFactorIsNeeded(t *testing.T) {
	s, admin := furnished(t)
	s.archive(admin, "1488228", "logs.tar.gz", "the bytes", model.ImportDone)
	half, none := s.browser(), s.browser()
	half.post("/account/login/", "username", "admin", "password", testPassword) // has a factor, did not give it
	none.signIn("maria")                                                        // has none
	for _, path := range []string{"/archives/download/1/", "/archives/report/1/", "/tickets/ask/1488228/?q=x", "/tickets/delete/1488228/", "/archives/delete/1/"} {
		if p := half.get(path); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/account/two_factor/?next=") {
			t.Errorf("%s without the code: %s %s", path, p.Status, p.Header.Get("Location"))
		}
		if p := none.get(path); p.StatusCode != http.StatusForbidden || !strings.Contains(p.Body, "/account/two_factor/setup/") {
			t.Errorf("%s without a factor: %s", path, p.Status)
		}
		if p := s.browser().get(path); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/account/login/?next=") {
			t.Errorf("%s as a guest: %s %s", path, p.Status, p.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/archives/do/1/import/", "/archives/do/1/delete/", "/tickets/do/1488228/delete/", "/platforms/", "/users/create/", "/users/2/reset/", "/account/two_factor/backup/tokens/", "/account/tokens/"} {
		if p := half.post(path, "name", "x", "pretty_name", "x", "scope", "tickets:read", "days", "30"); p.StatusCode != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/account/two_factor/") {
			t.Errorf("POST %s without the code: %s %s", path, p.Status, p.Header.Get("Location"))
		}
	}
	if a, err := s.db.Archive(t.Context(), 1); err != nil || a.Import.State != model.ImportDone {
		t.Errorf("%+v, %v", a.Import, err)
	}
	for _, path := range []string{"/users/", "/audit/", "/platforms/zimbra/"} {
		if p := none.get(path); p.StatusCode != http.StatusForbidden {
			t.Errorf("%s as a supporter: %s", path, p.Status)
		}
	}
}

// TestInjection: what people write is text, wherever it stands.
func TestInjection(t *testing.T) {
	s, admin := furnished(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	note := evil + "\n\n[click](javascript:alert(3)) ![p](https://evil.example.org/p.png) <iframe src=//evil.example.org></iframe> <a href=\"data:text/html,x\" onclick=\"alert(4)\">x</a>\n\n<style>*{display:none}</style>"
	if _, _, err := s.tickets.CreateTicket(t.Context(), admin, tickets.NewTicket{Number: "X-1", Platform: "zimbra", Note: note}); err != nil {
		t.Fatal(err)
	}
	s.archive(admin, "X-1", evil+".gz", "x", model.ImportFailed)
	if _, err := s.tickets.UpdatePlatform(t.Context(), admin, "visiology", model.Platform{Name: "visiology", PrettyName: "<b onclick=alert(5)>V</b>"}); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.signIn("admin")
	q := url.QueryEscape(evil)
	for _, path := range []string{
		"/tickets/show/zimbra/X-1/", "/tickets/", "/tickets/update/zimbra/X-1/", "/tickets/?search=" + q + "&state=" + q + "&platform=" + q, "/tickets/ask/X-1/?q=" + q,
		"/tickets/ask/X-1/?q=%7Bx%3D%22y%22%7D", "/audit/?actor=" + q + "&object=" + q, "/archives/delete/1/", "/account/login/?next=" + q, "/platforms/", "/" + q + "/", "/tickets/show/" + q + "/",
	} {
		harmless(t, path, b.get(path).Body)
	}
	if p := b.post("/tickets/create/", "number", evil, "platform", "zimbra", "attempts", evil, "note", evil); p.StatusCode != http.StatusBadRequest {
		t.Errorf("a form that is wrong: %s", p.Status)
	} else {
		harmless(t, "a form that is wrong", p.Body)
	}
	if p := s.browser().post("/account/login/", "username", evil, "password", "x", "next", "https://evil.example.org/"); p.StatusCode != http.StatusUnauthorized || strings.Contains(p.Body, "evil.example.org") {
		t.Errorf("a sign-in: %s", p.Status)
	} else {
		harmless(t, "a sign-in", p.Body)
	}
}

// harmless wants a page to hold no element and no attribute that acts but ours.
func harmless(t *testing.T, page, body string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		src, href := attr(n, "src"), attr(n, "href")
		switch n.Data {
		case "script", "img", "iframe":
			if !strings.HasPrefix(src, "/static/") && !strings.HasPrefix(src, "/archives/report/") || strings.TrimSpace(text(n)) != "" {
				t.Errorf("%s has a %s of %q", page, n.Data, src)
			}
		case "style", "object", "embed", "base", "b":
			t.Errorf("%s has a %s", page, n.Data)
		}
		if href != "" && !strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "#") && !strings.HasPrefix(href, "https://help.example.org/") && !strings.HasPrefix(href, "https://grafana.example.org/") {
			t.Errorf("%s leads to %q", page, href)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || a.Key == "formaction" {
				t.Errorf("%s: %s has %s=%q", page, n.Data, a.Key, a.Val)
			}
		}
	}
}

func TestLocal(t *testing.T) {
	for next, want := range map[string]string{
		"/tickets/?a=b": "/tickets/?a=b", "": "/", "https://evil.example.org/": "/", "//evil.example.org": "/", `/\evil.example.org`: "/", "javascript:alert(1)": "/", "/a\r\nX: y": "/", "tickets/": "/", "/\t/evil.example.org": "/",
	} {
		if got := local(next); got != want {
			t.Errorf("local(%q) = %q, want %q", next, got, want)
		}
	}
}

// TestOthersTicket: where tickets are their owner's alone.
func TestOthersTicket(t *testing.T) {
	s, admin := furnished(t)
	a := s.archive(admin, "1488228", "logs.tar.gz", "the bytes", model.ImportDone)
	rules := s.tickets.Rules()
	rules.OwnOnly = true
	own := tickets.New(s.db, rules, tickets.Options{Now: s.now})
	*s.tickets = *own //nolint:govet // the one server of this test goes on with other rules
	maria, err := s.db.UserByName(t.Context(), "maria")
	if err != nil {
		t.Fatal(err)
	}
	s.enrol(maria)
	b := s.browser()
	b.signIn("maria")
	for _, path := range []string{"/tickets/show/zimbra/1488228/", "/tickets/update/zimbra/1488228/", "/tickets/ask/1488228/?q=x", "/tickets/delete/1488228/", "/archives/download/1/", "/archives/report/1/", "/archives/progress/1/", "/archives/delete/1/"} {
		if p := b.get(path); p.StatusCode != http.StatusNotFound {
			t.Errorf("%s of another: %s", path, p.Status)
		}
	}
	for _, path := range []string{"/tickets/do/1488228/resolve/", "/tickets/do/1488228/rotate/", "/tickets/do/1488228/delete/", "/archives/do/1/import/", "/archives/do/1/delete/"} {
		if p := b.post(path); p.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s of another: %s", path, p.Status)
		}
	}
	if p := b.get("/tickets/"); strings.Contains(p.Body, "1488228") {
		t.Error("the list has another's ticket")
	}
	if _, err := s.db.Archive(t.Context(), a.ID); err != nil {
		t.Error(err)
	}
}

// TestUploadForm is the page without a script: what it sends goes on to the
// handler of the API as it arrives.
func TestUploadForm(t *testing.T) {
	s, _ := furnished(t)
	send := func(parts ...string) page {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for n := 0; n+1 < len(parts); n += 2 {
			if parts[n] == "file" {
				name, content, _ := strings.Cut(parts[n+1], "|")
				f, _ := w.CreateFormFile("file", name)
				_, _ = f.Write([]byte(content))
				continue
			}
			_ = w.WriteField(parts[n], parts[n+1])
		}
		_ = w.Close()
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/archives/upload/", &body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", w.FormDataContentType())
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var b bytes.Buffer
		_, _ = b.ReadFrom(resp.Body)
		return page{resp, b.String()}
	}
	p := send("token", " good ", "file", "журнал 1.tar.gz|the bytes")
	if p.StatusCode != http.StatusCreated || !strings.Contains(p.Body, "has arrived") {
		t.Errorf("%s %s", p.Status, p.Body)
	}
	if want := []string{"good", "attachment; filename*=utf-8''%D0%B6%D1%83%D1%80%D0%BD%D0%B0%D0%BB%201.tar.gz", "the bytes"}; strings.Join(s.uploads, "|") != strings.Join(want, "|") {
		t.Errorf("the handler was given %q, want %q", s.uploads, want)
	}
	p = send("token", "bad", "file", "a.gz|x")
	if p.StatusCode != http.StatusForbidden || strings.Contains(p.Body, "<b>bad") || !strings.Contains(p.Body, "not valid") {
		t.Errorf("%s %s", p.Status, p.Body)
	}
	for _, parts := range [][]string{{}, {"token", "good"}, {"file", "|x"}} {
		if p := send(parts...); p.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", parts, p.Status)
		}
	}
	if p := s.browser().post("/archives/upload/", "token", "good"); p.StatusCode != http.StatusBadRequest {
		t.Errorf("a form of another kind: %s", p.Status)
	}
}
