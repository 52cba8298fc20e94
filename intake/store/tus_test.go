package store_test

import (
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestTus: one process at a time holds an upload, for as long as it says; who
// waits is seen by the holder.
func TestTus(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		ctx, until := a.ctx, start.Add(10*time.Second)
		hold := func(f fixture, id, owner string, now time.Time, want bool) {
			t.Helper()
			ok, err := f.HoldTus(ctx, id, owner, now, now.Add(10*time.Second))
			f.no(err)
			f.equal(ok, want)
		}
		held := func(owner string, want map[string]bool) {
			t.Helper()
			got, err := a.HeldTus(ctx, owner)
			a.no(err)
			a.equal(got, want)
		}
		a.upload("u1", model.KindTus)
		a.upload("u2", model.KindTus)
		a.no(a.CreateTus(ctx, "u1", "abc"))
		a.no(a.CreateTus(ctx, "u2", ""))
		a.is(a.CreateTus(ctx, "u1", ""), model.ErrExists)
		sum, err := b.TusChecksum(ctx, "u1")
		b.no(err)
		b.equal(sum, "abc")
		_, err = b.TusChecksum(ctx, "u3")
		b.is(err, model.ErrNotFound)
		_, err = b.HoldTus(ctx, "u3", "b", start, until)
		b.is(err, model.ErrNotFound)

		hold(a, "u1", "a", start, true)
		hold(a, "u1", "a", start, true)
		hold(a, "u2", "a", start, true)
		held("a", map[string]bool{"u1": false, "u2": false})
		hold(b, "u1", "b", start.Add(9*time.Second), false)
		held("a", map[string]bool{"u1": true, "u2": false})
		a.no(a.RenewTus(ctx, "a", start.Add(30*time.Second)))
		hold(b, "u1", "b", start.Add(15*time.Second), false)
		a.no(a.ReleaseTus(ctx, "u1", "b")) // it is not b's
		hold(b, "u1", "b", start.Add(15*time.Second), false)
		a.no(a.ReleaseTus(ctx, "u1", "a"))
		hold(b, "u1", "b", start.Add(15*time.Second), true)
		held("a", map[string]bool{"u2": false})
		held("b", map[string]bool{"u1": false})
		// u2's holder is dead.
		hold(b, "u2", "b", start.Add(29*time.Second), false)
		hold(b, "u2", "b", start.Add(31*time.Second), true)

		// They go with their upload.
		_, err = a.FailUpload(ctx, "u2", true, start)
		a.no(err)
		_, err = a.ForgetUploads(ctx, start.Add(time.Hour))
		a.no(err)
		_, err = a.TusChecksum(ctx, "u2")
		a.is(err, model.ErrNotFound)
		_, err = a.DeleteTicket(ctx, a.ticket.ID)
		a.no(err)
		_, err = a.TusChecksum(ctx, "u1")
		a.is(err, model.ErrNotFound)
	})
}
