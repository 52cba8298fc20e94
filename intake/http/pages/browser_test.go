package pages

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// eye is a browser that looks at pages, with what testdata/probe.js sees.
type eye struct {
	t          *testing.T
	ctx        context.Context
	s          *site
	probe, axe string
}

// newEye is for who has a browser: INTAKE_LOOK says so. AXE may name a file
// axe.min.js of axe-core, whose rules are then held too.
func newEye(t *testing.T) *eye {
	t.Helper()
	if os.Getenv("INTAKE_LOOK") == "" {
		t.Skip("INTAKE_LOOK is not set: no browser")
	}
	s, admin := furnished(t)
	s.archive(admin, "1488228", "zimbra-logs-2026-03-01.tar.gz", "the bytes", model.ImportDone)
	s.archive(admin, "1488228", "mailbox.log.gz", "the bytes", model.ImportQuarantined)
	s.archive(admin, "1488228", "audit.zip", "the bytes", model.ImportRunning)
	s.key(admin.User, "YubiKey 5C, blue")
	e := &eye{t: t, ctx: chrome(t), s: s}
	data, err := os.ReadFile("testdata/probe.js")
	if err != nil {
		t.Fatal(err)
	}
	e.probe = string(data)
	if file := os.Getenv("AXE"); file != "" {
		if data, err = os.ReadFile(file); err != nil {
			t.Fatalf("AXE: %v", err)
		}
		e.axe = string(data)
	} else {
		t.Log("AXE names no axe.min.js: its rules are not held, ours are")
	}
	return e
}

func (e *eye) signIn(name string) {
	e.t.Helper()
	b := e.s.browser()
	b.signIn(name)
	useCookies(e.t, e.ctx, e.s, b)
}

// open opens a page as somebody has set his browser: the width in pixels, light
// or dark.
func (e *eye) open(path string, width int64, scheme string) {
	e.t.Helper()
	prefer := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	})
	if err := chromedp.Do(e.ctx, prefer, chromedp.EmulateViewport(width, 800), chromedp.Navigate(e.s.URL+path)); err != nil {
		e.t.Fatalf("%s: %v", path, err)
	}
	e.js(e.probe)
}

func (e *eye) js(expression string) string {
	e.t.Helper()
	v, err := chromedp.Run(e.ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		e.t.Fatalf("%.60s: %v", expression, err)
	}
	return v
}

// sees holds that the probe finds no fault.
func (e *eye) sees(where, what string) {
	e.t.Helper()
	if faults := e.js(what); faults != "" {
		e.t.Errorf("%s, %s:\n%s", where, what, faults)
	}
}

// everyPage calls f with the pages of guests, then with all others.
func (e *eye) everyPage(f func(path string)) {
	e.t.Helper()
	for _, path := range []string{"/account/login/", "/archives/upload/", "/nothing/"} {
		f(path)
	}
	e.signIn("maria")
	f("/account/two_factor/setup/")
	e.signIn("admin")
	for _, path := range allPages {
		f(path)
	}
	f("/account/two_factor/remove/1/")
}

// TestSeen: on every page, light and dark, each text has its contrast against
// what is really behind it, each button its size, nothing moves for who asked for
// that, and axe-core finds nothing where there is one.
func TestSeen(t *testing.T) {
	e := newEye(t)
	e.everyPage(func(path string) {
		for _, scheme := range []string{"light", "dark"} {
			e.open(path, 1280, scheme)
			where := path + " " + scheme
			e.sees(where, "probe.dull()")
			if e.axe != "" {
				e.js(e.axe + `; ""`)
				e.sees(where, "probe.axe()")
			}
		}
		e.sees(path, "probe.small()")
		e.sees(path, "probe.moving()")
		e.sees(path, "probe.cut()")
	})
}

// TestZoom: at 200 % of a window of 1280 pixels, at 400 % of it, and in Russian,
// whose words are longer, nothing is cut and nothing has to be scrolled sideways
// but tables and charts.
func TestZoom(t *testing.T) {
	e := newEye(t)
	e.everyPage(func(path string) {
		sign := "?"
		if strings.Contains(path, "?") {
			sign = "&"
		}
		for _, width := range []int64{640, 320} {
			e.open(path+sign+"lang=ru", width, "light")
			e.sees(path+" "+strconv.FormatInt(width, 10), "probe.cut()")
		}
	})
}

// TestKeyboard: the Tab key reaches all that can be clicked on, in the order of
// the page; what has the focus is seen to have it, and nothing covers it. The
// first stop leads past the head of the page.
func TestKeyboard(t *testing.T) {
	e := newEye(t)
	press := func(key string, code int64) {
		t.Helper()
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			p := input.DispatchKeyEventParams{Type: kind, Key: key, Code: key, WindowsVirtualKeyCode: code}
			if key == "Enter" {
				p.Text = "\r"
			}
			if _, err := chromedp.Call(e.ctx, input.DispatchKeyEvent, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	walk := func(path string) {
		t.Helper()
		e.open(path, 1280, "light")
		n, err := strconv.Atoi(e.js("probe.begin()"))
		if err != nil || n < 5 {
			t.Fatalf("%s: %d stops, %v", path, n, err)
		}
		for want := range n {
			press("Tab", 9)
			got, faults, _ := strings.Cut(e.js("probe.at()"), "\n")
			if got != strconv.Itoa(want) {
				t.Errorf("%s: stop %s, want %d: %s", path, got, want, e.js(`probe.name(document.querySelector("[data-stop='`+strconv.Itoa(want)+`']"))`))
				return
			}
			if faults != "" {
				t.Errorf("%s: %s", path, faults)
			}
		}
	}
	for _, path := range []string{"/account/login/", "/archives/upload/"} {
		walk(path)
	}
	e.signIn("admin")
	for _, path := range []string{"/tickets/", "/tickets/create/", "/tickets/ask/1488228/?q=sum(x)", "/platforms/", "/users/2/", "/audit/", "/account/show/", "/account/tokens/"} {
		walk(path)
	}
	e.open("/tickets/", 1280, "light")
	e.js("probe.begin()")
	press("Tab", 9)
	press("Enter", 13)
	press("Tab", 9)
	if at := e.js(`document.activeElement.closest("main") ? "" : probe.name(document.activeElement)`); at != "" {
		t.Errorf("after the first stop the focus is on %s, not in the content", at)
	}
}
