package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// fixture is a whole intake of uploads: database, rules, blobs, routes.
type fixture struct {
	t     testing.TB
	db    *store.DB
	svc   *tickets.Service
	blobs files.Blobs
	url   string
	srv   *httptest.Server
	h     *Handler
}

// change is what a test wants otherwise.
type change func(*Options, *tickets.Rules)

func start(t testing.TB, changes ...change) *fixture {
	t.Helper()
	f := &fixture{t: t}
	f.open(t.TempDir(), changes...)
	return f
}

// open serves the intake of a folder, which may be there already.
func (f *fixture) open(dir string, changes ...change) {
	f.t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite://"+filepath.Join(dir, "db"))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { db.Close() })
	blobs, err := files.OpenFolder(filepath.Join(dir, "archives"))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { blobs.Close() })
	f.db, f.blobs = db, blobs
	o := Options{Blobs: blobs, Store: db, Log: slog.New(slog.NewTextHandler(testWriter{f.t}, nil))}
	rules := tickets.DefaultRules()
	rules.MinFree = 0
	for _, c := range changes {
		c(&o, &rules)
	}
	f.blobs = o.Blobs
	f.svc = tickets.New(db, rules, tickets.Options{Storage: tickets.Storage{Delete: o.Blobs.Delete}})
	o.Tickets = f.svc
	h, err := New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.h = h
	mux := http.NewServeMux()
	h.Register(mux)
	f.srv = httptest.NewServer(mux)
	f.url = f.srv.URL
	f.t.Cleanup(f.srv.Close)
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// ticket makes one and gives its token.
func (f *fixture) ticket(number string, attempts int, changes ...func(*model.Ticket)) string {
	f.t.Helper()
	ctx := context.Background()
	_ = f.db.CreatePlatform(ctx, &model.Platform{Name: "mail", PrettyName: "Mail"})
	token := hex.EncodeToString(noise(16)) + number
	sum := sha256.Sum256([]byte(token))
	text := hex.EncodeToString(sum[:])
	token = strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:32]}, "-")
	t := model.Ticket{
		Number: number, Platform: "mail", Attempts: attempts, TokenHash: tickets.HashToken(token), Created: time.Now(), Updated: time.Now(),
	}
	for _, c := range changes {
		c(&t)
	}
	if err := f.db.CreateTicket(ctx, &t); err != nil {
		f.t.Fatal(err)
	}
	return token
}

// wantAttempts checks how many attempts a ticket has left.
func (f *fixture) wantAttempts(number string, want int) {
	f.t.Helper()
	t, err := f.db.TicketByNumber(context.Background(), number)
	if err != nil || t.Attempts != want {
		f.t.Errorf("ticket %s has %d attempts, %v; want %d", number, t.Attempts, err, want)
	}
}

// archives are those of a ticket, oldest first.
func (f *fixture) archives(number string) []model.Archive {
	f.t.Helper()
	list, err := f.db.Archives(context.Background(), model.ArchiveFilter{Ticket: number})
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

// wantArchive checks that a ticket has exactly one archive, of that content.
func (f *fixture) wantArchive(number, name string, data []byte) {
	f.t.Helper()
	list := f.archives(number)
	if len(list) != 1 {
		f.t.Fatalf("ticket %s has %d archives, want 1", number, len(list))
	}
	a := list[0]
	sum := sha256.Sum256(data)
	if a.Name != name || a.Size != int64(len(data)) || a.SHA256 != hex.EncodeToString(sum[:]) || len(a.MD5) != 32 || !a.Guest {
		f.t.Errorf("%+v, want %s of %d bytes", a, name, len(data))
	}
	r, _, err := f.blobs.Open(context.Background(), a.Blob)
	if err != nil {
		f.t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data) {
		f.t.Errorf("%s: content changed, %v", name, err)
	}
}

// wantNothing checks that nothing is left of an upload: no archive, no blob, no
// open row.
func (f *fixture) wantNothing(number string) {
	f.t.Helper()
	if list := f.archives(number); len(list) != 0 {
		f.t.Errorf("archives of %s: %+v", number, list)
	}
	for info, err := range f.blobs.List(context.Background(), "") {
		f.t.Errorf("blob %+v, %v", info, err)
	}
	t, err := f.db.TicketByNumber(context.Background(), number)
	if err != nil {
		f.t.Fatal(err)
	}
	ups, err := f.db.UploadsOf(context.Background(), t.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, u := range ups {
		if _, err := f.blobs.Pending(context.Background(), u.Blob); u.State == model.UploadOpen || err == nil {
			f.t.Errorf("left: %+v, %v", u, err)
		}
	}
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// do sends a request; headers are name, value, ….
func (f *fixture) do(method, path string, body io.Reader, headers ...string) reply {
	f.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = f.url + path
	}
	req, err := http.NewRequest(method, path, body)
	if err != nil {
		f.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, strings.TrimSpace(string(text))}
}

func (r reply) want(t testing.TB, status int, body string) {
	t.Helper()
	if r.status != status || body != "" && r.body != body {
		t.Errorf("%d %s, want %d %s", r.status, r.body, status, body)
	}
	if strings.HasPrefix(r.body, "{") && (!json.Valid([]byte(r.body)) || r.header.Get("Content-Type") != "application/json" || r.header.Get("X-Content-Type-Options") != "nosniff") {
		t.Errorf("%s as %v", r.body, r.header)
	}
}

// formOf is a form with one file.
func formOf(t testing.TB, name string, data []byte) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{3}).Read(b)
	return b
}
