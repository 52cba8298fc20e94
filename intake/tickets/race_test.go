package tickets_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestRetireReopened: what is taken up again while retention is at work stays.
func TestRetireReopened(t *testing.T) {
	day := 24 * time.Hour
	f := func(change func(*tickets.Rules)) {
		t.Helper()
		d := open(t, change)
		numbers := []string{"1", "2"}
		for _, n := range numbers {
			g := d.admitted(d.ticket(n, 1), tickets.Request{Name: n})
			_, err := d.Stored(d.ctx, g, tickets.Blob{Size: 1})
			d.no(err)
			_, err = d.UpdateTicket(d.ctx, d.ivan, n, model.TicketChange{Resolved: ptr(true)})
			d.no(err)
		}
		d.onDelete = func(string) { // the first one has gone
			for _, n := range numbers {
				d.UpdateTicket(d.ctx, d.ivan, n, model.TicketChange{Resolved: ptr(false)})
			}
		}
		d.now = start.Add(2 * day)
		d.no(d.Retire(d.ctx))
		if len(d.deleted) != 1 {
			t.Errorf("the files %q were deleted, one of them of an open ticket", d.deleted)
		}
	}
	f(func(r *tickets.Rules) { r.KeepResolved = day })
	f(func(r *tickets.Rules) { r.KeepTickets = day })
}

// TestRotationIsOne: a rotation that fails gives the old token no new life.
func TestRotationIsOne(t *testing.T) {
	address := storetest.Lite(t)
	d := openAt(t, address, nil)
	token := d.ticket("1", 5)
	raw, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite://"))
	d.no(err)
	defer raw.Close()
	_, err = raw.Exec(`CREATE TRIGGER broken BEFORE UPDATE OF token_hash ON tickets BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
	d.no(err)
	d.now = start.Add(31 * 24 * time.Hour)
	if _, err := d.RotateToken(d.ctx, d.ivan, "1"); err == nil {
		t.Fatal("the rotation did not fail")
	}
	_, err = d.CheckToken(d.ctx, token)
	d.is(err, tickets.ErrTokenExpired)
}
