package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxName is how long the name of a member may be, in bytes: PATH_MAX of Linux.
// tar admits 1 MiB, which many members would make a lot of memory of.
const maxName = 4096

// central begins each entry of a zip's directory (APPNOTE.TXT, 4.3.12).
var central = []byte("PK\x01\x02")

// directory reads the directory of a zip, which archive/zip holds in memory as a
// whole, however long it is: a zip of 1 GiB may have one of 20 million entries.
type directory struct {
	io.ReaderAt
	files          int // that the archive may have
	bytes, entries int // that were read
	over           bool
	whole          bool // the directory was read: members are as large as they are
}

// What a directory may have besides its files: folders and links, once as many;
// and the end of the archive, which is searched for the directory's place.
const (
	entryBytes = 512 // of a name and its extra fields, on average
	endBytes   = 1 << 20
	endEntries = 2000
)

// ReadAt implements io.ReaderAt.
func (d *directory) ReadAt(p []byte, off int64) (int, error) {
	n, err := d.ReaderAt.ReadAt(p, off)
	if d.whole {
		return n, err
	}
	d.bytes += n
	d.entries += bytes.Count(p[:n], central)
	if d.bytes/entryBytes > d.files+endBytes/entryBytes || d.entries/2 > d.files+endEntries {
		d.over = true
		return 0, tooMany(d.files)
	}
	return n, err
}

func tooMany(files int) error {
	return &LimitError{fmt.Sprintf("holds more than %d files", files), "--max-entries"}
}

// openZip reads the directory of a zip of that size.
func (s *Set) openZip(at io.ReaderAt, size int64) (*zip.Reader, error) {
	d := &directory{ReaderAt: at, files: s.o.Limits.Entries}
	z, err := zip.NewReader(d, size)
	d.whole = true
	if d.over {
		return nil, tooMany(d.files)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	return z, s.claims(z, size)
}
