package transform

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

const joinUUID = "6f0d1d3e-94a3-4c2e-9f1e-0a1b2c3d4e5f"

func joinLines(t *testing.T) []string {
	t.Helper()
	in, err := os.ReadFile("testdata/joins/mx.log")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(in), "\n"), "\n")
}

func syslogChunk(lines []string) []byte {
	var b chunk.Builder
	at := time.Date(2027, 1, 12, 0, 0, 0, 0, time.UTC).UnixNano()
	for i, line := range lines {
		b.Record(at+int64(i), "log", line, "path", "/var/log/zimbra.log")
	}
	return slices.Clone(b.Bytes())
}

// TestJoinedLinesSplit: wherever a chunk ends, each line is in one entry as it
// came, times are unique, and chunks that come again, in any order, give the
// same entries.
func TestJoinedLinesSplit(t *testing.T) {
	lines := joinLines(t)
	want := slices.Sorted(slices.Values(lines))
	for cut := range len(lines) {
		tr := New(Options{Host: "mx1", Location: time.UTC})
		first, second := syslogChunk(lines[:cut]), syslogChunk(lines[cut:])
		a, b := play(t, tr, "zimbra", first, false), play(t, tr, "zimbra", second, false)
		var got []string
		for _, s := range []sent{a, b} {
			for _, e := range s.lines["/var/log/zimbra.log"] {
				got = append(got, strings.Split(e, "\n")...)
			}
			times := slices.Sorted(slices.Values(s.times["/var/log/zimbra.log"]))
			if n := len(slices.Compact(times)); n != len(s.entries) {
				t.Errorf("cut at %d: %d times for %d entries", cut, n, len(s.entries))
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("cut at %d: lines\n%s", cut, strings.Join(got, "\n"))
		}
		if b2 := play(t, tr, "zimbra", second, true); !slices.Equal(b.entries, b2.entries) {
			t.Errorf("cut at %d: the second chunk gives other entries when it comes again", cut)
		}
		if a2 := play(t, tr, "zimbra", first, true); !slices.Equal(a.entries, a2.entries) {
			t.Errorf("cut at %d: the first chunk gives other entries when it comes again", cut)
		}
	}
}

// TestJoinedLinesOrder: an entry of joined lines has the place of its first
// line among those of the same second.
func TestJoinedLinesOrder(t *testing.T) {
	s := play(t, New(Options{Location: time.UTC}), "zimbra", syslogChunk(joinLines(t)), true)
	lines, times := s.lines["/var/log/zimbra.log"], s.times["/var/log/zimbra.log"]
	byTime := map[int64]string{}
	for i, at := range times {
		byTime[at], _, _ = strings.Cut(lines[i], "\n")
	}
	var heads []string
	for _, at := range slices.Sorted(slices.Values(times)) {
		heads = append(heads, byTime[at])
	}
	in := joinLines(t)
	for i := 1; i < len(heads); i++ {
		if slices.Index(in, heads[i-1]) > slices.Index(in, heads[i]) {
			t.Errorf("%q comes before %q", heads[i-1], heads[i])
		}
	}
}

// TestJoinedLinesLimits: an entry takes no more lines and bytes than it may;
// what comes then is delivered by itself.
func TestJoinedLinesLimits(t *testing.T) {
	const pieces = 40
	lines := []string{"Aug  2 16:49:02 mx1 zimbramon[1]: 1:info: zmstat big.csv: timestamp:::" + joinUUID + ":::"}
	for i := range pieces {
		lines = append(lines, fmt.Sprintf("Aug  2 16:49:02 mx1 zimbramon[1]: 1:info: :::%s:::, column%d:::%s:::", joinUUID, i, joinUUID))
	}
	f := func(o Options, entries, longest int) {
		t.Helper()
		o.Location = time.UTC
		s := play(t, New(o), "zimbra", syslogChunk(lines), true)
		most, all := 0, 0
		for _, e := range s.lines["/var/log/zimbra.log"] {
			n := 1 + strings.Count(e, "\n")
			most, all = max(most, n), all+n
		}
		if all != len(lines) || most != longest || len(s.entries) != entries {
			t.Errorf("%d entries, the longest of %d lines, %d lines in all; want %d, %d, %d", len(s.entries), most, all, entries, longest, len(lines))
		}
	}
	f(Options{}, 1, pieces+1)
	f(Options{MaxLines: 10}, pieces+2-10, 10)
	f(Options{MaxEventBytes: 3 * len(lines[1])}, pieces+1-2, 3)
}

// TestManyHeldLines: of more lines that wait than are kept the oldest goes as
// far as it has come.
func TestManyHeldLines(t *testing.T) {
	var lines []string
	for i := range maxHeld + 1 {
		lines = append(lines, fmt.Sprintf("Aug  2 16:49:02 mx1 amavis[%d]: (%05d-01) Passed CLEAN {RelayedInternal}, <a@example.com> -> <b@exa...", i, i))
	}
	for i := range maxHeld + 1 {
		lines = append(lines, fmt.Sprintf("Aug  2 16:49:02 mx1 amavis[%d]: (%05d-01) ...mple.com>, Queue-ID: 4A1B2C3D4F%d, 5 ms", i, i, i%10))
	}
	s := play(t, New(Options{Location: time.UTC}), "zimbra", syslogChunk(lines), true)
	if len(s.entries) != maxHeld+2 {
		t.Errorf("%d entries, want %d", len(s.entries), maxHeld+2)
	}
}

// TestJoinedLinesAllocs: a Run that has joined lines before does it again
// without allocations for a line.
func TestJoinedLinesAllocs(t *testing.T) {
	var lines []string
	for range 200 {
		lines = append(lines, joinLines(t)...)
	}
	data, tr := syslogChunk(lines), New(Options{Location: time.UTC})
	perChunk := 40.0
	if raceEnabled {
		perChunk = 1000
	}
	if n := testing.AllocsPerRun(10, func() { transformChunk(tr, "zimbra", data, func(*entry.Entry) {}) }); n > perChunk {
		t.Errorf("%v allocations for a chunk of %d lines", n, len(lines))
	}
}

func TestPieces(t *testing.T) {
	f := func(tag, msg, id, text string, follows, open bool) {
		t.Helper()
		pc, ok := pieceOf(&envelope.SyslogHeader{Tag: tag}, msg)
		if want := (format.Piece{ID: id, Text: text, Follows: follows, Open: open}); ok != (id != "") || ok && pc != want {
			t.Errorf("%q: %+v %v, want %+v", msg, pc, ok, want)
		}
	}
	mark := zimbra.ChunkMark + joinUUID + zimbra.ChunkMark
	f("amavis", "(1-01) a ...", "1-01", "(1-01) a ", false, true)
	f("/usr/sbin/amavisd", "(1-01-2) ...a", "1-01-2", "a", true, false)
	f("amavis", "(1-01) ...a...", "1-01", "a", true, true)
	f("amavis", "(1-01) ...", "1-01", "", true, false)
	f("amavis", "(1-01) a", "1-01", "(1-01) a", false, false)
	f("amavis", "starting...", "", "", false, false)
	f("postfix/smtpd", "(1-01) a ...", "", "", false, false)
	f("zimbramon", "1:info: zmstat a.csv: x"+mark, joinUUID, "1:info: zmstat a.csv: x", false, true)
	f("zimbramon", "1:info: "+mark+"y"+mark+" ", joinUUID, "y", true, true)
	f("zimbramon", "1:info: "+mark+"y", joinUUID, "y", true, false)
	f("zimbramon", "1:info: :::short:::y", "", "", false, false)
	f("zimbramon", "1:info: zmstat a.csv: x:: 1", "", "", false, false)
}
