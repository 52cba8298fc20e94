package store

import (
	"context"
	"database/sql"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

func scanPlatform(r row) (p model.Platform, err error) {
	err = r.Scan(&p.ID, &p.Name, &p.PrettyName)
	return p, err
}

// Platforms are all, by their names for people.
func (db *DB) Platforms(ctx context.Context) ([]model.Platform, error) {
	return list(ctx, db, db.sql, "platforms", scanPlatform, `SELECT id, name, pretty_name FROM platforms ORDER BY pretty_name, id`)
}

// PlatformByName is the one of that name, or model.ErrNotFound.
func (db *DB) PlatformByName(ctx context.Context, name string) (model.Platform, error) {
	p, err := scanPlatform(db.sql.QueryRowContext(ctx, `SELECT id, name, pretty_name FROM platforms WHERE name = $1`, name))
	return p, db.fail("platform "+name, err)
}

// CreatePlatform adds one and sets its ID, or answers model.ErrExists.
func (db *DB) CreatePlatform(ctx context.Context, p *model.Platform) error {
	err := db.returning(ctx, db.sql, &p.ID, `INSERT INTO platforms (name, pretty_name) VALUES ($1, $2) RETURNING id`, p.Name, p.PrettyName)
	return db.fail("platform "+p.Name, err)
}

// UpdatePlatform sets both names of the platform with that ID; its tickets
// follow.
func (db *DB) UpdatePlatform(ctx context.Context, p model.Platform) error {
	return db.exec(ctx, db.sql, "platform "+p.Name, `UPDATE platforms SET name = $2, pretty_name = $3 WHERE id = $1`, p.ID, p.Name, p.PrettyName)
}

// DeletePlatform removes a platform with its tickets and all that belongs to
// them, and returns the keys of the blobs that no row names any more.
func (db *DB) DeletePlatform(ctx context.Context, id int64) (blobs []string, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		blobs = nil
		ids, err := list(ctx, db, tx, "platform's tickets", number, `SELECT id FROM tickets WHERE platform_id = $1`, id)
		if err != nil {
			return err
		}
		for _, ticket := range ids {
			b, err := db.dropTicket(ctx, tx, ticket)
			if err != nil {
				return err
			}
			blobs = append(blobs, b...)
		}
		return db.exec(ctx, tx, "platform", `DELETE FROM platforms WHERE id = $1`, id)
	})
	return blobs, err
}

func number(r row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}
