package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// ticketColumns and ticketFrom read a ticket with the names of its platform and
// owner.
const (
	ticketColumns = `t.id, t.number, p.name, COALESCE(u.username, ''), t.resolved, t.resolved_at, t.note, t.attempts, t.expires_at, t.token_hash, t.created, t.updated`
	ticketFrom    = ` FROM tickets t JOIN platforms p ON p.id = t.platform_id LEFT JOIN users u ON u.id = t.owner_id`
)

func ticketDest(t *model.Ticket) []any {
	return []any{
		&t.ID, &t.Number, &t.Platform, &t.Owner, &t.Resolved,
		stamp{&t.ResolvedAt},
		&t.Note, &t.Attempts,
		stamp{&t.ExpiresAt},
		&t.TokenHash,
		stamp{&t.Created},
		stamp{&t.Updated},
	}
}

func scanTicket(r row) (t model.Ticket, err error) {
	err = r.Scan(ticketDest(&t)...)
	return t, err
}

func (db *DB) ticket(ctx context.Context, q querier, what, cond string, arg any) (model.Ticket, error) {
	t, err := scanTicket(q.QueryRowContext(ctx, `SELECT `+ticketColumns+ticketFrom+` WHERE `+cond, arg))
	return t, db.fail(what, err)
}

// TicketByNumber is the one of that number, or model.ErrNotFound.
func (db *DB) TicketByNumber(ctx context.Context, number string) (model.Ticket, error) {
	return db.ticket(ctx, db.sql, "ticket "+number, "t.number = $1", number)
}

// TicketByID is the one of that ID, or model.ErrNotFound.
func (db *DB) TicketByID(ctx context.Context, id int64) (model.Ticket, error) {
	return db.ticket(ctx, db.sql, "ticket", "t.id = $1", id)
}

// TicketByToken is the one whose token has that hash, or model.ErrNotFound.
func (db *DB) TicketByToken(ctx context.Context, hash []byte) (model.Ticket, error) {
	return db.ticket(ctx, db.sql, "token", "t.token_hash = $1", hash)
}

// CreateTicket adds one and sets its ID. model.ErrExists: the number or the
// token is taken; model.ErrNotFound: the platform or the owner is none.
func (db *DB) CreateTicket(ctx context.Context, t *model.Ticket) error {
	what := "ticket " + t.Number
	return db.tx(ctx, func(tx *sql.Tx) error {
		platform, err := db.platformID(ctx, tx, t.Platform)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		owner, err := db.ownerID(ctx, tx, t.Owner)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		err = tx.QueryRowContext(ctx, `INSERT INTO tickets (number, num, platform_id, owner_id, resolved, resolved_at, note, attempts, expires_at, token_hash, created, updated)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
			t.Number, numeric(t.Number), platform, owner, t.Resolved, micros(t.ResolvedAt), t.Note, t.Attempts,
			micros(t.ExpiresAt), orNull(t.TokenHash), micros(t.Created), micros(t.Updated)).Scan(&t.ID)
		return db.fail(what, err)
	})
}

func (db *DB) platformID(ctx context.Context, q querier, name string) (id int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT id FROM platforms WHERE name = $1`, name).Scan(&id)
	return id, db.fail("platform "+name, err)
}

// ownerID is NULL for "", nobody.
func (db *DB) ownerID(ctx context.Context, q querier, name string) (id sql.NullInt64, err error) {
	if name == "" {
		return id, nil
	}
	err = q.QueryRowContext(ctx, `SELECT id FROM users WHERE username = $1`, name).Scan(&id)
	return id, db.fail("user "+name, err)
}

// numeric is a ticket's number as a number, 0 where it is none.
func numeric(number string) int64 {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// UpdateTicket changes the fields that are named, all or none, and returns the
// ticket as it is then. Attempts that an upload spends meanwhile are not lost by
// a change of other fields; said again, a ticket is resolved since the first time.
func (db *DB) UpdateTicket(ctx context.Context, id int64, c model.TicketChange, now time.Time) (t model.Ticket, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		var w where
		key := w.arg(id)
		sets, err := db.sets(ctx, tx, &w, c, now)
		if err != nil {
			return err
		}
		if err := db.exec(ctx, tx, "ticket", `UPDATE tickets SET `+strings.Join(sets, ", ")+` WHERE id = `+key, w.args...); err != nil {
			return err
		}
		t, err = db.ticket(ctx, tx, "ticket", "t.id = $1", id)
		return err
	})
	return t, err
}

// sets are the assignments of a change, with their arguments in w.
func (db *DB) sets(ctx context.Context, q querier, w *where, c model.TicketChange, now time.Time) (sets []string, err error) {
	set := func(column string, v any) { sets = append(sets, column+" = "+w.arg(v)) }
	set("updated", micros(now))
	if c.Number != nil {
		set("number", *c.Number)
		set("num", numeric(*c.Number))
	}
	if c.Platform != nil {
		id, err := db.platformID(ctx, q, *c.Platform)
		if err != nil {
			return nil, err
		}
		set("platform_id", id)
	}
	if c.Owner != nil {
		id, err := db.ownerID(ctx, q, *c.Owner)
		if err != nil {
			return nil, err
		}
		set("owner_id", id)
	}
	if c.Note != nil {
		set("note", *c.Note)
	}
	if c.Resolved != nil {
		set("resolved", *c.Resolved)
		at := int64(0)
		if *c.Resolved {
			at = micros(now)
		}
		sets = append(sets, "resolved_at = CASE WHEN resolved = "+w.arg(*c.Resolved)+" THEN resolved_at ELSE "+w.arg(at)+" END")
	}
	if c.Attempts != nil {
		set("attempts", *c.Attempts)
	}
	if c.ExpiresAt != nil {
		set("expires_at", micros(*c.ExpiresAt))
	}
	if c.TokenHash != nil {
		set("token_hash", orNull(*c.TokenHash))
	}
	return sets, nil
}

// DeleteTicket removes a ticket and all that belongs to it, and returns the
// keys of the blobs that no row names any more.
func (db *DB) DeleteTicket(ctx context.Context, id int64) (blobs []string, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		blobs, err = db.dropTicket(ctx, tx, id)
		return err
	})
	return blobs, err
}

// RetireTicket is DeleteTicket if the ticket was resolved before, and is still;
// model.ErrNotFound if not.
func (db *DB) RetireTicket(ctx context.Context, id int64, before time.Time) (blobs []string, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if err := db.exec(ctx, tx, "ticket", `UPDATE tickets SET attempts = 0 WHERE id = $1 AND resolved AND resolved_at < $2`, id, micros(before)); err != nil {
			return err
		}
		blobs, err = db.dropTicket(ctx, tx, id)
		return err
	})
	return blobs, err
}

func (db *DB) dropTicket(ctx context.Context, tx *sql.Tx, id int64) ([]string, error) {
	// The lock keeps out an upload that would be finished in between.
	if err := db.exec(ctx, tx, "ticket", `UPDATE tickets SET attempts = 0 WHERE id = $1`, id); err != nil {
		return nil, err
	}
	blobs, err := list(ctx, db, tx, "ticket's blobs", text, `SELECT blob_key FROM archives WHERE ticket_id = $1
		UNION SELECT blob_key FROM uploads WHERE ticket_id = $1 AND state = 'open'`, id)
	if err != nil {
		return nil, err
	}
	for _, q := range []string{
		`DELETE FROM archives WHERE ticket_id = $1`, // imports and reports go with them
		`DELETE FROM uploads WHERE ticket_id = $1`,
		`DELETE FROM tickets WHERE id = $1`,
	} {
		if _, err := db.change(ctx, tx, "ticket", q, id); err != nil {
			return nil, err
		}
	}
	return blobs, nil
}
