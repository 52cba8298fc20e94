package upload

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// createAs begins an upload with the client's own mark, and with bytes unless
// they are nil.
func (f *fixture) createAs(key, token string, size int, meta string, data []byte) reply {
	f.t.Helper()
	headers := []string{"Tus-Resumable", "1.0.0", "Upload-Token", token, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", meta, "Idempotency-Key", key}
	if data == nil {
		return f.do("POST", PathUploads, nil, headers...)
	}
	return f.do("POST", PathUploads, bytes.NewReader(data), append(headers, "Content-Type", "application/offset+octet-stream")...)
}

// TestTusAgain: a creation that is repeated gives the upload that is there, for
// the same mark and the same file alone.
func TestTusAgain(t *testing.T) {
	f := start(t)
	data := noise(1000)
	meta := metadata("filename", "a.tgz", "sha256", hexSum(data))
	token := f.ticket("1", 1)
	path := f.createAs("k1", token, 1000, meta, nil).header.Get("Location")
	try := func(key, token string, size int, meta string, want int, location string) {
		t.Helper()
		r := f.createAs(key, token, size, meta, nil)
		if got := r.header.Get("Location"); r.status != want || got != location {
			t.Errorf("%d %s %q, want %d %q", r.status, r.body, got, want, location)
		}
	}
	for range 2 {
		try("k1", token, 1000, meta, 201, path)
	}
	try("k1", token, 1000, metadata("filename", "a.tgz", "sha256", strings.ToUpper(hexSum(data))), 201, path)
	try("k2", token, 1000, meta, 423, "")
	try("", token, 1000, meta, 423, "")
	try("K1", token, 1000, meta, 423, "")
	try("k1", token, 999, meta, 423, "")
	try("k1", token, 1000, metadata("filename", "b.tgz", "sha256", hexSum(data)), 423, "")
	try("k1", token, 1000, metadata("filename", "a.tgz"), 423, "")
	try("k1", f.ticket("2", 0), 1000, meta, 423, "")
	try("k1", "nonsense", 1000, meta, 403, "")
	try("k1", "", 1000, meta, 401, "")
	try(strings.Repeat("k", 65), token, 1000, meta, 400, "")
	try("a b", token, 1000, meta, 400, "")

	f.patch(path, 0, bytes.NewReader(data[:400])).want(t, 204, "")
	try("k1", token, 1000, meta, 201, path)
	f.wantOffset(path, 400)
	f.patch(path, 400, bytes.NewReader(data[400:])).want(t, 204, "")
	try("k1", token, 1000, meta, 201, path) // it is stored: its client asks how far it is
	f.wantOffset(path, 1000)
	f.wantArchive("1", "a.tgz", data)
	f.wantAttempts("1", 0)
}

// TestTusAgainEnded: an upload that has ended without an archive is begun anew,
// and costs what one costs; a ticket that is closed takes none.
func TestTusAgainEnded(t *testing.T) {
	f := start(t)
	token := f.ticket("1", 2)
	first := f.createAs("k", token, 10, "", nil).header.Get("Location")
	f.do("DELETE", first, nil, "Tus-Resumable", "1.0.0").want(t, 204, "")
	second := f.createAs("k", token, 10, "", nil).header.Get("Location")
	if second == "" || second == first {
		t.Errorf("%q after %q", second, first)
	}
	f.wantAttempts("1", 1)
	ticket, err := f.db.TicketByNumber(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	if _, err := f.db.UpdateTicket(t.Context(), ticket.ID, model.TicketChange{Resolved: &yes}, time.Now()); err != nil {
		t.Fatal(err)
	}
	f.createAs("k", token, 10, "", nil).want(t, 423, `{"detail":"ticket 1 already resolved"}`)
}

// TestTusAgainWithBytes: bytes that come with the creation begin at 0 whatever is
// there, and each counts once.
func TestTusAgainWithBytes(t *testing.T) { eachStore(t, testTusAgainWithBytes) }

func testTusAgainWithBytes(t *testing.T, blobs change) {
	f := start(t, blobs)
	data := noise(1000)
	for i, there := range []int{0, 400, 999, 1000} {
		for _, comes := range []int{0, 1, 400, 401, 1000} {
			number := fmt.Sprint(i, "-", comes)
			token, meta := f.ticket(number, 1), metadata("filename", "a", "sha256", hexSum(data))
			path := f.createAs("k", token, 1000, meta, data[:there]).header.Get("Location")
			r := f.createAs("k", token, 1000, meta, data[:comes])
			if at := max(there, comes); r.status != 201 || r.header.Get("Location") != path || r.header.Get("Upload-Offset") != strconv.Itoa(at) {
				t.Errorf("%d after %d: %d %s %v", comes, there, r.status, r.body, r.header)
			}
			f.wantOffset(path, max(there, comes))
			f.createAs("k", token, 1000, meta, data).want(t, 201, "")
			f.wantArchive(number, "a", data)
			f.wantAttempts(number, 0)
		}
	}
}

// TestTusAgainHeld: who asks again while the first request still hangs has it
// stopped, and goes on where it was.
func TestTusAgainHeld(t *testing.T) {
	f := start(t, touchAlways)
	token, data := f.ticket("1", 1), noise(500_000)
	meta := metadata("filename", "a", "sha256", hexSum(data))
	path := f.createAs("k", token, len(data), meta, nil).header.Get("Location")
	r, w := io.Pipe()
	defer w.Close()
	got := make(chan reply, 1)
	go func() { got <- f.patch(path, 0, r) }()
	_, _ = w.Write(data[:300_000])
	f.waitTouched(path, 300_000)
	f.createAs("k", token, len(data), meta, data).want(t, 201, "")
	if r := <-got; r.status < 400 {
		t.Errorf("the first request got %d %s", r.status, r.body)
	}
	f.wantArchive("1", "a", data)
}

// TestTusAgainAtOnce: twenty at once through two processes: with one mark all are
// the same upload, with one each one is admitted.
func TestTusAgainAtOnce(t *testing.T) {
	dir := t.TempDir()
	a, b := &fixture{t: t}, &fixture{t: t}
	a.open(dir)
	b.open(dir)
	for number, key := range map[string]func(int) string{
		"1": func(int) string { return "same" }, "2": func(i int) string { return fmt.Sprint("other", i) },
	} {
		token := a.ticket(number, 1)
		var mu sync.Mutex
		locations, admitted := map[string]bool{}, 0
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				r := []*fixture{a, b}[i%2].createAs(key(i), token, 10, "", nil)
				mu.Lock()
				defer mu.Unlock()
				if r.status == http.StatusCreated {
					admitted++
					locations[r.header.Get("Location")] = true
				}
			})
		}
		wg.Wait()
		if want := map[string]int{"1": 20, "2": 1}[number]; admitted != want || len(locations) != 1 {
			t.Errorf("%s: %d admitted to %v, want %d", number, admitted, locations, want)
		}
		a.wantAttempts(number, 0)
	}
}

// TestTusAgainBytesAtOnce: whoever of many at once brings the bytes, there is one
// archive, of those bytes.
func TestTusAgainBytesAtOnce(t *testing.T) {
	dir := t.TempDir()
	a, b := &fixture{t: t}, &fixture{t: t}
	a.open(dir)
	b.open(dir)
	data := noise(50_000)
	token, meta := a.ticket("1", 1), metadata("filename", "a", "sha256", hexSum(data))
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { []*fixture{a, b}[i%2].createAs("k", token, len(data), meta, data) }) // the later ones stop the former
	}
	wg.Wait()
	r := a.createAs("k", token, len(data), meta, data)
	if r.status != http.StatusCreated || r.header.Get("Upload-Offset") != strconv.Itoa(len(data)) {
		t.Errorf("%d %s %v", r.status, r.body, r.header)
	}
	a.wantArchive("1", "a", data)
	a.wantAttempts("1", 0)
}
