package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestUploadEnds: an upload ends once, as an archive or not, and its attempt
// comes back at most once.
func TestUploadEnds(t *testing.T) {
	each(t, func(f fixture) {
		f.upload("u", model.KindTus)
		f.no(f.TouchUpload(f.ctx, "u", 7, "two", start.Add(time.Second)))
		u, err := f.Upload(f.ctx, "u")
		f.no(err)
		want := model.Upload{ID: "u", TicketID: f.ticket.ID, Kind: model.KindTus, Name: "a.tgz", Size: 10, Offset: 7, Blob: "b/u", State: model.UploadOpen, Server: "two", Created: start, Touched: start.Add(time.Second)}
		f.equal(u, want)

		a := model.Archive{Name: "a.tgz", Blob: "b/u", Size: 10, SHA256: "aa", MD5: "bb"}
		f.no(f.FinishUpload(f.ctx, "u", &a, true, start))
		f.is(f.FinishUpload(f.ctx, "u", &a, true, start), model.ErrNotFound)
		_, err = f.FailUpload(f.ctx, "u", true, start)
		f.is(err, model.ErrNotFound)
		f.is(f.TouchUpload(f.ctx, "u", 8, "two", start), model.ErrNotFound)
		f.equal(f.attempts(), 1) // the upload was made without Admit

		f.upload("v", model.KindPost)
		_, err = f.FailUpload(f.ctx, "v", true, start)
		f.no(err)
		_, err = f.FailUpload(f.ctx, "v", true, start)
		f.is(err, model.ErrNotFound)
		f.equal(f.attempts(), 2)
		f.upload("w", model.KindPost)
		_, err = f.FailUpload(f.ctx, "w", false, start)
		f.no(err)
		f.equal(f.attempts(), 2)

		got, err := f.Archive(f.ctx, a.ID)
		f.no(err)
		f.equal(got, model.Archive{
			ID: a.ID, Ticket: "SUP-1488", Platform: "vm6", Name: "a.tgz", Blob: "b/u", Size: 10, SHA256: "aa", MD5: "bb", Created: start,
			Import: model.Import{ArchiveID: a.ID, State: model.ImportQueued, Total: 10, Queued: start},
		})
		n, err := f.ForgetUploads(f.ctx, start.Add(time.Second))
		f.no(err)
		f.equal(n, 3)
	})
}

// TestFinishIsOne: when the archive cannot be written the upload stays open.
func TestFinishIsOne(t *testing.T) {
	each(t, func(f fixture) {
		f.archive("first")
		f.upload("second", model.KindPost)
		a := model.Archive{Name: "n", Blob: "b/first"} // taken
		f.is(f.FinishUpload(f.ctx, "second", &a, true, start), model.ErrExists)
		u, err := f.Upload(f.ctx, "second")
		f.no(err)
		f.equal(u.State, model.UploadOpen)
	})
}

// TestAdmit: check's error is returned as it is, and nothing is spent.
func TestAdmit(t *testing.T) {
	each(t, func(f fixture) {
		f.archive("held") // 10 bytes
		no := errors.New("no")
		u := model.Upload{ID: "x", Kind: model.KindTus, Size: 5, Blob: "b/x", User: "ivan", ClientIP: "192.0.2.1"}
		_, err := f.AdmitUpload(f.ctx, token, start, &u, func(tk model.Ticket, h model.Held) error {
			f.equal(h, model.Held{Ticket: 10, Total: 10})
			f.equal(tk.Number, "SUP-1488")
			return no
		})
		f.is(err, no)
		f.equal(f.attempts(), 1)
		_, err = f.Upload(f.ctx, "x")
		f.is(err, model.ErrNotFound)
		tk, err := f.AdmitUpload(f.ctx, token, start, &u, func(model.Ticket, model.Held) error { return nil })
		f.no(err)
		f.equal(tk.Attempts, 0)
		got, err := f.Upload(f.ctx, "x")
		f.no(err)
		f.equal(got, u)
		h, err := f.Held(f.ctx, f.ticket.ID)
		f.no(err)
		f.equal(h, model.Held{Ticket: 15, Total: 15})
	})
}

// TestStale: resumable uploads by their age, those of one request by their
// server.
func TestStale(t *testing.T) {
	each(t, func(f fixture) {
		f.upload("post", model.KindPost)
		f.upload("tus", model.KindTus)
		ids := func(list []model.Upload, err error) (got []string) {
			t.Helper()
			f.no(err)
			for _, u := range list {
				got = append(got, u.ID)
			}
			return got
		}
		f.equal(ids(f.StaleUploads(f.ctx, model.KindTus, start)), []string(nil))
		f.equal(ids(f.StaleUploads(f.ctx, model.KindTus, start.Add(1000))), []string{"tus"})
		f.equal(len(ids(f.StaleUploads(f.ctx, "", start.Add(1000)))), 2)
		f.equal(ids(f.AbandonedUploads(f.ctx, model.KindPost, start)), []string{"post"})
		f.no(f.SeeServer(f.ctx, "one", start))
		f.equal(ids(f.AbandonedUploads(f.ctx, model.KindPost, start)), []string(nil))
		f.equal(ids(f.AbandonedUploads(f.ctx, model.KindPost, start.Add(time.Second))), []string{"post"})
		f.no(f.SeeServer(f.ctx, "one", start.Add(time.Second)))
		f.equal(ids(f.AbandonedUploads(f.ctx, model.KindPost, start.Add(time.Second))), []string(nil))
		f.no(f.ForgetServer(f.ctx, "one"))
		f.equal(ids(f.AbandonedUploads(f.ctx, model.KindPost, start)), []string{"post"})
	})
}

// TestImports: leases run out, and who has lost one can neither renew nor
// finish.
func TestImports(t *testing.T) {
	each(t, func(f fixture) {
		first := f.archive("one")
		second := f.archive("two")
		claim := func(owner string, now time.Time) model.Archive {
			t.Helper()
			a, ok, err := f.ClaimImport(f.ctx, owner, time.Minute, now)
			f.no(err)
			if !ok {
				return model.Archive{}
			}
			return a
		}
		a := claim("w1", start)
		f.equal(a.ID, first.ID) // the oldest
		f.equal(claim("w2", start).ID, second.ID)
		f.equal(claim("w3", start).ID, 0)
		f.is(f.EnqueueImport(f.ctx, first.ID, start), model.ErrExists) // it runs

		i := a.Import
		i.Done, i.Entries = 5, 3
		f.no(f.RenewImport(f.ctx, i, time.Minute, start.Add(50*time.Second)))
		f.equal(claim("w3", start.Add(70*time.Second)).ID, second.ID) // w2 did not renew
		f.equal(claim("w4", start.Add(70*time.Second)).ID, 0)
		b := claim("w4", start.Add(111*time.Second))
		f.equal(b.ID, first.ID)
		f.equal(b.Import.Tries, 2)
		f.is(f.RenewImport(f.ctx, i, time.Minute, start), model.ErrNotFound)
		i.State = model.ImportDone
		f.is(f.FinishImport(f.ctx, i, nil, []byte("{}"), start), model.ErrNotFound)

		i = b.Import
		i.State, i.Findings, i.Critical, i.From, i.To, i.Shipped = model.ImportDone, 3, 2, start, start.Add(time.Hour), true
		f.no(f.FinishImport(f.ctx, i, []byte("<p>"), []byte("{}"), start.Add(2*time.Minute)))
		html, json, err := f.Report(f.ctx, first.ID)
		f.no(err)
		f.equal(string(html)+string(json), "<p>{}")
		got, err := f.Archive(f.ctx, first.ID)
		f.no(err)
		i.Ended, i.Owner, i.Lease, i.Reported = start.Add(2*time.Minute), "", time.Time{}, true
		f.equal(got.Import, i)
		rows, err := f.TicketRows(f.ctx, model.TicketFilter{Critical: true})
		f.no(err)
		f.equal(len(rows), 1)
		r := rows[0]
		f.equal([]any{r.Archives, r.Bytes, r.Findings, r.Critical, r.Importing}, []any{2, 20, 3, 2, 1})

		// Once more: the report stays until the new one is there.
		f.no(f.EnqueueImport(f.ctx, first.ID, start))
		c := claim("w5", start)
		f.equal(c.ID, first.ID)
		f.equal(c.Import.Reported, true)
		_, _, err = f.Report(f.ctx, first.ID)
		f.no(err)
		f.no(f.ReleaseImport(f.ctx, first.ID, "w5"))
		f.equal(claim("w6", start).ID, first.ID)
		f.is(f.EnqueueImport(f.ctx, 999, start), model.ErrNotFound)
	})
}

// TestArchiveFilter: each condition alone.
func TestArchiveFilter(t *testing.T) {
	each(t, func(f fixture) {
		f.no(f.CreateTicket(f.ctx, &model.Ticket{Number: "7", Platform: "vm6", Resolved: true, ResolvedAt: start}))
		one := f.archive("one")
		two := model.Archive{Ticket: "7", Name: "two", Blob: "b/2", Created: start.Add(time.Second)}
		f.no(f.CreateArchive(f.ctx, &two))
		check := func(filter model.ArchiveFilter, want ...int64) {
			t.Helper()
			list, err := f.Archives(f.ctx, filter)
			f.no(err)
			var got []int64
			for _, a := range list {
				got = append(got, a.ID)
			}
			f.equal(got, want)
			n, err := f.CountArchives(f.ctx, filter)
			f.no(err)
			if filter.Page == (model.Page{}) {
				f.equal(n, len(want))
			}
		}
		check(model.ArchiveFilter{}, two.ID, one.ID)
		check(model.ArchiveFilter{Page: model.Page{Limit: 1, Offset: 1}}, one.ID)
		check(model.ArchiveFilter{Ticket: "7"}, two.ID)
		check(model.ArchiveFilter{Owner: "ivan"}, one.ID)
		check(model.ArchiveFilter{ID: &one.ID}, one.ID)
		check(model.ArchiveFilter{IDMin: &two.ID}, two.ID)
		check(model.ArchiveFilter{IDMax: &one.ID}, one.ID)
		check(model.ArchiveFilter{IDMax: ptr(int64(0))})
		check(model.ArchiveFilter{Created: start}, one.ID)
		check(model.ArchiveFilter{CreatedMin: start.Add(time.Second)}, two.ID)
		check(model.ArchiveFilter{CreatedMax: start}, one.ID)
		check(model.ArchiveFilter{TicketMin: ptr(int64(1)), TicketMax: ptr(int64(7))}, two.ID)
		check(model.ArchiveFilter{TicketMax: ptr(int64(6))})
		check(model.ArchiveFilter{CreatedBefore: start.Add(time.Second)}, one.ID)
		check(model.ArchiveFilter{ResolvedBefore: start.Add(time.Second)}, two.ID)
		check(model.ArchiveFilter{ResolvedBefore: start})

		f.no(f.RenameArchive(f.ctx, one.ID, "neu"))
		f.no(f.MoveArchive(f.ctx, one.ID, "7"))
		got, err := f.ArchiveByBlob(f.ctx, "b/one")
		f.no(err)
		f.equal([]any{got.Name, got.Ticket}, []any{"neu", "7"})
		f.is(f.MoveArchive(f.ctx, one.ID, "none"), model.ErrNotFound)
		var keys []string
		f.no(f.Blobs(f.ctx, func(k string) error { keys = append(keys, k); return nil }))
		f.equal(keys, []string{"b/2", "b/one"})
	})
}
