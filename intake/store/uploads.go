package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// SpendAttempt takes one attempt of the ticket whose token has that hash, and
// returns the ticket as it is then. model.ErrNotFound: there is no such token,
// it has no attempt left, it has expired, or its ticket is resolved;
// TicketByToken tells which.
func (db *DB) SpendAttempt(ctx context.Context, tokenHash []byte, now time.Time) (t model.Ticket, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		t, err = db.spend(ctx, tx, tokenHash, now)
		return err
	})
	return t, err
}

func (db *DB) spend(ctx context.Context, q querier, tokenHash []byte, now time.Time) (model.Ticket, error) {
	var id int64
	err := q.QueryRowContext(ctx, `UPDATE tickets SET attempts = attempts - 1, updated = $2
		WHERE token_hash = $1 AND attempts > 0 AND NOT resolved AND (expires_at = 0 OR expires_at > $2) RETURNING id`,
		tokenHash, micros(now)).Scan(&id)
	if err != nil {
		return model.Ticket{}, db.fail("attempt", err)
	}
	return db.ticket(ctx, q, "ticket", "t.id = $1", id)
}

// RefundAttempt gives one attempt back, to at most model.MaxAttempts.
func (db *DB) RefundAttempt(ctx context.Context, ticketID int64, now time.Time) error {
	return db.refund(ctx, db.sql, ticketID, now)
}

func (db *DB) refund(ctx context.Context, q querier, ticketID int64, now time.Time) error {
	return db.exec(ctx, q, "ticket", `UPDATE tickets SET attempts = CASE WHEN attempts < $2 THEN attempts + 1 ELSE attempts END, updated = $3 WHERE id = $1`,
		ticketID, model.MaxAttempts, micros(now))
}

// AdmitUpload spends an attempt and opens the upload u, both or neither, and
// sets u.TicketID. The check sees what is held already; an error of it is
// returned as it is and nothing is spent. Admissions of all processes wait for
// each other, so that two cannot take the same room.
//
// If u.Once is that of an upload of the same ticket which is open or done, u
// becomes that one, with its ID, and nothing is spent or checked.
func (db *DB) AdmitUpload(ctx context.Context, tokenHash []byte, now time.Time, u *model.Upload, check func(model.Ticket, model.Held) error) (t model.Ticket, err error) {
	next := *u
	err = db.tx(ctx, func(tx *sql.Tx) error {
		next = *u // a transaction that failed is tried again
		if err := db.exec(ctx, tx, "admissions", `UPDATE counters SET value = value + 1 WHERE name = 'admissions'`); err != nil {
			return err
		}
		found, err := db.repeated(ctx, tx, tokenHash, now, &next)
		if err != nil {
			return err
		}
		if found {
			t, err = db.ticket(ctx, tx, "ticket", "t.id = $1", next.TicketID)
			return err
		}
		if t, err = db.spend(ctx, tx, tokenHash, now); err != nil {
			return err
		}
		held, err := db.held(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if err := check(t, held); err != nil {
			return err
		}
		next.TicketID, next.State, next.Created, next.Touched = t.ID, model.UploadOpen, now, now
		return db.insertUpload(ctx, tx, next)
	})
	if err == nil {
		*u = next
	}
	return t, err
}

// repeated makes u the upload that its client began before by the same mark, if
// there is one, and tells that it is alive.
func (db *DB) repeated(ctx context.Context, q querier, tokenHash []byte, now time.Time, u *model.Upload) (bool, error) {
	if u.Once == "" {
		return false, nil
	}
	same, err := scanUpload(q.QueryRowContext(ctx, `UPDATE uploads SET touched = $3 WHERE once = $2 AND state IN ('open', 'done')
		AND ticket_id = (SELECT id FROM tickets WHERE token_hash = $1 AND NOT resolved AND (expires_at = 0 OR expires_at > $3)) RETURNING `+uploadColumns,
		tokenHash, u.Once, micros(now)))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, db.fail("upload", err)
	}
	*u = same
	return true, nil
}

// Held is what archives and open uploads hold.
func (db *DB) Held(ctx context.Context, ticketID int64) (model.Held, error) {
	return db.held(ctx, db.sql, ticketID)
}

func (db *DB) held(ctx context.Context, q querier, ticketID int64) (h model.Held, err error) {
	const open = `CASE WHEN size > received THEN size ELSE received END`
	err = q.QueryRowContext(ctx, `SELECT
		CAST((SELECT COALESCE(SUM(size), 0) FROM archives WHERE ticket_id = $1) + (SELECT COALESCE(SUM(`+open+`), 0) FROM uploads WHERE state = 'open' AND ticket_id = $1) AS BIGINT),
		CAST((SELECT COALESCE(SUM(size), 0) FROM archives) + (SELECT COALESCE(SUM(`+open+`), 0) FROM uploads WHERE state = 'open') AS BIGINT)`,
		ticketID).Scan(&h.Ticket, &h.Total)
	return h, db.fail("held bytes", err)
}

const uploadColumns = `id, ticket_id, kind, name, size, received, blob_key, state, server, username, client_ip, once, created, touched`

func scanUpload(r row) (u model.Upload, err error) {
	err = r.Scan(&u.ID, &u.TicketID, &u.Kind, &u.Name, &u.Size, &u.Offset, &u.Blob, &u.State, &u.Server, &u.User, &u.ClientIP, &u.Once, stamp{&u.Created}, stamp{&u.Touched})
	return u, err
}

func (db *DB) insertUpload(ctx context.Context, q querier, u model.Upload) error {
	_, err := db.change(ctx, q, "upload "+model.ShortID(u.ID), `INSERT INTO uploads (`+uploadColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		u.ID, u.TicketID, u.Kind, u.Name, u.Size, u.Offset, u.Blob, string(u.State), u.Server, u.User, u.ClientIP, u.Once, micros(u.Created), micros(u.Touched))
	return err
}

// CreateUpload adds an upload whose attempt is spent already.
func (db *DB) CreateUpload(ctx context.Context, u model.Upload) error {
	return db.insertUpload(ctx, db.sql, u)
}

// Upload is the one of that ID, or model.ErrNotFound.
func (db *DB) Upload(ctx context.Context, id string) (model.Upload, error) {
	u, err := scanUpload(db.sql.QueryRowContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE id = $1`, id))
	return u, db.fail("upload "+model.ShortID(id), err)
}

// TouchUpload tells that an open upload is alive, and how far it is.
// model.ErrNotFound: it is not open any more.
func (db *DB) TouchUpload(ctx context.Context, id string, offset int64, server string, now time.Time) error {
	return db.exec(ctx, db.sql, "upload "+model.ShortID(id), `UPDATE uploads SET received = $2, server = $3, touched = $4 WHERE id = $1 AND state = 'open'`,
		id, offset, server, micros(now))
}

// FinishUpload makes an open upload an archive, in one transaction, and with
// enqueue asks for its import. The archive's ID is set. model.ErrNotFound: the
// upload is not open any more.
func (db *DB) FinishUpload(ctx context.Context, id string, a *model.Archive, enqueue bool, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		var ticketID int64
		err := tx.QueryRowContext(ctx, `UPDATE uploads SET state = 'done', received = $2, touched = $3 WHERE id = $1 AND state = 'open' RETURNING ticket_id`,
			id, a.Size, micros(now)).Scan(&ticketID)
		if err != nil {
			return db.fail("upload "+model.ShortID(id), err)
		}
		t, err := db.ticket(ctx, tx, "ticket", "t.id = $1", ticketID)
		if err != nil {
			return err
		}
		a.Ticket, a.Platform, a.Created = t.Number, t.Platform, now
		if err := db.insertArchive(ctx, tx, ticketID, a); err != nil {
			return err
		}
		if !enqueue {
			return nil
		}
		return db.enqueue(ctx, tx, a.ID, a.Size, now)
	})
}

// FailUpload ends an open upload without an archive, with refund giving its
// attempt back, in one transaction. model.ErrNotFound: it is not open any more.
func (db *DB) FailUpload(ctx context.Context, id string, refund bool, now time.Time) (u model.Upload, err error) {
	state := model.UploadFailed
	if refund {
		state = model.UploadRefunded
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		u, err = scanUpload(tx.QueryRowContext(ctx, `UPDATE uploads SET state = $2, touched = $3 WHERE id = $1 AND state = 'open' RETURNING `+uploadColumns,
			id, string(state), micros(now)))
		if err != nil {
			return db.fail("upload "+model.ShortID(id), err)
		}
		if !refund {
			return nil
		}
		return db.refund(ctx, tx, u.TicketID, now)
	})
	return u, err
}

// StaleUploads are the open ones that were not touched since: those of a kind,
// "" = any.
func (db *DB) StaleUploads(ctx context.Context, kind string, before time.Time) ([]model.Upload, error) {
	w := &where{}
	w.add("state = 'open'")
	w.add("touched < ?", micros(before))
	if kind != "" {
		w.add("kind = ?", kind)
	}
	return list(ctx, db, db.sql, "uploads", scanUpload, `SELECT `+uploadColumns+` FROM uploads`+w.sql()+` ORDER BY touched`, w.args...)
}

// AbandonedUploads are the open ones of a kind whose server has not been seen
// since.
func (db *DB) AbandonedUploads(ctx context.Context, kind string, before time.Time) ([]model.Upload, error) {
	return list(ctx, db, db.sql, "uploads", scanUpload, `SELECT `+uploadColumns+` FROM uploads
		WHERE state = 'open' AND kind = $1 AND server NOT IN (SELECT name FROM servers WHERE seen >= $2) ORDER BY touched`, kind, micros(before))
}

// UploadsOf are the uploads of a ticket, newest first.
func (db *DB) UploadsOf(ctx context.Context, ticketID int64) ([]model.Upload, error) {
	return list(ctx, db, db.sql, "uploads", scanUpload, `SELECT `+uploadColumns+` FROM uploads WHERE ticket_id = $1 ORDER BY created DESC, id`, ticketID)
}

// ForgetUploads removes the rows of uploads that ended before.
func (db *DB) ForgetUploads(ctx context.Context, before time.Time) (int64, error) {
	return db.change(ctx, db.sql, "uploads", `DELETE FROM uploads WHERE state <> 'open' AND touched < $1`, micros(before))
}

// SeeServer tells that a server is alive.
func (db *DB) SeeServer(ctx context.Context, name string, now time.Time) error {
	_, err := db.change(ctx, db.sql, "server "+name, `INSERT INTO servers (name, seen) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seen = excluded.seen`, name, micros(now))
	return err
}

// ForgetServer tells that a server has ended.
func (db *DB) ForgetServer(ctx context.Context, name string) error {
	_, err := db.change(ctx, db.sql, "server "+name, `DELETE FROM servers WHERE name = $1`, name)
	return err
}
