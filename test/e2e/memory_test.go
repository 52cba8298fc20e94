//go:build linux

package e2e_test

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ulikunitz/xz"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/transform"
)

// peakAbove is how much more than an idle process anything hostile may take at
// its peak, in KiB.
const peakAbove = 150 << 10

// peak is the largest resident size of a process that has ended, in KiB.
func peak(c *exec.Cmd) int64 { return c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss }

// TestPeakOfFiles: archives that stand for far more than they are take no
// memory, and one line says why they are left out.
func TestPeakOfFiles(t *testing.T) {
	idle := exec.Command(cli(t), "--version")
	if out, err := idle.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f := func(name string, data []byte, want string) {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"labels", "ship"} {
			args := []string{command, path}
			if command == "ship" {
				args = append(args, "--dry-run", "--url", "http://127.0.0.1:1", "--state", filepath.Join(t.TempDir(), "state.json"))
			}
			c := exec.Command(cli(t), args...)
			began := time.Now()
			out, _ := c.CombinedOutput() // the exit code tells that something was left out
			above := peak(c) - peak(idle)
			t.Logf("%s %s: %d MB above idle, %s", command, name, above>>10, time.Since(began).Round(time.Millisecond))
			if above > peakAbove || c.ProcessState.Success() {
				t.Errorf("%s %s: %d KiB above idle, exit code %d", command, name, above, c.ProcessState.ExitCode())
			}
			if strings.Count(string(out), want) == 0 || len(out) > 4<<10 {
				t.Errorf("%s %s says %q, want %q", command, name, out[:min(len(out), 4<<10)], want)
			}
		}
	}
	f("dictionary.log.xz", largeDictionary(t), "dictionary.log.xz: needs a dictionary of more than 64 MiB to be unpacked (looks like a bomb)")
	f("shared.zip", sharedZip(t, 60_000), "shared.zip: unpacks to more than")
}

// largeDictionary is a stream of xz whose block asks for a dictionary of 1 GiB
// (the xz file format, sections 3.1 and 5.3.1).
func largeDictionary(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := xz.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, strings.Repeat("a line of a log\n", 1000)) //nolint:errcheck // Close tells
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	block := data[12 : 12+4*(int(data[12])+1)]
	block[bytes.Index(block, []byte{0x21, 1})+2] = 36
	binary.LittleEndian.PutUint32(block[len(block)-4:], crc32.ChecksumIEEE(block[:len(block)-4]))
	return data
}

// sharedZip is a zip whose entries all stand for the same 10 MB (APPNOTE.TXT
// sections 4.3.7, 4.3.12 and 4.3.16).
func sharedZip(t *testing.T, entries int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte(strings.Repeat("x", 999)+"\n"), 10_000)
	z.Write(text) //nolint:errcheck // Close tells
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	common := func(b []byte, name string) []byte {
		b = append(b, 20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0x5d) // version, flags, deflate, time, date
		b = le.AppendUint32(b, crc32.ChecksumIEEE(text))
		b = le.AppendUint32(b, uint32(packed.Len()))
		b = le.AppendUint32(b, uint32(len(text)))
		b = le.AppendUint16(b, uint16(len(name)))
		return append(b, 0, 0) // no extra field
	}
	name := func(i int) string { return fmt.Sprintf("%05d.log", i) }
	b := common([]byte("PK\x03\x04"), name(0))
	b = append(append(b, name(0)...), packed.Bytes()...)
	from := len(b)
	for i := range entries {
		b = common(append(b, "PK\x01\x02\x14\x00"...), name(i))
		b = append(b, make([]byte, 2+2+2+4+4)...) // comment, disk, attributes, offset 0
		b = append(b, name(i)...)
	}
	size := len(b) - from
	b = append(b, "PK\x05\x06\x00\x00\x00\x00"...)
	b = le.AppendUint16(le.AppendUint16(b, uint16(entries)), uint16(entries))
	b = le.AppendUint32(le.AppendUint32(b, uint32(size)), uint32(from))
	return append(b, 0, 0)
}

// children are what TestPeakOfPlugin measures in processes of their own.
var children = map[string]func(arg string) string{
	"newlines": func(string) string {
		entries, lines := 0, 0
		tr := transform.New(transform.Options{Location: time.UTC})
		r := tr.Begin("app", newlines, func(e *entry.Entry) {
			entries++
			lines += 1 + len(e.More)
		})
		var rd chunk.Reader
		rd.Reset(newlines)
		r.AddAll(&rd)
		r.Close(true)
		return fmt.Sprintf("%d lines", lines)
	},
	"head": func(url string) string {
		c, err := loki.NewClient(loki.Options{URL: url, Timeout: 10 * time.Second, BatchBytes: loki.DefaultBatchBytes, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err.Error()
		}
		defer c.Close()
		var b loki.Batch
		b.Add(&entry.Entry{Time: time.Now().UnixNano(), Labels: loki.NewLabels([]entry.Pair{{Name: "job", Value: "x"}}), Line: "x"})
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return fmt.Sprint(c.Push(ctx, &b).Err)
	},
}

const newlineBytes = 20 << 20

// newlines is a chunk of one record with nothing but line ends.
var newlines []byte

// TestPeakChild is not a test of its own: it is one of children.
func TestPeakChild(t *testing.T) {
	name := os.Getenv("ZIMBRALOKI_PEAK_CHILD")
	if name == "" {
		t.Skip("runs in a process that TestPeakOfPlugin starts")
	}
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before) //nolint:errcheck // cannot fail
	if name == "newlines" {
		var b chunk.Builder
		b.Record(time.Now().UnixNano(), "log", strings.Repeat("\n", newlineBytes)+"x")
		newlines = b.Bytes()
	}
	said := children[name](os.Getenv("ZIMBRALOKI_PEAK_ARG"))
	syscall.Getrusage(syscall.RUSAGE_SELF, &after) //nolint:errcheck // cannot fail
	fmt.Printf("peak %d said %s\n", after.Maxrss-before.Maxrss, said)
}

// TestPeakOfPlugin: a record of 20 MB of line ends, and an answer whose head
// never ends.
func TestPeakOfPlugin(t *testing.T) {
	f := func(name, arg, want string) {
		t.Helper()
		c := exec.Command(os.Args[0], "-test.run=^TestPeakChild$", "-test.v")
		c.Env = append(os.Environ(), "ZIMBRALOKI_PEAK_CHILD="+name, "ZIMBRALOKI_PEAK_ARG="+arg)
		out, err := c.CombinedOutput()
		var above int64
		_, line, _ := strings.Cut(string(out), "peak ")
		if _, serr := fmt.Sscan(line, &above); err != nil || serr != nil {
			t.Fatalf("%s: %v, %v: %s", name, err, serr, out)
		}
		t.Logf("%s: %d MB above idle", name, above>>10)
		if above > peakAbove || !strings.Contains(line, want) {
			t.Errorf("%s: %d KiB above idle; said %.500s, want %q", name, above, line, want)
		}
	}
	f("newlines", "", fmt.Sprintf("%d lines", newlineBytes+1))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.Read(make([]byte, 64<<10))                        //nolint:errcheck // whatever it asks
				io.WriteString(c, "HTTP/1.1 204 No Content\r\nX: ") //nolint:errcheck // the client hangs up
				for err := error(nil); err == nil; {
					_, err = c.Write(bytes.Repeat([]byte("x"), 1<<20))
				}
			}()
		}
	}()
	f("head", "http://"+l.Addr().String(), "head")
}
