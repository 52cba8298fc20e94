package store_test

import (
	"fmt"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
)

// BenchmarkAdmit is what an upload costs the database: it is admitted and
// finished, in two transactions that are on disk when they end.
func BenchmarkAdmit(b *testing.B) {
	for _, kind := range []struct {
		name    string
		address func(testing.TB) string
	}{{"sqlite", storetest.Lite}, {"postgres", storetest.Postgres}} {
		b.Run(kind.name, func(b *testing.B) {
			db := storetest.Open(b, kind.address(b))
			ctx := b.Context()
			tk := model.Ticket{Number: "1", Platform: "p", TokenHash: token, Created: start, Updated: start}
			if err := db.CreatePlatform(ctx, &model.Platform{Name: "p"}); err != nil {
				b.Fatal(err)
			}
			if err := db.CreateTicket(ctx, &tk); err != nil {
				b.Fatal(err)
			}
			for n := range b.N {
				if n%model.MaxAttempts == 0 {
					b.StopTimer()
					ten := model.MaxAttempts
					if _, err := db.UpdateTicket(ctx, tk.ID, model.TicketChange{Attempts: &ten}, start); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				u := model.Upload{ID: fmt.Sprint(n), Kind: model.KindPost, Blob: fmt.Sprint(n)}
				if _, err := db.AdmitUpload(ctx, token, start, &u, func(model.Ticket, model.Held) error { return nil }); err != nil {
					b.Fatal(err)
				}
				if err := db.FinishUpload(ctx, u.ID, &model.Archive{Name: "n", Blob: u.Blob}, true, start); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
