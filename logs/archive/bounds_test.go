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
