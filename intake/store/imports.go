package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// EnqueueImport asks for the import of an archive, again if it had one that
// has ended. One that is queued or running stays as it is, and tells so with
// model.ErrExists.
func (db *DB) EnqueueImport(ctx context.Context, archiveID int64, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		var size int64
		if err := tx.QueryRowContext(ctx, `SELECT size FROM archives WHERE id = $1`, archiveID).Scan(&size); err != nil {
			return db.fail("archive", err)
		}
		return db.enqueue(ctx, tx, archiveID, size, now)
	})
}

func (db *DB) enqueue(ctx context.Context, q querier, archiveID, size int64, now time.Time) error {
	n, err := db.change(ctx, q, "import", `INSERT INTO imports (archive_id, state, total, queued) VALUES ($1, 'queued', $2, $3)
		ON CONFLICT (archive_id) DO UPDATE SET state = 'queued', done = 0, total = excluded.total, queued = excluded.queued, error = '', owner = '', lease = 0, tries = 0
		WHERE imports.state NOT IN ('queued', 'running')`, archiveID, size, micros(now))
	if err == nil && n == 0 {
		return model.ErrExists
	}
	return err
}

// claimable says which imports a worker may take: those that wait, and those
// whose worker has let its lease run out.
const claimable = `(state = 'queued' OR (state = 'running' AND lease < $1))`

// ClaimImport gives the oldest import that waits to a worker, whose it is until
// the lease runs out. No two get the same. ok is false when none waits.
func (db *DB) ClaimImport(ctx context.Context, owner string, lease time.Duration, now time.Time) (a model.Archive, ok bool, err error) {
	for {
		var id int64
		err := db.sql.QueryRowContext(ctx, `SELECT archive_id FROM imports WHERE `+claimable+` ORDER BY queued, archive_id LIMIT 1`, micros(now)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return a, false, nil
		}
		if err != nil {
			return a, false, db.fail("import", err)
		}
		n, err := db.change(ctx, db.sql, "import", `UPDATE imports SET state = 'running', owner = $3, lease = $4, started = $1, tries = tries + 1 WHERE archive_id = $2 AND `+claimable,
			micros(now), id, owner, micros(now.Add(lease)))
		if err != nil {
			return a, false, err
		}
		if n == 0 {
			continue // another was faster
		}
		a, err = db.Archive(ctx, id)
		if errors.Is(err, model.ErrNotFound) {
			continue // deleted in between
		}
		return a, err == nil, err
	}
}

// RenewImport prolongs the lease and tells the progress. model.ErrNotFound: the
// import is not that worker's any more, or its archive was deleted; the worker
// has to stop.
func (db *DB) RenewImport(ctx context.Context, i model.Import, lease time.Duration, now time.Time) error {
	return db.exec(ctx, db.sql, "import", `UPDATE imports SET done = $3, total = $4, entries = $5, unparsed = $6, lease = $7 WHERE archive_id = $1 AND owner = $2 AND state = 'running'`,
		i.ArchiveID, i.Owner, i.Done, i.Total, i.Entries, i.Unparsed, micros(now.Add(lease)))
}

// KeepReport keeps the report of a worker's import that goes on. model.ErrNotFound:
// as of RenewImport.
func (db *DB) KeepReport(ctx context.Context, i model.Import, html, json []byte, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		err := db.exec(ctx, tx, "import", `UPDATE imports SET done = $3, entries = $4, unparsed = $5, findings = $6, critical = $7, from_time = $8, to_time = $9
			WHERE archive_id = $1 AND owner = $2 AND state = 'running'`,
			i.ArchiveID, i.Owner, i.Done, i.Entries, i.Unparsed, i.Findings, i.Critical, micros(i.From), micros(i.To))
		if err != nil {
			return err
		}
		return db.replaceReport(ctx, tx, i.ArchiveID, html, json, now)
	})
}

func (db *DB) replaceReport(ctx context.Context, q querier, archiveID int64, html, json []byte, now time.Time) error {
	if _, err := db.change(ctx, q, "report", `DELETE FROM reports WHERE archive_id = $1`, archiveID); err != nil || len(html)+len(json) == 0 {
		return err
	}
	_, err := db.change(ctx, q, "report", `INSERT INTO reports (archive_id, html, json, created) VALUES ($1, $2, $3, $4)`, archiveID, noNil(html), noNil(json), micros(now))
	return err
}

// FinishImport ends a worker's import and keeps its report, in one transaction;
// a report with neither html nor json is none. model.ErrNotFound: as of
// RenewImport.
func (db *DB) FinishImport(ctx context.Context, i model.Import, html, json []byte, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		err := db.exec(ctx, tx, "import", `UPDATE imports SET state = $3, done = $4, total = $5, entries = $6, unparsed = $7, findings = $8, critical = $9,
			from_time = $10, to_time = $11, shipped = $12, error = $13, ended = $14, owner = '', lease = 0 WHERE archive_id = $1 AND owner = $2 AND state = 'running'`,
			i.ArchiveID, i.Owner, string(i.State), i.Done, i.Total, i.Entries, i.Unparsed, i.Findings, i.Critical,
			micros(i.From), micros(i.To), i.Shipped, i.Error, micros(now))
		if err != nil {
			return err
		}
		return db.replaceReport(ctx, tx, i.ArchiveID, html, json, now)
	})
}

func noNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// ReleaseImport puts a worker's import back into the queue, when the worker has
// to stop before its end. That it was begun does not count as a try.
func (db *DB) ReleaseImport(ctx context.Context, archiveID int64, owner string) error {
	return db.exec(ctx, db.sql, "import", `UPDATE imports SET state = 'queued', owner = '', lease = 0, tries = tries - 1 WHERE archive_id = $1 AND owner = $2 AND state = 'running'`, archiveID, owner)
}

// Report is the report of an archive, or model.ErrNotFound.
func (db *DB) Report(ctx context.Context, archiveID int64) (html, json []byte, err error) {
	err = db.sql.QueryRowContext(ctx, `SELECT html, json FROM reports WHERE archive_id = $1`, archiveID).Scan(&html, &json)
	return html, json, db.fail("report", err)
}
