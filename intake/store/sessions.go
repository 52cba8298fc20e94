package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"
)

// Sessions keeps sessions as scs wants them, under the hash of their token: who
// reads the database cannot take a session over.
type Sessions struct{ db *DB }

// Sessions is the store of sessions in this database, an scs.CtxStore.
func (db *DB) Sessions() Sessions { return Sessions{db} }

func sessionKey(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// ended is how long it is known of a session that it has ended: longer than any
// request that began before lasts.
const ended = 31 * 24 * time.Hour

// FindCtx returns the data of a session that has neither ended nor expired.
func (s Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.sql.QueryRowContext(ctx, `SELECT data FROM sessions WHERE token_hash = $1 AND expiry > $2 AND LENGTH(data) > 0`, sessionKey(token), micros(time.Now())).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, s.db.fail("session", err)
}

// CommitCtx keeps the data of a session until it expires. One that has ended
// does not come back: scs commits at the end of each request, of one too that
// began before somebody signed out.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.db.change(ctx, s.db.sql, "session", `INSERT INTO sessions (token_hash, data, expiry) VALUES ($1, $2, $3)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expiry = excluded.expiry WHERE LENGTH(sessions.data) > 0`, sessionKey(token), noNil(data), micros(expiry))
	return err
}

// DeleteCtx ends a session. Its row stays for a while, without data.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.change(ctx, s.db.sql, "session", `UPDATE sessions SET data = $2, expiry = $3 WHERE token_hash = $1`, sessionKey(token), []byte{}, micros(time.Now().Add(ended)))
	return err
}

// Find is FindCtx without a context.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// Forget removes the sessions that have expired.
func (s Sessions) Forget(ctx context.Context, now time.Time) error {
	_, err := s.db.change(ctx, s.db.sql, "sessions", `DELETE FROM sessions WHERE expiry <= $1`, micros(now))
	return err
}
