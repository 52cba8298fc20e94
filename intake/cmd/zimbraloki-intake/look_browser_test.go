package main

import (
	"bytes"
	"context"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// chrome starts the browser that CHROMIUM names, or that is on PATH.
func chrome(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); path == "" && err == nil {
			path = found
		}
	}
	if path == "" {
		t.Skip("no Chromium: it is not on PATH and CHROMIUM is not set")
	}
	ctx, stop := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.NoSandbox, chromedp.ExecPath(path)))
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// stranger is a window that shares nothing with those of a browser.
func stranger(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil { // the window lives as long as the context of its first step
		t.Fatal(err)
	}
	return ctx
}

// tab is a page that a person looks at.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func (b *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v\n%s", what, err, b.text())
	}
}

func (b *tab) open(path string) { b.t.Helper(); b.do(path, chromedp.Navigate(b.base+path)) }

func (b *tab) click(sel string) { b.t.Helper(); b.do(sel, chromedp.Click(chromedp.CSS(sel))) }

func (b *tab) write(sel, text string) {
	b.t.Helper()
	b.do(sel, chromedp.SendKeys(chromedp.CSS(sel), text))
}

func (b *tab) js(expression string) string {
	b.t.Helper()
	v, err := value[string](b, expression)
	if err != nil {
		b.t.Fatalf("%s: %v\n%s", expression, err, b.text())
	}
	return v
}

func (b *tab) number(expression string) float64 {
	b.t.Helper()
	v, err := value[float64](b, expression)
	if err != nil {
		b.t.Fatalf("%s: %v\n%s", expression, err, b.text())
	}
	return v
}

func (b *tab) text() string {
	text, _ := value[string](b, `location.href + "\n" + document.body.innerText`)
	return text
}

func value[T any](b *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// until waits for the page to say something, at most two minutes. A page that is
// left meanwhile answers nothing, so it asks again.
func (b *tab) until(expression string) { b.t.Helper(); b.within(2*time.Minute, expression) }

// within is until, for what takes as long as it takes.
func (b *tab) within(patience time.Duration, expression string) {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if ok, err := value[bool](b, expression); err == nil && ok {
			return
		}
	}
	b.t.Fatalf("%s never came:\n%s", expression, b.text())
}

// landed waits for a page that may run no script.
func (b *tab) landed(path string) {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var at string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		tree, err := chromedp.Run(b.ctx, chromedp.NavigationEntries())
		if err == nil && len(tree.Entries) > 0 {
			if at = tree.Entries[tree.CurrentIndex].URL; at == b.base+path {
				return
			}
		}
	}
	b.t.Fatalf("it is at %s, not at %s", at, path)
}

// html waits for texts in a page that may run no script, at most 20 s.
func (b *tab) html(want ...string) {
	b.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var text string
	var err error
	for range 200 {
		text, err = chromedp.Run(b.ctx, chromedp.OuterHTML(chromedp.CSS("body")))
		if err == nil && !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(text, w) }) {
			return
		}
		<-tick.C
	}
	b.t.Fatalf("not all of %q is in the page, %v:\n%s", want, err, text)
}

// What a picture may be: bytes, and pixels from the top.
const (
	maxPicture = 300_000
	maxHeight  = 2000
)

// shoot takes a page's pictures for the documentation, wide and narrow. A page
// that is wider than its window is a fault.
func (b *tab) shoot(name string) {
	b.t.Helper()
	if os.Getenv("INTAKE_LOOK_PICTURES") == "off" {
		return // the walk alone
	}
	for _, k := range []struct {
		name  string
		width int64
	}{{"desktop", 1400}, {"phone", 420}} {
		b.do(name, light, chromedp.EmulateViewport(k.width, 900))
		wide, _ := b.extent()
		if wide > k.width {
			b.t.Errorf("%s is %d px wide in a window of %d", name, wide, k.width)
		}
		data := b.still(float64(k.width))
		b.keep(name+"-"+k.name, data)
	}
	b.do(name, chromedp.EmulateViewport(1400, 900))
}

// keep writes a picture of the documentation.
func (b *tab) keep(name string, data []byte) {
	b.t.Helper()
	if len(data) >= maxPicture {
		b.t.Errorf("the picture %s has %d bytes, more than %d", name, len(data), maxPicture)
	}
	file := filepath.Join("..", "..", "docs", "pictures", name+".png")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// still is a picture once three in a row are the same: a frame within a page is
// drawn when it is ready.
func (b *tab) still(width float64) []byte {
	b.t.Helper()
	var last []byte
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n, same := 0, 0; n < 40 && same < 2; n++ {
		<-tick.C
		_, _ = value[bool](b, "scrollTo(0, 0), true") // a reload scrolls late; a report runs no script, and was not scrolled
		_, high := b.extent()
		clip := cdpage.Viewport{Width: width, Height: float64(min(high, maxHeight)), Scale: 1}
		beyond := true
		r, err := chromedp.Call(b.ctx, cdpage.CaptureScreenshot, cdpage.CaptureScreenshotParams{Clip: &clip, CaptureBeyondViewport: &beyond})
		if err != nil {
			b.t.Fatal(err)
		}
		if same++; !bytes.Equal(r.Data, last) {
			same = 0
		}
		last = r.Data
	}
	return last
}

// light is a person who has not asked for dark pages, nor for things that move.
var light = chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
	_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	return err
})

// extent is how large a page is, in pixels.
func (b *tab) extent() (width, height int64) {
	b.t.Helper()
	m, err := chromedp.Call(b.ctx, cdpage.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	return int64(math.Ceil(m.CSSContentSize.Width)), int64(math.Ceil(m.CSSContentSize.Height))
}

// wire is a connection to a server that breaks once so many bytes went over it,
// and stays broken until it is mended.
type wire struct {
	address, server string
	limit           atomic.Int64
	sent            atomic.Int64
	cut             chan struct{}

	mu    sync.Mutex
	down  bool
	conns map[net.Conn]bool
}

func newWire(t *testing.T, server string, limit int64) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: l.Addr().String(), server: strings.TrimSuffix(server, "/"), cut: make(chan struct{}), conns: map[net.Conn]bool{}}
	w.limit.Store(limit)
	t.Cleanup(func() { l.Close(); w.breakAll() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(c)
		}
	}()
	return w
}

func (w *wire) carry(c net.Conn) {
	s, err := net.Dial("tcp", w.server)
	if err != nil {
		c.Close()
		return
	}
	defer c.Close()
	defer s.Close()
	if !w.keep(c, s) {
		return
	}
	go func() { _, _ = io.Copy(c, s); c.Close() }()
	_, _ = io.Copy(s, io.TeeReader(c, w))
}

// keep remembers connections; there are none while it is down.
func (w *wire) keep(list ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range list {
		w.conns[c] = true
	}
	return !w.down
}

// Write counts what a client sends.
func (w *wire) Write(p []byte) (int, error) {
	if limit := w.limit.Load(); w.sent.Add(int64(len(p))) > limit && w.limit.CompareAndSwap(limit, math.MaxInt64) {
		w.breakAll()
		close(w.cut)
		return 0, net.ErrClosed
	}
	return len(p), nil
}

func (w *wire) breakAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for c := range w.conns {
		c.Close()
	}
	clear(w.conns)
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = false
}
