package importer

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

const line = "2026-08-02 16:49:04,123 INFO  [main] [] misc - a line\n"

func gz(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

type member struct {
	name string
	data []byte
}

func zipped(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		must(t, err)
		_, err = f.Write(m.data)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

func tarred(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		body := []byte(nil)
		if h.Typeflag == tar.TypeReg {
			body = []byte(line)
			h.Size = int64(len(body))
		}
		must(t, w.WriteHeader(&h))
		_, err := w.Write(body)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// TestHostile: what an archive may do to the one that opens it ends in a
// sentence; nothing is written under a name of the archive's, and the next one is
// read as if nothing had been.
func TestHostile(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Limits.MaxMembers = 1000 })
	bomb := bytes.Repeat([]byte("aaaaaaa\n"), 4<<20) // 32 MiB, packs 1000:1
	deep := zipped(t, member{"mailbox.log", []byte(line)})
	for range 4 {
		deep = zipped(t, member{"in.zip", deep})
	}
	many := make([]member, 1001)
	for n := range many {
		many[n] = member{fmt.Sprintf("%d/mailbox.log", n), []byte(line)}
	}
	encrypted := zipped(t, member{"secret.log", []byte(line)}, member{"mailbox.log", []byte(line)})
	encrypted[6] |= 1                                              // of the local header
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1 // of the directory
	link := tar.Header{Name: "mailbox.log", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}
	device := tar.Header{Name: "disk", Typeflag: tar.TypeBlock}
	good := tar.Header{Name: "zimbra/mailbox.log", Typeflag: tar.TypeReg, Mode: 0o600}
	away := good
	away.Name = "../../../../mailbox.log"
	for _, x := range []struct {
		name  string
		data  []byte
		state model.ImportState
		text  string // in the sentence, or in the report
		lines int64
	}{
		{"bomb.zip", zipped(t, member{"a.log", bomb}), model.ImportQuarantined, `"bomb.zip/a.log" unpacks to more than 200 times its size. It was put into quarantine`, 0},
		{"bomb.tar.gz", gz(t, append(tarred(t, good), bomb...)), model.ImportDone, "", 1}, // what stands behind the end of a tar is not read
		{"bomb.log.gz", gz(t, append([]byte(line), bomb...)), model.ImportQuarantined, `"bomb.log.gz" unpacks to more than 200 times its size`, 0},
		{"nested.zip", deep, model.ImportQuarantined, "archives are nested more than 3 deep", 0},
		{"many.zip", zipped(t, many...), model.ImportQuarantined, "holds more than 1000 files", 0},
		{"links.tar", tarred(t, link, device, good), model.ImportDone, "is a link or a device", 1},
		{"away.tar", tarred(t, away), model.ImportDone, "", 1},
		{"encrypted.zip", encrypted, model.ImportDone, "is encrypted; unpack it with its password first", 1},
		{"page.html", []byte("<script>alert(1)</script>\n"), model.ImportDone, "", 1}, // text of no known format
		{"core.tar.gz", []byte("\x7fELF\x00\x00\x00\x00"), model.ImportDone, "No log was found in it. core.tar.gz: is binary, not a log.", 0},
		{"names.zip", zipped(t, member{"журнал\x00\x1b[2J\xc4.bin", []byte("\x7fELF\x00")}), model.ImportDone, "No log was found in it. names.zip/журнал", 0},
		{"x.7z", []byte("7z\xbc\xaf\x27\x1c\x00\x00\x00"), model.ImportDone, "is 7z, which is not read; unpack it first", 0},
		{"empty.log", nil, model.ImportDone, "No log was found in it.", 0},
		{"good.log", []byte(line), model.ImportDone, "", 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			r.t = t
			a := r.upload("SUP-1488", x.name, x.data)
			m := r.run(a)
			_, js, _ := r.db.Report(t.Context(), a.ID)
			if !utf8.ValidString(m.Error) || strings.ContainsFunc(m.Error, unicode.IsControl) {
				t.Errorf("error %q: no database takes this", m.Error)
			}
			if m.State != x.state || m.Entries != x.lines || !strings.Contains(m.Error+string(js), x.text) {
				t.Errorf("import %+v, report %s; want %s, %d entries, %q", m, js, x.state, x.lines, x.text)
			}
		})
	}
	r.t = t
	if got, err := filepath.Glob(filepath.Join(r.o.Dir, tmp, "*")); len(got) > 0 || err != nil {
		t.Errorf("left in the folder of unpacked files: %v %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(r.o.Dir, "..", "mailbox.log")); err == nil {
		t.Error("a file was written out of the archive")
	}
}

// TestLimits: the limits on all of an archive.
func TestLimits(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Limits.MaxBytes = 1 << 20 })
	two := []member{{"a/mailbox.log", bytes.Repeat([]byte(line), 12_000)}, {"b/mailbox.log", bytes.Repeat([]byte(line), 12_000)}}
	m := r.run(r.upload("SUP-1488", "two.zip", zipped(t, two...)))
	if m.State != model.ImportQuarantined || !strings.Contains(m.Error, "unpacks to more than 1 MiB") {
		t.Errorf("import %+v", m)
	}
	r.o.Limits.MaxBytes, r.o.Limits.MaxTime = 1<<30, time.Nanosecond
	m = r.run(r.upload("SUP-1488", "slow.log", []byte(line)))
	if m.State != model.ImportQuarantined || !strings.Contains(m.Error, "takes longer than 1ns to be read") {
		t.Errorf("import %+v", m)
	}
}

// TestGone: what was deleted in mid-import, or cannot be opened, costs nobody
// anything.
func TestGone(t *testing.T) {
	r := newRig(t, nil)
	a := r.upload("SUP-1488", "gone.log", []byte(line))
	must(t, os.Remove(filepath.Join(string(r.blobs), a.Blob)))
	if m := r.run(a); m.State != model.ImportFailed || !strings.Contains(m.Error, "cannot be opened") {
		t.Errorf("import %+v", m)
	}
	b := r.upload("SUP-1488", "b.log", []byte(line))
	claimed, ok, err := r.db.ClaimImport(t.Context(), "x", time.Minute, now())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := r.db.DeleteArchive(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	r.work(t.Context(), claimed, "x") // ends without a row
}

// TestOften: an archive that kills each worker is given up.
func TestOften(t *testing.T) {
	r := newRig(t, nil)
	a := r.upload("SUP-1488", "a.log", []byte(line))
	for range maxTries {
		if _, ok, err := r.db.ClaimImport(t.Context(), "killed", time.Nanosecond, now()); err != nil || !ok {
			t.Fatal(ok, err)
		}
	}
	if m := r.run(a); m.State != model.ImportFailed || !strings.Contains(m.Error, "begun 5 times") {
		t.Errorf("import %+v", m)
	}
}

// TestCapital: a sentence begins with a capital letter, of any script.
func TestCapital(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := capital(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
	f("no such file", "No such file.")
	f("журнал пуст", "Журнал пуст.")
	f("cut…", "Cut…")
	f("\xd0", "\ufffd.")
	f("", "")
}
