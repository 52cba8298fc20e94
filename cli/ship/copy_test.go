package ship

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// first is the time of the oldest entry of the tests' stores, late in a day.
var first = time.Date(2026, 11, 20, 21, 0, 0, 0, time.UTC)

// pushTo stores entries of streams, whose entries have one label name=stream.
func pushTo(t *testing.T, dir string, streams map[string][]store.Entry) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for name, entries := range streams {
		l := store.NewLabels([]entry.Pair{{Name: "job", Value: "zimbra"}, {Name: "name", Value: name}})
		for part := range slices.Chunk(entries, 97) {
			if _, err := s.Push(t.Context(), &store.Batch{Streams: []store.Stream{{Labels: l, Entries: part}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// sample makes entries over two days: in no order, with equal times, with lines
// and metadata that no log has.
func sample(seed uint64, n int) []store.Entry {
	r := rand.New(rand.NewPCG(seed, 1))
	list := make([]store.Entry, n)
	for i := range list {
		list[i] = store.Entry{
			Time: first.UnixNano() + r.Int64N(600)*30e9,
			Line: fmt.Sprintf("n=%d password=Secret%d \x00\xff ünï\r\n\tcode %s", i, i, strings.Repeat("x", r.IntN(300))),
		}
		if i%3 > 0 {
			list[i].Meta = []entry.Pair{{Name: "n", Value: fmt.Sprint(i)}, {Name: "user", Value: "ann@example.com\n"}}
		}
	}
	list[0].Line = ""
	return list
}

// all is what a fake Loki has, each entry as text.
func all(l *lokitest.Server) (list []string) {
	for _, e := range l.Entries() {
		list = append(list, fmt.Sprintf("%s %d %q %q", e.Labels, e.Time, e.Line, e.Meta))
	}
	slices.Sort(list)
	return list
}

// texts of streams as all has them.
func want(streams map[string][]store.Entry) (list []string) {
	for name, entries := range streams {
		for i := range entries {
			e := &entries[i]
			list = append(list, fmt.Sprintf("{job=\"zimbra\", name=%q} %d %q %q", name, e.Time, e.Line, e.Meta))
		}
	}
	slices.Sort(list)
	return list
}

// sentEntries counts the entries of all requests.
func sentEntries(l *lokitest.Server) (n int) {
	for _, r := range l.Requests() {
		n += len(r.Entries)
	}
	return n
}

func equalTexts(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d entries arrived, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

// TestStore ships a store as it is, in an order that a Loki with its default
// window takes; then what came since, and no more.
func TestStore(t *testing.T) {
	l := lokitest.New(lokitest.Options{Window: time.Hour})
	defer l.Close()
	dir := t.TempDir()
	have := map[string][]store.Entry{"a": sample(1, 5000), "b": sample(2, 700), "c": sample(3, 1)}
	pushTo(t, dir, have)
	o, out := options(t, l, "", nil)
	// A copy, without the log of pushes, is the same store.
	o.Store = filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(o.Store, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(o.Store, "pushes.db")); err != nil {
		t.Fatal(err)
	}
	run(t, o)
	equalTexts(t, all(l), want(have))
	o.Store = dir
	if !strings.Contains(out.String(), "5 701") {
		t.Errorf("summary:\n%s", out)
	}
	n := sentEntries(l)
	out.Reset()
	run(t, o)
	if sentEntries(l) != n || !strings.Contains(out.String(), "nothing was left to ship") {
		t.Errorf("the second run sends %d entries:\n%s", sentEntries(l)-n, out)
	}
	// What is newer goes alone.
	fresh := store.Entry{Time: first.Add(6 * time.Hour).UnixNano(), Line: "newer"}
	pushTo(t, dir, map[string][]store.Entry{"a": {fresh}})
	have["a"] = append(have["a"], fresh)
	run(t, o)
	if got := sentEntries(l); got != n+1 {
		t.Errorf("%d entries are sent for one that is new", got-n)
	}
	equalTexts(t, all(l), want(have))
}

// TestStoreGrownBefore: an entry older than the position is found; its day goes
// again, and is there once.
func TestStoreGrownBefore(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	have := map[string][]store.Entry{"a": sample(1, 500), "b": sample(2, 100)}
	pushTo(t, dir, have)
	o, _ := options(t, l, "", nil)
	o.Store = dir
	run(t, o)
	old := store.Entry{Time: first.UnixNano(), Line: "the oldest of all"}
	pushTo(t, dir, map[string][]store.Entry{"a": {old}})
	have["a"] = append(have["a"], old)
	var said strings.Builder
	o.Stderr = &said
	run(t, o)
	equalTexts(t, all(l), want(have))
	if !strings.Contains(said.String(), "2026-11-20 {job=\"zimbra\", name=\"a\"}: has got entries that are older") {
		t.Errorf("said: %s", said.String())
	}
}

// TestStoreKilled ends a run at each of some pushes as SIGKILL does: the push has
// arrived, the position does not know of it. The next run sends no more again
// than Loki's window takes, and everything is there.
func TestStoreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("ships a store some times over: not with -short")
	}
	for kill := 1; kill < 20; kill += 3 {
		o, _ := options(t, &lokitest.Server{URL: "http://127.0.0.1:1"}, "", nil)
		ctx, cancel := context.WithCancel(t.Context())
		pushes := 0
		var before []byte
		l := lokitest.New(lokitest.Options{Window: time.Hour, RefusePush: func([]lokitest.Entry) string {
			if pushes++; pushes == kill {
				before, _ = os.ReadFile(o.State)
				cancel()
			}
			return ""
		}})
		dir := t.TempDir()
		have := map[string][]store.Entry{"a": sample(1, 600), "b": sample(2, 90)}
		pushTo(t, dir, have)
		o2, _ := options(t, l, "", nil)
		o2.State, o2.Store, o2.Jobs = o.State, dir, 1
		out, err := Run(ctx, o2)
		if err != nil || !out.Interrupted {
			t.Fatalf("kill %d: %+v, %v", kill, out, err)
		}
		if err := os.WriteFile(o.State, before, 0o600); err != nil {
			t.Fatal(err)
		}
		if out := run(t, o2); out.Partly {
			t.Errorf("kill %d: something was refused", kill)
		}
		equalTexts(t, all(l), want(have))
		if again := sentEntries(l) - len(want(have)); again <= 0 || again > 250 {
			t.Errorf("kill %d: %d entries were sent twice", kill, again)
		}
		l.Close()
	}
}

// TestStoreRefused: what Loki never takes is in the dead-letter file, the rest
// arrives.
func TestStoreRefused(t *testing.T) {
	l := lokitest.New(lokitest.Options{MaxLine: 1000})
	defer l.Close()
	dir := t.TempDir()
	have := map[string][]store.Entry{"a": sample(1, 100)}
	long := store.Entry{Time: first.Add(time.Minute).UnixNano(), Line: strings.Repeat("long ", 300)}
	pushTo(t, dir, map[string][]store.Entry{"a": append(slices.Clone(have["a"]), long)})
	o, out := options(t, l, "", nil)
	o.Store = dir
	if got := run(t, o); !got.Partly {
		t.Errorf("the run says that all is delivered")
	}
	equalTexts(t, all(l), want(have))
	dead, err := os.ReadFile(o.Config.DeadLetterPath)
	if err != nil || strings.Count(string(dead), "\n") != 1 || !strings.Contains(string(dead), "long long") {
		t.Errorf("dead letters: %s, %v", dead, err)
	}
	if !strings.Contains(out.String(), "1 entry was refused by Loki and kept in") {
		t.Errorf("summary:\n%s", out)
	}
}

// TestStoreTooLate: what Loki does not take for its age alone changes no label
// and is no dead letter: the run ends and says what to set in Loki.
func TestStoreTooLate(t *testing.T) {
	f := func(lo lokitest.Options, cure string) {
		t.Helper()
		l := lokitest.New(lo)
		defer l.Close()
		dir := t.TempDir()
		pushTo(t, dir, map[string][]store.Entry{"a": {{Time: first.UnixNano(), Line: "old"}}})
		o, _ := options(t, l, "", nil)
		newest := &entry.Entry{Time: time.Now().UnixNano(), Line: "new", Labels: store.NewLabels([]entry.Pair{{Name: "job", Value: "zimbra"}, {Name: "name", Value: "a"}})}
		c, err := loki.NewClient(loki.Options{URL: l.URL})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var b loki.Batch
		b.Add(newest)
		c.Push(t.Context(), &b)
		o.Store = dir
		_, err = Run(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "nothing more is sent") || !strings.Contains(err.Error(), cure) {
			t.Errorf("error %v, want %q", err, cure)
		}
		if got := all(l); len(got) != 1 {
			t.Errorf("Loki has %q", got)
		}
		if dead, err := os.ReadFile(o.Config.DeadLetterPath); err != nil || len(dead) > 0 {
			t.Errorf("dead letters: %s, %v", dead, err)
		}
	}
	f(lokitest.Options{Window: time.Hour}, "raise max_chunk_age")
	f(lokitest.Options{MaxAge: time.Hour}, "reject_old_samples: false")
}

// TestStoreRange ships what --since and --until leave, and a dry run tells it.
func TestStoreRange(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	have := sample(1, 300)
	pushTo(t, dir, map[string][]store.Entry{"a": have})
	o, out := options(t, l, "", nil)
	o.Store, o.Since, o.Until = dir, first.Add(time.Hour), first.Add(3*time.Hour+30*time.Minute)
	have = slices.DeleteFunc(have, func(e store.Entry) bool { return !o.InRange(e.Time) })
	o.DryRun = true
	run(t, o)
	if text := out.String(); !strings.Contains(text, fmt.Sprintf("%d entries", len(have))) || !strings.Contains(text, "nothing was sent") || sentEntries(l) > 0 {
		t.Errorf("of %d entries the dry run says:\n%s", len(have), text)
	}
	o.DryRun = false
	run(t, o)
	equalTexts(t, all(l), want(map[string][]store.Entry{"a": have}))
}

// TestStoreMistakes: each names what to do instead.
func TestStoreMistakes(t *testing.T) {
	dir, none := t.TempDir(), t.TempDir()
	pushTo(t, dir, map[string][]store.Entry{"a": {{Time: 1, Line: "x"}}})
	f := func(want string, args ...string) {
		t.Helper()
		out, code := flagtest.Run(t.Context(), Command(), append(args, "--url", "http://127.0.0.1:1", "--state", filepath.Join(none, "state.json"))...)
		if code != flags.ExitUsage || !strings.Contains(out, want) {
			t.Errorf("%q: code %d, %s, want %s", args, code, out, want)
		}
	}
	f("ship its entries with --store "+dir, dir)
	f("not the folder of a zimbraloki serve", "--store", none)
	f("not the folder of a zimbraloki serve", "--store", filepath.Join(none, "nosuch"))
	f("with a command of its own", "--store", dir, "x.log")
	f("--label is for logs", "--store", dir, "--label", "a=b")
	f("--follow is for logs", "--store", dir, "--follow")
	if _, err := os.Stat(filepath.Join(none, "form")); err == nil {
		t.Error("a folder was made a store")
	}
}

// TestStoreInUse: a store has one process.
func TestStoreInUse(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing is in it
	o, _ := options(t, l, "", nil)
	o.Store = dir
	if _, err := Run(t.Context(), o); err == nil || errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "open: stop it") {
		t.Errorf("error %v", err)
	}
}
