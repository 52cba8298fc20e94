package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/importer"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/settings"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// rig is a whole server over a folder of its own, listening.
type rig struct {
	*Server
	t       *testing.T
	db      *store.DB
	address string
	lines   chan logLine // the log; what nobody takes is dropped
	stop    func()       // as SIGTERM, and waits for the end
}

// logLine is what the log says of a request.
type logLine struct {
	Level, Msg, Method, Path string
	Status                   int
	Bytes                    int64
	ClientIP                 string `json:"client_ip"`
	RequestID                string `json:"request_id"`
	whole                    string
}

func (r *rig) Write(b []byte) (int, error) {
	l := logLine{whole: string(b)}
	if err := json.Unmarshal(b, &l); err != nil {
		return 0, err
	}
	select {
	case r.lines <- l:
	default:
	}
	return len(b), nil
}

// request is the next line of the log about a request.
func (r *rig) request() logLine {
	r.t.Helper()
	end := time.After(time.Minute)
	for {
		select {
		case l := <-r.lines:
			if l.Msg == "request" {
				return l
			}
		case <-end:
			r.t.Fatal("no request is logged")
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newRig starts a server; change may change it before.
func newRig(t *testing.T, change func(o *Options), bound func(b *bounds)) *rig {
	t.Helper()
	dir := t.TempDir()
	set, err := settings.Load([]string{"DATA_DIR=" + dir, "LISTEN=127.0.0.1:0", "MIN_FREE=0"}, "")
	must(t, err)
	must(t, set.Prepare())
	db, err := store.Open(t.Context(), set.DBURL)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	blobs, err := files.OpenFolder(filepath.Join(dir, "archives"))
	must(t, err)
	t.Cleanup(func() { blobs.Close() })
	r := &rig{t: t, db: db, lines: make(chan logLine, 1000)}
	log := slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
	desk := tickets.New(db, tickets.RulesOf(set), tickets.Options{Log: log, Storage: tickets.Storage{Delete: blobs.Delete}})
	io := importer.Of(set)
	io.Store, io.Blobs, io.Workers = db, blobs, 0
	reader, err := importer.New(io)
	must(t, err)
	listens := make(chan net.Addr, 1)
	o := Options{
		Settings: set, Store: db, Blobs: blobs, Tickets: desk, Accounts: accounts.New(db, accounts.Options{Secret: "test", Issuer: "Intake"}), Importer: reader,
		Log: log, Ready: func(a net.Addr) { listens <- a },
	}
	if change != nil {
		change(&o)
	}
	r.Server, err = New(o)
	must(t, err)
	if bound != nil {
		bound(&r.bounds)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ends with %v", err)
		}
	})
	t.Cleanup(r.stop)
	select {
	case a := <-listens:
		r.address = a.String()
	case err := <-ended:
		t.Fatal(err)
	}
	return r
}

// token makes the ticket SUP-1488.
func (r *rig) token() string {
	r.t.Helper()
	const token = "0b4f6a52-8d43-4b07-9f0c-5d1be42d2a10"
	must(r.t, r.db.CreatePlatform(r.t.Context(), &model.Platform{Name: "zimbra", PrettyName: "Zimbra"}))
	must(r.t, r.db.CreateTicket(r.t.Context(), &model.Ticket{Number: "SUP-1488", Platform: "zimbra", Attempts: 5, TokenHash: tickets.HashToken(token), Created: time.Now(), Updated: time.Now()}))
	return token
}

func (r *rig) attempts(want int) {
	r.t.Helper()
	got, err := r.db.TicketByNumber(r.t.Context(), "SUP-1488")
	must(r.t, err)
	if got.Attempts != want {
		r.t.Errorf("%d attempts are left, want %d", got.Attempts, want)
	}
}

// signedIn is the token of an administrator with a second factor.
func (r *rig) signedIn() string {
	r.t.Helper()
	ctx, a := r.t.Context(), r.o.Accounts
	u := model.User{Username: "maria", Active: true, Admin: true, Created: time.Now()}
	must(r.t, r.db.CreateUser(ctx, &u))
	key, err := a.NewSecret(u)
	must(r.t, err)
	code, err := accounts.TOTPCode(key, time.Now())
	must(r.t, err)
	_, _, err = a.EnableTOTP(ctx, u, key, code, accounts.Origin{})
	must(r.t, err)
	token, err := a.NewToken(ctx, u, "test", model.Scopes, 0, accounts.Origin{})
	must(r.t, err)
	return token
}

// answered is one answer over a connection of its own.
type answered struct {
	*http.Response
	body string
}

// call asks for a path; header are pairs.
func (r *rig) call(method, path, body string, header ...string) answered {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, strings.NewReader(body))
	must(r.t, err)
	for n := 0; n < len(header); n += 2 {
		req.Header.Set(header[n], header[n+1])
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	must(r.t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	must(r.t, err)
	return answered{res, string(bytes.TrimSpace(got))}
}

// dial opens a connection that ends with the test.
func (r *rig) dial() *net.TCPConn {
	r.t.Helper()
	c, err := net.Dial("tcp", r.address)
	must(r.t, err)
	r.t.Cleanup(func() { c.Close() })
	must(r.t, c.SetReadDeadline(time.Now().Add(time.Minute))) // of a test that fails
	return c.(*net.TCPConn)
}
