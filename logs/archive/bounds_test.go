package archive

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	xzreader "github.com/therootcompany/xz"
	"github.com/ulikunitz/xz"
)

// TestXzDictionary: a stream that asks for more memory than `xz -9` is refused
// before it gets any.
func TestXzDictionary(t *testing.T) {
	var packed bytes.Buffer
	w, err := xz.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, strings.Repeat("a line of a log\n", 100)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f := func(dict byte, want error) {
		t.Helper()
		b := bytes.Clone(packed.Bytes())
		// The header of the first block, behind the stream's 12 bytes: size/4-1,
		// flags, then LZMA2's identifier 0x21, the size of its properties and the
		// dictionary (the xz file format, sections 3.1 and 5.3.1).
		block := b[12 : 12+4*(int(b[12])+1)]
		i := bytes.Index(block, []byte{0x21, 1})
		if i < 0 {
			t.Fatalf("no LZMA2 in % x", block)
		}
		block[i+2] = dict
		binary.LittleEndian.PutUint32(block[len(block)-4:], crc32.ChecksumIEEE(block[:len(block)-4]))
		r, _, err := kindXz.reader(bytes.NewReader(b))
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, want) {
			t.Errorf("dictionary %d: %v, want %v", dict, err, want)
		}
	}
	f(28, nil)                  // 64 MiB
	f(29, xzreader.ErrMemlimit) // 96 MiB
	f(36, xzreader.ErrMemlimit) // 1 GiB
	f(40, xzreader.ErrMemlimit) // 4 GiB
}

// TestZipClaims: members that are each small and all alike are a bomb together.
func TestZipClaims(t *testing.T) {
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("x", 1023) + "\n"
	const lines = 8 << 10 // 8 MiB
	sum := crc32.NewIEEE()
	for range lines {
		io.WriteString(io.MultiWriter(z, sum), line) //nolint:errcheck // into memory
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f := func(members int, limits Limits, want string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "case.zip")
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := zip.NewWriter(out)
		for i := range members {
			m, err := w.CreateRaw(&zip.FileHeader{
				Name: fmt.Sprintf("mailbox%d.log", i), Method: zip.Deflate, CRC32: sum.Sum32(),
				CompressedSize64: uint64(packed.Len()), UncompressedSize64: lines << 10,
			})
			if err != nil {
				t.Fatal(err)
			}
			m.Write(packed.Bytes()) //nolint:errcheck // Close tells
		}
		if err := errors.Join(w.Close(), out.Close()); err != nil {
			t.Fatal(err)
		}
		var notices []string
		set, err := Find(t.Context(), []string{path}, Options{Limits: limits, Notice: func(n Notice) { notices = append(notices, n.Text) }})
		if err != nil {
			t.Fatal(err)
		}
		defer set.Close()
		if n, text := len(set.Files()), strings.Join(notices, "; "); want == "" && n != members || want != "" && (n != 0 || !strings.Contains(text, want)) {
			t.Errorf("%d members: %d files, %q, want %q", members, n, text, want)
		}
	}
	f(1, Limits{}, "")
	f(20, Limits{}, "unpacks to more than 250 times its size")
	f(20, Limits{Ratio: 2000}, "")
	f(20, Limits{Ratio: 2000, Bytes: 100 << 20}, "unpacks to more than 100 MiB")
}

// TestZstdWindow: a stream that asks for ten times the memory is refused before
// it gets any. Frame header: magic, descriptor without single segment, checksum
// and sizes, the window's exponent from 10 on in the upper five bits (RFC 8878
// sections 3.1.1.1.1 and 3.1.1.1.2), then a last, raw block of one byte.
func TestZstdWindow(t *testing.T) {
	f := func(exponent int, want bool) {
		t.Helper()
		b := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, byte(exponent-10) << 3, 1 | 1<<3, 0, 0, 'x'}
		r, c, err := kindZstd.reader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // read only
		got, err := io.ReadAll(r)
		if ok := err == nil && string(got) == "x"; ok != want {
			t.Errorf("window 2^%d: %q, %v, want %t", exponent, got, err, want)
		}
	}
	f(20, true)
	f(25, true)  // 32 MiB
	f(26, false) // 64 MiB
	f(29, false) // 512 MiB
	f(41, false)
}

// TestTenTimesDepth: ten times the nesting and ten times the members.
func TestTenTimesDepth(t *testing.T) {
	dir := t.TempDir()
	data := []byte(text)
	for range 10 * DefaultDepth {
		data = gz(t, data)
	}
	put(t, dir, "onion.gz", data)
	if files, notices := find(t, dir, Options{}); len(files) != 0 || len(notices) != 1 || !strings.Contains(notices[0], "nested more than 3 deep") {
		t.Errorf("%d files, %q", len(files), notices)
	}
	dir = t.TempDir()
	names := make([]string, 10*100)
	for i := range names {
		names[i] = fmt.Sprintf("%d.log", i)
	}
	put(t, dir, "many.zip", zipOf(names...)(t, []byte(text)))
	if files, notices := find(t, dir, Options{Limits: Limits{Entries: 100}}); len(files) != 100 || len(notices) != 1 || !strings.Contains(notices[0], "more than 100 files") {
		t.Errorf("%d files, %q", len(files), notices)
	}
}
