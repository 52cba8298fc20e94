package pages

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestPictures takes pictures of all pages, for people to look at: wide and
// narrow, light and dark, into the folder PICTURES names. A page that is wider
// than its window, or that its policy stops something on, is a fault.
func TestPictures(t *testing.T) {
	dir := os.Getenv("PICTURES")
	if dir == "" {
		t.Skip("PICTURES names no folder for pictures of the pages")
	}
	s, admin := furnished(t)
	s.archive(admin, "1488228", "zimbra-logs-2026-03-01.tar.gz", "the bytes", model.ImportDone)
	s.archive(admin, "1488228", "mailbox.log.gz", "the bytes", model.ImportQuarantined)
	s.archive(admin, "1488228", "audit.zip", "the bytes", model.ImportRunning)
	s.archive(admin, "SUP-1488", "visiology.zip", "the bytes", model.ImportQueued)
	b := s.browser()
	guest := []string{"/account/login/", "/archives/upload/", "/nothing/"}
	ctx := chrome(t)
	shoot := func(path, name string) {
		for n, width := range []int64{1400, 420} {
			for m, scheme := range []string{"light", "dark"} {
				if n == m || os.Getenv("PICTURES_ALL") != "" { // wide is light and narrow dark, unless all are wanted
					picture(t, ctx, s.URL+path, "", width, scheme, filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)))
				}
			}
		}
	}
	// sent takes pictures of what a form of a page leads to.
	sent := func(path, script, name string) {
		picture(t, ctx, s.URL+path, script, 1400, "light", filepath.Join(dir, name+"-1400-light.png"))
		picture(t, ctx, s.URL+path, strings.ReplaceAll(script, "SUP-2", "SUP-3"), 420, "dark", filepath.Join(dir, name+"-420-dark.png"))
	}
	for _, path := range guest {
		shoot(path, "guest"+strings.ReplaceAll(path, "/", "_"))
	}
	b.signIn("maria")
	useCookies(t, ctx, s, b)
	shoot("/account/two_factor/setup/", "setup")
	shoot("/account/show/", "account-maria")
	b = s.browser()
	b.signIn("admin")
	useCookies(t, ctx, s, b)
	for _, path := range allPages {
		shoot(path, strings.Trim(strings.NewReplacer("/", "_", "?", "_", "%", "", "&", "_").Replace(path), "_"))
	}
	sent("/tickets/create/", `document.getElementById("number").value = "SUP-2"; document.querySelector("input[type=radio]").checked = true; document.querySelector("main form").submit(); ""`, "sent-ticket")
	sent("/account/tokens/", `document.getElementById("name").value = "nightly"; document.querySelector("main form").submit(); ""`, "sent-token")
	sent("/account/show/", `document.querySelector("form[action$='backup/tokens/']").submit(); ""`, "sent-codes")
	sent("/tickets/create/", `document.getElementById("number").value = "a b"; document.querySelector("main form").submit(); ""`, "sent-wrong")
	shoot("/tickets/show/zimbra/1488228/?lang=ru", "ru-ticket")
	shoot("/tickets/", "ru-tickets")
	shoot("/archives/upload/", "ru-upload")
}

// chrome starts a browser; it says on the test's log what its console says.
func chrome(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.NoSandbox))
	t.Cleanup(stop)
	return ctx
}

func useCookies(t *testing.T, ctx context.Context, s *site, b *browser) {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	err = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, c := range b.Jar.Cookies(u) {
			if _, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: s.URL}); err != nil {
				return err
			}
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
}

func picture(t *testing.T, ctx context.Context, address, script string, width int64, scheme, file string) {
	t.Helper()
	prefer := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	})
	if err := chromedp.Do(ctx, prefer, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if script != "" {
		loaded := chromedp.Events(ctx, cdpage.LoadEventFired)
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](script)); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		for _, err := range loaded {
			if err != nil {
				t.Fatalf("%s: %v", address, err)
			}
			break
		}
	}
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if wide > width {
		t.Errorf("%s is %d px wide in a window of %d", address, wide, width)
	}
	data, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
