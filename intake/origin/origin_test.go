package origin_test

import (
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/origin"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// schema is that of the original's tables, as Django makes it in SQLite.
const schema = `
CREATE TABLE account_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL, last_login datetime NULL,
  is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL,
  email varchar(254) NOT NULL, is_staff bool NOT NULL, is_active bool NOT NULL, date_joined datetime NOT NULL);
CREATE TABLE otp_totp_totpdevice (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(64) NOT NULL, confirmed bool NOT NULL, key varchar(80) NOT NULL,
  step smallint NOT NULL, t0 bigint NOT NULL, digits smallint NOT NULL, tolerance smallint NOT NULL, drift smallint NOT NULL, last_t bigint NOT NULL, user_id integer NOT NULL);
CREATE TABLE collector_platform (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(20) NOT NULL UNIQUE, pretty_name varchar(20) NOT NULL);
CREATE TABLE collector_ticket (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, number integer NOT NULL UNIQUE, resolved bool NOT NULL, note text NOT NULL,
  token char(32) NOT NULL UNIQUE, attempts integer NOT NULL, time_create datetime NOT NULL, time_update datetime NOT NULL,
  platform_name varchar(20) NOT NULL REFERENCES collector_platform (name), user_id bigint NOT NULL REFERENCES account_user (id));
CREATE TABLE collector_archive (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, file varchar(100) NOT NULL, size bigint NOT NULL, md5 varchar(1024) NOT NULL,
  time_create datetime NOT NULL, time_update datetime NOT NULL, ticket_number integer NOT NULL REFERENCES collector_ticket (number));
`

// rows are an installation: passwords are "correct horse" and "battery staple",
// hashed as Django does with 1000 rounds.
const rows = `
INSERT INTO account_user VALUES (1, 'pbkdf2_sha256$1000$saltsalt$%s', '2023-09-20 10:11:12.131415', 1, 'admin', 'Анна', 'К', 'a@example.org', 1, 1, '2023-07-25 00:00:00'),
  (2, 'pbkdf2_sha256$1000$pepper$%s', NULL, 0, 'ivan', '', '', '', 0, 1, '2023-08-01 12:00:00.5'),
  (3, '!unusable', NULL, 0, 'robot', '', '', '', 0, 0, '2023-08-01 12:00:00'),
  (4, 'argon2$argon2id$v=19$m=1,t=1,p=1$YQ$YQ', NULL, 0, 'other', '', '', '', 0, 1, '2023-08-01 12:00:00');
INSERT INTO otp_totp_totpdevice VALUES (1, 'default', 1, '3132333435363738393031323334353637383930', 30, 0, 6, 1, 0, 56000000, 1),
  (2, 'default', 0, '3132333435363738393031323334353637383930', 30, 0, 6, 1, 0, -1, 2), (3, 'default', 1, 'ff', 60, 0, 8, 1, 0, -1, 4);
INSERT INTO collector_platform VALUES (1, 'vm6', 'VMmanager 6'), (2, 'DCI manager', 'DCImanager');
INSERT INTO collector_ticket VALUES (1, 1488228, 0, '# note', '0b0f6f2e6c0e4b1e9c4d2f8f4a9d1c11', 5, '2023-09-01 10:00:00.123456', '2023-09-02 10:00:00', 'vm6', 2),
  (2, -5, 1, '', '1b0f6f2e6c0e4b1e9c4d2f8f4a9d1c11', -3, '2023-09-01 11:00:00', '2023-09-03 10:00:00', 'DCI manager', 1),
  (3, 7, 0, '', 'not a token', 5, '2023-09-01 11:00:00', '2023-09-03 10:00:00', 'vm6', 1);
INSERT INTO collector_archive VALUES (1, '1488228/logs.tar.gz', 5, '%s', '2023-09-01 10:01:00', '2023-09-01 10:01:00', 1488228),
  (2, '-5/логи.zip', 3, '2f43b42fd833d1e77420a8dae7419000', '2023-09-01 10:02:00', '2023-09-01 10:02:00', -5),
  (3, '1488228/changed.zip', 3, 'ffffffffffffffffffffffffffffffff', '2023-09-01 10:03:00', '2023-09-01 10:03:00', 1488228),
  (4, '1488228/gone.zip', 3, '2f43b42fd833d1e77420a8dae7419000', '2023-09-01 10:03:00', '2023-09-01 10:03:00', 1488228),
  (5, '1488228/short.zip', 9, '2f43b42fd833d1e77420a8dae7419000', '2023-09-01 10:03:00', '2023-09-01 10:03:00', 1488228),
  (6, '../db.sqlite3', 3, '2f43b42fd833d1e77420a8dae7419000', '2023-09-01 10:03:00', '2023-09-01 10:03:00', 1488228),
  (7, '7/x.zip', 3, '2f43b42fd833d1e77420a8dae7419000', '2023-09-01 10:03:00', '2023-09-01 10:03:00', 7),
  (8, '1488228/link.zip', 3, '2f43b42fd833d1e77420a8dae7419000', '2023-09-01 10:03:00', '2023-09-01 10:03:00', 1488228);
`

// The keys of the two passwords, made by Python's hashlib.pbkdf2_hmac.
const (
	keyAdmin = "qQDPSZa3Ormyy9oK1Pu0ZLLwP2Svzmx3yu8OvDdq/J0="
	keyIvan  = "4+lncHMHOGU9e7SSJvk4VLnO49vbncleNTw5bg5tvok="
)

func original(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum([]byte("12345"))
	_, err = db.Exec(schema + fmt.Sprintf(rows, keyAdmin, keyIvan, hex.EncodeToString(sum[:])))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"1488228/logs.tar.gz": "12345", "-5/логи.zip": "...", "1488228/changed.zip": "...", "1488228/short.zip": "...", "7/x.zip": "...",
	} {
		path := filepath.Join(dir, "archives", name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(dir, "outside")
	if err := errors.Join(os.WriteFile(outside, []byte("..."), 0o644), os.Symlink(outside, filepath.Join(dir, "archives", "1488228", "link.zip"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestTake: everything comes over, what cannot is told, and a second run
// changes nothing.
func TestTake(t *testing.T) {
	dir := original(t)
	db := storetest.New(t)
	blobs, err := files.OpenFolder(filepath.Join(t.TempDir(), "archives"))
	if err != nil {
		t.Fatal(err)
	}
	defer blobs.Close()
	var said strings.Builder
	take := func(dry bool) origin.Summary {
		t.Helper()
		sum, err := origin.Take(t.Context(), origin.Options{
			Dir: dir, DryRun: dry, Import: true, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			Say: func(format string, args ...any) { fmt.Fprintf(&said, format+"\n", args...) },
		}, db, blobs)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	taken := origin.Summary{Users: origin.Count{Taken: 4}, Platforms: origin.Count{Taken: 2}, Tickets: origin.Count{Taken: 2, Failed: 1}, Archives: origin.Count{Taken: 2, Failed: 6}, Bytes: 8}
	dry := taken
	dry.Archives, dry.Bytes = origin.Count{Taken: 3, Failed: 5}, 11 // what a checksum would tell is not known
	if got := take(true); got != dry {
		t.Errorf("dry run %+v", got)
	}
	if totals, err := db.Totals(t.Context()); err != nil || totals != (model.Totals{}) {
		t.Errorf("a dry run left %+v, %v", totals, err)
	}
	said.Reset()
	if got := take(false); got != taken || !got.Failed() {
		t.Errorf("taken %+v", got)
	}
	for _, want := range []string{
		`user other: the password's hash is of another kind`, `user other: the authenticator is of an unusual kind`, `platform "DCI manager": its name is "DCI-manager"`,
		`ticket -5: its number is minus-5`, `ticket 7: not taken over: its token is no UUID`, `archive "1488228/changed.zip": not taken over: its file has the MD5 2f43b42f`,
		`archive "1488228/gone.zip": not taken over:`, `archive "1488228/short.zip": not taken over: its file has 3 bytes, its row says 9`,
		`archive "../db.sqlite3": not taken over:`, `archive "7/x.zip": not taken over:`, `archive "1488228/link.zip": not taken over:`,
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("not said: %s, in\n%s", want, said.String())
		}
	}
	check(t, db)
	if got := take(false); got.Users.Present != 4 || got.Tickets.Present != 2 || got.Archives.Present != 2 || got.Archives.Taken != 0 || got.Users.Failed != 0 {
		t.Errorf("second run %+v", got)
	}
}

func check(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := t.Context()
	u, err := db.UserByName(ctx, "admin")
	if err != nil || !u.Admin || !u.Active || u.FirstName != "Анна" || u.TOTP != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || u.TOTPStep != 56000000 ||
		!u.LastLogin.Equal(time.Date(2023, 9, 20, 10, 11, 12, 131415000, time.UTC)) {
		t.Errorf("admin %+v, %v", u, err)
	}
	login := func(name, password string, want bool) {
		t.Helper()
		u, err := db.UserByName(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := accounts.VerifyPassword(password, u.Password); ok != want {
			t.Errorf("%s signs in with %q: %t", name, password, ok)
		}
	}
	login("admin", "correct horse", true)
	login("admin", "correct horsf", false)
	login("ivan", "battery staple", true)
	login("robot", "", false)
	login("other", "", false)

	desk := tickets.New(db, tickets.DefaultRules(), tickets.Options{})
	tk, err := desk.CheckToken(ctx, "0b0f6f2e-6c0e-4b1e-9c4d-2f8f4a9d1c11")
	want := "{2023-09-01 10:00:00.123456 +0000 UTC 1488228 vm6 ivan 5 # note}"
	if got := fmt.Sprint(struct {
		Created                 time.Time
		Number, Platform, Owner string
		Attempts                int
		Note                    string
	}{tk.Created, tk.Number, tk.Platform, tk.Owner, tk.Attempts, tk.Note}); err != nil || got != want {
		t.Errorf("ticket %s, %v", got, err)
	}
	if tk, err := desk.CheckToken(ctx, "1b0f6f2e-6c0e-4b1e-9c4d-2f8f4a9d1c11"); !errors.Is(err, tickets.ErrResolved) || tk.Number != "minus-5" || tk.Attempts != 0 || tk.ResolvedAt.IsZero() {
		t.Errorf("ticket %+v, %v", tk, err)
	}
	list, err := db.Archives(ctx, model.ArchiveFilter{})
	if err != nil || len(list) != 2 || list[0].Name != "логи.zip" || list[1].Name != "logs.tar.gz" || len(list[1].SHA256) != 64 || list[1].Import.State != model.ImportQueued {
		t.Errorf("archives %+v, %v", list, err)
	}
}

// TestNoOriginal: what is no database of the original is said, and left alone.
func TestNoOriginal(t *testing.T) {
	dir := t.TempDir()
	f := func(want string) {
		t.Helper()
		_, err := origin.Take(t.Context(), origin.Options{Dir: dir}, storetest.New(t), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	f("name the folder that holds db.sqlite3")
	path := filepath.Join(dir, "db.sqlite3")
	if err := os.WriteFile(path, []byte("rubbish that is no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	f("database of the original")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`CREATE TABLE x (y)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	f("not a database of LOGS-COLLECTOR 0.1")
}
