package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
)

// TestOneAttempt: of twenty uploads at once, from two processes, a ticket with
// one attempt admits one.
func TestOneAttempt(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		errs := atOnce(20, func(i int) error {
			db := []*store.DB{a.DB, b.DB}[i%2]
			_, err := db.SpendAttempt(a.ctx, token, start)
			return err
		})
		a.equal(outcomes(errs), map[string]int{"ok": 1, "not found": 19})
		a.equal(a.attempts(), 0)
	})
}

// TestOneAdmission: the same with the upload's row, and of the quota's last
// place.
func TestOneAdmission(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		ten := model.MaxAttempts
		_, err := a.UpdateTicket(a.ctx, a.ticket.ID, model.TicketChange{Attempts: &ten}, start)
		a.no(err)
		full := errors.New("full")
		errs := atOnce(20, func(i int) error {
			db := []*store.DB{a.DB, b.DB}[i%2]
			u := model.Upload{ID: fmt.Sprint("u", i), Kind: model.KindPost, Size: 60, Blob: fmt.Sprint("b", i)}
			_, err := db.AdmitUpload(a.ctx, token, start, &u, func(_ model.Ticket, h model.Held) error {
				if h.Ticket+60 > 200 || h.Total != h.Ticket {
					return full
				}
				return nil
			})
			return err
		})
		a.equal(outcomes(errs), map[string]int{"ok": 3, "full": 17})
		a.equal(a.attempts(), 7) // what was refused was not spent
	})
}

// TestOneAgain: twenty at once with the same mark are one upload, also when its
// attempt is the last; of twenty with marks of their own one is admitted.
func TestOneAgain(t *testing.T) {
	f := func(mark func(i int) string, want map[string]int) {
		t.Helper()
		eachTwice(t, func(a, b fixture) {
			uploads := make([]model.Upload, 20)
			errs := atOnce(20, func(i int) error {
				uploads[i] = model.Upload{ID: fmt.Sprint("u", i), Kind: model.KindTus, Size: 60, Blob: fmt.Sprint("b", i), Once: mark(i)}
				_, err := []*store.DB{a.DB, b.DB}[i%2].AdmitUpload(a.ctx, token, start, &uploads[i], func(model.Ticket, model.Held) error { return nil })
				return err
			})
			a.equal(outcomes(errs), want)
			rows, err := a.UploadsOf(a.ctx, a.ticket.ID)
			a.no(err)
			a.equal([]int{len(rows), a.attempts()}, []int{1, 0})
			for i, u := range uploads {
				if errs[i] == nil {
					a.equal(u, rows[0])
				}
			}
		})
	}
	f(func(int) string { return "same" }, map[string]int{"ok": 20})
	f(func(i int) string { return fmt.Sprint("m", i) }, map[string]int{"ok": 1, "not found": 19})
	f(func(int) string { return "" }, map[string]int{"ok": 1, "not found": 19})
}

// TestLastFactor: of all second factors, taken away at once by two processes, one
// stays, and the epoch goes on for each that went.
func TestLastFactor(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		var keys []int64
		for i := range 6 {
			k := model.Passkey{UserID: a.user.ID, CredentialID: []byte{byte(i)}, Credential: []byte("{}"), Created: start}
			a.no(a.CreatePasskey(a.ctx, &k))
			keys = append(keys, k.ID)
		}
		a.no(a.SetTOTP(a.ctx, a.user.ID, "SECRET", 5))
		keys = append(keys, 0)
		errs := atOnce(len(keys), func(i int) error {
			_, err := []*store.DB{a.DB, b.DB}[i%2].RemoveFactor(a.ctx, a.user.ID, keys[i])
			return err
		})
		a.equal(outcomes(errs), map[string]int{"ok": 6, model.ErrLast.Error(): 1})
		u, err := a.UserByID(a.ctx, a.user.ID)
		a.no(err)
		a.equal([]any{u.SecondFactor(), u.Epoch}, []any{true, a.user.Epoch + 6})
		_, err = a.RemoveFactor(a.ctx, a.user.ID, 4711)
		a.is(err, model.ErrNotFound)
		_, err = a.RemoveFactor(a.ctx, a.user.ID+99, 0)
		a.is(err, model.ErrNotFound)
	})
}

// TestSubjects: a subject is one user's, and is set over the one that was seen.
func TestSubjects(t *testing.T) {
	each(t, func(f fixture) {
		other := model.User{Username: "other"}
		f.no(f.CreateUser(f.ctx, &other))
		f.no(f.SetOIDCSubject(f.ctx, f.user.ID, "", "iss 1"))
		f.is(f.SetOIDCSubject(f.ctx, f.user.ID, "", "iss 2"), model.ErrNotFound)
		f.is(f.SetOIDCSubject(f.ctx, other.ID, "", "iss 1"), model.ErrExists)
		f.no(f.SetOIDCSubject(f.ctx, f.user.ID, "iss 1", ""))
		f.no(f.SetOIDCSubject(f.ctx, other.ID, "", "iss 1"))
	})
}

// TestClaims: each import goes to one worker, however many ask.
func TestClaims(t *testing.T) {
	eachTwice(t, func(a, b fixture) {
		const imports = 12
		for i := range imports {
			a.archive(fmt.Sprintf("up%02d", i))
		}
		var mu sync.Mutex
		taken := map[int64]int{}
		errs := atOnce(8, func(i int) error {
			db := []*store.DB{a.DB, b.DB}[i%2]
			for {
				arc, ok, err := db.ClaimImport(a.ctx, fmt.Sprint("worker", i), time.Minute, start)
				if err != nil || !ok {
					return err
				}
				mu.Lock()
				taken[arc.ID]++
				mu.Unlock()
			}
		})
		a.equal(outcomes(errs), map[string]int{"ok": 8})
		a.equal(len(taken), imports)
		for id, n := range taken {
			if n != 1 {
				t.Errorf("archive %d was given to %d workers", id, n)
			}
		}
	})
}

// TestMigrateAtOnce: processes that start together bring the tables up to date
// together.
func TestMigrateAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		errs := atOnce(4, func(int) error {
			db, err := store.Open(t.Context(), address)
			if err != nil {
				return err
			}
			return errors.Join(db.Ping(t.Context()), db.Close())
		})
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// atOnce calls f n times at once and returns what each call returned.
func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-begin
			errs[i] = f(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

func outcomes(errs []error) map[string]int {
	count := map[string]int{}
	for _, err := range errs {
		switch {
		case err == nil:
			count["ok"]++
		case errors.Is(err, model.ErrNotFound):
			count["not found"]++
		default:
			count[err.Error()]++
		}
	}
	return count
}

// TestWritersQueue: many who write at once in one process all come to their turn,
// however long each has it, as when a commit waits for a busy disk; SQLite's own
// waiting forgets some of them.
func TestWritersQueue(t *testing.T) {
	defer store.SetBusyTimeout("150")()
	each(t, func(f fixture) {
		many := model.MaxAttempts
		_, err := f.UpdateTicket(f.ctx, f.ticket.ID, model.TicketChange{Attempts: &many}, start)
		f.no(err)
		f.upload("t", model.KindTus)
		f.no(f.CreateTus(f.ctx, "t", ""))
		errs := atOnce(3*many, func(i int) error {
			switch i % 3 {
			case 0:
				u := model.Upload{ID: fmt.Sprint("u", i), Kind: model.KindPost, Size: 60, Blob: fmt.Sprint("b", i)}
				_, err := f.AdmitUpload(f.ctx, token, start, &u, func(model.Ticket, model.Held) error {
					time.Sleep(40 * time.Millisecond) // the disk
					return nil
				})
				return err
			case 1:
				_, err := f.HoldTus(f.ctx, "t", "a", start, start)
				return err
			}
			return f.AddEvent(f.ctx, &model.Event{Time: start, Action: "upload"})
		})
		f.equal(outcomes(errs), map[string]int{"ok": 3 * many})
		ctx, cancel := context.WithCancel(f.ctx)
		cancel()
		f.is(f.RenewTus(ctx, "a", start), context.Canceled)
	})
}
