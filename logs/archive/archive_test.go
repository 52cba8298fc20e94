package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

const text = "2026-11-20 10:00:00,000 INFO  [main] [] misc - one\n2026-11-20 10:00:01,000 INFO  [main] [] misc - two\n"

type packer func(t *testing.T, data []byte) []byte

func write(t *testing.T, data []byte, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(t *testing.T, data []byte) []byte {
	return write(t, data, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

func zst(t *testing.T, data []byte) []byte {
	return write(t, data, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
}

func xzip(t *testing.T, data []byte) []byte {
	return write(t, data, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })
}

// bz2 runs the program, as Go has no writer of its own.
func bz2(t *testing.T, data []byte) []byte {
	c := exec.Command("bzip2", "-c")
	c.Stdin = bytes.NewReader(data)
	out, err := c.Output()
	if err != nil {
		t.Skip("no bzip2: ", err)
	}
	return out
}

func tarOf(name string) packer {
	return func(t *testing.T, data []byte) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(data)), Mode: 0o600, ModTime: time.Unix(1795200000, 0)}); err != nil {
			t.Fatal(err)
		}
		w.Write(data)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
}

func zipOf(names ...string) packer {
	return func(t *testing.T, data []byte) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, n := range names {
			f, err := w.Create(n)
			if err != nil {
				t.Fatal(err)
			}
			f.Write(data)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
}

func put(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// find walks a folder; paths in what it returns are relative to it.
func find(t *testing.T, dir string, o Options) (files []*File, notices []string) {
	t.Helper()
	o.TmpDir = t.TempDir()
	o.Notice = func(n Notice) { notices = append(notices, strings.TrimPrefix(n.Path, dir+"/")+": "+n.Text) }
	s, err := Find(t.Context(), []string{dir}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(o.TmpDir); len(left) > 0 || err != nil {
			t.Errorf("left in the temporary folder: %v %v", left, err)
		}
	})
	return s.Files(), notices
}

func read(t *testing.T, f *File) (string, error) {
	t.Helper()
	r, err := f.Open(nil)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

// TestForms opens a log that is packed in one way or several, twice.
func TestForms(t *testing.T) {
	f := func(name, path string, how ...packer) {
		t.Run(name, func(t *testing.T) {
			data := []byte(text)
			for _, h := range how {
				data = h(t, data)
			}
			dir := t.TempDir()
			put(t, dir, name, data)
			files, notices := find(t, dir, Options{})
			if len(files) != 1 || len(notices) != 0 {
				t.Fatalf("%d files, notices %q", len(files), notices)
			}
			if got := strings.TrimPrefix(files[0].Path, dir+"/"); got != path {
				t.Errorf("path %q, want %q", got, path)
			}
			for range 2 {
				if got, err := read(t, files[0]); got != text || err != nil {
					t.Errorf("read %q, %v", got, err)
				}
			}
		})
	}
	f("mailbox.log", "mailbox.log")
	f("mailbox.log.gz", "mailbox.log.gz", gz)
	f("mailbox.log.zst", "mailbox.log.zst", zst)
	f("mailbox.log.xz", "mailbox.log.xz", xzip)
	f("mailbox.log.bz2", "mailbox.log.bz2", bz2)
	f("a name that lies.log", "a name that lies.log", gz)
	f("a.tar", "a.tar/h/mailbox.log", tarOf("h/mailbox.log"))
	f("a.tgz", "a.tgz/h/mailbox.log", tarOf("h/mailbox.log"), gz)
	f("a.tar.zst", "a.tar.zst/h/mailbox.log", tarOf("h/mailbox.log"), zst)
	f("a.tar.xz", "a.tar.xz/h/mailbox.log", tarOf("h/mailbox.log"), xzip)
	f("a.tar.bz2", "a.tar.bz2/h/mailbox.log", tarOf("h/mailbox.log"), bz2)
	f("a.zip", "a.zip/h/mailbox.log", zipOf("h/mailbox.log"))
	f("a.zip.gz", "a.zip.gz/h/mailbox.log", zipOf("h/mailbox.log"), gz)
	f("b.tar.gz", "b.tar.gz/in.zip/mailbox.log.gz", gz, zipOf("mailbox.log.gz"), tarOf("in.zip"), gz)
	f("b.zip", "b.zip/in.tar.gz/mailbox.log", tarOf("mailbox.log"), gz, zipOf("in.tar.gz"))
}

// TestHostile: each harm is one clear line, and the rest is found.
func TestHostile(t *testing.T) {
	zeros := bytes.Repeat([]byte("aaaaaaa\n"), 4<<20) // 32 MiB, packs 1000:1
	f := func(name string, data []byte, l Limits, wantFiles int, wantNotice string) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, name, data)
			put(t, dir, "z-good.log", []byte(text))
			files, notices := find(t, dir, Options{Limits: l})
			if len(files) != wantFiles+1 || filepath.Base(files[len(files)-1].Path) != "z-good.log" {
				t.Errorf("%d files, want %d and the good one", len(files), wantFiles)
			}
			if len(notices) != 1 || notices[0] != wantNotice {
				t.Errorf("notices %q, want %q", notices, wantNotice)
			}
		})
	}
	const bomb = " (looks like a bomb; "
	f("bomb.zip", zipOf("a.log")(t, zeros), Limits{}, 0, "bomb.zip/a.log: unpacks to more than 250 times its size"+bomb+"--max-ratio raises the limit)")
	f("bomb.tar.gz", gz(t, tarOf("a.log")(t, zeros)), Limits{}, 0, "bomb.tar.gz/a.log: unpacks to more than 250 times its size"+bomb+"--max-ratio raises the limit)")
	f("big.tar.gz", gz(t, tarOf("a.log")(t, zeros)), Limits{Ratio: 1 << 20, Bytes: 20 << 20}, 0, "big.tar.gz/a.log: archives unpack to more than 20 MiB"+bomb+"--max-unpacked raises the limit)")
	f("deep.zip", zipOf("a.zip")(t, zipOf("b.zip")(t, zipOf("c.log")(t, []byte(text)))), Limits{Depth: 2}, 0, "deep.zip/a.zip/b.zip: archives are nested more than 2 deep"+bomb+"--max-depth raises the limit)")
	f("onion.gz", gz(t, gz(t, gz(t, []byte(text)))), Limits{Depth: 2}, 0, "onion.gz: archives are nested more than 2 deep"+bomb+"--max-depth raises the limit)")
	f("many.zip", zipOf("a.log", "b.log", "c.log")(t, []byte(text)), Limits{Entries: 2}, 2, "many.zip: holds more than 2 files"+bomb+"--max-entries raises the limit)")
	f("dots.tar", tarOf("../../etc/mailbox.log")(t, []byte(text)), Limits{}, 1, `dots.tar: holds a name that points out of it, "../../etc/mailbox.log"; read as "etc/mailbox.log", nothing is written`)
	f("dots.zip", zipOf(`..\..\mailbox.log`)(t, []byte(text)), Limits{}, 1, `dots.zip: holds a name that points out of it, "../../mailbox.log"; read as "mailbox.log", nothing is written`)
	f("core", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00"), Limits{}, 0, "core: is binary, not a log")
	f("x.7z", []byte("7z\xbc\xaf\x27\x1c\x00\x00\x00"), Limits{}, 0, "x.7z: is 7z, which is not read; unpack it first")
	f("broken.zip", []byte("PK\x03\x04 and nothing more"), Limits{}, 0, "broken.zip: cannot be read: zip: not a valid zip file")
	whole := gz(t, tarOf("a.log")(t, bytes.Repeat([]byte(text), 1000)))
	f("cut.tar.gz", whole[:len(whole)*2/3], Limits{}, 1, "cut.tar.gz/a.log: is truncated: it ends in the middle; what comes before is used")
}

// TestBombInStream: a gzip tells nothing of its size; it is given up on the way.
func TestBombInStream(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.log.gz", gz(t, append([]byte(text), bytes.Repeat([]byte("aaaaaaa\n"), 4<<20)...)))
	files, _ := find(t, dir, Options{})
	got, err := read(t, files[0])
	if _, ok := errors.AsType[*LimitError](err); !ok || len(got) > ratioFrom+1<<20 || !strings.HasPrefix(got, text) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestTruncatedGzip(t *testing.T) {
	dir := t.TempDir()
	data := gz(t, []byte(strings.Repeat(text, 5000)))
	put(t, dir, "a.log.gz", data[:len(data)/2])
	files, _ := find(t, dir, Options{})
	got, err := read(t, files[0])
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(got, text) || Explain(err) != "is truncated: it ends in the middle" {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestGzipTail: what stands behind a gzip does not take what was in it.
func TestGzipTail(t *testing.T) {
	one := gz(t, []byte(text))
	f := func(tail []byte, want, wantErr string) {
		t.Helper()
		dir := t.TempDir()
		put(t, dir, "a.log.gz", append(bytes.Clone(one), tail...))
		files, notices := find(t, dir, Options{})
		if len(files) != 1 || len(notices) > 0 {
			t.Fatalf("%.20q: %d files, %q", tail, len(files), notices)
		}
		got, err := read(t, files[0])
		if got != want || (err != nil || wantErr != "") && (err == nil || Explain(err) != wantErr) {
			t.Errorf("%.20q: %d bytes, %v, want %d and %q", tail, len(got), err, len(want), wantErr)
		}
	}
	f(nil, text, "")
	f([]byte{0}, text, "")
	f(make([]byte, 1<<20), text, "")
	f(one, text+text, "")
	f(append(bytes.Clone(one), 0, 0, 0), text+text, "")
	f([]byte("garbage"), text, errTrailing.Error())
	f([]byte("\x00\x00garbage"), text, errTrailing.Error())
	f(one[:1], text, "is truncated: it ends in the middle")
	f(one[:10], text, "is truncated: it ends in the middle")
	f(one[:len(one)-3], text+text, "is truncated: it ends in the middle")
}

// TestUTF16: logs that a tool of Windows has saved are read, packed or not.
func TestUTF16(t *testing.T) {
	const text = "2026-08-02 16:49:04,242 INFO  [main] [] misc - é 漢 😀\r\n"
	f := func(name string, data []byte, wantNotice string) {
		t.Helper()
		dir := t.TempDir()
		put(t, dir, name, data)
		files, notices := find(t, dir, Options{})
		if wantNotice != "" {
			if len(notices) != 1 || notices[0] != wantNotice {
				t.Errorf("%s: %q, want %q", name, notices, wantNotice)
			}
			return
		}
		if len(files) != 1 {
			t.Fatalf("%s: %d files, %q", name, len(files), notices)
		}
		if got, err := read(t, files[0]); got != text || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	little, big := []byte{0xff, 0xfe}, []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(text)) {
		little = binary.LittleEndian.AppendUint16(little, u)
		big = binary.BigEndian.AppendUint16(big, u)
	}
	f("little.log", little, "")
	f("big.log", big, "")
	f("little.log.gz", gz(t, little), "")
	f("utf32.log", append([]byte{0xff, 0xfe, 0, 0}, "a\x00\x00\x00"...), "utf32.log: is binary, not a log")
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.log", []byte(text))
	put(t, dir, "b.log", []byte(text))
	put(t, dir, "empty.log", nil)
	if err := os.Symlink("a.log", filepath.Join(dir, "link.log")); err != nil {
		t.Fatal(err)
	}
	f := func(want string, paths ...string) {
		t.Helper()
		s, err := Find(t.Context(), paths, Options{Stdin: strings.NewReader(text), Want: func(n string) bool { return n != "b.log" || want == "a.log b.log" }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var names []string
		for _, f := range s.Files() {
			names = append(names, filepath.Base(f.Path))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: got %q, want %q", paths, got, want)
		}
	}
	f("a.log", dir)
	f("a.log b.log", filepath.Join(dir, "*.log"))
	f("a.log", filepath.Join(dir, "a.log"), filepath.Join(dir, "link.log"))
	f("stdin", "-")
	if _, err := Find(t.Context(), []string{filepath.Join(dir, "none*")}, Options{}); err == nil || !strings.Contains(err.Error(), "no file matches") {
		t.Errorf("error %v", err)
	}
}

// TestRead: what reading reports adds up to what is stored, for the progress.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.tar.gz", gz(t, tarOf("a.log")(t, []byte(strings.Repeat(text, 100)))))
	put(t, dir, "b.log.gz", gz(t, []byte(strings.Repeat(text, 100))))
	put(t, dir, "c.zip", zipOf("c.log")(t, []byte(strings.Repeat(text, 100))))
	files, _ := find(t, dir, Options{})
	for _, f := range files {
		n := int64(0)
		r, err := f.Open(func(k int) { n += int64(k) })
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, r)
		r.Close()
		if n != f.Stored || n == 0 {
			t.Errorf("%s: %d bytes read, %d stored", f.Path, n, f.Stored)
		}
	}
	if !slices.ContainsFunc(files, func(f *File) bool { return f.Modified.Equal(time.Unix(1795200000, 0)) }) {
		t.Error("the time of the tar's member is lost")
	}
}

func FuzzFind(f *testing.F) {
	t := &testing.T{}
	for _, data := range [][]byte{gz(t, []byte(text)), tarOf("a/../b")(t, []byte(text)), zipOf("x")(t, []byte(text)), zst(t, []byte(text)), []byte(text)} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		put(t, dir, "x", data)
		files, _ := find(t, dir, Options{Limits: Limits{Bytes: 1 << 20, Entries: 10}})
		for _, f := range files {
			if strings.Contains(f.Path, "..") && strings.Contains(f.Path, "/../") {
				t.Errorf("path %q", f.Path)
			}
			if got, _ := read(t, f); len(got) > 3<<20 {
				t.Errorf("%d bytes", len(got))
			}
		}
	})
}
