package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// members gives add so many files of a line each, as the containers of a large
// cluster leave them. Names are not alike, or the whole would pack too well.
func members(t *testing.T, n int, add func(name string, data []byte) error) {
	t.Helper()
	at := time.Date(2026, 8, 2, 10, 0, 0, 0, time.UTC)
	for i := range n {
		h := fnv.New128a()
		fmt.Fprint(h, i)
		name := fmt.Sprintf("pods/mail_%x/mailbox/0.log", h.Sum(nil))
		line := fmt.Sprintf("%s INFO  [main] [] misc - line %d\n", at.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02 15:04:05,000"), i)
		if err := add(name, []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
}

func manyTarGz(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	w := tar.NewWriter(z)
	members(t, n, func(name string, data []byte) error {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))})
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func manyZip(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	members(t, n, func(name string, data []byte) error {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// many are the members of the archives below, and the names they come under.
const many = 100_000

var packers = []struct {
	name string
	pack func(t *testing.T, n int) []byte
}{{"many.tar.gz", manyTarGz}, {"many.zip", manyZip}}

// TestManyMembers: an archive of 100,000 files arrives as any, and is refused in
// a sentence on its ticket, in seconds and within the memory that any other
// takes, while the server answers.
func TestManyMembers(t *testing.T) {
	d := desk{t, t.TempDir()}
	mine := d.signedIn()
	p := start(t, d.dir)
	token := p.makesTicket(mine)
	for n, x := range packers {
		m := p.imports(d, token, int64(n+1), x.name, x.pack(t, many))
		if want := fmt.Sprintf("%q holds more than 50000 files. It was put into quarantine", x.name); m.State != model.ImportQuarantined || m.Entries != 0 || !strings.HasPrefix(m.Error, want) {
			t.Errorf("import %+v, want %s", m, want)
		}
		var shown struct {
			Import struct{ State, Error string }
		}
		p.call("GET", fmt.Sprintf("/api/v1/archives/%d/", n+1), mine, nil, 200, &shown)
		if shown.Import.State != string(m.State) || shown.Import.Error != m.Error {
			t.Errorf("the ticket tells %+v, want %+v", shown, m)
		}
	}
	if got := p.peak(); got > 256<<20 && !raceEnabled {
		t.Errorf("it took %d MiB", got>>20)
	}
}

// TestManyAdmitted: where the setting admits them, all are read.
func TestManyAdmitted(t *testing.T) {
	if os.Getenv("INTAKE_STRESS") == "" {
		t.Skip("takes minutes: set INTAKE_STRESS=1")
	}
	for _, x := range packers {
		t.Run(x.name, func(t *testing.T) {
			d := desk{t, t.TempDir()}
			mine := d.signedIn()
			p := start(t, d.dir, fmt.Sprintf("IMPORT_MAX_MEMBERS=%d", many))
			m := p.imports(d, p.makesTicket(mine), 1, x.name, x.pack(t, many))
			if m.State != model.ImportDone || m.Entries != many {
				t.Errorf("import %+v, want %d entries", m, many)
			}
			if got := p.peak(); got > 384<<20 && !raceEnabled {
				t.Errorf("it took %d MiB", got>>20)
			}
		})
	}
}

// imports uploads the archive of that number and waits for the end of its import.
func (p *program) imports(d desk, token string, id int64, name string, data []byte) model.Import {
	p.t.Helper()
	began := time.Now()
	p.sends(token, name, data)
	p.call("GET", "/api/v1/check/health/", nil, nil, 200, nil)
	m := d.end(p.t, id, 10*time.Minute)
	p.t.Logf("%s of %d bytes: %s, %d entries, in %s; the program's memory was %d MiB at most", name, len(data), m.State, m.Entries, time.Since(began).Round(time.Millisecond), p.peak()>>20)
	p.call("GET", "/api/v1/check/health/", nil, nil, 200, nil)
	return m
}
