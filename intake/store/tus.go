package store

import (
	"context"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// CreateTus adds what a resumable upload has besides its row: the SHA-256 that
// its client promised, in hex, "" = none.
func (db *DB) CreateTus(ctx context.Context, id, sha256 string) error {
	_, err := db.change(ctx, db.sql, "upload "+model.ShortID(id), `INSERT INTO tus_uploads (id, sha256) VALUES ($1, $2)`, id, sha256)
	return err
}

// TusChecksum is the SHA-256 that the client of an upload promised, "" = none.
func (db *DB) TusChecksum(ctx context.Context, id string) (sha256 string, err error) {
	err = db.sql.QueryRowContext(ctx, `SELECT sha256 FROM tus_uploads WHERE id = $1`, id).Scan(&sha256)
	return sha256, db.fail("upload "+model.ShortID(id), err)
}

// HoldTus gives an upload to an owner, who alone may write to it until then. It
// is false if another has it; model.ErrNotFound: there is no such upload.
func (db *DB) HoldTus(ctx context.Context, id, owner string, now, until time.Time) (bool, error) {
	n, err := db.change(ctx, db.sql, "upload "+model.ShortID(id), `UPDATE tus_uploads SET owner = $2, held_until = $4, wanted = FALSE
		WHERE id = $1 AND (owner = '' OR owner = $2 OR held_until < $3)`, id, owner, micros(now), micros(until))
	if err != nil || n > 0 {
		return n > 0, err
	}
	// It is another's, or there is none.
	return false, db.exec(ctx, db.sql, "upload "+model.ShortID(id), `UPDATE tus_uploads SET wanted = TRUE WHERE id = $1`, id)
}

// RenewTus prolongs what an owner holds.
func (db *DB) RenewTus(ctx context.Context, owner string, until time.Time) error {
	_, err := db.change(ctx, db.sql, "uploads", `UPDATE tus_uploads SET held_until = $2 WHERE owner = $1`, owner, micros(until))
	return err
}

// HeldTus are the uploads that an owner holds, each with whether another waits
// for it.
func (db *DB) HeldTus(ctx context.Context, owner string) (map[string]bool, error) {
	type held struct {
		id     string
		wanted bool
	}
	scan := func(r row) (h held, err error) {
		err = r.Scan(&h.id, &h.wanted)
		return h, err
	}
	rows, err := list(ctx, db, db.sql, "uploads", scan, `SELECT id, wanted FROM tus_uploads WHERE owner = $1`, owner)
	found := map[string]bool{}
	for _, h := range rows {
		found[h.id] = h.wanted
	}
	return found, err
}

// ReleaseTus lets an upload go.
func (db *DB) ReleaseTus(ctx context.Context, id, owner string) error {
	_, err := db.change(ctx, db.sql, "upload "+model.ShortID(id), `UPDATE tus_uploads SET owner = '', held_until = 0, wanted = FALSE WHERE id = $1 AND owner = $2`, id, owner)
	return err
}
