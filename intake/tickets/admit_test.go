package tickets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestAdmitOrder: the original's order of checks, its status codes, and that a
// refusal costs nothing.
func TestAdmitOrder(t *testing.T) {
	d := open(t, func(r *tickets.Rules) { r.MaxUpload, r.TicketQuota, r.TotalQuota = 1000, 1500, 2000 })
	uuid := "0b0f6f2e-6c0e-4b1e-9c4d-2f8f4a9d1c11" // as the original's, imported
	set := func(number string, attempts int, c model.TicketChange) string {
		token := d.ticket(number, attempts)
		_, err := d.UpdateTicket(d.ctx, d.ivan, number, c)
		d.no(err)
		return token
	}
	past, future := start.Add(-time.Second), start.Add(time.Second)
	good := set("good", 3, model.TicketChange{})
	spent := set("spent", 0, model.TicketChange{})
	resolved := set("resolved", 0, model.TicketChange{Resolved: ptr(true), ExpiresAt: &past})
	expired := set("expired", 3, model.TicketChange{ExpiresAt: &past})
	living := set("living", 3, model.TicketChange{ExpiresAt: &future})
	old, err := d.db.TicketByNumber(d.ctx, "living")
	d.no(err)
	revoked := d.ticket("revoked", 3)
	d.no(d.RevokeToken(d.ctx, d.ivan, "revoked"))
	rotated := d.ticket("rotated", 3)
	fresh, err := d.RotateToken(d.ctx, d.ivan, "rotated")
	d.no(err)
	imported := model.Ticket{Number: "77", Platform: "vm6", Attempts: 1, TokenHash: tickets.HashToken(uuid)}
	d.no(d.db.CreateTicket(d.ctx, &imported))

	f := func(name, token string, size int64, want error, status int) {
		t.Helper()
		g, err := d.Admit(d.ctx, token, tickets.Request{Kind: model.KindPost, Name: "a.tgz", Size: size, ClientIP: "192.0.2.1"})
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: error %v, want %v", name, err, want)
		}
		if err != nil && tickets.Status(err) != status {
			t.Errorf("%s: status %d, want %d", name, tickets.Status(err), status)
		}
		if err == nil {
			d.no(d.Failed(d.ctx, g, errors.New("end of the test")))
		}
	}
	f("no header", "", 1, tickets.ErrTokenMissing, 401)
	f("blank header", "  ", 1, tickets.ErrTokenMissing, 401)
	f("no token", "rubbish", 1, tickets.ErrTokenInvalid, 403)
	f("a token nobody has", strings.Repeat("A", 43), 1, tickets.ErrTokenInvalid, 403)
	f("a UUID nobody has", strings.Replace(uuid, "0b", "0c", 1), 1, tickets.ErrTokenInvalid, 403)
	f("the hash itself", string(old.TokenHash), 1, tickets.ErrTokenInvalid, 403)
	f("revoked", revoked, 1, tickets.ErrTokenInvalid, 403)
	f("before rotation", rotated, 1, tickets.ErrTokenInvalid, 403)
	f("resolved before expired", resolved, 5000, tickets.ErrResolved, 423)
	f("no attempt left", spent, 5000, tickets.ErrTokenExpired, 423)
	f("its time is over", expired, 5000, tickets.ErrTokenExpired, 423)
	f("too large", good, 1001, tickets.ErrTooLarge, 413)
	f("as large as may be", good, 1000, nil, 0)
	f("of unknown size", good, -1, nil, 0)
	f("before its end", living, 1, nil, 0)
	f("after rotation", fresh, 1, nil, 0)
	f("the original's, with a space behind", uuid+" ", 1, nil, 0)
	f("the original's in capitals", strings.ToUpper(uuid), 1, nil, 0)
	for _, n := range []string{"good", "living", "rotated"} {
		d.wants(n, 3)
	}

	g := d.admitted(good, tickets.Request{Size: 900})
	f("over the ticket's quota", good, 601, tickets.ErrQuota, 413)
	f("within it", good, 600, nil, 0)
	h := d.admitted(living, tickets.Request{Size: 1000})
	f("over the total quota", good, 101, tickets.ErrQuota, 413)
	f("of unknown size, what is left", good, -1, nil, 0)
	if g, err := d.Admit(d.ctx, good, tickets.Request{Kind: model.KindTus, Size: -1}); err != nil || g.MaxBytes != 100 {
		t.Errorf("bytes left %d, %v, want 100", g.MaxBytes, err)
	}
	d.free = tickets.DefaultRules().MinFree + 99
	f("no room", good, 100, tickets.ErrNoSpace, 507)
	f("just room", good, 99, nil, 0)
	d.free = tickets.DefaultRules().MinFree - 1
	f("less than has to stay free", good, -1, tickets.ErrNoSpace, 507)
	d.freeErr = errors.New("the disk is gone")
	f("unknown room", good, 1, d.freeErr, 500)
	if g.Upload.Blob == h.Upload.Blob || strings.Contains(g.Upload.Blob, "a.tgz") {
		t.Errorf("blobs %q and %q", g.Upload.Blob, h.Upload.Blob)
	}
}

// TestRefunds: an attempt comes back unless it was the customer's fault, and
// once.
func TestRefunds(t *testing.T) {
	d := open(t, nil)
	token := d.ticket("1", 5)
	f := func(cause error, want int) {
		t.Helper()
		g := d.admitted(token, tickets.Request{Name: "x"})
		d.wants("1", 4)
		d.no(d.Failed(d.ctx, g, cause))
		d.wants("1", want)
		d.no(d.Failed(d.ctx, g, cause)) // again: nothing more
		d.wants("1", want)
		if want != 5 {
			_, err := d.UpdateTicket(d.ctx, d.ivan, "1", model.TicketChange{Attempts: ptr(5)})
			d.no(err)
		}
	}
	f(errors.New("connection reset by peer"), 5)
	f(tickets.ErrNoSpace, 5)
	f(tickets.ErrQuota, 5)
	f(fmt.Errorf("checksum: %w", tickets.ErrFault), 4)
	f(fmt.Errorf("%w: %w", tickets.ErrTooLarge, tickets.ErrFault), 4)

	g := d.admitted(token, tickets.Request{Name: "x"})
	a, err := d.Stored(d.ctx, g, tickets.Blob{Size: 3, SHA256: "aa", MD5: "bb"})
	d.no(err)
	if a.Import.State != model.ImportQueued || a.Blob != g.Upload.Blob || !a.Guest || a.Ticket != "1" {
		t.Errorf("archive %+v", a)
	}
	d.no(d.Failed(d.ctx, g, errors.New("the answer did not arrive")))
	d.wants("1", 4)
	_, err = d.Stored(d.ctx, g, tickets.Blob{Size: 3})
	d.is(err, tickets.ErrGone)

	// Who reads the trail cannot go on with an upload.
	events, err := d.db.Events(d.ctx, model.EventFilter{})
	d.no(err)
	for _, e := range events {
		if strings.Contains(e.Detail, g.Upload.ID) {
			t.Errorf("%s has the whole ID of the upload: %s", e.Action, e.Detail)
		}
	}
}

// TestRecover: uploads of a dead process come back, those of a living one and
// resumable ones stay until they were idle for too long.
func TestRecover(t *testing.T) {
	d := open(t, nil)
	token := d.ticket("1", 5)
	d.no(d.Recover(d.ctx)) // server one lives
	post := d.admitted(token, tickets.Request{Kind: model.KindPost})
	tus := d.admitted(token, tickets.Request{Kind: model.KindTus})
	two := d.server("two", nil)
	check := func(after time.Duration, attempts int) {
		t.Helper()
		d.now = start.Add(after)
		d.no(two.Recover(d.ctx))
		d.wants("1", attempts)
	}
	check(time.Minute, 3)
	d.no(d.Recover(d.ctx))
	check(2*time.Minute, 3) // one was seen a minute ago
	check(3*time.Minute, 4)
	d.no(d.Touch(d.ctx, tus.Upload.ID, 10))
	d.is(d.Touch(d.ctx, post.Upload.ID, 10), tickets.ErrGone)
	check(24*time.Hour, 4)
	g, err := two.Grant(d.ctx, tus.Upload.ID)
	d.no(err)
	if g.Upload.Offset != 10 || g.Ticket.Number != "1" {
		t.Errorf("grant %+v", g)
	}
	check(24*time.Hour+4*time.Minute, 5)
	_, err = two.Grant(d.ctx, tus.Upload.ID)
	d.is(err, tickets.ErrGone)
	if got := strings.Join(d.deleted, " "); got != post.Upload.Blob+" "+tus.Upload.Blob {
		t.Errorf("deleted %q", got)
	}

	// A process that ends in peace is dead at once.
	last := d.admitted(token, tickets.Request{Kind: model.KindPost})
	d.no(d.Recover(d.ctx))
	d.no(d.Stop(d.ctx))
	d.no(two.Recover(d.ctx))
	d.wants("1", 5)
	_, err = d.Stored(d.ctx, last, tickets.Blob{Size: 1})
	d.is(err, tickets.ErrGone)
}

// TestTokenTicket: what a guest may know of a token.
func TestTokenTicket(t *testing.T) {
	d := open(t, nil)
	token := d.ticket("1", 2)
	got, err := d.TokenTicket(d.ctx, token)
	d.no(err)
	if got.Number != "1" || got.Attempts != 2 || !got.ExpiresAt.Equal(start.Add(30*24*time.Hour)) {
		t.Errorf("ticket %+v", got)
	}
	if len(token) != 43 || strings.Contains(d.audit.String()+d.log.String(), token) {
		t.Errorf("token %q is told in a log", token)
	}
	_, err = d.TokenTicket(d.ctx, "x")
	d.is(err, tickets.ErrTokenInvalid)
}

// TestRecoverLate: an upload that is stored while others are given up keeps its
// blob.
func TestRecoverLate(t *testing.T) {
	d := open(t, nil)
	token := d.ticket("1", 2)
	first := d.admitted(token, tickets.Request{Kind: model.KindTus, Name: "a.tgz", Size: 3})
	d.now = d.now.Add(time.Second)
	second := d.admitted(token, tickets.Request{Kind: model.KindTus, Name: "b.tgz", Size: 3})
	d.now = d.now.Add(25 * time.Hour)
	d.onDelete = func(key string) {
		if key == first.Upload.Blob {
			_, err := d.Stored(d.ctx, second, tickets.Blob{Size: 3})
			d.no(err)
		}
	}
	d.no(d.Recover(d.ctx))
	if len(d.deleted) != 1 || d.deleted[0] != first.Upload.Blob {
		t.Errorf("deleted %q, want %q: the other is an archive's", d.deleted, first.Upload.Blob)
	}
	d.wants("1", 1)
}

// TestRecoverForgotten: an upload by one request whose end could not be kept,
// as when the database was away, is not open for as long as its server lives.
func TestRecoverForgotten(t *testing.T) {
	d := open(t, nil)
	d.admitted(d.ticket("1", 2), tickets.Request{Name: "a.tgz", Size: 3})
	d.no(d.Recover(d.ctx))
	d.wants("1", 1)
	d.now = d.now.Add(25 * time.Hour)
	d.no(d.Recover(d.ctx))
	d.wants("1", 2)
}

// TestQuotaUndeclared: uploads that do not say how large they are find the quota
// empty together, and do not fill it twice.
func TestQuotaUndeclared(t *testing.T) {
	d := open(t, func(r *tickets.Rules) { r.TicketQuota = 1000 })
	token := d.ticket("1", 3)
	request := tickets.Request{Name: "a.tgz", Size: -1}
	first, second, third := d.admitted(token, request), d.admitted(token, request), d.admitted(token, request)
	d.no(d.Touch(d.ctx, first.Upload.ID, 800))
	d.is(d.Touch(d.ctx, second.Upload.ID, 800), tickets.ErrQuota)
	d.no(d.Failed(d.ctx, second, tickets.ErrQuota))
	_, err := d.Stored(d.ctx, first, tickets.Blob{Size: 1000})
	d.no(err)
	_, err = d.Stored(d.ctx, third, tickets.Blob{Size: 1})
	d.is(err, tickets.ErrQuota)
}
