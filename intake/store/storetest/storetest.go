// Package storetest gives tests a database: SQLite always, and a PostgreSQL of
// their own where its programs are installed.
package storetest

import (
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/store"
)

// Open opens a database that the test does not share, by its address. It is
// closed with the test.
func Open(t testing.TB, address string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// New is an empty database of SQLite in a file.
func New(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, Lite(t))
}

// Lite is the address of a database of SQLite that is not there yet.
func Lite(t testing.TB) string {
	return "sqlite://" + filepath.ToSlash(filepath.Join(t.TempDir(), "test data.db"))
}

// Each runs a test with the address of an empty database, once for each kind.
func Each(t *testing.T, f func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, Lite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

var (
	shared  *server
	started sync.Once
	broken  error
	count   atomic.Int64
)

// Postgres is the address of an empty database of PostgreSQL. The server is
// started once for all tests of a package, which has to have
//
//	func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
//
// The test is skipped where the server's programs are missing.
func Postgres(t testing.TB) string {
	t.Helper()
	bin := programs()
	if bin == "" {
		t.Skip("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or PATH (apt install postgresql)")
	}
	started.Do(func() { shared, broken = start(bin) })
	if broken != nil {
		t.Fatal(broken)
	}
	name := fmt.Sprintf("test%d", count.Add(1))
	if err := shared.create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return shared.address(name)
}

// Main runs the tests of a package and stops the server that they started.
func Main(m *testing.M) int {
	code := m.Run()
	if shared != nil {
		shared.stop()
	}
	return code
}

// address is that of a schema, which is as good as a database and made faster.
func (s *server) address(schema string) string {
	q := url.Values{"host": {s.dir}, "search_path": {schema}}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/postgres", RawQuery: q.Encode()}
	return u.String()
}
