// Package store keeps the intake's rows in SQLite or PostgreSQL, with one text
// of SQL for both. It knows no rules: who may do what, and what an attempt is
// worth, stands in package tickets. What has to be atomic is one statement or
// one transaction here.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// DB is an open database. Several processes may have the same one open.
type DB struct {
	sql     *sql.DB
	dialect dialect
	// writer is taken by who writes to SQLite, where one can at a time; nil where
	// many can. SQLite has no queue: who finds it taken looks again now and then, and
	// where each commit waits for a busy disk some never come at the right moment
	// until their time is over. Those of this process wait here, first come, first
	// served; SQLite's own waiting is for other processes.
	writer chan struct{}
	name   string // what people call it
}

// Name is what people call the database: a path, or a name and a host.
func (db *DB) Name() string { return db.name }

// Close closes the database.
func (db *DB) Close() error { return db.sql.Close() }

// Ping asks the database for something, for checks of health.
func (db *DB) Ping(ctx context.Context) error {
	var n int
	if err := db.sql.QueryRowContext(ctx, `SELECT COUNT(*) FROM platforms`).Scan(&n); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Kind is "sqlite" or "postgres".
func (db *DB) Kind() string { return string(db.dialect) }

// querier is what *sql.DB and *sql.Tx share.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tx runs f in a transaction, again when others stood in its way.
func (db *DB) tx(ctx context.Context, f func(tx *sql.Tx) error) error {
	const tries = 5
	for n := 1; ; n++ {
		err := db.once(ctx, f)
		if err == nil || n == tries || !db.dialect.again(err) {
			return err
		}
	}
}

// turn waits until it is this one's turn to write by q; done ends it.
func (db *DB) turn(ctx context.Context, q querier) (done func(), err error) {
	if _, inside := q.(*sql.Tx); inside || db.writer == nil {
		return func() {}, nil
	}
	select {
	case db.writer <- struct{}{}:
		return func() { <-db.writer }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("database: waiting to write: %w", context.Cause(ctx))
	}
}

func (db *DB) once(ctx context.Context, f func(tx *sql.Tx) error) error {
	done, err := db.turn(ctx, db.sql)
	if err != nil {
		return err
	}
	defer done()
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("database: begin: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("database: commit: %w", err)
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// exec runs a statement that has to change one row at least.
func (db *DB) exec(ctx context.Context, q querier, what, query string, args ...any) error {
	n, err := db.change(ctx, q, what, query, args...)
	if err == nil && n == 0 {
		return fmt.Errorf("%s: %w", what, model.ErrNotFound)
	}
	return err
}

// change runs a statement and tells how many rows it changed.
func (db *DB) change(ctx context.Context, q querier, what, query string, args ...any) (int64, error) {
	done, err := db.turn(ctx, q)
	if err != nil {
		return 0, db.fail(what, err)
	}
	defer done()
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, db.fail(what, err)
	}
	n, err := res.RowsAffected()
	return n, db.fail(what, err)
}

// returning runs a statement that changes one row and tells one column of it.
func (db *DB) returning(ctx context.Context, q querier, dest any, query string, args ...any) error {
	done, err := db.turn(ctx, q)
	if err != nil {
		return err
	}
	defer done()
	return q.QueryRowContext(ctx, query, args...).Scan(dest)
}

// fail says what could not be done, in the errors of model where there is one.
func (db *DB) fail(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", what, model.ErrNotFound)
	case db.dialect.taken(err):
		return fmt.Errorf("%s: %w", what, model.ErrExists)
	case db.dialect.unfit(err):
		return fmt.Errorf("%s: %w", what, model.ErrText)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// list reads all rows of a query with one function for each.
func list[T any](ctx context.Context, db *DB, q querier, what string, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, db.fail(what, err)
	}
	defer rows.Close()
	found := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, db.fail(what, err)
		}
		found = append(found, v)
	}
	return found, db.fail(what, rows.Err())
}

// row is what *sql.Row and *sql.Rows share.
type row interface{ Scan(dest ...any) error }

func text(r row) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

// micros is a time as the database keeps it; 0 is the zero time, so that the
// beginning of 1970 is a microsecond later.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	if n := t.UnixMicro(); n != 0 {
		return n
	}
	return 1
}

// stamp reads a time into dest.
type stamp struct{ dest *time.Time }

// Scan makes a stamp a sql.Scanner.
func (s stamp) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("time %v (%T) is no whole number", v, v)
	}
	*s.dest = time.Time{}
	if n != 0 {
		*s.dest = time.UnixMicro(n).UTC()
	}
	return nil
}

// where collects the conditions of a query and their arguments.
type where struct {
	conds []string
	args  []any
}

// add takes a condition with a ? for each argument.
func (w *where) add(cond string, args ...any) {
	for _, a := range args {
		cond = strings.Replace(cond, "?", w.arg(a), 1)
	}
	w.conds = append(w.conds, cond)
}

// arg takes an argument and returns its placeholder.
func (w *where) arg(a any) string {
	w.args = append(w.args, a)
	return "$" + strconv.Itoa(len(w.args))
}

// in takes a condition that a column is one of the values.
func in[T any](w *where, column string, values []T) {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = w.arg(v)
	}
	w.conds = append(w.conds, column+" IN ("+strings.Join(marks, ", ")+")")
}

func (w *where) sql() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// page is the end of a query for a part of its rows.
func (w *where) page(p model.Page) string {
	if p.Limit <= 0 && p.Offset <= 0 {
		return ""
	}
	limit := p.Limit
	if limit <= 0 {
		limit = 1<<31 - 1
	}
	return " LIMIT " + w.arg(limit) + " OFFSET " + w.arg(max(p.Offset, 0))
}

// like is a pattern that finds s anywhere, its own signs escaped by a backslash.
func like(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}
