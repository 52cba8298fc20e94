package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// TestDeleteWhileFinishing: a ticket that is deleted while its uploads are
// finished goes, and each upload is an archive that went with it or is refused.
func TestDeleteWhileFinishing(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		const uploads = 4
		for round := range 12 {
			tk := model.Ticket{Number: fmt.Sprint(round), Platform: "vm6", Created: start}
			a.no(a.CreateTicket(a.ctx, &tk))
			for i := range uploads {
				id := fmt.Sprint(round, "-", i)
				a.no(a.CreateUpload(a.ctx, model.Upload{ID: id, TicketID: tk.ID, Kind: model.KindPost, Blob: id, State: model.UploadOpen}))
			}
			errs := atOnce(uploads+1, func(i int) error {
				if i == uploads {
					_, err := b.DeleteTicket(b.ctx, tk.ID)
					return err
				}
				id := fmt.Sprint(round, "-", i)
				err := a.FinishUpload(a.ctx, id, &model.Archive{Name: id, Blob: id}, true, start)
				if errors.Is(err, model.ErrNotFound) {
					return nil
				}
				return err
			})
			a.equal(outcomes(errs), map[string]int{"ok": uploads + 1})
			n, err := a.CountArchives(a.ctx, model.ArchiveFilter{Ticket: tk.Number})
			a.no(err)
			a.equal(n, 0)
		}
	})
}

// TestSessionEnds: a request that is under way when its session ends does not
// bring it back, from another process either.
func TestSessionEnds(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		one, two, later := a.Sessions(), b.Sessions(), time.Now().Add(time.Hour)
		a.no(one.CommitCtx(a.ctx, "token", []byte("ivan"), later))
		a.no(two.CommitCtx(a.ctx, "token", []byte("ivan again"), later))
		data, found, err := one.FindCtx(a.ctx, "token")
		a.no(err)
		a.equal([]any{string(data), found}, []any{"ivan again", true})
		a.no(one.DeleteCtx(a.ctx, "token"))
		a.no(two.CommitCtx(a.ctx, "token", []byte("ivan"), later))
		a.no(one.Forget(a.ctx, time.Now()))
		a.no(two.CommitCtx(a.ctx, "token", []byte("ivan"), later))
		_, found, err = one.FindCtx(a.ctx, "token")
		a.no(err)
		a.equal(found, false)
	})
}

// TestBeginAttemptAtOnce: as many at once as are free go on, and each counts.
func TestBeginAttemptAtOnce(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		d := store.Delay{Free: 4, First: time.Minute, Longest: time.Hour}
		begin := func(i int) error {
			db := []*store.DB{a.DB, b.DB}[i%2]
			wait, err := db.BeginAttempt(a.ctx, "ivan", d, start)
			if wait > 0 {
				return errors.New("wait")
			}
			return err
		}
		a.equal(outcomes(atOnce(d.Free+1, begin)), map[string]int{"ok": d.Free + 1})
		a.equal(outcomes(atOnce(d.Free, begin)), map[string]int{"wait": d.Free})
	})
}

// TestSecretIDs: an error, which a log may have, does not tell the whole ID of an
// upload, with which one can go on.
func TestSecretIDs(t *testing.T) {
	each(t, func(f fixture) {
		const id = "0123456789abcdefghijklmn"
		_, errUpload := f.Upload(f.ctx, id)
		_, errFail := f.FailUpload(f.ctx, id, true, start)
		_, errSum := f.TusChecksum(f.ctx, id)
		err := errors.Join(errUpload, errFail, errSum, f.TouchUpload(f.ctx, id, 1, "one", start), f.FinishUpload(f.ctx, id, &model.Archive{}, false, start))
		if text := err.Error(); strings.Contains(text, id) || strings.Count(text, id[:8]) != 5 {
			t.Errorf("%v", err)
		}
	})
}
