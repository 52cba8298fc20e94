package tickets_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var start = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// desk is a service with a platform, an administrator and a user, a clock that
// a test moves, and a storage that tells what was deleted.
type desk struct {
	*tickets.Service
	t           *testing.T
	ctx         context.Context
	db          *store.DB
	now         time.Time
	free        int64
	freeErr     error
	deleted     []string
	onDelete    func(key string)
	log, audit  bytes.Buffer
	admin, ivan tickets.Who
}

func open(t *testing.T, change func(*tickets.Rules)) *desk {
	t.Helper()
	return openAt(t, storetest.Lite(t), change)
}

// openAt is open over a database of the test's choice.
func openAt(t *testing.T, address string, change func(*tickets.Rules)) *desk {
	t.Helper()
	d := &desk{t: t, ctx: t.Context(), db: storetest.Open(t, address), now: start, free: 1 << 40}
	d.Service = d.server("one", change)
	d.admin = d.user("admin", true)
	d.ivan = d.user("ivan", false)
	d.no(d.db.CreatePlatform(d.ctx, &model.Platform{Name: "vm6", PrettyName: "VMmanager 6"}))
	return d
}

// server is a process over the same store.
func (d *desk) server(name string, change func(*tickets.Rules)) *tickets.Service {
	rules := tickets.DefaultRules()
	if change != nil {
		change(&rules)
	}
	return tickets.New(d.db, rules, tickets.Options{
		Server: name, Now: func() time.Time { return d.now }, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Audit: tickets.Audit(&d.audit),
		Storage: tickets.Storage{
			Free: func(context.Context) (int64, error) { return d.free, d.freeErr },
			Delete: func(_ context.Context, key string) error {
				d.deleted = append(d.deleted, key)
				if d.onDelete != nil {
					d.onDelete(key)
				}
				return nil
			},
		},
	})
}

func (d *desk) user(name string, admin bool) tickets.Who {
	d.t.Helper()
	u := model.User{Username: name, Active: true, Admin: admin, Created: start}
	d.no(d.db.CreateUser(d.ctx, &u))
	return tickets.Who{User: u, Verified: true, ClientIP: "192.0.2.7", UserAgent: "test"}
}

func (d *desk) no(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) is(err, want error) {
	d.t.Helper()
	if !errors.Is(err, want) {
		d.t.Errorf("error %v, want %v", err, want)
	}
}

// ticket makes one with so many attempts.
func (d *desk) ticket(number string, attempts int) (token string) {
	d.t.Helper()
	_, token, err := d.CreateTicket(d.ctx, d.ivan, tickets.NewTicket{Number: number, Platform: "vm6", Attempts: &attempts})
	d.no(err)
	return token
}

func (d *desk) attempts(number string) int {
	d.t.Helper()
	t, err := d.db.TicketByNumber(d.ctx, number)
	d.no(err)
	return t.Attempts
}

func (d *desk) wants(number string, attempts int) {
	d.t.Helper()
	if got := d.attempts(number); got != attempts {
		d.t.Errorf("ticket %s has %d attempts, want %d", number, got, attempts)
	}
}

func (d *desk) admitted(token string, r tickets.Request) tickets.Grant {
	d.t.Helper()
	if r.Kind == "" {
		r.Kind = model.KindPost
	}
	g, err := d.Admit(d.ctx, token, r)
	d.no(err)
	return g
}

// events are the actions and outcomes of the trail, oldest first.
func (d *desk) events(f model.EventFilter) (list []string) {
	d.t.Helper()
	found, err := d.db.Events(d.ctx, f)
	d.no(err)
	for i := len(found) - 1; i >= 0; i-- {
		list = append(list, found[i].Action+" "+found[i].Outcome)
	}
	return list
}

func ptr[T any](v T) *T { return &v }
