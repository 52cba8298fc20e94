package main

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// desk runs commands over a data folder.
type desk struct {
	t   *testing.T
	dir string
}

// run wants an exit code and texts in what is printed.
func (d desk) run(input, args string, code int, want ...string) string {
	d.t.Helper()
	var out bytes.Buffer
	a := &app{environ: []string{"DATA_DIR=" + d.dir}, in: strings.NewReader(input), out: &out, err: &out}
	if got := a.run(d.t.Context(), strings.Fields(args)); got != code {
		d.t.Errorf("%s: exit code %d, want %d\n%s", args, got, code, out.String())
	}
	for _, w := range want {
		if !strings.Contains(out.String(), w) {
			d.t.Errorf("%s: %q is not in\n%s", args, w, out.String())
		}
	}
	if strings.TrimSpace(input) != "" && strings.Contains(out.String(), strings.TrimSpace(input)) {
		d.t.Errorf("%s: the password is told:\n%s", args, out.String())
	}
	return out.String()
}

func (d desk) open() *store.DB {
	d.t.Helper()
	db, err := store.Open(d.t.Context(), "sqlite://"+filepath.ToSlash(filepath.Join(d.dir, "db.sqlite3")))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { db.Close() })
	return db
}

const secret = "correct horse battery\n"

// TestUsers: the first user is made here, and what a command did is in the
// trail.
func TestUsers(t *testing.T) {
	d := desk{t, t.TempDir()}
	d.run(secret, "user add --admin --email a@example.org anna", 0, "user anna is there, in "+filepath.Join(d.dir, "db.sqlite3"))
	d.run(secret, "user add anna", 1, "already exists", "user passwd")
	d.run("s3kret\n", "user add boris", 1, "shorter than")
	d.run("\n", "user add boris", 2, "no password on standard input")
	d.run("", "user add boris", 2, "no password on standard input")
	d.run("", "user add --no-password boris", 0)
	d.run(secret, "user add a/b", 1)
	d.run("", "user list", 0, "anna   admin  yes     no             never       a@example.org", "boris  user")
	d.run("", "user disable anna", 1, "nobody else would be an administrator")
	d.run("", "user disable boris", 0, "cannot sign in")
	d.run("another pass phrase", "user passwd anna", 0, "the password of anna is set")
	d.run(secret, "user passwd nobody", 1, "not found")
	d.run("", "user add", 2, "the user's name")
	d.run("", "user", 0, "disable") // the help
	d.run("", "user frobnicate", 2, `unknown command "frobnicate"`)
	d.run("", "frobnicate", 2, `unknown command "frobnicate"`)
	d.run("", "user list --no-such-flag", 2, "unknown flag")

	db := d.open()
	u, err := db.UserByName(t.Context(), "anna")
	if err != nil || u.Epoch != 1 || !u.Admin || !u.Active {
		t.Errorf("user %+v, %v", u, err)
	}
	if ok, _ := accounts.VerifyPassword("another pass phrase", u.Password); !ok {
		t.Error("the password was not set")
	}
	events, err := db.Events(t.Context(), model.EventFilter{Actor: console, Outcome: model.OutcomeAdmin})
	if err != nil || len(events) != 4 || events[0].Action != model.ActionUserModify || events[0].Object != "user/anna" {
		t.Errorf("events %+v, %v", events, err)
	}
	for _, name := range []string{"secret.key", "db.sqlite3"} {
		info, err := os.Stat(filepath.Join(d.dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// TestNoPasswordFlag: no command takes a password as an argument.
func TestNoPasswordFlag(t *testing.T) {
	n := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		n++
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if strings.Contains(f.Name, "pass") && f.Value.Type() != "bool" {
				t.Errorf("%s has --%s", c.CommandPath(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	for _, c := range (&app{}).commands() {
		walk(c)
	}
	if n < 9 {
		t.Errorf("%d commands were looked at", n)
	}
}

// TestSettingsErrors: a wrong setting is told before anything is made.
func TestSettingsErrors(t *testing.T) {
	d := desk{t, filepath.Join(t.TempDir(), "data")}
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte("MAX_UPLOAD=big\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run("", "user list --settings "+file, 2, `MAX_UPLOAD "big"`)
	if _, err := os.Stat(d.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}

// TestRootsGuest: root makes no files that the service cannot write.
func TestRootsGuest(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give a folder away")
	}
	d := desk{t, t.TempDir()}
	if err := os.Chown(d.dir, 65532, 65532); err != nil {
		t.Fatal(err)
	}
	d.run(secret, "user add anna", 2, "belongs to", "run the command as its owner")
	if list, err := os.ReadDir(d.dir); err != nil || len(list) > 0 {
		t.Errorf("it made %v, %v", list, err)
	}
}

// fill makes a ticket with an archive, and a file that nobody names.
func (d desk) fill() {
	d.t.Helper()
	ctx := d.t.Context()
	d.run(secret, "user add --admin anna", 0)
	db := d.open()
	now := time.Now()
	key, orphan := "1/0123456789abcdef0123456789abcdef", "1/0123456789abcdef0123456789abcde0"
	err := errors.Join(
		db.CreatePlatform(ctx, &model.Platform{Name: "vm6", PrettyName: "VM"}),
		db.CreateTicket(ctx, &model.Ticket{Number: "7", Platform: "vm6", Owner: "anna", Created: now, Updated: now}),
		db.CreateArchive(ctx, &model.Archive{Ticket: "7", Name: "a.tgz", Blob: key, Size: 5, Created: now}),
		os.MkdirAll(filepath.Join(d.dir, "archives", "1"), 0o700),
		os.WriteFile(filepath.Join(d.dir, "archives", key), []byte("12345"), 0o600),
		os.WriteFile(filepath.Join(d.dir, "archives", orphan), []byte("123"), 0o600),
		os.Chtimes(filepath.Join(d.dir, "archives", orphan), now, now.Add(-48*time.Hour)),
	)
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestBackupCommands: what was backed up is restored elsewhere; a file that
// nobody names goes.
func TestBackupCommands(t *testing.T) {
	d := desk{t, t.TempDir()}
	d.fill()
	d.run("", "cleanup --dry-run", 0, "1/0123456789abcdef0123456789abcde0", "1 file of 0.0 KiB would be removed")
	d.run("", "cleanup", 0, "1 file of 0.0 KiB removed")
	d.run("", "cleanup", 0, "0 files of 0.0 KiB removed")

	file := filepath.Join(t.TempDir(), "backup.tar")
	d.run("", "backup "+file, 0, "written:", "tickets 1", "archives' files 1 of 0.0 KiB")
	if list, err := os.ReadDir(filepath.Dir(file)); err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	to := desk{t, t.TempDir()}
	to.run("", "restore "+file, 0, "restored:", "users 1")
	to.run("", "restore "+file, 1, "restored into an empty one")
	to.run("", "user list", 0, "anna")
	if data, err := os.ReadFile(filepath.Join(to.dir, "archives", "1", "0123456789abcdef0123456789abcdef")); err != nil || string(data) != "12345" {
		t.Errorf("restored %q, %v", data, err)
	}
	if err := os.WriteFile(file, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := desk{t, t.TempDir()}
	other.run("", "restore "+file, 1, "the backup is damaged")
	other.run("", "restore /no/such/file", 1, "no such file")
	d.run("", "backup "+filepath.Join(t.TempDir(), "no", "folder"), 1, "no such file")
	if err := os.Remove(filepath.Join(d.dir, "archives", "1", "0123456789abcdef0123456789abcdef")); err != nil {
		t.Fatal(err)
	}
	d.run("", "backup "+file, 3, "the file 1/0123456789abcdef0123456789abcdef of an archive was not there")
}

// TestMigrateCommand: what cannot be taken over makes the exit code 3.
func TestMigrateCommand(t *testing.T) {
	old := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(old, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`CREATE TABLE account_user (id, username, password, email, first_name, last_name, is_active, is_superuser, last_login, date_joined);
		CREATE TABLE collector_platform (id, name, pretty_name);
		CREATE TABLE collector_ticket (id, number, resolved, note, token, attempts, time_create, time_update, platform_name, user_id);
		CREATE TABLE collector_archive (id, file, size, md5, time_create, ticket_number);
		INSERT INTO collector_platform VALUES (1, 'vm6', 'VM');`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	d := desk{t, t.TempDir()}
	d.run("", "migrate-from --dry-run "+old, 0, "platforms  1 taken over, 0 here already, 0 not taken over")
	d.run("", "migrate-from "+old, 0, "platforms  1 taken over")
	d.run("", "migrate-from "+old, 0, "platforms  0 taken over, 1 here already")
	d.run("", "migrate-from "+t.TempDir(), 1, "name the folder that holds db.sqlite3")
	db, err = sql.Open("sqlite", filepath.Join(old, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`INSERT INTO collector_archive VALUES (1, 'x/y', 1, 'm', '', 9)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	d.run("", "migrate-from "+old, 3, `archive "x/y": not taken over: its ticket 9 is not there`)
}
