package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

func ptr[T any](v T) *T { return &v }

// TestSpendAttempt: what an attempt is refused for.
func TestSpendAttempt(t *testing.T) {
	each(t, func(f fixture) {
		check := func(name string, c model.TicketChange, now time.Time, want bool) {
			t.Helper()
			_, err := f.UpdateTicket(f.ctx, f.ticket.ID, c, start)
			f.no(err)
			got, err := f.SpendAttempt(f.ctx, token, now)
			if (err == nil) != want {
				t.Errorf("%s: %v", name, err)
			}
			if !want {
				f.is(err, model.ErrNotFound)
			} else if got.Attempts != 2 || !got.Updated.Equal(now) {
				t.Errorf("%s: ticket %+v", name, got)
			}
		}
		three, soon := ptr(3), start.Add(time.Hour)
		check("no end", model.TicketChange{Attempts: three}, start, true)
		check("before its end", model.TicketChange{Attempts: three, ExpiresAt: &soon}, soon.Add(-time.Microsecond), true)
		check("at its end", model.TicketChange{Attempts: three}, soon, false)
		check("without end again", model.TicketChange{Attempts: three, ExpiresAt: &time.Time{}}, soon, true)
		check("none left", model.TicketChange{Attempts: ptr(0)}, start, false)
		check("resolved", model.TicketChange{Attempts: three, Resolved: ptr(true)}, start, false)
		check("open again", model.TicketChange{Attempts: three, Resolved: ptr(false)}, start, true)
		_, err := f.UpdateTicket(f.ctx, f.ticket.ID, model.TicketChange{TokenHash: &[]byte{}}, start)
		f.no(err)
		check("revoked", model.TicketChange{Attempts: three}, start, false)
		_, err = f.SpendAttempt(f.ctx, nil, start)
		f.is(err, model.ErrNotFound)
	})
}

// TestRefund: never above the most that a ticket may have.
func TestRefund(t *testing.T) {
	each(t, func(f fixture) {
		for range 12 {
			f.no(f.RefundAttempt(f.ctx, f.ticket.ID, start))
		}
		f.equal(f.attempts(), model.MaxAttempts)
		f.is(f.RefundAttempt(f.ctx, 999, start), model.ErrNotFound)
	})
}

// TestTicketRoundTrip: what goes in comes out, and fields that a change does
// not name stay.
func TestTicketRoundTrip(t *testing.T) {
	each(t, func(f fixture) {
		in := model.Ticket{
			Number: "42", Platform: "vm6", Owner: "ivan", Resolved: true, ResolvedAt: start, Note: "Привет,\nмир; 'x'", Attempts: 7,
			ExpiresAt: start.Add(time.Hour), TokenHash: []byte{0, 1, 255}, Created: start, Updated: start,
		}
		f.no(f.CreateTicket(f.ctx, &in))
		got, err := f.TicketByNumber(f.ctx, "42")
		f.no(err)
		f.equal(got, in)
		later := start.Add(time.Minute)
		got, err = f.UpdateTicket(f.ctx, in.ID, model.TicketChange{Note: ptr("neu"), Number: ptr("A-1"), Owner: ptr("")}, later)
		f.no(err)
		in.Note, in.Number, in.Owner, in.Updated = "neu", "A-1", "", later
		f.equal(got, in)

		f.is(f.CreateTicket(f.ctx, &model.Ticket{Number: "A-1", Platform: "vm6"}), model.ErrExists)
		f.is(f.CreateTicket(f.ctx, &model.Ticket{Number: "A-2", Platform: "none"}), model.ErrNotFound)
		f.is(f.CreateTicket(f.ctx, &model.Ticket{Number: "A-2", Platform: "vm6", Owner: "nobody"}), model.ErrNotFound)
		f.is(f.CreateTicket(f.ctx, &model.Ticket{Number: "A-2", Platform: "vm6", TokenHash: in.TokenHash}), model.ErrExists)
		_, err = f.UpdateTicket(f.ctx, in.ID, model.TicketChange{Number: ptr("SUP-1488")}, later)
		f.is(err, model.ErrExists)
		_, err = f.UpdateTicket(f.ctx, 999, model.TicketChange{Note: ptr("")}, later)
		f.is(err, model.ErrNotFound)
		// What a database cannot keep is told, or kept.
		if _, err = f.UpdateTicket(f.ctx, in.ID, model.TicketChange{Note: ptr("a\x00b\xff")}, later); err != nil {
			f.is(err, model.ErrText)
		}
		// The beginning of 1970 is not never.
		got, err = f.UpdateTicket(f.ctx, in.ID, model.TicketChange{ExpiresAt: ptr(time.Unix(0, 0)), Resolved: ptr(true)}, later)
		f.no(err)
		f.equal([]time.Time{got.ExpiresAt, got.ResolvedAt}, []time.Time{time.UnixMicro(1).UTC(), start})
		// Tickets without a token do not stand in each other's way.
		f.no(f.CreateTicket(f.ctx, &model.Ticket{Number: "B-1", Platform: "vm6"}))
		f.no(f.CreateTicket(f.ctx, &model.Ticket{Number: "B-2", Platform: "vm6"}))
		_, err = f.TicketByToken(f.ctx, nil)
		f.is(err, model.ErrNotFound)
	})
}

// TestTicketFilter: each condition alone, and parts of lists.
func TestTicketFilter(t *testing.T) {
	each(t, func(f fixture) {
		f.no(f.CreatePlatform(f.ctx, &model.Platform{Name: "dci6", PrettyName: "DCI"}))
		add := func(number, platform, owner, note string, resolved bool, at time.Duration) {
			tk := model.Ticket{Number: number, Platform: platform, Owner: owner, Note: note, Resolved: resolved, Created: start.Add(at), Updated: start}
			if resolved {
				tk.ResolvedAt = start.Add(at)
			}
			f.no(f.CreateTicket(f.ctx, &tk))
		}
		add("100", "dci6", "ivan", "Диск ПОЛОН", false, 1*time.Second)
		add("1005", "dci6", "", "100% of a_b", true, 2*time.Second)
		add("2000", "vm6", "", "", true, 3*time.Second)
		check := func(filter model.TicketFilter, want string) {
			t.Helper()
			rows, err := f.TicketRows(f.ctx, filter)
			f.no(err)
			plain, err := f.Tickets(f.ctx, filter)
			f.no(err)
			var got, other []string
			for i := range rows {
				got, other = append(got, rows[i].Number), append(other, plain[i].Number)
			}
			if g := strings.Join(got, " "); g != want || !slices.Equal(got, other) {
				t.Errorf("%+v: got %q, %q, want %q", filter, g, other, want)
			}
			n, err := f.CountTickets(f.ctx, filter)
			f.no(err)
			if filter.Page == (model.Page{}) && n != len(rows) {
				t.Errorf("%+v: counted %d", filter, n)
			}
		}
		all := model.TicketFilter{}
		check(all, "2000 1005 100 SUP-1488")
		check(model.TicketFilter{Page: model.Page{Limit: 2}}, "2000 1005")
		check(model.TicketFilter{Page: model.Page{Limit: 2, Offset: 3}}, "SUP-1488")
		check(model.TicketFilter{Page: model.Page{Offset: 3}}, "SUP-1488")
		check(model.TicketFilter{Platform: "dci6"}, "1005 100")
		check(model.TicketFilter{Owner: "ivan"}, "100 SUP-1488")
		check(model.TicketFilter{Resolved: ptr(true)}, "2000 1005")
		check(model.TicketFilter{Resolved: ptr(false)}, "100 SUP-1488")
		check(model.TicketFilter{Numbers: []string{"100", "2000", "7"}}, "2000 100")
		check(model.TicketFilter{Contains: "100"}, "1005 100")
		check(model.TicketFilter{Contains: "sup"}, "SUP-1488")
		check(model.TicketFilter{Text: "диск полон"}, "100")
		check(model.TicketFilter{Text: "0%"}, "1005") // a sign of LIKE, meant as itself
		check(model.TicketFilter{Text: "a_b"}, "1005")
		check(model.TicketFilter{Text: "a%b"}, "")
		check(model.TicketFilter{NumMin: ptr(int64(101))}, "2000 1005")
		check(model.TicketFilter{NumMax: ptr(int64(1005))}, "1005 100") // not those that are texts
		check(model.TicketFilter{NumMin: ptr(int64(1)), NumMax: ptr(int64(1005))}, "1005 100")
		check(model.TicketFilter{IDs: []int64{f.ticket.ID}}, "SUP-1488")
		check(model.TicketFilter{IDMin: ptr(f.ticket.ID + 1), IDMax: ptr(f.ticket.ID + 2)}, "1005 100")
		check(model.TicketFilter{IDMax: ptr(int64(0))}, "")
		check(model.TicketFilter{ResolvedBefore: start.Add(3 * time.Second)}, "1005")
		check(model.TicketFilter{Critical: true}, "")
	})
}

// TestDelete: a deleted user's tickets stay without an owner; a deleted ticket
// or platform takes its rows along and returns the blobs.
func TestDelete(t *testing.T) {
	each(t, func(f fixture) {
		a := f.archive("one")
		f.archive("two")
		f.upload("open", model.KindTus)
		f.upload("failed", model.KindPost)
		_, err := f.FailUpload(f.ctx, "failed", false, start)
		f.no(err)
		c, ok, err := f.ClaimImport(f.ctx, "w", time.Minute, start)
		f.no(err)
		f.equal(ok, true)
		i := c.Import
		i.State = model.ImportDone
		f.no(f.FinishImport(f.ctx, i, []byte("<p>"), nil, start))

		f.no(f.DeleteUser(f.ctx, f.user.ID))
		tk, err := f.TicketByNumber(f.ctx, "SUP-1488")
		f.no(err)
		f.equal(tk.Owner, "")

		blob, err := f.DeleteArchive(f.ctx, a.ID)
		f.no(err)
		f.equal(blob, "b/one")
		_, _, err = f.Report(f.ctx, a.ID)
		f.is(err, model.ErrNotFound)

		blobs, err := f.DeleteTicket(f.ctx, tk.ID)
		f.no(err)
		slices.Sort(blobs)
		f.equal(blobs, []string{"b/open", "b/two"})
		_, err = f.DeleteTicket(f.ctx, tk.ID)
		f.is(err, model.ErrNotFound)

		other := model.Ticket{Number: "9", Platform: "vm6"}
		f.no(f.CreateTicket(f.ctx, &other))
		f.no(f.CreateArchive(f.ctx, &model.Archive{Ticket: "9", Name: "n", Blob: "b/9", Created: start}))
		p, err := f.PlatformByName(f.ctx, "vm6")
		f.no(err)
		blobs, err = f.DeletePlatform(f.ctx, p.ID)
		f.no(err)
		f.equal(blobs, []string{"b/9"})
		totals, err := f.Totals(f.ctx)
		f.no(err)
		f.equal(totals, model.Totals{})
	})
}

// TestPlatforms: a platform that is renamed keeps its tickets.
func TestPlatforms(t *testing.T) {
	each(t, func(f fixture) {
		f.is(f.CreatePlatform(f.ctx, &model.Platform{Name: "vm6"}), model.ErrExists)
		p, err := f.PlatformByName(f.ctx, "vm6")
		f.no(err)
		p.Name = "vm7"
		f.no(f.UpdatePlatform(f.ctx, p))
		tk, err := f.TicketByNumber(f.ctx, "SUP-1488")
		f.no(err)
		f.equal(tk.Platform, "vm7")
		list, err := f.Platforms(f.ctx)
		f.no(err)
		f.equal(list, []model.Platform{p})
		f.is(f.UpdatePlatform(f.ctx, model.Platform{ID: 99}), model.ErrNotFound)
	})
}
