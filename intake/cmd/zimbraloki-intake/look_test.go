package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestLook walks a case through a browser: sign in with an authenticator, a
// ticket, its token; a customer in a browser of his own whose connection is cut
// in the middle of 300 MB; the import, the report, questions, the link to
// Grafana, sign out. It takes the pictures of the documentation as it goes, so
// it is for who wants them: INTAKE_LOOK=1, and INTAKE_LOOK_MB for a smaller file,
// INTAKE_LOOK_PICTURES=off for the walk alone.
func TestLook(t *testing.T) {
	if os.Getenv("INTAKE_LOOK") == "" {
		t.Skip("INTAKE_LOOK is not set: no browser, and no pictures")
	}
	mb := 300
	if s := os.Getenv("INTAKE_LOOK_MB"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 40 {
			t.Fatalf("INTAKE_LOOK_MB=%q: a number from 40 on", s)
		}
		mb = n
	}
	browser := chrome(t)
	logs := samplelogs.Options{Duration: 3 * time.Hour, MailsPerMinute: 3, Start: time.Now().UTC().Add(-5 * time.Hour).Truncate(time.Hour)}
	file, sum, want := bulky(t, logs, mb<<20)
	loki, held, open := slowLoki(t)
	g := startGrafana(t, loki)

	d := desk{t, t.TempDir()}
	d.run(secret, "user add maria --admin", 0)
	p := start(t, d.dir, "LOKI_URL="+loki, "GRAFANA_URL="+g.url)
	staff := &tab{t: t, ctx: browser, base: p.url}
	staff.signsInTwice()
	token := staff.makesTicket()

	w := newWire(t, strings.TrimPrefix(p.url, "http://"), int64(mb)<<19)
	guest := &tab{t: t, ctx: stranger(t, browser), base: "http://" + w.address}
	guest.uploads(w, file, token)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := w.sent.Load(); n > info.Size()+32<<20 {
		t.Errorf("%d bytes were sent of a file of %d: it was not resumed", n, info.Size())
	}

	staff.watches(held, open)
	a, err := d.open().Archive(t.Context(), 1)
	if err != nil || a.SHA256 != sum || a.Size != info.Size() || !a.Guest {
		t.Errorf("archive %+v, %v; want %d bytes of %s", a, err, info.Size(), sum)
	}
	if a.Import.State != model.ImportDone || a.Import.Entries != want || !a.Import.Shipped {
		t.Errorf("import %+v, want %d entries", a.Import, want)
	}
	staff.readsReport()
	staff.followsFinding()
	staff.asks(want)
	staff.explores(g, a.Import)
	staff.signsOut()
}

// signsInTwice sets an authenticator up, leaves, and comes in with it.
func (b *tab) signsInTwice() {
	b.open("/")
	b.until(`location.pathname === "/account/login/"`)
	b.shoot("login")
	b.password()
	b.until(`location.pathname === "/tickets/"`)
	b.open("/account/two_factor/setup/")
	key := strings.ReplaceAll(b.js(`document.querySelector("main p code").textContent`), " ", "")
	b.js(`document.querySelector(".qr").complete && document.querySelector(".qr").naturalWidth > 0 ? "" : (() => { throw new Error("no QR code") })()`)
	b.shoot("authenticator")
	b.code(key, time.Now())
	b.until(`document.querySelectorAll(".codes li").length === 10`)
	b.signsOut()
	b.open("/account/login/")
	b.password()
	b.until(`location.pathname === "/account/two_factor/"`)
	// The code of this half minute is spent; clocks may be one off.
	b.code(key, time.Now().Add(30*time.Second))
	b.until(`location.pathname === "/tickets/"`)
}

func (b *tab) password() {
	b.write("#username", "maria")
	b.write("#password", strings.TrimSpace(secret))
	b.click("main form button.primary")
}

func (b *tab) code(key string, at time.Time) {
	b.t.Helper()
	code, err := accounts.TOTPCode(key, at)
	if err != nil {
		b.t.Fatal(err)
	}
	b.write("#code", code)
	b.click("main form button.primary")
}

func (b *tab) makesTicket() (token string) {
	b.open("/platforms/")
	b.write("#pretty_name", "Zimbra 10")
	b.write("#name", "zimbra")
	b.click("main form button.primary")
	b.until(`document.querySelector("table.stack")?.textContent.includes("Zimbra 10")`)
	b.open("/tickets/create/?platform=zimbra")
	b.write("#number", "SUP-1488")
	b.write("#note", "Mail from partners arrives **hours late** since the update.")
	b.click("main form button.primary")
	b.until(`document.getElementById("token") !== null`)
	b.shoot("token")
	return b.js(`document.getElementById("token").textContent.trim()`)
}

// uploads sends a file over a connection that is cut in the middle.
func (b *tab) uploads(w *wire, file, token string) {
	b.t.Helper()
	b.begins(file, token)
	b.loses(w)
	b.shoot("upload-cut")
	if done := b.number(`document.querySelector("form progress").value / document.querySelector("form progress").max`); done < 0.2 || done > 0.6 {
		b.t.Errorf("%.2f of the file was there when the connection was cut in the middle", done)
	}
	w.mend()
	b.until(`document.querySelector("[data-message]").classList.contains("good")`)
	b.shoot("upload-done")
}

// watches looks at an import while Loki holds it, and lets the page find out by
// itself that it ended.
func (b *tab) watches(held <-chan struct{}, open func()) {
	b.t.Helper()
	b.open("/tickets/show/zimbra/SUP-1488/")
	select {
	case <-held:
	case <-time.After(2 * time.Minute):
		b.t.Fatal("nothing was shipped in two minutes")
	}
	b.until(`document.querySelector("[data-live] progress")?.value > 0 && document.querySelector("[data-live] [data-text]").textContent.includes("%")`)
	if state := b.js(`document.querySelector(".archive [data-state]").textContent`); state != "importing" {
		b.t.Errorf("the import is shown as %q while it reads", state)
	}
	b.shoot("import")
	open()
	b.until(`document.querySelector("iframe.report") !== null && document.querySelector("[data-live]") === null && performance.getEntriesByType("resource").some((e) => e.name.endsWith("/archives/report/1/") && e.responseEnd > 0)`)
	b.shoot("ticket")
	b.open("/tickets/")
	b.until(`document.querySelector("table.stack .badge.warn") !== null`)
	b.shoot("tickets")
}

func (b *tab) readsReport() {
	b.t.Helper()
	b.open("/tickets/show/zimbra/SUP-1488/")
	b.click(".archive a.button.primary")
	b.landed("/archives/report/1/")
	b.html("<h1", "mail01-logs.tar")
	b.shoot("report")
}

// asks asks for a sum, whose answer the writer of the logs knows, and for curves.
func (b *tab) asks(want int64) {
	b.t.Helper()
	ask := func(query string) {
		b.open("/tickets/show/zimbra/SUP-1488/")
		b.write("#q", query)
		b.click("#ask button.primary")
		b.until(`location.pathname === "/tickets/ask/SUP-1488/" && document.querySelector("main table tbody tr") !== null`)
	}
	ask(`sum by (level) (count_over_time({ticket="SUP-1488"}[$__range]))`)
	if sum := b.number(`[...document.querySelectorAll("main table td.num.strong")].reduce((n, td) => n + Number(td.textContent.replace(/[^0-9]/g, "")), 0)`); int64(sum) != want {
		b.t.Errorf("%g entries in the table, want %d", sum, want)
	}
	b.shoot("answer-table")
	ask(`sum by (level) (count_over_time({ticket="SUP-1488", level=~"warn|error|fatal"}[$__auto]))`)
	if n := b.number(`document.querySelectorAll("svg.chart polyline").length`); n < 2 {
		b.t.Errorf("%g curves in the chart", n)
	}
	b.shoot("answer-chart")
}

func (b *tab) signsOut() {
	b.open("/account/show/")
	b.click(`form[action="/account/logout/"] button`)
	b.until(`location.pathname !== "/account/show/"`)
	b.open("/tickets/")
	b.until(`location.pathname === "/account/login/"`)
}

// bulky is a tar file with logs in the middle of bytes that no one can pack.
func bulky(t *testing.T, o samplelogs.Options, size int) (file, sum string, entries int64) {
	t.Helper()
	data, entries := packed(t, o)
	file = filepath.Join(t.TempDir(), "mail01-logs.tar")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hash := sha256.New()
	w := tar.NewWriter(io.MultiWriter(f, hash))
	noise := rand.NewChaCha8([32]byte{})
	filler := func(name string) {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(size / 2), ModTime: o.Start})
		if err == nil {
			_, err = io.CopyN(w, noise, int64(size/2))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	filler("store/0/1/msg/0/first.bin")
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = w.WriteHeader(h)
		}
		if err == nil {
			_, err = io.Copy(w, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	filler("store/0/1/msg/0/second.bin")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file, hex.EncodeToString(hash.Sum(nil)), entries
}

// slowLoki is a real Loki, or zimbraloki serve where there is none, that takes
// its time over the second push: until it is let go.
func slowLoki(t *testing.T) (address string, held chan struct{}, open func()) {
	t.Helper()
	bin, err := lokirun.Find()
	if err != nil {
		if bin, err = lokirun.Embedded(); err != nil {
			t.Fatal(err)
		}
	}
	l := runtest.Start(t, runtest.For(bin, lokirun.Options{Dir: t.TempDir(), Limits: lokirun.AsTheyCome()}))
	return gate(t, l, true)
}
