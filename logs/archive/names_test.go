package archive

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
)

// TestNames: a file that is kept under a key is called as it was when it came,
// members and notices alike.
func TestNames(t *testing.T) {
	f := func(name string, data []byte, want ...string) {
		t.Helper()
		dir := t.TempDir()
		key := put(t, dir, "7f3a", data)
		var got []string
		var walked int
		s, err := Find(t.Context(), []string{key}, Options{
			TmpDir: t.TempDir(), Read: func(n int) { walked += n }, Names: map[string]string{key: name},
			Notice: func(n Notice) { got = append(got, n.Path+": "+n.Text) },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if walked < min(len(data), 4) {
			t.Errorf("%s: %d of %d bytes counted", name, walked, len(data))
		}
		for _, f := range s.Files() {
			got = append(got, f.Path)
			if f.OnDisk {
				t.Errorf("%s counts as on disk", f.Path)
			}
			if b, err := read(t, f); b != text || err != nil {
				t.Errorf("%s holds %q, %v", f.Path, b, err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f("mailbox.log", []byte(text), "mailbox.log")
	f("mailbox.log.2026-08-02.gz", gz(t, []byte(text)), "mailbox.log.2026-08-02.gz")
	f("case.zip", zipOf("mail1/mailbox.log")(t, []byte(text)), "case.zip/mail1/mailbox.log")
	f("case.tgz", gz(t, tarOf("mail1/mailbox.log")(t, []byte(text))), "case.tgz/mail1/mailbox.log")
	f("core", []byte("\x7fELF\x00\x00\x00"), "core: is binary, not a log")
}

// TestNoticeOfLimit: a notice tells programs, too, that a limit was reached.
func TestNoticeOfLimit(t *testing.T) {
	zeros := bytes.Repeat([]byte("aaaaaaa\n"), 4<<20)
	f := func(name string, data []byte, l Limits, want string) {
		t.Helper()
		dir := t.TempDir()
		path := put(t, dir, name, data)
		var got []string
		s, err := Find(t.Context(), []string{path}, Options{
			Limits: l, TmpDir: t.TempDir(), Notice: func(n Notice) { got = append(got, filepath.Base(n.Path)+": "+n.Limit) },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f("bomb.zip", zipOf("a.log")(t, zeros), Limits{}, "a.log: unpacks to more than 250 times its size")
	f("bomb.tar.gz", gz(t, tarOf("a.log")(t, zeros)), Limits{}, "a.log: unpacks to more than 250 times its size")
	f("onion.gz", gz(t, gz(t, gz(t, []byte(text)))), Limits{Depth: 2}, "onion.gz: archives are nested more than 2 deep")
	f("many.zip", zipOf("a.log", "b.log")(t, []byte(text)), Limits{Entries: 1}, "many.zip: holds more than 1 files")
	f("x.7z", []byte("7z\xbc\xaf\x27\x1c\x00\x00\x00"), Limits{}, "x.7z: ")
	f("broken.zip", []byte("PK\x03\x04 and nothing more"), Limits{}, "broken.zip: ")
}
