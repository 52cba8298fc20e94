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

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// views are how pages are looked at: all of it for PICTURES_ALL, else one of
// each kind.
func views() (list []look) {
	if os.Getenv("PICTURES_ALL") == "" {
		return []look{{1600, "light", "en"}, {1280, "dark", "ru"}, {400, "light", "ru"}, {400, "dark", "en"}}
	}
	for _, width := range []int64{1600, 1280, 400} {
		for _, scheme := range []string{"light", "dark"} {
			for _, lang := range guard.Languages {
				list = append(list, look{width, scheme, lang})
			}
		}
	}
	return list
}

type look struct {
	width        int64
	scheme, lang string
}

// TestPictures takes pictures of all pages, for people to look at: wide and
// narrow, light and dark, in both languages, into the folder PICTURES names. A
// page that is wider than its window, or that its policy stops something on, is a
// fault.
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
	s.key(admin.User, "YubiKey 5C, blue")
	empty := newSite(t)
	empty.enrol(empty.user("admin", true))
	ctx := chrome(t)
	// shoot takes pictures of a page, or with a script of what its form leads to.
	shoot := func(s *site, path, script, name string) {
		for n, v := range views() {
			sign := "?"
			if strings.Contains(path, "?") {
				sign = "&"
			}
			script := strings.ReplaceAll(script, "SUP-2", fmt.Sprint("SUP-2", name[:2], n))
			picture(t, ctx, s.URL+path+sign+"lang="+v.lang, script, v.width, v.scheme, filepath.Join(dir, fmt.Sprintf("%s-%d-%s-%s.png", name, v.width, v.scheme, v.lang)))
		}
	}
	signIn := func(s *site, name string) {
		b := s.browser()
		b.signIn(name)
		useCookies(t, ctx, s, b)
	}
	for _, path := range []string{"/account/login/", "/archives/upload/", "/nothing/"} {
		shoot(s, path, "", "guest"+plain(path))
	}
	signIn(s, "maria")
	shoot(s, "/account/two_factor/setup/", "", "setup")
	shoot(s, "/account/show/", "", "maria-account")
	shoot(s, "/tickets/show/zimbra/1488228/", "", "maria-ticket")
	shoot(s, "/users/", "", "maria-forbidden")
	signIn(s, "admin")
	for _, path := range allPages {
		shoot(s, path, "", plain(path))
	}
	submit := `document.querySelector("main form").submit(); ""`
	shoot(s, "/tickets/create/", `document.getElementById("number").value = "SUP-2"; document.querySelector("input[type=radio]").checked = true; `+submit, "sent-ticket")
	shoot(s, "/tickets/create/", `document.getElementById("number").value = "a b"; `+submit, "sent-wrong")
	shoot(s, "/account/tokens/", `const f = [...document.querySelectorAll("main form")].at(-1); f.elements.name.value = "nightly"; f.submit(); ""`, "sent-token")
	shoot(s, "/account/show/", `document.querySelector("form[action$='backup/tokens/']").submit(); ""`, "sent-codes")
	shoot(s, "/account/two_factor/remove/1/", "", "remove")
	shoot(s, "/tickets/ask/1488228/?q=what", "", "ask-wrong")
	shoot(s, "/tickets/ask/1488228/?q=nothing&from=2026-11-29T10:00", "", "ask-nothing")
	shoot(s, "/tickets/ask/SUP-1490/", "", "ask-unread")
	signIn(empty, "admin")
	for _, path := range []string{"/tickets/", "/platforms/", "/tickets/create/", "/audit/?actor=nobody", "/account/tokens/"} {
		shoot(empty, path, "", "empty"+plain(path))
	}
}

// plain is a path as a part of a file's name.
func plain(path string) string {
	return strings.TrimRight(strings.NewReplacer("/", "-", "?", "", "%", "", "&", "-", "=", "-").Replace(path), "-")
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
