package archive

import (
	"bytes"
	"compress/bzip2"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	// The tests write with github.com/ulikunitz/xz, which this one cannot; its
	// reader in turn takes as large a dictionary as a stream asks for.
	"github.com/therootcompany/xz"
)

// kind is how bytes are packed, told by what they begin with: names lie.
type kind uint8

const (
	kindPlain kind = iota
	kindGzip
	kindZstd
	kindXz
	kindBzip2
	kindTar
	kindZip
	kindOther // a form of archive that is not read
	kindSpool // our own, in the spool
	kindUTF16 // text of Windows, with a byte order mark
)

// head is how many bytes tell the kind of a file and whether it is text.
const head = 8 << 10

// magics are what the kinds begin with. Sources: RFC 1952 §2.3.1, RFC 8878
// §3.1.1, xz-file-format §2.1.1.1, bzip2 manual, APPNOTE.TXT §4.3.7.
var magics = []struct {
	kind  kind
	magic string
	name  string
}{
	{kindGzip, "\x1f\x8b\x08", "gzip"},
	{kindZstd, "\x28\xb5\x2f\xfd", "zstd"},
	{kindXz, "\xfd7zXZ\x00", "xz"},
	{kindBzip2, "BZh", "bzip2"},
	{kindZip, "PK\x03\x04", "zip"},
	{kindZip, "PK\x05\x06", "zip"},
	{kindOther, "7z\xbc\xaf\x27\x1c", "7z"},
	{kindOther, "Rar!\x1a\x07", "rar"},
	{kindOther, "\x04\x22\x4d\x18", "lz4"},
	{kindUTF16, "\xff\xfe", "UTF-16"},
	{kindUTF16, "\xfe\xff", "UTF-16"},
}

// Packed reports whether a file that begins with b is no text that can be read
// as it lies: packed, an archive, UTF-16, or binary.
func Packed(b []byte) bool {
	k, _ := kindOf(b)
	return k != kindPlain || len(b) > 0 && !isText(b)
}

// kindOf tells the kind by the first bytes. A tar says so at byte 257; one
// without that mark (before POSIX) is told by its checksum.
func kindOf(b []byte) (kind, string) {
	for _, m := range magics {
		if bytes.HasPrefix(b, []byte(m.magic)) {
			if m.kind == kindBzip2 && (len(b) < 10 || b[3] < '1' || b[3] > '9' || b[4] != 0x31 && b[4] != 0x17) {
				continue
			}
			return m.kind, m.name
		}
	}
	if isTar(b) {
		return kindTar, "tar"
	}
	return kindPlain, ""
}

func isTar(b []byte) bool {
	if len(b) < 512 {
		return false
	}
	if string(b[257:262]) == "ustar" {
		return true
	}
	sum, want := 8*int(' '), 0
	for i, c := range b[:512] {
		if i < 148 || i >= 156 {
			sum += int(c)
		}
	}
	for _, c := range bytes.Trim(b[148:156], " \x00") {
		if c < '0' || c > '7' {
			return false
		}
		want = want*8 + int(c-'0')
	}
	return b[0] != 0 && sum == want
}

// maxWindow bounds what a zstd stream may make us hold, in bytes: what the
// format asks every decoder to support (RFC 8878 §3.1.1.1.2), and a margin for
// `zstd --long`.
const maxWindow = 32 << 20

// maxDictionary bounds what an xz stream may make us hold, in bytes: what `xz -9`
// asks for.
const maxDictionary = 64 << 20

// reader unpacks r.
func (k kind) reader(r io.Reader) (io.Reader, io.Closer, error) {
	switch k {
	case kindGzip:
		z, err := newGunzip(r)
		return z, nil, err
	case kindZstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.IOReadCloser(), nil
	case kindXz:
		z, err := xz.NewReader(r, maxDictionary)
		return z, nil, err
	case kindBzip2:
		return bzip2.NewReader(r), nil, nil
	case kindSpool:
		return s2.NewReader(r, s2.ReaderMaxBlockSize(spoolBlock)), nil, nil
	case kindUTF16:
		z, err := newUTF16(r)
		return z, nil, err
	}
	return r, nil, nil
}

// isText reports whether the beginning of a file is that of a log: no zero
// byte, few control characters, UTF-8 or one of the encodings that extend ASCII.
func isText(b []byte) bool {
	odd := 0
	for _, c := range b {
		if c == 0 {
			return false
		}
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != 0x1b {
			odd++
		}
	}
	if !validPrefix(b) {
		high := 0
		for _, c := range b {
			if c >= utf8.RuneSelf {
				high++
			}
		}
		odd += high / 4
	}
	return odd*20 <= len(b)
}

// validPrefix reports whether b is UTF-8 but for a rune that its end may cut.
func validPrefix(b []byte) bool {
	for range utf8.UTFMax {
		if utf8.Valid(b) {
			return true
		}
		if len(b) == 0 {
			return false
		}
		b = b[:len(b)-1]
	}
	return false
}
