package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// start is the time of the tests; the store has no clock of its own.
var start = time.Date(2026, 11, 29, 12, 0, 0, 123456000, time.UTC)

// fixture is a store with a platform, a user and a ticket with one attempt.
type fixture struct {
	*store.DB
	t      *testing.T
	ctx    context.Context
	user   model.User
	ticket model.Ticket
}

var token = []byte("the hash of a token, of 32 bytes")

func fill(t *testing.T, db *store.DB) fixture {
	t.Helper()
	f := fixture{DB: db, t: t, ctx: t.Context()}
	f.user = model.User{Username: "ivan", Active: true, Created: start}
	f.ticket = model.Ticket{Number: "SUP-1488", Platform: "vm6", Owner: "ivan", Attempts: 1, TokenHash: token, Created: start, Updated: start}
	f.no(db.CreatePlatform(f.ctx, &model.Platform{Name: "vm6", PrettyName: "VMmanager 6"}))
	f.no(db.CreateUser(f.ctx, &f.user))
	f.no(db.CreateTicket(f.ctx, &f.ticket))
	return f
}

// no wants no error.
func (f fixture) no(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// is wants that error.
func (f fixture) is(err, want error) {
	f.t.Helper()
	if !errors.Is(err, want) {
		f.t.Fatalf("error %v, want %v", err, want)
	}
}

// upload opens an upload whose attempt is spent already.
func (f fixture) upload(id, kind string) model.Upload {
	f.t.Helper()
	u := model.Upload{ID: id, TicketID: f.ticket.ID, Kind: kind, Name: "a.tgz", Size: 10, Blob: "b/" + id, State: model.UploadOpen, Server: "one", Created: start, Touched: start}
	f.no(f.CreateUpload(f.ctx, u))
	return u
}

// archive puts an archive into the ticket, with an import that waits.
func (f fixture) archive(id string) model.Archive {
	f.t.Helper()
	f.upload(id, model.KindPost)
	a := model.Archive{Name: id + ".tgz", Blob: "b/" + id, Size: 10, SHA256: "aa", MD5: "bb", Guest: true}
	f.no(f.FinishUpload(f.ctx, id, &a, true, start))
	return a
}

func (f fixture) attempts() int {
	f.t.Helper()
	t, err := f.TicketByID(f.ctx, f.ticket.ID)
	f.no(err)
	return t.Attempts
}

func (f fixture) equal(got, want any) {
	f.t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		f.t.Errorf("got  %s\nwant %s", g, w)
	}
}

// each runs a test with a filled store of each kind.
func each(t *testing.T, f func(f fixture)) {
	storetest.Each(t, func(t *testing.T, address string) { f(fill(t, storetest.Open(t, address))) })
}

// eachTwice runs a test with two handles on the same store, as two processes
// have.
func eachTwice(t *testing.T, f func(a, b fixture)) {
	storetest.Each(t, func(t *testing.T, address string) {
		a := fill(t, storetest.Open(t, address))
		b := a
		b.DB = storetest.Open(t, address)
		f(a, b)
	})
}
