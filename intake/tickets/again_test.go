package tickets_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestAgain: of what a request has, its key and its file make it the same upload.
func TestAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		d := openAt(t, address, nil)
		token := d.ticket("1", 3)
		request := tickets.Request{Kind: model.KindTus, Key: "k", Name: "a.tgz", Size: 3, SHA256: "AB"}
		f := func(change func(*tickets.Request), same bool) {
			t.Helper()
			other := request
			change(&other)
			g, h := d.admitted(token, request), d.admitted(token, other)
			if g.Again || h.Again != same || (g.Upload.ID == h.Upload.ID) != same || (g.Upload.Blob == h.Upload.Blob) != same {
				t.Errorf("%+v: again %t, want %t", other, h.Again, same)
			}
			d.wants("1", map[bool]int{true: 2, false: 1}[same])
			d.no(d.Failed(d.ctx, g, errors.New("end of the test")))
			d.no(d.Failed(d.ctx, h, errors.New("end of the test")))
			d.wants("1", 3)
		}
		f(func(*tickets.Request) {}, true)
		f(func(r *tickets.Request) { r.SHA256 = "ab" }, true)
		f(func(r *tickets.Request) { r.Name = `C:\logs\a.tgz` }, true)
		f(func(r *tickets.Request) { r.ClientIP, r.UserAgent = "192.0.2.9", "other" }, true)
		f(func(r *tickets.Request) { r.Key = "" }, false)
		f(func(r *tickets.Request) { r.Key = "K" }, false)
		f(func(r *tickets.Request) { r.Name = "b.tgz" }, false)
		f(func(r *tickets.Request) { r.Size = 4 }, false)
		f(func(r *tickets.Request) { r.SHA256 = "" }, false)
		f(func(r *tickets.Request) { r.Kind = model.KindPost }, false)
		request.Key = ""
		f(func(*tickets.Request) {}, false)
	})
}

// TestAgainLast: the last attempt's upload is there for its client as long as it
// is open or stored, its ticket open and its token good, and for no other ticket;
// the quota that it fills itself is no reason against it. The trail tells.
func TestAgainLast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		d := openAt(t, address, func(r *tickets.Rules) { r.TicketQuota = 3 })
		token, strange := d.ticket("1", 1), d.ticket("2", 0)
		request := tickets.Request{Kind: model.KindTus, Key: "k", Name: "a.tgz", Size: 3}
		first := d.admitted(token, request)
		again := func(token string, want error) {
			t.Helper()
			g, err := d.Admit(d.ctx, token, request)
			if !errors.Is(err, want) || err == nil && (!g.Again || g.Upload.ID != first.Upload.ID || g.Ticket.Number != "1") {
				t.Errorf("%+v %v, want %v", g, err, want)
			}
			d.wants("1", 0)
		}
		again(token, nil)
		again(strange, tickets.ErrTokenExpired)
		d.now = start.Add(23 * time.Hour)
		again(token, nil) // it is alive again
		d.now = start.Add(46 * time.Hour)
		d.no(d.Recover(d.ctx))
		again(token, nil)
		change := func(c model.TicketChange) {
			t.Helper()
			_, err := d.UpdateTicket(d.ctx, d.ivan, "1", c)
			d.no(err)
		}
		change(model.TicketChange{Resolved: ptr(true)})
		again(token, tickets.ErrResolved)
		change(model.TicketChange{Resolved: ptr(false), ExpiresAt: ptr(d.now)})
		again(token, tickets.ErrTokenExpired)
		change(model.TicketChange{ExpiresAt: ptr(d.now.Add(time.Hour))})
		_, err := d.Stored(d.ctx, first, tickets.Blob{Size: 3})
		d.no(err)
		again(token, nil)
		request.Key = "other"
		again(token, tickets.ErrTokenExpired)
		events, err := d.db.Events(d.ctx, model.EventFilter{})
		d.no(err)
		told := 0
		for _, e := range events {
			if strings.Contains(e.Detail, "attempts=0 again=true") {
				told++
			}
		}
		if told != 4 {
			t.Errorf("the trail tells of %d repetitions, want 4: %+v", told, events)
		}
	})
}
