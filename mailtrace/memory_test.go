package mailtrace

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// mails plays one chunk of n mails from number first on.
func mails(m *Memory, first, n int, text string) *Recalled {
	return step(m, nil, func(r *Run) {
		for i := first; i < first+n; i++ {
			id, now := fmt.Sprintf("%011X", i), int64(i)*1e6
			ref := r.Start("mail.example.com", id, now)
			r.Known(ref, Facts{User: "u" + id + text, ClientIP: "192.0.2.1", From: "u" + id + "@example.com"})
			r.Identify("mail.example.com", id, "<"+id+text+"@example.com>", now)
		}
	})
}

func has(m *Memory, i int) bool {
	found := false
	step(m, nil, func(r *Run) {
		found = of(r, r.Mail("mail.example.com", fmt.Sprintf("%011X", i), int64(i)*1e6)).MessageID != ""
	})
	return found
}

func TestMemoryIsBounded(t *testing.T) {
	for name, text := range map[string]string{"short texts": "", "long texts": strings.Repeat("x", 400)} {
		t.Run(name, func(t *testing.T) {
			const entries = 2000
			m := New(Options{Entries: entries})
			last := 0
			for ; last < 20*entries; last += 500 {
				mails(m, last, 500, text)
				n, bytes := m.Size()
				if n > entries || bytes > entries*entryBytes+longestEntry {
					t.Fatalf("%d entries of %d bytes after %d mails, want at most %d", n, bytes, last, entries)
				}
			}
			if !has(m, last-1) {
				t.Error("the newest mail is forgotten")
			}
			if has(m, 0) {
				t.Error("the oldest mail is not forgotten")
			}
		})
	}
}

// What is in use stays, however old it is.
func TestMemoryKeepsWhatIsUsed(t *testing.T) {
	m := New(Options{Entries: 2000})
	mails(m, 1, 1, "")
	for i := 1000; i < 50_000; i += 100 {
		mails(m, i, 100, "")
		if !has(m, 1) {
			t.Fatalf("a mail that each chunk names is forgotten after %d others", i-1000)
		}
	}
}

func TestMemoryForgetsByAge(t *testing.T) {
	for _, f := range []struct {
		name  string
		end   bool
		after time.Duration
		want  bool
	}{
		{"in the queue", false, 23 * time.Hour, true},
		{"too old", false, 25 * time.Hour, false},
		{"removed", true, 9 * time.Minute, true},
		{"removed long ago", true, 11 * time.Minute, false},
	} {
		m := New(Options{Age: 24 * time.Hour})
		step(m, nil, func(r *Run) {
			ref := r.Identify("mta", "Q1", "<1@example.com>", second)
			if f.end {
				r.End(ref)
			}
		})
		step(m, nil, func(r *Run) {
			got := of(r, r.Mail("mta", "Q1", second+int64(f.after))).MessageID != ""
			if got != f.want {
				t.Errorf("%s: known %v after %v", f.name, got, f.after)
			}
		})
	}
}

// Chunks that wait for Loki hold what they took; it counts, and can be let go.
func TestHeldMemoryCounts(t *testing.T) {
	m := New(Options{Entries: 1000})
	var held []*Recalled
	for i := 0; !m.Crowded(); i++ {
		if i > 10_000 {
			t.Fatal("never crowded")
		}
		mails(m, i, 1, "")
		held = append(held, step(m, nil, func(r *Run) { r.Mail("mail.example.com", fmt.Sprintf("%011X", i), int64(i)*1e6) }))
		if _, bytes := m.Size(); bytes > 1000*entryBytes+longestEntry {
			t.Fatalf("%d bytes", bytes)
		}
	}
	for _, rc := range held {
		m.Release(rc)
	}
	if m.held != 0 || m.Crowded() {
		t.Errorf("%d bytes are held by nobody", m.held)
	}
}

// The default bound holds in the heap too, not only in the count.
func TestHeapOfFullMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("fills the memory")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := New(Options{})
	for i := 0; i < 3*DefaultEntries; i += 5000 {
		mails(m, i, 5000, strings.Repeat("x", 200))
	}
	runtime.GC()
	runtime.GC() // the pool's Runs go at the second
	runtime.ReadMemStats(&after)
	entries, bytes := m.Size()
	const limit = 64 << 20
	if grown := after.HeapAlloc - before.HeapAlloc; grown > limit || bytes > limit || bytes < limit/2 {
		t.Errorf("heap has grown by %d bytes, %d entries say %d; limit %d", grown, entries, bytes, limit)
	}
	runtime.KeepAlive(m)
}

func TestLongTextsAreNotCut(t *testing.T) {
	m := New(Options{})
	long := "<" + strings.Repeat("x", longest) + ">"
	step(m, nil, func(r *Run) {
		ref := r.Identify("mta", "Q1", long, 1)
		r.Known(ref, Facts{From: "anna"})
		want(t, of(r, ref), Facts{MessageID: long, QueueID: "Q1", From: "anna"})
	})
	step(m, nil, func(r *Run) {
		want(t, of(r, r.Mail("mta", "Q1", 2)), Facts{QueueID: "Q1", From: "anna"})
	})
}

func FuzzRecord(f *testing.F) {
	f.Add(uint64(1), int64(2), byte(1), byte(3), "<1@example.com>", "", "Q1", "anna", "b", "192.0.2.1")
	f.Fuzz(func(t *testing.T, k uint64, at int64, kd, st byte, a, b, c, d, e, g string) {
		rec := record{key: key(k), time: at, kind: kind(kd), state: state(st), facts: Facts{a, b, c, d, e, g}}
		data := append(rec.encode([]byte("before"))[len("before"):], "after"...)
		got := decode(data)
		if string(data[got.size:]) != "after" {
			t.Fatalf("%d of %d bytes read", got.size, len(data))
		}
		for _, s := range rec.facts.texts() {
			if len(*s) > longest {
				*s = ""
			}
		}
		rec.size = got.size
		if got != rec {
			t.Errorf("\n got %+v\nwant %+v", got, rec)
		}
	})
}
