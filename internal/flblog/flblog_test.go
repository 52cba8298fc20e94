package flblog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"
	"unicode/utf8"
)

// levelTrace is Fluent Bit's trace, below what slog has a name for.
const levelTrace = slog.LevelDebug - 4

var when = time.Date(2026, 11, 3, 6, 2, 9, 999, time.Local)

// line logs one record and returns what was written.
func line(level slog.Level, msg string, with func(slog.Handler) slog.Handler, attrs ...slog.Attr) string {
	var b bytes.Buffer
	h := slog.Handler(NewHandler(&b, "output:zimbraloki:zimbraloki.0", levelTrace))
	if with != nil {
		h = with(h)
	}
	r := slog.NewRecord(when, level, msg, 0)
	r.AddAttrs(attrs...)
	if err := h.Handle(context.Background(), r); err != nil {
		panic(err)
	}
	return b.String()
}

type secret string

func (secret) LogValue() slog.Value { return slog.StringValue("***") }

func TestLine(t *testing.T) {
	f := func(level slog.Level, msg, want string, attrs ...slog.Attr) {
		t.Helper()
		got := line(level, msg, nil, attrs...)
		want = "[2026/11/03 06:02:09] " + want + "\n"
		if got != want {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
	}
	const src = "[output:zimbraloki:zimbraloki.0] "
	f(slog.LevelInfo, "started", "[ info] "+src+"started")
	f(slog.LevelWarn, "slow", "[ warn] "+src+"slow took=1.5s", slog.Duration("took", 1500*time.Millisecond))
	f(slog.LevelError, "push", "[error] "+src+`push err="dial tcp: refused" status=503 ok=false`,
		slog.Any("err", errors.New("dial tcp: refused")), slog.Int("status", 503), slog.Bool("ok", false))
	f(slog.LevelDebug, "x", "[debug] "+src+"x n=18446744073709551615", slog.Uint64("n", 1<<64-1))
	f(levelTrace, "x", "[trace] "+src+"x")
	// between the levels: the word of the lower one
	f(slog.LevelError+4, "x", "[error] "+src+"x")
	f(slog.LevelInfo+1, "x", "[ info] "+src+"x")
	// values that would not read back
	f(slog.LevelInfo, "x", "[ info] "+src+`x a="" b="q\"q" c="1\n2" d=a=b`,
		slog.String("a", ""), slog.String("b", `q"q`), slog.String("c", "1\n2"), slog.String("d", "a=b"))
	f(slog.LevelInfo, "x", "[ info] "+src+`x u=käse bad="\xff"`, slog.String("u", "käse"), slog.String("bad", "\xff"))
	// a message cannot start a line of its own, nor drive a terminal
	f(slog.LevelInfo, "a\n[2026/11/03 06:02:09] [error] b", "[ info] "+src+`a\n[2026/11/03 06:02:09] [error] b`)
	f(slog.LevelInfo, "say \"hi\"\x1b[31m", "[ info] "+src+`say "hi"\x1b[31m`)
	f(slog.LevelInfo, "line\u2028sep", "[ info] "+src+`line\u2028sep`)
	// groups, LogValuer, the empty attribute
	f(slog.LevelInfo, "x", "[ info] "+src+"x g.a=1 g.h.b=2 c=3 p=***",
		slog.Group("g", slog.Int("a", 1), slog.Group("h", slog.Int("b", 2))), slog.Group("", slog.Int("c", 3)),
		slog.Attr{}, slog.Any("p", secret("hunter2")))
	f(slog.LevelInfo, "x", "[ info] "+src+"x t=2026-11-03T06:02:09.5Z",
		slog.Time("t", time.Date(2026, 11, 3, 6, 2, 9, 5e8, time.UTC)))
}

func TestWith(t *testing.T) {
	got := line(slog.LevelInfo, "m", func(h slog.Handler) slog.Handler {
		h = h.WithAttrs([]slog.Attr{slog.String("tenant", "a b")})
		return h.WithGroup("loki").WithGroup("").WithAttrs([]slog.Attr{slog.Int("n", 1)}).WithGroup("x")
	}, slog.Int("z", 2))
	if want := `m tenant="a b" loki.n=1 loki.x.z=2` + "\n"; !strings.HasSuffix(got, want) {
		t.Errorf("\n got %q\nwant %q at the end", got, want)
	}
}

func TestWithoutSourceAndTime(t *testing.T) {
	var b bytes.Buffer
	h := NewHandler(&b, "", slog.LevelInfo)
	h.out.now = func() time.Time { return when }
	if err := h.Handle(context.Background(), slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0)); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "[2026/11/03 06:02:09] [ info] m\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEnabled(t *testing.T) {
	f := func(level slog.Level, want ...slog.Level) {
		t.Helper()
		h := NewHandler(io.Discard, "", level)
		var got []slog.Level
		for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			if h.Enabled(context.Background(), l) {
				got = append(got, l)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: prints %v, want %v", level, got, want)
		}
	}
	f(slog.LevelError, slog.LevelError)
	f(slog.LevelInfo, slog.LevelInfo, slog.LevelWarn, slog.LevelError)
	f(levelTrace, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError)
}

// countingWriter fails the test when a record comes in pieces.
type countingWriter struct {
	t *testing.T
	n int
}

var wholeLine = regexp.MustCompile(`^\[\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\] \[ info\] m worker=\d+ text=x+\n$`)

func (w *countingWriter) Write(p []byte) (int, error) {
	w.n++
	if !wholeLine.Match(p) {
		w.t.Errorf("not one whole line: %q", p)
	}
	return len(p), nil
}

func TestOneWritePerLineFromManyGoroutines(t *testing.T) {
	w := &countingWriter{t: t}
	log := slog.New(NewHandler(w, "", slog.LevelInfo))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			child := log.With("worker", g)
			for i := range 50 {
				child.Info("m", "text", strings.Repeat("x", 1+i*40))
			}
		})
	}
	wg.Wait()
	if w.n != 8*50 {
		t.Errorf("%d writes, want %d", w.n, 8*50)
	}
}

func TestWriterErrorIsReturned(t *testing.T) {
	h := NewHandler(failingWriter{}, "", slog.LevelInfo)
	if err := h.Handle(context.Background(), slog.NewRecord(when, slog.LevelInfo, "m", 0)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestSlogContract runs the standard library's checks of a handler. Records
// without a time get the present one here, as Fluent Bit's lines always have
// one, so that check is left out.
func TestSlogContract(t *testing.T) {
	var b bytes.Buffer
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		if strings.HasSuffix(t.Name(), "/zero-time") {
			t.Skip("a line always carries a time")
		}
		b.Reset()
		return NewHandler(&b, "", slog.LevelInfo)
	}, func(t *testing.T) map[string]any { return parseLine(t, b.String()) })
}

var lineRE = regexp.MustCompile(`^\[(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)\] \[ *(\w+)\] (\S+)((?: \S+=\S+)*)\n$`)

func parseLine(t *testing.T, s string) map[string]any {
	m := lineRE.FindStringSubmatch(s)
	if m == nil {
		t.Fatalf("unreadable line %q", s)
	}
	out := map[string]any{slog.TimeKey: m[1], slog.LevelKey: m[2], slog.MessageKey: m[3]}
	for kv := range strings.FieldsSeq(m[4]) {
		key, value, _ := strings.Cut(kv, "=")
		at := out
		path := strings.Split(key, ".")
		for _, g := range path[:len(path)-1] {
			if at[g] == nil {
				at[g] = map[string]any{}
			}
			at = at[g].(map[string]any)
		}
		at[path[len(path)-1]] = value
	}
	return out
}

func FuzzOneLine(f *testing.F) {
	f.Add("message", "value")
	f.Add("a\nb", "c\r\nd")
	f.Add("\xff\x00", "\u2028")
	f.Fuzz(func(t *testing.T, msg, value string) {
		got := line(slog.LevelInfo, msg, nil, slog.String("k", value))
		if strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "\n") {
			t.Errorf("not one line: %q", got)
		}
		if !utf8.ValidString(got) {
			t.Errorf("not UTF-8: %q", got)
		}
	})
}

func BenchmarkHandle(b *testing.B) {
	log := slog.New(NewHandler(io.Discard, "output:zimbraloki:zimbraloki.0", slog.LevelInfo))
	b.ReportAllocs()
	for b.Loop() {
		log.Warn("loki refused entries", "status", 400, "entries", 17)
	}
}
