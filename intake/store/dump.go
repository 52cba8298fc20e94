package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// dumpOrder are the tables whose rows others name, each before those that name
// it. A table that is not here is dumped after them.
var dumpOrder = []string{"users", "passkeys", "backup_codes", "api_tokens", "platforms", "tickets", "archives", "uploads", "imports", "reports", "events"}

// notDumped are tables that mean nothing elsewhere: logins, what lives now, and
// what the migrations keep.
var notDumped = []string{"sessions", "servers", "counters", "goose_db_version", "sqlite_sequence"}

// Snapshot is the whole store at one instant.
type Snapshot struct {
	db *DB
	tx *sql.Tx
}

// Snapshot calls f with the store as it is now; what others write meanwhile is
// not in it, and nobody waits for it.
func (db *DB) Snapshot(ctx context.Context, f func(*Snapshot) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.dialect == pgDialect {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := db.sql.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("database: begin: %w", err)
	}
	err = f(&Snapshot{db, tx})
	return errors.Join(err, ignoreDone(tx.Rollback()))
}

// Tables are those with rows to keep, each after the ones that it names.
func (s *Snapshot) Tables(ctx context.Context) ([]string, error) { return s.db.tables(ctx, s.tx) }

func (db *DB) tables(ctx context.Context, q querier) ([]string, error) {
	query := `SELECT name FROM sqlite_schema WHERE type = 'table'`
	if db.dialect == pgDialect {
		query = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	found, err := list(ctx, db, q, "tables", text, query)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(t string) bool { return slices.Contains(notDumped, t) || strings.HasPrefix(t, "sqlite_") })
	slices.SortFunc(found, func(a, b string) int {
		i, j := place(a), place(b)
		if i != j {
			return i - j
		}
		return strings.Compare(a, b)
	})
	return found, nil
}

func place(table string) int {
	if i := slices.Index(dumpOrder, table); i >= 0 {
		return i
	}
	return len(dumpOrder)
}

// Rows calls f with each row of a table, its values by column: int64, bool,
// string, []byte or nil.
func (s *Snapshot) Rows(ctx context.Context, table string, f func(row map[string]any) error) error {
	rows, err := s.tx.QueryContext(ctx, `SELECT * FROM `+table)
	if err != nil {
		return s.db.fail("table "+table, err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return s.db.fail("table "+table, err)
	}
	for rows.Next() {
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return s.db.fail("table "+table, err)
		}
		row := make(map[string]any, len(columns))
		for i, c := range columns {
			row[c.Name()] = values[i]
			if n, ok := values[i].(int64); ok && c.DatabaseTypeName() == "BOOLEAN" { // SQLite's
				row[c.Name()] = n != 0
			}
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return s.db.fail("table "+table, rows.Err())
}

// Loader puts rows into an empty store.
type Loader struct {
	db     *DB
	tx     *sql.Tx
	tables []string
}

// Load calls f with a loader; all of its rows are kept, or none. The store has
// to be empty: model.ErrExists.
func (db *DB) Load(ctx context.Context, f func(*Loader) error) error {
	return db.once(ctx, func(tx *sql.Tx) error {
		l := &Loader{db: db, tx: tx}
		for _, table := range []string{"users", "platforms", "tickets", "archives"} {
			var n int
			if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil {
				return db.fail("table "+table, err)
			}
			if n > 0 {
				return fmt.Errorf("the database has %d %s; a backup is restored into an empty one: %w", n, table, model.ErrExists)
			}
		}
		var err error
		if l.tables, err = db.tables(ctx, tx); err != nil {
			return err
		}
		// What an empty store has written meanwhile, of its own start for example.
		for _, table := range slices.Backward(l.tables) {
			if _, err := db.change(ctx, tx, "table "+table, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		if err := f(l); err != nil {
			return err
		}
		return l.numbers(ctx)
	})
}

// Insert puts a row into a table. A column that the table does not have is an
// error: the backup is of a newer program.
func (l *Loader) Insert(ctx context.Context, table string, row map[string]any) error {
	if !slices.Contains(l.tables, table) {
		return fmt.Errorf("table %q is not known; the backup was made by a newer program", table)
	}
	var w where
	var columns, marks []string
	for c, v := range row {
		if !plainName(c) {
			return fmt.Errorf("table %s: column %q is no name", table, c)
		}
		if s, ok := v.(string); ok && l.db.dialect == pgDialect {
			v = strings.ReplaceAll(s, "\x00", "") // which SQLite had kept
		}
		columns, marks = append(columns, c), append(marks, w.arg(v))
	}
	_, err := l.db.change(ctx, l.tx, "table "+table, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, w.args...)
	return err
}

func plainName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// numbers lets PostgreSQL go on counting after the rows that brought their own
// numbers; SQLite does so by itself.
func (l *Loader) numbers(ctx context.Context) error {
	if l.db.dialect != pgDialect {
		return nil
	}
	tables, err := list(ctx, l.db, l.tx, "tables", text, `SELECT table_name::text FROM information_schema.columns
		WHERE table_schema = current_schema() AND column_name = 'id' AND is_identity = 'YES'`)
	if err != nil {
		return err
	}
	for _, t := range tables {
		q := `SELECT setval(pg_get_serial_sequence('` + t + `', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM ` + t + `), false)`
		if _, err := l.db.change(ctx, l.tx, "table "+t, q); err != nil {
			return err
		}
	}
	return nil
}
