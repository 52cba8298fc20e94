package tickets_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestAllow: who may what.
func TestAllow(t *testing.T) {
	guest := tickets.Who{}
	user := tickets.Who{User: model.User{ID: 1, Username: "u", Active: true}}
	admin := tickets.Who{User: model.User{ID: 2, Username: "a", Active: true, Admin: true}}
	verified := func(w tickets.Who) tickets.Who { w.Verified = true; return w }
	token := func(w tickets.Who, scopes ...string) tickets.Who {
		w.Scopes = append([]string{}, scopes...)
		return verified(w)
	}
	off := verified(admin)
	off.User.Active = false
	plain := []tickets.Right{tickets.ReadTickets, tickets.WriteTickets, tickets.ReadArchives, tickets.WriteArchives}
	careful := []tickets.Right{tickets.Download, tickets.Import, tickets.Ask, tickets.ReadReport, tickets.Delete}
	f := func(name string, w tickets.Who, list []tickets.Right, want error) {
		t.Helper()
		for _, r := range list {
			if err := w.Allow(r); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("%s, right %d: %v, want %v", name, r, err, want)
			}
		}
	}
	all := slices.Concat(plain, careful, []tickets.Right{tickets.Admin})
	f("guest", guest, all, tickets.ErrSignIn)
	f("switched off", off, all, tickets.ErrSignIn)
	f("password alone", user, plain, nil)
	f("password alone", user, careful, tickets.ErrVerify)
	f("second factor", verified(user), slices.Concat(plain, careful), nil)
	f("no administrator", verified(user), []tickets.Right{tickets.Admin}, tickets.ErrForbidden)
	f("administrator by password alone", admin, []tickets.Right{tickets.Admin}, tickets.ErrVerify)
	f("administrator", verified(admin), all, nil)
	f("no scope", token(admin), all, tickets.ErrForbidden)
	f("scope to read", token(user, model.ScopeTicketsRead), []tickets.Right{tickets.ReadTickets}, nil)
	f("scope to read", token(user, model.ScopeTicketsRead), all[1:], tickets.ErrForbidden)
	f("scope of archives", token(user, model.ScopeArchivesRead), []tickets.Right{tickets.ReadArchives, tickets.Download, tickets.Ask, tickets.ReadReport}, nil)
	f("scope of archives", token(user, model.ScopeArchivesRead), []tickets.Right{tickets.Delete, tickets.Import}, tickets.ErrForbidden)
	f("admin's scope of a user", token(user, model.ScopeAdmin), []tickets.Right{tickets.Admin}, tickets.ErrForbidden)
	f("admin's scope", token(admin, model.ScopeAdmin), []tickets.Right{tickets.Admin}, nil)
	f("a right that is none", verified(admin), []tickets.Right{99}, tickets.ErrForbidden)
}

// TestOwnOnly: another user's ticket is not there, whatever one asks of it.
func TestOwnOnly(t *testing.T) {
	d := open(t, func(r *tickets.Rules) { r.OwnOnly = true })
	olga := d.user("olga", false)
	token := d.ticket("1", 5)
	g := d.admitted(token, tickets.Request{Name: "a.tgz"})
	a, err := d.Stored(d.ctx, g, tickets.Blob{Size: 3})
	d.no(err)
	tries := func(w tickets.Who) map[string]error {
		errs := map[string]error{}
		_, errs["ticket"] = d.Ticket(d.ctx, w, "1")
		_, errs["update"] = d.UpdateTicket(d.ctx, w, "1", model.TicketChange{Note: ptr("x")})
		_, errs["archive"] = d.Archive(d.ctx, w, a.ID)
		_, errs["download"] = d.Download(d.ctx, w, a.ID)
		_, errs["rename"] = d.RenameArchive(d.ctx, w, a.ID, "b.tgz")
		_, errs["ask"] = d.Ask(d.ctx, w, "1", "{}")
		return errs
	}
	for name, err := range tries(olga) {
		if !errors.Is(err, model.ErrNotFound) {
			t.Errorf("olga, %s: %v", name, err)
		}
	}
	for _, w := range []tickets.Who{d.ivan, d.admin} {
		for name, err := range tries(w) {
			if err != nil {
				t.Errorf("%s, %s: %v", w.User.Username, name, err)
			}
		}
	}
	_, err = d.RotateToken(d.ctx, olga, "1")
	d.is(err, model.ErrNotFound)
	d.is(d.RevokeToken(d.ctx, olga, "1"), model.ErrNotFound)
	d.is(d.DeleteTicket(d.ctx, olga, "1"), model.ErrNotFound)
	d.is(d.DeleteArchive(d.ctx, olga, a.ID), model.ErrNotFound)
	d.is(d.Import(d.ctx, olga, a.ID), model.ErrNotFound)
	_, _, err = d.Report(d.ctx, olga, a.ID)
	d.is(err, model.ErrNotFound)
	own, _, err := d.CreateTicket(d.ctx, olga, tickets.NewTicket{Number: "2", Platform: "vm6"})
	d.no(err)
	_, err = d.MoveArchive(d.ctx, d.ivan, a.ID, own.Number)
	d.is(err, model.ErrNotFound)
	count := func(w tickets.Who, f model.TicketFilter, wantTickets, wantArchives int) {
		t.Helper()
		rows, n, err := d.Tickets(d.ctx, w, f)
		d.no(err)
		_, m, err := d.Archives(d.ctx, w, model.ArchiveFilter{})
		d.no(err)
		if len(rows) != wantTickets || n != wantTickets || m != wantArchives {
			t.Errorf("%s sees %d of %d tickets, %d archives", w.User.Username, len(rows), n, m)
		}
	}
	count(olga, model.TicketFilter{}, 1, 0)
	count(olga, model.TicketFilter{Owner: "ivan"}, 0, 0)
	count(d.ivan, model.TicketFilter{}, 1, 1)
	count(d.admin, model.TicketFilter{}, 2, 1)
}

// TestTrail: everything leaves an event, in the store and as a line.
func TestTrail(t *testing.T) {
	d := open(t, nil)
	p := model.Platform{Name: "dci", PrettyName: "DCI"}
	_, err := d.CreatePlatform(d.ctx, d.admin, p)
	d.no(err)
	_, err = d.CreatePlatform(d.ctx, d.ivan, p)
	d.is(err, tickets.ErrForbidden)
	_, err = d.CreatePlatform(d.ctx, d.admin, p)
	d.is(err, model.ErrExists)
	_, err = d.UpdatePlatform(d.ctx, d.admin, "dci", model.Platform{Name: "dci6", PrettyName: "DCI"})
	d.no(err)
	token := d.ticket("1", 5)
	_, err = d.Admit(d.ctx, "x", tickets.Request{ClientIP: "192.0.2.9"})
	d.is(err, tickets.ErrTokenInvalid)
	g := d.admitted(token, tickets.Request{Name: "a.tgz"})
	a, err := d.Stored(d.ctx, g, tickets.Blob{Size: 1})
	d.no(err)
	d.no(d.Failed(d.ctx, d.admitted(token, tickets.Request{}), errors.New("cut")))
	_, err = d.Download(d.ctx, d.ivan, a.ID)
	d.no(err)
	weak := d.ivan
	weak.Verified = false
	_, err = d.Download(d.ctx, weak, a.ID)
	d.is(err, tickets.ErrVerify)
	d.is(d.Import(d.ctx, d.ivan, a.ID), model.ErrExists) // it waits already
	_, err = d.Ask(d.ctx, d.ivan, "1", `{ticket="1"} |= "FATAL"`)
	d.no(err)
	d.no(d.DeleteArchive(d.ctx, d.ivan, a.ID))
	d.no(d.DeleteTicket(d.ctx, d.ivan, "1"))
	d.no(d.DeletePlatform(d.ctx, d.admin, "dci6"))
	got := d.events(model.EventFilter{})
	want := []string{
		"CreatePlatform admin_change", "CreatePlatform rejected", "CreatePlatform failure", "ModifyPlatform admin_change", "CreateTicket success",
		"Upload rejected", "Upload success", "UploadDone success", "Upload success", "UploadFailed failure",
		"DownloadArchive success", "DownloadArchive rejected", "AskImport failure", "Question success", "DeleteArchive success", "DeleteTicket success", "DeletePlatform admin_change",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := strings.Count(d.audit.String(), "\n"); n != len(want) {
		t.Errorf("%d lines in the log, want %d", n, len(want))
	}
	for _, e := range got {
		if action, _, _ := strings.Cut(e, " "); !slices.Contains(model.Actions, action) {
			t.Errorf("action %s is not in the list", action)
		}
	}
	_, _, err = d.Events(d.ctx, d.ivan, model.EventFilter{})
	d.is(err, tickets.ErrForbidden)
	list, n, err := d.Events(d.ctx, d.admin, model.EventFilter{Actor: "ivan", Page: model.Page{Limit: 2}})
	d.no(err)
	if len(list) != 2 || n != 8 || list[0].ClientIP != "192.0.2.7" || list[0].Object != "ticket/1" {
		t.Errorf("%d of %d events, %+v", len(list), n, list[0])
	}
	if len(d.deleted) != 1 {
		t.Errorf("deleted %q", d.deleted)
	}
}

// TestRetire: what is too old goes, what is not stays.
func TestRetire(t *testing.T) {
	day := 24 * time.Hour
	d := open(t, func(r *tickets.Rules) {
		r.KeepResolved, r.KeepArchives, r.KeepTickets, r.KeepEvents, r.TokenLife = 2*day, 10*day, 5*day, 20*day, 0
	})
	store := func(number string) {
		g := d.admitted(d.ticket(number, 1), tickets.Request{Name: number})
		_, err := d.Stored(d.ctx, g, tickets.Blob{Size: 1})
		d.no(err)
	}
	store("resolved")
	store("open")
	_, err := d.UpdateTicket(d.ctx, d.ivan, "resolved", model.TicketChange{Resolved: ptr(true)})
	d.no(err)
	check := func(after time.Duration, want string) {
		t.Helper()
		d.now = start.Add(after)
		d.no(d.Retire(d.ctx))
		rows, err := d.db.TicketRows(d.ctx, model.TicketFilter{})
		d.no(err)
		var got []string
		for _, r := range rows {
			got = append(got, r.Number+strings.Repeat("+", r.Archives))
		}
		slices.Sort(got)
		if g := strings.Join(got, " "); g != want {
			t.Errorf("after %s: %q, want %q", after, g, want)
		}
	}
	check(2*day, "open+ resolved+")
	// Said again, it is resolved since the first time.
	_, err = d.UpdateTicket(d.ctx, d.ivan, "resolved", model.TicketChange{Resolved: ptr(true)})
	d.no(err)
	check(2*day+time.Second, "open+ resolved")
	check(5*day+time.Second, "open+")
	check(10*day, "open+")
	check(10*day+time.Second, "open")
	if len(d.deleted) != 2 {
		t.Errorf("deleted %q", d.deleted)
	}
	if got := d.events(model.EventFilter{Action: model.ActionRetention}); len(got) != 3 {
		t.Errorf("events %q", got)
	}
	check(31*day, "open")
	if got := d.events(model.EventFilter{}); len(got) != 0 {
		t.Errorf("events %q", got)
	}
}
