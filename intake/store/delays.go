package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"time"
)

// Delay is how attempts are spread that fail: so many at once, then a pause
// that doubles with each, up to the longest.
type Delay struct {
	Free    int           // failures without a pause
	First   time.Duration // the first pause
	Longest time.Duration
}

// forgiven is how long after its last failure a key begins anew.
const forgiven = 24 * time.Hour

func (d Delay) after(failures int) time.Duration {
	if failures <= d.Free {
		return 0
	}
	pause := d.First
	for range failures - d.Free - 1 {
		if pause *= 2; pause >= d.Longest {
			return d.Longest
		}
	}
	return min(pause, d.Longest)
}

// BeginAttempt counts an attempt as a failure before it is looked at, so that
// many at once are not more than one after the other; Succeed takes it back.
// While a pause lasts nothing is counted, and wait says how long it is.
func (db *DB) BeginAttempt(ctx context.Context, key string, d Delay, now time.Time) (wait time.Duration, err error) {
	hash := sha256.Sum256([]byte(key))
	err = db.tx(ctx, func(tx *sql.Tx) error {
		var failures int
		var until time.Time
		// A row that is there stays as it is, and is locked.
		err := tx.QueryRowContext(ctx, `INSERT INTO delays (key_hash, failures, until) VALUES ($1, 0, 0)
			ON CONFLICT (key_hash) DO UPDATE SET failures = delays.failures RETURNING failures, until`, hash[:]).Scan(&failures, stamp{&until})
		if err != nil {
			return db.fail("delay", err)
		}
		if wait = max(until.Sub(now), 0); wait > 0 {
			return nil
		}
		if now.Sub(until) > forgiven {
			failures = 0
		}
		failures++
		return db.exec(ctx, tx, "delay", `UPDATE delays SET failures = $2, until = $3 WHERE key_hash = $1`, hash[:], failures, micros(now.Add(d.after(failures))))
	})
	return wait, err
}

// Succeed forgets the failures of a key.
func (db *DB) Succeed(ctx context.Context, key string) error {
	hash := sha256.Sum256([]byte(key))
	_, err := db.change(ctx, db.sql, "delay", `DELETE FROM delays WHERE key_hash = $1`, hash[:])
	return err
}

// ForgetDelays removes those whose pause is long over.
func (db *DB) ForgetDelays(ctx context.Context, now time.Time) error {
	_, err := db.change(ctx, db.sql, "delays", `DELETE FROM delays WHERE until <= $1`, micros(now.Add(-forgiven)))
	return err
}
