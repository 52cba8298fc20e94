package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// archiveColumns and archiveFrom read an archive with its import, if it has one.
const (
	archiveColumns = `a.id, t.number, p.name, a.name, a.blob_key, a.size, a.sha256, a.md5, a.created, a.guest,
		COALESCE(i.archive_id, 0), COALESCE(i.state, ''), COALESCE(i.done, 0), COALESCE(i.total, 0), COALESCE(i.entries, 0), COALESCE(i.unparsed, 0),
		COALESCE(i.findings, 0), COALESCE(i.critical, 0), COALESCE(i.from_time, 0), COALESCE(i.to_time, 0), EXISTS (SELECT 1 FROM reports r WHERE r.archive_id = a.id),
		COALESCE(i.shipped, FALSE), COALESCE(i.error, ''),
		COALESCE(i.queued, 0), COALESCE(i.started, 0), COALESCE(i.ended, 0), COALESCE(i.owner, ''), COALESCE(i.lease, 0), COALESCE(i.tries, 0)`
	archiveFrom = ` FROM archives a JOIN tickets t ON t.id = a.ticket_id JOIN platforms p ON p.id = t.platform_id
		LEFT JOIN imports i ON i.archive_id = a.id LEFT JOIN users u ON u.id = t.owner_id`
)

func scanArchive(r row) (a model.Archive, err error) {
	i := &a.Import
	err = r.Scan(&a.ID, &a.Ticket, &a.Platform, &a.Name, &a.Blob, &a.Size, &a.SHA256, &a.MD5, stamp{&a.Created}, &a.Guest,
		&i.ArchiveID, &i.State, &i.Done, &i.Total, &i.Entries, &i.Unparsed, &i.Findings, &i.Critical, stamp{&i.From}, stamp{&i.To}, &i.Reported, &i.Shipped, &i.Error,
		stamp{&i.Queued}, stamp{&i.Started}, stamp{&i.Ended}, &i.Owner, stamp{&i.Lease}, &i.Tries)
	return a, err
}

func (db *DB) archive(ctx context.Context, q querier, what, cond string, arg any) (model.Archive, error) {
	a, err := scanArchive(q.QueryRowContext(ctx, `SELECT `+archiveColumns+archiveFrom+` WHERE `+cond, arg))
	return a, db.fail(what, err)
}

// Archive is the one of that ID, or model.ErrNotFound.
func (db *DB) Archive(ctx context.Context, id int64) (model.Archive, error) {
	return db.archive(ctx, db.sql, "archive "+strconv.FormatInt(id, 10), "a.id = $1", id)
}

// ArchiveByBlob is the one with that key, or model.ErrNotFound.
func (db *DB) ArchiveByBlob(ctx context.Context, blob string) (model.Archive, error) {
	return db.archive(ctx, db.sql, "archive of blob "+blob, "a.blob_key = $1", blob)
}

func archiveWhere(f model.ArchiveFilter) *where {
	w := &where{}
	if f.Ticket != "" {
		w.add("t.number = ?", f.Ticket)
	}
	if f.Owner != "" {
		w.add("u.username = ?", f.Owner)
	}
	if f.ID != nil {
		w.add("a.id = ?", *f.ID)
	}
	w.between("a.id", f.IDMin, f.IDMax)
	w.numbered(f.TicketMin, f.TicketMax)
	for _, c := range []struct {
		cond string
		at   time.Time
	}{
		{"a.created = ?", f.Created},
		{"a.created >= ?", f.CreatedMin},
		{"a.created <= ?", f.CreatedMax},
		{"a.created < ?", f.CreatedBefore},
		{"t.resolved AND t.resolved_at < ?", f.ResolvedBefore},
	} {
		if !c.at.IsZero() {
			w.add(c.cond, micros(c.at))
		}
	}
	return w
}

// Archives are those of a filter, newest first.
func (db *DB) Archives(ctx context.Context, f model.ArchiveFilter) ([]model.Archive, error) {
	w := archiveWhere(f)
	q := `SELECT ` + archiveColumns + archiveFrom + w.sql() + ` ORDER BY a.created DESC, a.id DESC` + w.page(f.Page)
	return list(ctx, db, db.sql, "archives", scanArchive, q, w.args...)
}

// CountArchives is how many a filter has, its page left out.
func (db *DB) CountArchives(ctx context.Context, f model.ArchiveFilter) (n int, err error) {
	w := archiveWhere(f)
	err = db.sql.QueryRowContext(ctx, `SELECT COUNT(*)`+archiveFrom+w.sql(), w.args...).Scan(&n)
	return n, db.fail("archives", err)
}

// CreateArchive adds an archive that came by another way than an upload, and
// sets its ID.
func (db *DB) CreateArchive(ctx context.Context, a *model.Archive) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		t, err := db.ticket(ctx, tx, "ticket "+a.Ticket, "t.number = $1", a.Ticket)
		if err != nil {
			return err
		}
		a.Platform = t.Platform
		return db.insertArchive(ctx, tx, t.ID, a)
	})
}

func (db *DB) insertArchive(ctx context.Context, q querier, ticketID int64, a *model.Archive) error {
	err := db.returning(ctx, q, &a.ID, `INSERT INTO archives (ticket_id, name, blob_key, size, sha256, md5, guest, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		ticketID, a.Name, a.Blob, a.Size, a.SHA256, a.MD5, a.Guest, micros(a.Created))
	return db.fail("archive "+a.Name, err)
}

// RenameArchive changes the name that is shown.
func (db *DB) RenameArchive(ctx context.Context, id int64, name string) error {
	return db.exec(ctx, db.sql, "archive", `UPDATE archives SET name = $2 WHERE id = $1`, id, name)
}

// MoveArchive gives an archive to another ticket.
func (db *DB) MoveArchive(ctx context.Context, id int64, ticket string) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		t, err := db.ticket(ctx, tx, "ticket "+ticket, "t.number = $1", ticket)
		if err != nil {
			return err
		}
		return db.exec(ctx, tx, "archive", `UPDATE archives SET ticket_id = $2 WHERE id = $1`, id, t.ID)
	})
}

// DeleteArchive removes an archive with its import and report, and returns the
// key of the blob that no row names any more.
func (db *DB) DeleteArchive(ctx context.Context, id int64) (blob string, err error) {
	return db.RetireArchive(ctx, id, model.ArchiveFilter{})
}

// RetireArchive is DeleteArchive if the archive is still one of a filter;
// model.ErrNotFound if not.
func (db *DB) RetireArchive(ctx context.Context, id int64, f model.ArchiveFilter) (blob string, err error) {
	f.ID = &id
	w := archiveWhere(f)
	err = db.returning(ctx, db.sql, &blob, `DELETE FROM archives WHERE id IN (SELECT a.id`+archiveFrom+w.sql()+`) RETURNING blob_key`, w.args...)
	return blob, db.fail("archive "+strconv.FormatInt(id, 10), err)
}

// Blobs calls f with the key of every blob that a row names: of archives, and
// of open uploads.
func (db *DB) Blobs(ctx context.Context, f func(key string) error) error {
	rows, err := db.sql.QueryContext(ctx, `SELECT blob_key FROM archives UNION SELECT blob_key FROM uploads WHERE state = 'open' ORDER BY blob_key`)
	if err != nil {
		return db.fail("blobs", err)
	}
	defer rows.Close()
	for rows.Next() {
		key, err := text(rows)
		if err == nil {
			err = f(key)
		}
		if err != nil {
			return db.fail("blobs", err)
		}
	}
	return db.fail("blobs", rows.Err())
}
