// Package origin takes over an installation of LOGS-COLLECTOR: users with
// their passwords and authenticators, platforms, tickets with their tokens,
// archives with their checksums. It reads the SQLite database and the folder of
// archives, changes neither, and can be run again: what is here already stays.
package origin

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/store"
	_ "modernc.org/sqlite" // reads the original's database
)

// Count tells how many of a kind were taken over, were here already, and could
// not be taken.
type Count struct{ Taken, Present, Failed int }

// Summary is how it went.
type Summary struct {
	Users, Platforms, Tickets, Archives Count
	Bytes                               int64 // of archives that were taken over
}

// Failed tells whether something could not be taken over.
func (s Summary) Failed() bool {
	return s.Users.Failed+s.Platforms.Failed+s.Tickets.Failed+s.Archives.Failed > 0
}

// Options are where the original lies and what is done.
type Options struct {
	Dir      string // its DATA_DIR: db.sqlite3 and archives/
	Database string // its database, "" = db.sqlite3 in Dir
	DryRun   bool   // only tell
	Import   bool   // ask for the reports of archives
	Now      time.Time
	Say      func(format string, args ...any) // what a person should know, a line each
}

// run is one taking over.
type run struct {
	Options
	old   *sql.DB
	db    *store.DB
	blobs files.Blobs
	root  *os.Root // of the original's archives
	sum   Summary

	users     map[int64]string  // names by the original's numbers
	platforms map[string]string // our names by the original's
	tickets   map[int64]string  // our numbers by the original's
}

// Take takes over what is in the original.
func Take(ctx context.Context, o Options, db *store.DB, blobs files.Blobs) (Summary, error) {
	r := &run{Options: o, db: db, blobs: blobs, users: map[int64]string{}, platforms: map[string]string{}, tickets: map[int64]string{}}
	if r.Database == "" {
		r.Database = filepath.Join(r.Dir, "db.sqlite3")
	}
	if err := r.open(ctx); err != nil {
		return r.sum, err
	}
	defer r.old.Close()
	if r.root != nil {
		defer r.root.Close()
	}
	for _, step := range []func(context.Context) error{r.takeUsers, r.takePlatforms, r.takeTickets, r.takeArchives} {
		if err := step(ctx); err != nil {
			return r.sum, err
		}
	}
	return r.sum, nil
}

// needed are the tables and columns that are read.
var needed = map[string][]string{
	"account_user":       {"id", "username", "password", "email", "first_name", "last_name", "is_active", "is_superuser", "last_login", "date_joined"},
	"collector_platform": {"name", "pretty_name"},
	"collector_ticket":   {"number", "resolved", "note", "token", "attempts", "time_create", "time_update", "platform_name", "user_id"},
	"collector_archive":  {"file", "size", "md5", "time_create", "ticket_number"},
}

func (r *run) open(ctx context.Context) (err error) {
	if _, err := os.Stat(r.Database); err != nil {
		return fmt.Errorf("database of the original: %w; name the folder that holds db.sqlite3, or the file with --database", err)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(r.Database)}).EscapedPath(), RawQuery: "mode=ro"}
	if r.old, err = sql.Open("sqlite", u.String()); err != nil {
		return fmt.Errorf("database of the original: %w", err)
	}
	for table, columns := range needed {
		have, err := r.columns(ctx, table)
		if err != nil {
			return errors.Join(fmt.Errorf("database of the original: %w", err), r.old.Close())
		}
		for _, c := range columns {
			if !slices.Contains(have, c) {
				return errors.Join(fmt.Errorf("%s: table %s has no column %s: not a database of LOGS-COLLECTOR 0.1", r.Database, table, c), r.old.Close())
			}
		}
	}
	r.root, err = os.OpenRoot(filepath.Join(r.Dir, "archives"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // an original that nobody uploaded to
	}
	return err
}

func (r *run) columns(ctx context.Context, table string) (list []string, err error) {
	rows, err := r.old.QueryContext(ctx, `SELECT name FROM pragma_table_info('`+table+`')`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// each calls f with every row of a query, its columns as text; NULL is "".
func (r *run) each(ctx context.Context, query string, f func(col []string) error) error {
	rows, err := r.old.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("database of the original: %w", err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("database of the original: %w", err)
	}
	for rows.Next() {
		values, dest := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("database of the original: %w", err)
		}
		col := make([]string, len(names))
		for i, v := range values {
			col[i] = v.String
		}
		if err := f(col); err != nil {
			return err
		}
	}
	return rows.Err()
}

// texts are columns as SQLite has them: a declared type would have the driver
// make times of them.
func texts(columns ...string) string {
	for i, c := range columns {
		columns[i] = "CAST(" + c + " AS TEXT)"
	}
	return strings.Join(columns, ", ")
}

// when reads a time as Django writes it to SQLite, in UTC.
func when(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02 15:04:05.999999-07:00", "2006-01-02T15:04:05.999999Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
