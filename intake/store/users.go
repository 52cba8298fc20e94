package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

const userColumns = `u.id, u.username, u.email, u.first_name, u.last_name, u.password, u.active, u.admin, u.totp, u.totp_step, u.epoch, u.oidc_subject, u.created, u.last_login,
	(SELECT COUNT(*) FROM passkeys k WHERE k.user_id = u.id), (SELECT COUNT(*) FROM backup_codes b WHERE b.user_id = u.id AND b.used = 0)`

func scanUser(r row) (u model.User, err error) {
	err = r.Scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.Password, &u.Active, &u.Admin, &u.TOTP, &u.TOTPStep, &u.Epoch,
		&u.OIDCSubject, stamp{&u.Created}, stamp{&u.LastLogin}, &u.PasskeyCount, &u.BackupsCount)
	return u, err
}

func (db *DB) user(ctx context.Context, what, cond string, arg any) (model.User, error) {
	u, err := scanUser(db.sql.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE `+cond, arg))
	return u, db.fail(what, err)
}

// Users are all, by name.
func (db *DB) Users(ctx context.Context) ([]model.User, error) {
	return list(ctx, db, db.sql, "users", scanUser, `SELECT `+userColumns+` FROM users u ORDER BY u.username`)
}

// UserByName is the one of that name, or model.ErrNotFound.
func (db *DB) UserByName(ctx context.Context, name string) (model.User, error) {
	return db.user(ctx, "user "+name, "u.username = $1", name)
}

// UserByID is the one of that ID, or model.ErrNotFound.
func (db *DB) UserByID(ctx context.Context, id int64) (model.User, error) {
	return db.user(ctx, "user", "u.id = $1", id)
}

// UserByOIDC is the one with that subject, or model.ErrNotFound.
func (db *DB) UserByOIDC(ctx context.Context, subject string) (model.User, error) {
	if subject == "" {
		return model.User{}, db.fail("user of a subject", sql.ErrNoRows)
	}
	return db.user(ctx, "user of subject "+subject, "u.oidc_subject = $1", subject)
}

// CreateUser adds one and sets its ID, or answers model.ErrExists.
func (db *DB) CreateUser(ctx context.Context, u *model.User) error {
	err := db.returning(ctx, db.sql, &u.ID, `INSERT INTO users (username, email, first_name, last_name, password, active, admin, totp, totp_step, epoch, oidc_subject, created, last_login)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id`,
		u.Username, u.Email, u.FirstName, u.LastName, u.Password, u.Active, u.Admin, u.TOTP, u.TOTPStep, u.Epoch, u.OIDCSubject, micros(u.Created), micros(u.LastLogin))
	return db.fail("user "+u.Username, err)
}

// UpdateUser sets what a form changes: names, address, Active, Admin and the
// subject. Password, second factor and epoch have methods of their own.
func (db *DB) UpdateUser(ctx context.Context, u model.User) error {
	return db.exec(ctx, db.sql, "user "+u.Username, `UPDATE users SET username = $2, email = $3, first_name = $4, last_name = $5, active = $6, admin = $7, oidc_subject = $8 WHERE id = $1`,
		u.ID, u.Username, u.Email, u.FirstName, u.LastName, u.Active, u.Admin, u.OIDCSubject)
}

// UpdateProfile sets what a user may change of himself, and nothing that was
// read before.
func (db *DB) UpdateProfile(ctx context.Context, id int64, email, first, last string) error {
	return db.exec(ctx, db.sql, "user", `UPDATE users SET email = $2, first_name = $3, last_name = $4 WHERE id = $1`, id, email, first, last)
}

// SetOIDCSubject puts a subject in the place of the one that a user has, "" for
// none: model.ErrNotFound when he has another one by now, model.ErrExists when
// the subject is somebody else's.
func (db *DB) SetOIDCSubject(ctx context.Context, userID int64, old, subject string) error {
	return db.exec(ctx, db.sql, "subject", `UPDATE users SET oidc_subject = $3 WHERE id = $1 AND oidc_subject = $2`, userID, old, subject)
}

// SetPassword sets the encoded hash; with newEpoch sessions and tokens that were
// given before are void.
func (db *DB) SetPassword(ctx context.Context, userID int64, hash string, newEpoch bool) error {
	step := 0
	if newEpoch {
		step = 1
	}
	return db.exec(ctx, db.sql, "user", `UPDATE users SET password = $2, epoch = epoch + $3 WHERE id = $1`, userID, hash, step)
}

// NewEpoch makes sessions and tokens void that were given before, and returns
// the epoch of new ones.
func (db *DB) NewEpoch(ctx context.Context, userID int64) (epoch int64, err error) {
	err = db.returning(ctx, db.sql, &epoch, `UPDATE users SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch`, userID)
	return epoch, db.fail("user", err)
}

// SetTOTP sets the secret of the second factor and the last used step, or with
// "" takes it away.
func (db *DB) SetTOTP(ctx context.Context, userID int64, secret string, step int64) error {
	return db.exec(ctx, db.sql, "user", `UPDATE users SET totp = $2, totp_step = $3 WHERE id = $1`, userID, secret, step)
}

// SpendTOTPStep takes a step as used. It is false when that step or a later one
// was used already: a replay.
func (db *DB) SpendTOTPStep(ctx context.Context, userID, step int64) (bool, error) {
	n, err := db.change(ctx, db.sql, "user", `UPDATE users SET totp_step = $2 WHERE id = $1 AND totp_step < $2`, userID, step)
	return n == 1, err
}

// SeeLogin tells when a user signed in last.
func (db *DB) SeeLogin(ctx context.Context, userID int64, now time.Time) error {
	return db.exec(ctx, db.sql, "user", `UPDATE users SET last_login = $2 WHERE id = $1`, userID, micros(now))
}

// DeleteUser removes a user with passkeys, codes and tokens. The tickets stay
// and have no owner.
func (db *DB) DeleteUser(ctx context.Context, id int64) error {
	return db.exec(ctx, db.sql, "user", `DELETE FROM users WHERE id = $1`, id)
}
