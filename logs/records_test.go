package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

func parse(t *testing.T, properties ...string) *config.Config {
	t.Helper()
	c, err := config.ParseValues(func(key string) string {
		for i := 0; i < len(properties); i += 2 {
			if properties[i] == key {
				return properties[i+1]
			}
		}
		return map[string]string{"timezone": "UTC"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRecorder: records have the keys that the configuration names.
func TestRecorder(t *testing.T) {
	f := func(src rotation.Source, want []string, properties ...string) {
		t.Helper()
		var got, expected chunk.Builder
		NewRecorder(parse(t, properties...)).Add(&got, &src, 1e9, []byte("x"))
		expected.Texts(1e9, want...)
		if !bytes.Equal(got.Bytes(), expected.Bytes()) {
			t.Errorf("%+v %q: %q, want %q", src, properties, got.Bytes(), expected.Bytes())
		}
	}
	file := rotation.Source{Path: "/opt/zimbra/log/mailbox.log"}
	f(file, []string{"log", "x", "path", "/opt/zimbra/log/mailbox.log"})
	f(file, []string{"text", "x", "file", "/opt/zimbra/log/mailbox.log"}, "payload_key", "text", "path_key", "file")
	f(rotation.Source{}, []string{"log", "x"})
	f(rotation.Source{Path: "/a.log", Container: "web"}, []string{"log", "x", "path", "/a.log", "logtag", "F", "container_name", "web"})
}

// folder writes a log of so many lines, some blocks long.
func folder(t *testing.T, lines int) Options {
	t.Helper()
	var text strings.Builder
	at := time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC)
	for i := range lines {
		fmt.Fprintf(&text, "%s INFO  [main] [] misc - line %d\n", at.Add(time.Duration(i)*time.Minute).Format("2006-01-02 15:04:05,000"), i)
	}
	path := filepath.Join(t.TempDir(), "mail1", "mailbox.log")
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return Options{Paths: []string{path}, Config: parse(t), Stderr: os.Stderr, Log: slog.New(slog.DiscardHandler)}
}

// TestChunks: blocks come in order, to the end or to the first error, and a
// second reading gives the same.
func TestChunks(t *testing.T) {
	s, err := Open(t.Context(), folder(t, 500), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read := func(ctx context.Context, use func(*Block) error) (lines, blocks int, err error) {
		err = s.Chunks(ctx, s.Lanes[0], nil, func(b *Block) error {
			lines += b.Lines
			blocks++
			return use(b)
		})
		return lines, blocks, err
	}
	for range 2 {
		if lines, blocks, err := read(t.Context(), func(*Block) error { return nil }); lines != 500 || blocks < 10 || err != nil {
			t.Errorf("%d lines, %d blocks, %v", lines, blocks, err)
		}
	}
	bad := errors.New("bad")
	if _, blocks, err := read(t.Context(), func(*Block) error { return bad }); blocks != 1 || !errors.Is(err, bad) {
		t.Errorf("%d blocks, %v", blocks, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if lines, _, err := read(ctx, func(*Block) error { cancel(); return nil }); lines == 500 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d lines, %v", lines, err)
	}
}

// TestSurvey: what is asked for, of the host that the folder names.
func TestSurvey(t *testing.T) {
	o := folder(t, 100)
	o.Since, o.Until = time.Date(2026, 8, 2, 0, 10, 0, 0, time.UTC), time.Date(2026, 8, 2, 1, 0, 0, 0, time.UTC)
	n := 0
	partly, err := Survey(t.Context(), o, nil, func(s *rotation.Source, e *entry.Entry) {
		n++
		if s.Host != "mail1" || e.Labels.Get("host") != "mail1" {
			t.Errorf("source %+v, labels %s", s, e.Labels.Text)
		}
	})
	if n != 50 || partly || err != nil {
		t.Errorf("%d entries, partly %v, %v", n, partly, err)
	}
}

// TestStream: lines come as one log's, in chunks of Fluent Bit's size, also one
// without an end.
func TestStream(t *testing.T) {
	line := strings.Repeat("x", 1000) + "\n"
	in := strings.NewReader(strings.Repeat(line, 5000) + "last")
	var blocks []int
	err := Stream(in, parse(t), rotation.At("/var/log/x.log", "mail"), "tag", 7e9, func(b *Block) error {
		if b.Tag != "tag" || len(b.Data) > streamChunk+2000 || b.First != 7e9 {
			t.Errorf("block %+v of %d bytes", b.Block, len(b.Data))
		}
		blocks = append(blocks, b.Lines)
		return nil
	})
	sum := 0
	for _, n := range blocks {
		sum += n
	}
	if err != nil || sum != 5001 || len(blocks) != 3 {
		t.Errorf("blocks of %v lines, %v", blocks, err)
	}
	if err := Stream(strings.NewReader(""), parse(t), &rotation.Source{}, "", 0, func(*Block) error { return errors.New("a block of nothing") }); err != nil {
		t.Error(err)
	}
}

// TestNotices: each is said once, what was left out is kept, and nothing steers
// the terminal.
func TestNotices(t *testing.T) {
	var out bytes.Buffer
	o := folder(t, 1)
	dir := filepath.Dir(o.Paths[0])
	if err := os.WriteFile(filepath.Join(dir, "core\x1b[2J"), []byte("\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Paths, o.Stderr = []string{dir, dir + "/*"}, &out
	partly, err := Survey(t.Context(), o, nil, func(*rotation.Source, *entry.Entry) {})
	if !partly || err != nil || strings.Count(out.String(), "core\\u001b[2J: is binary, not a log\n") != 1 {
		t.Errorf("partly %v, %v\n%q", partly, err, out.String())
	}
}
