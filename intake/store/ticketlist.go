package store

import (
	"context"
	"fmt"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// ticketWhere are the conditions of a filter over ticketFrom.
func (db *DB) ticketWhere(f model.TicketFilter) *where {
	w := &where{}
	if f.Platform != "" {
		w.add("p.name = ?", f.Platform)
	}
	if f.Owner != "" {
		w.add("u.username = ?", f.Owner)
	}
	if f.Resolved != nil {
		w.add("t.resolved = ?", *f.Resolved)
	}
	if f.Numbers != nil {
		in(w, "t.number", f.Numbers)
	}
	if f.IDs != nil {
		in(w, "t.id", f.IDs)
	}
	// The database folds the pattern too: one whose locale knows no Cyrillic folds
	// neither.
	contains := func(column string) string {
		fold := db.dialect.fold()
		return fold + `(` + column + `) LIKE ` + fold + `(?) ESCAPE '\'`
	}
	if f.Contains != "" {
		w.add(contains("t.number"), like(f.Contains))
	}
	if f.Text != "" {
		w.add(`(`+contains("t.number")+` OR `+contains("t.note")+`)`, like(f.Text), like(f.Text))
	}
	w.between("t.id", f.IDMin, f.IDMax)
	w.numbered(f.NumMin, f.NumMax)
	if !f.ResolvedBefore.IsZero() {
		w.add("t.resolved AND t.resolved_at < ?", micros(f.ResolvedBefore))
	}
	if f.Critical {
		w.add("EXISTS (SELECT 1 FROM archives a JOIN imports i ON i.archive_id = a.id WHERE a.ticket_id = t.id AND i.critical > 0)")
	}
	return w
}

// between bounds a column; nil is no bound.
func (w *where) between(column string, low, high *int64) {
	if low != nil {
		w.add(column+" >= ?", *low)
	}
	if high != nil {
		w.add(column+" <= ?", *high)
	}
}

// numbered bounds the numbers of tickets, which leaves out those that are texts:
// their num is 0.
func (w *where) numbered(low, high *int64) {
	if low != nil || high != nil {
		w.add("(t.num > 0 OR t.number = '0')")
	}
	w.between("t.num", low, high)
}

// Tickets are those of a filter, newest first.
func (db *DB) Tickets(ctx context.Context, f model.TicketFilter) ([]model.Ticket, error) {
	w := db.ticketWhere(f)
	q := `SELECT ` + ticketColumns + ticketFrom + w.sql() + ` ORDER BY t.created DESC, t.id DESC` + w.page(f.Page)
	return list(ctx, db, db.sql, "tickets", scanTicket, q, w.args...)
}

// TicketRows are the tickets of a filter with what their archives hold, newest
// first.
func (db *DB) TicketRows(ctx context.Context, f model.TicketFilter) ([]model.TicketRow, error) {
	w := db.ticketWhere(f)
	q := `SELECT ` + ticketColumns + `,
		(SELECT COUNT(*) FROM archives a WHERE a.ticket_id = t.id),
		(SELECT CAST(COALESCE(SUM(a.size), 0) AS BIGINT) FROM archives a WHERE a.ticket_id = t.id),
		(SELECT COALESCE(SUM(i.findings), 0) FROM archives a JOIN imports i ON i.archive_id = a.id WHERE a.ticket_id = t.id),
		(SELECT COALESCE(SUM(i.critical), 0) FROM archives a JOIN imports i ON i.archive_id = a.id WHERE a.ticket_id = t.id),
		(SELECT COUNT(*) FROM archives a JOIN imports i ON i.archive_id = a.id WHERE a.ticket_id = t.id AND i.state IN ('queued', 'running'))` +
		ticketFrom + w.sql() + ` ORDER BY t.created DESC, t.id DESC` + w.page(f.Page)
	return list(ctx, db, db.sql, "tickets", scanTicketRow, q, w.args...)
}

func scanTicketRow(r row) (t model.TicketRow, err error) {
	err = r.Scan(append(ticketDest(&t.Ticket), &t.Archives, &t.Bytes, &t.Findings, &t.Critical, &t.Importing)...)
	return t, err
}

// CountTickets is how many a filter has, its page left out.
func (db *DB) CountTickets(ctx context.Context, f model.TicketFilter) (n int, err error) {
	w := db.ticketWhere(f)
	err = db.sql.QueryRowContext(ctx, `SELECT COUNT(*)`+ticketFrom+w.sql(), w.args...).Scan(&n)
	return n, db.fail("tickets", err)
}

// Totals counts what the store holds.
func (db *DB) Totals(ctx context.Context) (t model.Totals, err error) {
	for _, c := range []struct {
		query string
		dest  *int64
	}{
		{`SELECT COUNT(*) FROM platforms`, &t.Platforms},
		{`SELECT COUNT(*) FROM tickets`, &t.Tickets},
		{`SELECT COUNT(*) FROM tickets WHERE NOT resolved`, &t.OpenTickets},
		{`SELECT COUNT(*) FROM archives`, &t.Archives},
		{`SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM archives`, &t.Bytes},
		{`SELECT COUNT(*) FROM users`, &t.Users},
		{`SELECT COUNT(*) FROM uploads WHERE state = 'open'`, &t.OpenUploads},
		{`SELECT COUNT(*) FROM imports WHERE state = 'queued'`, &t.QueuedImports},
		{`SELECT COUNT(*) FROM imports WHERE state = 'running'`, &t.RunningImports},
	} {
		if err := db.sql.QueryRowContext(ctx, c.query).Scan(c.dest); err != nil {
			return t, fmt.Errorf("database: %w", err)
		}
	}
	return t, nil
}
