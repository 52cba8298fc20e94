package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestClosedTab: a customer's connection is cut in the middle of an upload, and
// the tab closed. In another tab, later, the same file goes on from what arrived:
// of its bytes nothing is sent again but what the cut request lost.
func TestClosedTab(t *testing.T) {
	if os.Getenv("INTAKE_LOOK") == "" {
		t.Skip("INTAKE_LOOK is not set: no browser")
	}
	const size = 96 << 20
	browser := chrome(t)
	file, sum := noise(t, size)
	d := desk{t, t.TempDir()}
	mine := d.signedIn()
	p := start(t, d.dir)
	p.call("POST", "/api/v1/platforms/", mine, []byte(`{"name":"zimbra","pretty_name":"Zimbra"}`), 201, nil)
	var made struct{ Token string }
	p.call("POST", "/api/v1/tickets/", mine, []byte(`{"number":"SUP-1488","platform":"zimbra","attempts":1}`), 201, &made)

	w := newWire(t, strings.TrimPrefix(p.url, "http://"), size*2/3)
	window := stranger(t, browser) // what its tabs keep lives as long as it
	before, closeTab := newTab(t, window, "http://"+w.address)
	before.begins(file, made.Token)
	before.loses(w)
	closeTab()
	arrived := w.sent.Load()
	if arrived < size/2 || arrived >= size {
		t.Fatalf("%d bytes were sent before the cut, want two thirds of %d", arrived, size)
	}
	w.mend()

	after, _ := newTab(t, window, "http://"+w.address)
	after.open("/archives/upload/")
	after.choose(file)
	after.until(`!document.querySelector("[data-again]").hidden`) // it says that a part is there already
	after.write("#token", made.Token)
	after.click("main form button.primary")
	after.until(`document.querySelector("[data-message]").classList.contains("good")`)

	a, err := d.open().Archive(t.Context(), 1)
	if err != nil || a.SHA256 != sum || a.Size != size || !a.Guest {
		t.Errorf("archive %+v, %v; want %d bytes of %s", a, err, size, sum)
	}
	const lost = 16 << 20 // in buffers of the connection that was cut
	if n := w.sent.Load(); n > size+lost {
		t.Errorf("%d bytes were sent of a file of %d, %d of them before the cut: it began anew", n, size, arrived)
	}
	ticket, err := d.open().TicketByNumber(t.Context(), "SUP-1488")
	if err != nil || ticket.Attempts != 0 {
		t.Errorf("%d attempts left, %v: one upload is one attempt", ticket.Attempts, err)
	}
}

// newTab is another tab of a window.
func newTab(t *testing.T, window context.Context, base string) (*tab, func()) {
	t.Helper()
	ctx, stop := chromedp.NewContext(window)
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context of its first step
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &tab{t: t, ctx: ctx, base: base}, func() {
		t.Helper()
		if err := chromedp.Cancel(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// begins starts to send a file.
func (b *tab) begins(file, token string) {
	b.t.Helper()
	b.open("/archives/upload/")
	b.write("#token", token)
	b.choose(file)
	b.click("main form button.primary")
}

func (b *tab) choose(file string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file})); err != nil {
		b.t.Fatal(err)
	}
}

// loses waits until the connection is cut and the page says so.
func (b *tab) loses(w *wire) {
	b.t.Helper()
	select {
	case <-w.cut:
	case <-time.After(2 * time.Minute):
		b.t.Fatalf("only %d bytes were sent in two minutes", w.sent.Load())
	}
	b.until(`document.querySelector("[data-detail]").textContent === document.querySelector("form[data-upload]").dataset.textWaiting`)
}

// noise is a file of bytes that no one can pack.
func noise(t *testing.T, size int64) (file, sum string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "heap.hprof")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(f, hash), rand.NewChaCha8([32]byte{1}), size); err != nil {
		t.Fatal(err)
	}
	return file, hex.EncodeToString(hash.Sum(nil))
}
