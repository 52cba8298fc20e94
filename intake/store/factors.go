package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

func scanPasskey(r row) (k model.Passkey, err error) {
	err = r.Scan(&k.ID, &k.UserID, &k.Name, &k.CredentialID, &k.Credential, stamp{&k.Created}, stamp{&k.LastUsed})
	return k, err
}

const passkeyColumns = `id, user_id, name, credential_id, credential, created, last_used`

// Passkeys are those of a user, oldest first.
func (db *DB) Passkeys(ctx context.Context, userID int64) ([]model.Passkey, error) {
	return list(ctx, db, db.sql, "passkeys", scanPasskey, `SELECT `+passkeyColumns+` FROM passkeys WHERE user_id = $1 ORDER BY created, id`, userID)
}

// PasskeyByCredential is the one with that credential ID, or model.ErrNotFound.
func (db *DB) PasskeyByCredential(ctx context.Context, credentialID []byte) (model.Passkey, error) {
	k, err := scanPasskey(db.sql.QueryRowContext(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE credential_id = $1`, credentialID))
	return k, db.fail("passkey", err)
}

// CreatePasskey adds one and sets its ID, or answers model.ErrExists.
func (db *DB) CreatePasskey(ctx context.Context, k *model.Passkey) error {
	err := db.returning(ctx, db.sql, &k.ID, `INSERT INTO passkeys (user_id, name, credential_id, credential, created, last_used) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		k.UserID, k.Name, k.CredentialID, k.Credential, micros(k.Created), micros(k.LastUsed))
	return db.fail("passkey", err)
}

// UpdatePasskey keeps the library's record after a use.
func (db *DB) UpdatePasskey(ctx context.Context, id int64, credential []byte, now time.Time) error {
	return db.exec(ctx, db.sql, "passkey", `UPDATE passkeys SET credential = $2, last_used = $3 WHERE id = $1`, id, credential, micros(now))
}

// DeletePasskey removes one of a user.
func (db *DB) DeletePasskey(ctx context.Context, userID, id int64) error {
	return db.exec(ctx, db.sql, "passkey", `DELETE FROM passkeys WHERE id = $1 AND user_id = $2`, id, userID)
}

// RenamePasskey gives one of a user another name.
func (db *DB) RenamePasskey(ctx context.Context, userID, id int64, name string) error {
	return db.exec(ctx, db.sql, "passkey", `UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2`, id, userID, name)
}

// RemoveFactor takes a passkey of a user away, or with 0 the authenticator, and
// makes sessions and tokens void that were given before; epoch is that of new
// ones. It answers model.ErrLast, and changes nothing, when no other second
// factor would be left, in whatever order two are taken away at once.
func (db *DB) RemoveFactor(ctx context.Context, userID, passkey int64) (epoch int64, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		var totp string
		// This holds the row of the user until the end, and others wait.
		err := tx.QueryRowContext(ctx, `UPDATE users SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch, totp`, userID).Scan(&epoch, &totp)
		if err != nil {
			return db.fail("user", err)
		}
		if passkey == 0 && totp == "" {
			return db.fail("authenticator", sql.ErrNoRows)
		}
		if passkey == 0 {
			err = db.exec(ctx, tx, "user", `UPDATE users SET totp = '' WHERE id = $1`, userID)
			totp = ""
		} else {
			err = db.exec(ctx, tx, "passkey", `DELETE FROM passkeys WHERE id = $1 AND user_id = $2`, passkey, userID)
		}
		if err != nil || totp != "" {
			return err
		}
		var left int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM passkeys WHERE user_id = $1`, userID).Scan(&left); err != nil {
			return db.fail("passkeys", err)
		}
		if left == 0 {
			return model.ErrLast
		}
		return nil
	})
	return epoch, err
}

// SetBackupCodes puts codes in the place of all that a user had.
func (db *DB) SetBackupCodes(ctx context.Context, userID int64, hashes [][]byte) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := db.change(ctx, tx, "backup codes", `DELETE FROM backup_codes WHERE user_id = $1`, userID); err != nil {
			return err
		}
		for _, h := range hashes {
			if _, err := db.change(ctx, tx, "backup codes", `INSERT INTO backup_codes (user_id, hash) VALUES ($1, $2)`, userID, h); err != nil {
				return err
			}
		}
		return nil
	})
}

// SpendBackupCode takes a code as used. It is false when the user has no such
// code that is unused.
func (db *DB) SpendBackupCode(ctx context.Context, userID int64, hash []byte, now time.Time) (bool, error) {
	n, err := db.change(ctx, db.sql, "backup code", `UPDATE backup_codes SET used = $3 WHERE user_id = $1 AND hash = $2 AND used = 0`, userID, hash, micros(now))
	return n == 1, err
}

const tokenColumns = `id, user_id, name, hash, scopes, expires, last_used, created`

func scanToken(r row) (t model.APIToken, err error) {
	var scopes string
	err = r.Scan(&t.ID, &t.UserID, &t.Name, &t.Hash, &scopes, stamp{&t.Expires}, stamp{&t.LastUsed}, stamp{&t.Created})
	t.Scopes = strings.Fields(scopes)
	return t, err
}

// APITokens are those of a user, newest first.
func (db *DB) APITokens(ctx context.Context, userID int64) ([]model.APIToken, error) {
	return list(ctx, db, db.sql, "tokens", scanToken, `SELECT `+tokenColumns+` FROM api_tokens WHERE user_id = $1 ORDER BY created DESC, id DESC`, userID)
}

// APITokenByHash is the one with that hash, expired or not, or
// model.ErrNotFound.
func (db *DB) APITokenByHash(ctx context.Context, hash []byte) (model.APIToken, error) {
	t, err := scanToken(db.sql.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM api_tokens WHERE hash = $1`, hash))
	return t, db.fail("token", err)
}

// CreateAPIToken adds one and sets its ID.
func (db *DB) CreateAPIToken(ctx context.Context, t *model.APIToken) error {
	err := db.returning(ctx, db.sql, &t.ID, `INSERT INTO api_tokens (user_id, name, hash, scopes, expires, last_used, created) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
		t.UserID, t.Name, t.Hash, strings.Join(t.Scopes, " "), micros(t.Expires), micros(t.LastUsed), micros(t.Created))
	return db.fail("token", err)
}

// TouchAPIToken tells when a token was used last.
func (db *DB) TouchAPIToken(ctx context.Context, id int64, now time.Time) error {
	return db.exec(ctx, db.sql, "token", `UPDATE api_tokens SET last_used = $2 WHERE id = $1`, id, micros(now))
}

// RenameAPIToken gives one of a user another name.
func (db *DB) RenameAPIToken(ctx context.Context, userID, id int64, name string) error {
	return db.exec(ctx, db.sql, "token", `UPDATE api_tokens SET name = $3 WHERE id = $1 AND user_id = $2`, id, userID, name)
}

// DeleteAPIToken removes one of a user.
func (db *DB) DeleteAPIToken(ctx context.Context, userID, id int64) error {
	return db.exec(ctx, db.sql, "token", `DELETE FROM api_tokens WHERE id = $1 AND user_id = $2`, id, userID)
}
