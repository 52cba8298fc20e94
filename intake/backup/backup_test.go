package backup_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/backup"
	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var start = time.Date(2026, 11, 29, 12, 0, 0, 123456000, time.UTC)

// house is a store with its blobs.
type house struct {
	t     *testing.T
	db    *store.DB
	blobs files.Blobs
	dir   string
}

func open(t *testing.T, address string) house {
	t.Helper()
	h := house{t: t, db: storetest.Open(t, address), dir: filepath.Join(t.TempDir(), "archives")}
	blobs, err := files.OpenFolder(h.dir)
	h.no(err)
	t.Cleanup(func() { blobs.Close() })
	h.blobs = blobs
	return h
}

func (h house) no(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h house) blob(key, content string) {
	h.t.Helper()
	w, err := h.blobs.Create(h.t.Context(), key)
	h.no(err)
	_, err = io.WriteString(w, content)
	h.no(err)
	_, err = w.Commit(h.t.Context())
	h.no(err)
}

func (h house) archive(number, key, content string) {
	h.t.Helper()
	sum := sha256.Sum256([]byte(content))
	h.blob(key, content)
	h.no(h.db.CreateArchive(h.t.Context(), &model.Archive{Ticket: number, Name: "журнал.tgz", Blob: key, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Created: start}))
}

// Keys as the storage makes them.
const (
	keyA = "1/0123456789abcdef0123456789abcdef"
	keyB = "1/0123456789abcdef0123456789abcde0"
	keyC = "1/0123456789abcdef0123456789abcde1"
)

// fill puts something into every table.
func (h house) fill() {
	h.t.Helper()
	ctx := h.t.Context()
	u := model.User{Username: "ivan", Password: "$argon2id$", Active: true, Admin: true, TOTP: "S", TOTPStep: 5, Created: start}
	h.no(h.db.CreateUser(ctx, &u))
	h.no(h.db.CreateUser(ctx, &model.User{Username: "off"}))
	h.no(h.db.CreatePasskey(ctx, &model.Passkey{UserID: u.ID, CredentialID: []byte{0, 255, '"'}, Credential: []byte("{}"), Created: start}))
	h.no(h.db.SetBackupCodes(ctx, u.ID, [][]byte{{1}, {2}}))
	h.no(h.db.CreateAPIToken(ctx, &model.APIToken{UserID: u.ID, Hash: []byte{9}, Scopes: []string{model.ScopeAdmin}, Created: start}))
	h.no(h.db.Sessions().Commit("tok", []byte("x"), time.Now().Add(time.Hour)))
	h.no(h.db.CreatePlatform(ctx, &model.Platform{Name: "vm6", PrettyName: "VM"}))
	h.no(h.db.CreateTicket(ctx, &model.Ticket{Number: "7", Platform: "vm6", Owner: "ivan", Attempts: 3, Note: "Привет\n\"мир\"", TokenHash: bytes.Repeat([]byte{0xfe}, 32), Created: start, Updated: start}))
	h.no(h.db.CreateTicket(ctx, &model.Ticket{Number: "8", Platform: "vm6", Created: start, Updated: start}))
	h.archive("7", keyA, strings.Repeat("lines\n", 1000))
	h.archive("7", keyB, "short")
	h.no(h.db.CreateUpload(ctx, model.Upload{ID: "up", TicketID: 1, Kind: model.KindTus, State: model.UploadOpen, Blob: "1/x", Created: start, Touched: start}))
	h.no(h.db.EnqueueImport(ctx, 1, start))
	a, _, err := h.db.ClaimImport(ctx, "w", time.Minute, start)
	h.no(err)
	i := a.Import
	i.State, i.Shipped = model.ImportDone, true
	h.no(h.db.FinishImport(ctx, i, []byte("<p>\x00"), []byte("{}"), start))
	h.no(h.db.AddEvent(ctx, &model.Event{Time: start, Action: model.ActionAuth, Outcome: model.OutcomeSuccess}))
}

// picture tells all that a store holds.
func (h house) picture() string {
	h.t.Helper()
	ctx := h.t.Context()
	var b strings.Builder
	say := func(v any, err error) {
		h.t.Helper()
		h.no(err)
		fmt.Fprintf(&b, "%+v\n", v)
	}
	say(h.db.Users(ctx))
	say(h.db.Passkeys(ctx, 1))
	say(h.db.APITokens(ctx, 1))
	say(h.db.Platforms(ctx))
	say(h.db.TicketRows(ctx, model.TicketFilter{}))
	archives, err := h.db.Archives(ctx, model.ArchiveFilter{})
	say(archives, err)
	html, json, err := h.db.Report(ctx, 1)
	say(string(html)+string(json), err)
	say(h.db.Events(ctx, model.EventFilter{}))
	for _, a := range archives {
		r, _, err := h.blobs.Open(ctx, a.Blob)
		h.no(err)
		data, err := io.ReadAll(r)
		say(string(data), errors.Join(err, r.Close()))
	}
	return b.String()
}

func (h house) write() []byte {
	h.t.Helper()
	var b bytes.Buffer
	sum, err := backup.Write(h.t.Context(), &b, h.db, h.blobs, "test", h.t.TempDir(), start)
	h.no(err)
	if sum.Blobs != 2 || sum.Bytes != 6005 || len(sum.Missing) != 0 || sum.Rows["tickets"] != 2 {
		h.t.Errorf("summary %+v", sum)
	}
	return b.Bytes()
}

// TestRoundTrip: what is restored is what was there, in either kind of
// database; an upload under way has its attempt back; numbering goes on.
func TestRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		from := open(t, address)
		from.fill()
		data := from.write()
		from.no(from.db.RefundAttempt(t.Context(), 1, start)) // as the restore does
		want := from.picture()
		storetest.Each(t, func(t *testing.T, address string) {
			to := open(t, address)
			sum, err := backup.Read(t.Context(), bytes.NewReader(data), to.db, to.blobs, start)
			to.no(err)
			if got := to.picture(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if sum.Blobs != 2 || sum.Rows["users"] != 2 {
				t.Errorf("summary %+v", sum)
			}
			u, err := to.db.Upload(t.Context(), "up")
			to.no(err)
			if u.State != model.UploadRefunded {
				t.Errorf("upload %+v", u)
			}
			next := model.Ticket{Number: "9", Platform: "vm6"}
			to.no(to.db.CreateTicket(t.Context(), &next))
			if next.ID != 3 {
				t.Errorf("the next ticket has the number %d", next.ID)
			}
			_, err = backup.Read(t.Context(), bytes.NewReader(data), to.db, to.blobs, start)
			if !errors.Is(err, model.ErrExists) {
				t.Errorf("into a full store: %v", err)
			}
		})
	})
}

// TestDamaged: a backup that was cut or changed leaves the store empty.
func TestDamaged(t *testing.T) {
	from := open(t, storetest.Lite(t))
	from.fill()
	data := from.write()
	f := func(name string, data []byte, want string) {
		t.Helper()
		to := open(t, storetest.Lite(t))
		_, err := backup.Read(t.Context(), bytes.NewReader(data), to.db, to.blobs, start)
		if !errors.Is(err, backup.ErrDamaged) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if totals, err := to.db.Totals(t.Context()); err != nil || totals != (model.Totals{}) {
			t.Errorf("%s: %+v, %v", name, totals, err)
		}
	}
	f("nothing", nil, "ends before")
	f("no tar", []byte(strings.Repeat("rubbish", 1000)), "")
	for _, n := range []int{600, 3000, len(data) / 2, len(data) - 2500} {
		f(fmt.Sprint("cut at ", n), data[:n], "")
	}
	f("another content", bytes.Replace(data, []byte("lines\nlines"), []byte("lines\nLines"), 1), "its row says")
	for _, name := range []string{"blobs/" + keyC, "blobs/../../x", "tables/users.jsonl"} {
		f(name, rewrite(t, data, func(h *tar.Header) bool {
			if h.Name == "blobs/"+keyB {
				h.Name = name
			}
			return true
		}), "is not expected")
	}
	// A row whose blob would lie elsewhere: the storage knows such a key is none.
	to := open(t, storetest.Lite(t))
	outside := rewrite(t, bytes.ReplaceAll(data, []byte(keyB+`"`), []byte(strings.Repeat("../", 10)+`xxxx"`)), func(h *tar.Header) bool {
		if h.Name == "blobs/"+keyB {
			h.Name = "blobs/" + strings.Repeat("../", 10) + "xxxx"
		}
		return true
	})
	if _, err := backup.Read(t.Context(), bytes.NewReader(outside), to.db, to.blobs, start); err == nil || !strings.Contains(err.Error(), "../../") {
		t.Errorf("a blob outside: %v", err)
	}
	if totals, err := to.db.Totals(t.Context()); err != nil || totals != (model.Totals{}) {
		t.Errorf("a blob outside: %+v, %v", totals, err)
	}
	f("other members", rewrite(t, data, func(h *tar.Header) bool { return h.Name != "blobs/"+keyB }), "its end says")
	f("a link", rewrite(t, data, func(h *tar.Header) bool {
		if h.Name == "blobs/"+keyB {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, "/etc/passwd", 0
		}
		return true
	}), "is no file")
}

// rewrite copies a tar, its headers changed or members left out.
func rewrite(t *testing.T, data []byte, f func(*tar.Header) bool) []byte {
	t.Helper()
	var b bytes.Buffer
	in, out := tar.NewReader(bytes.NewReader(data)), tar.NewWriter(&b)
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !f(h) {
			continue
		}
		if err := out.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.Copy(out, in); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestMissing: a blob that is gone is told, and the rest is there.
func TestMissing(t *testing.T) {
	h := open(t, storetest.Lite(t))
	h.fill()
	h.no(h.blobs.Delete(t.Context(), keyB))
	var b bytes.Buffer
	sum, err := backup.Write(t.Context(), &b, h.db, h.blobs, "test", t.TempDir(), start)
	h.no(err)
	if len(sum.Missing) != 1 || sum.Missing[0] != keyB || sum.Blobs != 1 {
		t.Errorf("summary %+v", sum)
	}
	to := open(t, storetest.Lite(t))
	sum, err = backup.Read(t.Context(), &b, to.db, to.blobs, start)
	h.no(err)
	if len(sum.Missing) != 1 || sum.Blobs != 1 {
		t.Errorf("restored %+v", sum)
	}
}

// TestSnapshot: what is written while a backup is taken is not in it.
func TestSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		h := open(t, address)
		h.fill()
		rows := map[string]int{}
		h.no(h.db.Snapshot(t.Context(), func(s *store.Snapshot) error {
			tables, err := s.Tables(t.Context())
			h.no(err)
			for i, table := range tables {
				h.no(s.Rows(t.Context(), table, func(map[string]any) error { rows[table]++; return nil }))
				if i == 0 {
					h.no(h.db.CreateTicket(t.Context(), &model.Ticket{Number: "late", Platform: "vm6"}))
				}
			}
			return nil
		}))
		if rows["tickets"] != 2 || rows["users"] != 2 || rows["sessions"] != 0 {
			t.Errorf("rows %v", rows)
		}
	})
}

// TestCleanup: blobs that no row names go once they are old enough.
func TestCleanup(t *testing.T) {
	h := open(t, storetest.Lite(t))
	h.fill()
	h.blob(keyC, "nobody's")
	run := func(before time.Time, dry bool, want string) {
		t.Helper()
		var found []string
		h.no(backup.Cleanup(t.Context(), h.db, h.blobs, before, dry, func(i files.Info) { found = append(found, i.Key) }))
		if got := strings.Join(found, " "); got != want {
			t.Errorf("found %q, want %q", got, want)
		}
	}
	later := time.Now().Add(time.Minute)
	run(time.Now().Add(-time.Hour), false, "")
	run(later, true, keyC)
	run(later, false, keyC)
	run(later, false, "")
	h.picture() // the others are there
}
