package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is what differs between the databases.
type dialect string

const (
	liteDialect dialect = "sqlite"
	pgDialect   dialect = "postgres"
)

// The connections of one process: SQLite has one writer whatever their number.
const (
	liteConns = 8
	pgConns   = 16
)

// busyTimeout is how long SQLite waits for the writer of another process, in
// milliseconds. Tests have less patience.
var busyTimeout = "15000"

// Open opens the database that an address names, and brings its tables up to
// date: sqlite:///path/to/file (three slashes and a path; four for one from the
// root on are the same), sqlite::memory:, postgres://user:password@host/name, or
// the same as postgresql:// or psql://.
func Open(ctx context.Context, address string) (*DB, error) {
	db, err := connect(address)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func connect(address string) (*DB, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite", "sqlite3":
		return openLite(rest)
	case "postgres", "postgresql", "psql", "pgsql":
		return openPostgres("postgres:" + rest)
	}
	return nil, fmt.Errorf("database address %q: scheme %q is unknown; use sqlite:///path/to/file or postgres://user:password@host/name", redact(address), scheme)
}

// redact hides the password of an address.
func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		scheme, _, _ := strings.Cut(address, ":")
		return scheme + ":…"
	}
	return u.Redacted()
}

func openLite(rest string) (*DB, error) {
	conns := liteConns
	path := strings.TrimPrefix(rest, "//")
	if rest == ":memory:" || path == "/:memory:" {
		path, conns = ":memory:", 1 // each connection would have a memory of its own
	} else {
		path = "/" + strings.TrimLeft(path, "/")
		if path == "/" {
			return nil, errors.New(`database address "sqlite:` + rest + `": no path; use sqlite:///path/to/file`)
		}
	}
	if err := private(path); err != nil {
		return nil, err
	}
	// A transaction takes the right to write at its begin, so that two that read
	// first wait for each other instead of failing; what is committed is on disk.
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(" + busyTimeout + ")", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return &DB{sql: db, dialect: liteDialect, name: path, writer: make(chan struct{}, 1)}, nil
}

// private makes the file of a database that is not there, for the program alone:
// SQLite would let everybody read it, and gives its other files the same rights.
func private(path string) error {
	if path == ":memory:" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	return f.Close()
}

func openPostgres(address string) (*DB, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("database address %q cannot be read; use postgres://user:password@host:5432/name", redact(address))
	}
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(pgConns)
	db.SetMaxIdleConns(pgConns)
	return &DB{sql: db, dialect: pgDialect, name: fmt.Sprintf("%s on %s", c.Database, net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))))}, nil
}

// fold is the function that makes a text lower case, Cyrillic too, which
// SQLite's own leaves as it is.
func (d dialect) fold() string {
	if d == liteDialect {
		return "fold"
	}
	return "LOWER"
}

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("fold", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		if s, ok := args[0].(string); ok {
			return strings.ToLower(s), nil
		}
		return args[0], nil
	})
}

// taken tells whether an error says that a unique value is there already.
func (d dialect) taken(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return pgCode(err) == "23505"
}

// again tells whether a transaction is worth another try: it could not be put
// in a row with others, was ended to break a deadlock, or met a row that names
// another, which came or went in between.
func (d dialect) again(err error) bool {
	switch pgCode(err) {
	case "40001", "40P01", "23503":
		return true
	}
	return false
}

// unfit tells whether an error says that a text cannot be kept: PostgreSQL
// takes neither NUL nor what is no UTF-8.
func (d dialect) unfit(err error) bool {
	code := pgCode(err)
	return code == "22021" || code == "22P05"
}

func pgCode(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
