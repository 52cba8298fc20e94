package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
)

// TestOpenErrors: what is wrong with an address, without its password.
func TestOpenErrors(t *testing.T) {
	f := func(address, want string) {
		t.Helper()
		_, err := store.Open(t.Context(), address)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the password is told: %v", err)
		}
	}
	f("mysql://u:s3cret@h/db", `scheme "mysql" is unknown; use sqlite:///path/to/file or postgres://`)
	f("sqlite://", "no path; use sqlite:///path/to/file")
	f("sqlite:///no/such/folder/db", "no such file or directory")
	f("postgres://u:s3cret@h:port/db", "cannot be read; use postgres://")
	f("postgres://u:s3cret@127.0.0.1:1/db?connect_timeout=1", "127.0.0.1")
}

// TestNewer: tables of a newer program are not touched.
func TestNewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	storetest.Open(t, "sqlite://"+path)
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), "sqlite://"+path); err == nil || !strings.Contains(err.Error(), "version 999, which a newer program made") {
		t.Errorf("error %v", err)
	}
}

// TestMemory: a database in memory serves, for tests of others.
func TestMemory(t *testing.T) {
	f := fill(t, storetest.Open(t, "sqlite::memory:"))
	f.archive("one")
	f.equal(f.attempts(), 1)
	f.equal(f.Kind(), "sqlite")
}
