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
		platform, owner, err := db.references(ctx, tx, t.Platform, t.Owner)
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

// references are the IDs of a platform and an owner; "" is none.
func (db *DB) references(ctx context.Context, q querier, platform, owner string) (p int64, o sql.NullInt64, err error) {
	if err := q.QueryRowContext(ctx, `SELECT id FROM platforms WHERE name = $1`, platform).Scan(&p); err != nil {
		return 0, o, db.fail("platform "+platform, err)
	}
	if owner == "" {
		return p, o, nil
	}
	err = q.QueryRowContext(ctx, `SELECT id FROM users WHERE username = $1`, owner).Scan(&o)
	return p, o, db.fail("user "+owner, err)
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

// UpdateTicket changes the fields that are named and returns the ticket as it
// is then. Attempts that an upload spends meanwhile are not lost by a change of
// other fields.
func (db *DB) UpdateTicket(ctx context.Context, id int64, c model.TicketChange, now time.Time) (t model.Ticket, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		var w where
		key := w.arg(id)
		sets := []string{"updated = " + w.arg(micros(now))}
		set := func(column string, v any) { sets = append(sets, column+" = "+w.arg(v)) }
		if err := db.sets(ctx, tx, c, now, set); err != nil {
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

func (db *DB) sets(ctx context.Context, q querier, c model.TicketChange, now time.Time, set func(string, any)) error {
	if c.Number != nil {
		set("number", *c.Number)
		set("num", numeric(*c.Number))
	}
	if c.Platform != nil {
		id, _, err := db.references(ctx, q, *c.Platform, "")
		if err != nil {
			return err
		}
		set("platform_id", id)
	}
	if c.Owner != nil {
		var id sql.NullInt64
		if *c.Owner != "" {
			if err := q.QueryRowContext(ctx, `SELECT id FROM users WHERE username = $1`, *c.Owner).Scan(&id); err != nil {
				return db.fail("user "+*c.Owner, err)
			}
		}
		set("owner_id", id)
	}
	if c.Note != nil {
		set("note", *c.Note)
	}
	if c.Resolved != nil {
		set("resolved", *c.Resolved)
		at := time.Time{}
		if *c.Resolved {
			at = now
		}
		set("resolved_at", micros(at))
	}
	if c.Attempts != nil {
		set("attempts", *c.Attempts)
	}
	if c.ExpiresAt != nil {
		set("expires_at", micros(*c.ExpiresAt))
	}
	return nil
}

// SetToken gives a ticket another token, or with an empty hash takes it away.
func (db *DB) SetToken(ctx context.Context, id int64, hash []byte, now time.Time) error {
	return db.exec(ctx, db.sql, "ticket", `UPDATE tickets SET token_hash = $2, updated = $3 WHERE id = $1`, id, orNull(hash), micros(now))
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
