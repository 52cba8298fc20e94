package ship

import (
	"io"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// TestWatch: a program that ships is told how far it is and what became of the
// entries, in all runs together, and keeps its own bound on memory.
func TestWatch(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	at := time.Now().Add(-2 * time.Hour).Truncate(time.Second)
	path := filepath.Join(dir, "mail1", "mailbox.log")
	text := line(at, "a") + line(at.Add(time.Second), "b")
	appendTo(t, path, text)
	o, _ := options(t, l, dir, nil)
	var last Progress
	o.Stdout, o.SharedHeap, o.Watch = io.Discard, true, func(p Progress) { last = p }
	before := debug.SetMemoryLimit(-1)
	for range 2 { // the second has nothing to do, and says the same
		last = Progress{}
		got := run(t, o)
		if want := (Outcome{Entries: 2}); got != want {
			t.Errorf("outcome %+v, want %+v", got, want)
		}
		if want := (Progress{Stored: int64(len(text)), Whole: int64(len(text))}); last != want {
			t.Errorf("progress %+v, want %+v", last, want)
		}
	}
	if after := debug.SetMemoryLimit(-1); after != before {
		t.Errorf("the memory's bound is %d, it was %d", after, before)
	}
}
