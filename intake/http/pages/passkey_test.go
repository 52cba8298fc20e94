package pages

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// TestPasskey lets a browser with an authenticator of its own make a passkey
// and show it at the next sign-in. It is for who has a browser: INTAKE_LOOK says so.
func TestPasskey(t *testing.T) {
	if os.Getenv("INTAKE_LOOK") == "" {
		t.Skip("INTAKE_LOOK is not set: no browser")
	}
	s := newSite(t)
	s.user("maria", false)
	ctx := chrome(t)
	device := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasUserVerification: true, HasResidentKey: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	})
	js := func(expression string) string {
		t.Helper()
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return v
	}
	// until waits for the page to say something, at most 20 s. A page that is left
	// meanwhile answers nothing, so it asks again.
	until := func(expression string) {
		t.Helper()
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for range 400 {
			if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression)); err == nil && ok {
				return
			}
			<-tick.C
		}
		text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
		t.Fatalf("%s never came:\n%s", expression, text)
	}
	login := func(next string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate(s.named+"/account/login/")); err != nil {
			t.Fatal(err)
		}
		js(`document.getElementById("username").value = "maria"; document.getElementById("password").value = "` + testPassword + `"; document.querySelector("main form").submit(); ""`)
		until(`location.pathname === "` + next + `" && document.readyState === "complete"`)
	}
	if err := chromedp.Do(ctx, device); err != nil {
		t.Fatal(err)
	}
	login("/tickets/")
	if err := chromedp.Do(ctx, chromedp.Navigate(s.named+"/account/show/")); err != nil {
		t.Fatal(err)
	}
	js(`document.querySelector("[data-passkey]").click(); ""`)
	until(`document.querySelectorAll(".codes li").length === 10`)
	u, err := s.db.UserByName(t.Context(), "maria")
	if err != nil || u.PasskeyCount != 1 || u.BackupsCount != 10 {
		t.Fatalf("%+v, %v", u, err)
	}
	js(`fetch("/account/logout/", {method: "POST"}).then(() => { window.out = true }); ""`)
	until(`window.out === true`)
	login("/account/two_factor/")
	js(`document.querySelector("[data-passkey]").click(); ""`)
	until(`location.pathname === "/tickets/"`)
	if text := js("document.body.innerText"); strings.Contains(text, "second factor") {
		t.Errorf("not verified:\n%s", text)
	}
}
