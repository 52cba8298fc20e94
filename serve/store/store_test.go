package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// model is a store as simple as can be: identities in the order of storing.
type model struct {
	seen    map[string]bool
	entries []kept
}

type kept struct {
	labels *entry.Labels
	store.Entry
}

func (k kept) String() string {
	return fmt.Sprintf("%s %d %q %v", k.labels.Text, k.Time, k.Line, k.Meta)
}

func (m *model) push(b *store.Batch) (fresh int) {
	for _, st := range b.Streams {
		for _, e := range st.Entries {
			k := kept{st.Labels, e}
			if !m.seen[k.String()] {
				m.seen[k.String()] = true
				m.entries = append(m.entries, k)
				fresh++
			}
		}
	}
	return fresh
}

// ask is what a selection of the model gives. Of one time, streams may come in
// any order, the entries of one as they were stored.
func (m *model) ask(sel *engine.Selection) (want []kept) {
	for _, k := range m.entries {
		if k.Time >= sel.From && k.Time < sel.To && fits(k, sel) {
			want = append(want, k)
		}
	}
	slices.SortStableFunc(want, func(a, b kept) int {
		if a.Time != b.Time {
			return int(a.Time - b.Time)
		}
		return strings.Compare(a.labels.Text, b.labels.Text)
	})
	return want
}

func fits(k kept, sel *engine.Selection) bool {
	for _, x := range sel.Matchers {
		if !x.Matches(k.labels.Get(x.Name)) {
			return false
		}
	}
	for _, x := range sel.Hints.Meta {
		v := k.labels.Get(x.Name)
		for _, p := range k.Meta {
			if p.Name == x.Name {
				v = p.Value
			}
		}
		if !x.Fits(v) {
			return false
		}
	}
	for _, texts := range sel.Hints.AnyOf {
		if !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(k.Line, text) }) {
			return false
		}
	}
	for _, text := range sel.Hints.Contains {
		if !strings.Contains(k.Line, text) {
			return false
		}
	}
	return true
}

func selected(t *testing.T, s *store.Store, sel *engine.Selection) (got []kept) {
	t.Helper()
	last := int64(-1)
	err := s.Select(t.Context(), sel, func(e *entry.Entry) error {
		if last >= 0 && (sel.Direction == engine.Backward && e.Time > last || sel.Direction == engine.Forward && e.Time < last) {
			t.Errorf("%d comes after %d", e.Time, last)
		}
		last = e.Time
		k := kept{e.Labels, store.Entry{Time: e.Time, Line: strings.Clone(e.Line)}}
		for _, p := range e.Meta {
			k.Meta = append(k.Meta, entry.Pair{Name: p.Name, Value: strings.Clone(p.Value)})
		}
		got = append(got, k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if sel.Direction == engine.Backward {
		slices.Reverse(got)
	}
	slices.SortStableFunc(got, func(a, b kept) int {
		if a.Time != b.Time {
			return int(a.Time - b.Time)
		}
		return strings.Compare(a.labels.Text, b.labels.Text)
	})
	return got
}

// inBlocks is the entries of a selection as they come in blocks.
func inBlocks(t *testing.T, s *store.Store, sel *engine.Selection) (got []kept) {
	t.Helper()
	var mu sync.Mutex
	visit := func(b *engine.Block) error {
		mu.Lock()
		defer mu.Unlock()
		for i, row := range b.Rows {
			if i > 0 && b.Times[row] < b.Times[b.Rows[i-1]] {
				t.Errorf("%d comes after %d", b.Times[row], b.Times[b.Rows[i-1]])
			}
			k := kept{b.Labels, store.Entry{Time: b.Times[row], Line: strings.Clone(b.Text.Line(int(row)))}}
			for j := range b.Cols {
				if id := b.Cols[j].ID(int(row)); id != 0 {
					k.Meta = append(k.Meta, entry.Pair{Name: b.Cols[j].Name, Value: strings.Clone(b.Cols[j].Values[id])})
				}
			}
			got = append(got, k)
		}
		return nil
	}
	if err := s.SelectBlocks(t.Context(), sel, []func(*engine.Block) error{visit, visit}); err != nil {
		t.Fatal(err)
	}
	return got
}

// asText is entries in an order that they have by themselves.
func asText(list []kept) []string {
	texts := make([]string, 0, len(list))
	for _, k := range list {
		texts = append(texts, fmt.Sprint(k.labels.Text, k.Entry))
	}
	slices.Sort(texts)
	return texts
}

func matcher(t *testing.T, name string, op logql.MatchOp, value string) *logql.Matcher {
	t.Helper()
	m, err := logql.NewMatcher(name, op, value)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// base is a moment a little before midnight, so that entries lie in two days.
var base = time.Date(2026, 11, 20, 23, 59, 0, 0, time.UTC).UnixNano()

// randomBatch makes entries of which some are equal to others.
func randomBatch(r *rand.Rand) *store.Batch {
	b := new(store.Batch)
	for range 1 + r.IntN(3) {
		st := store.Stream{Labels: store.NewLabels([]entry.Pair{{Name: "job", Value: "a"}, {Name: "n", Value: fmt.Sprint(r.IntN(4))}})}
		for range r.IntN(80) {
			e := store.Entry{Time: base + int64(r.IntN(200))*int64(time.Second), Line: strings.Repeat("x", r.IntN(3)) + fmt.Sprint(r.IntN(3))}
			if r.IntN(3) > 0 {
				e.Meta = append(e.Meta, entry.Pair{Name: "action", Value: fmt.Sprint("act", r.IntN(3))})
			}
			if r.IntN(3) > 0 {
				e.Meta = append(e.Meta, entry.Pair{Name: "user", Value: fmt.Sprint("user", r.IntN(50))})
			}
			st.Entries = append(st.Entries, e)
		}
		b.Streams = append(b.Streams, st)
	}
	return b
}

func randomSelection(t *testing.T, r *rand.Rand) *engine.Selection {
	sel := &engine.Selection{From: base + int64(r.IntN(100))*int64(time.Second), Direction: engine.Direction(r.IntN(2))}
	sel.To = sel.From + int64(r.IntN(150))*int64(time.Second)
	if r.IntN(2) == 0 {
		sel.From, sel.To = 0, base*2
	}
	sel.Matchers = append(sel.Matchers, matcher(t, "job", logql.MatchEqual, "a"))
	if r.IntN(2) == 0 {
		sel.Matchers = append(sel.Matchers, matcher(t, "n", logql.MatchOp(r.IntN(4)), fmt.Sprint(r.IntN(4))))
	}
	if r.IntN(2) == 0 {
		sel.Hints.Meta = append(sel.Hints.Meta, engine.Test{Name: "action", Fits: matcher(t, "action", logql.MatchOp(r.IntN(4)), fmt.Sprint("act", r.IntN(3))).Matches})
	}
	if r.IntN(3) == 0 {
		sel.Hints.Meta = append(sel.Hints.Meta, engine.Test{Name: "n", Fits: matcher(t, "n", logql.MatchOp(r.IntN(4)), "1").Matches})
	}
	if r.IntN(3) == 0 {
		sel.Hints.Contains = []string{"x1"}
	}
	if r.IntN(3) == 0 {
		sel.Hints.AnyOf = [][]string{{"x2", "0"}}
	}
	return sel
}

// TestStore holds a store against the model: pushes in any order, the same ones
// again, blocks made at any time, closed and opened.
func TestStore(t *testing.T) {
	seeds := uint64(30)
	if testing.Short() {
		seeds = 6
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 1))
		m := &model{seen: map[string]bool{}}
		o := store.Options{Dir: t.TempDir(), NoSync: true, Memory: 16 << 10}
		if r.IntN(2) == 0 {
			o.Memory = 0
		}
		s, err := store.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		for step := range 40 {
			switch r.IntN(6) {
			case 0, 1, 2:
				b := randomBatch(r)
				got, err := s.Push(t.Context(), b)
				if want := m.push(b); err != nil || got != want {
					t.Fatalf("seed %d, step %d: %d are new, %v, want %d", seed, step, got, err, want)
				}
			case 3, 4:
				sel := randomSelection(t, r)
				got, want := selected(t, s, sel), m.ask(sel)
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("seed %d, step %d, %+v:\n got %d %v\nwant %d %v", seed, step, sel, len(got), got, len(want), want)
				}
				if got := inBlocks(t, s, sel); !slices.Equal(asText(got), asText(want)) {
					t.Fatalf("seed %d, step %d, %+v in blocks:\n got %v\nwant %v", seed, step, sel, got, want)
				}
			case 5:
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = store.Open(o); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHints: what is not asked for may be missing, what is asked for is there.
func TestHints(t *testing.T) {
	s := open(t, store.Options{})
	push(t, s, "a", 3)
	sel := &engine.Selection{To: base * 2, Hints: engine.Hints{NoLine: true, NeedSize: true, MetaNames: []string{"k"}}}
	n := 0
	err := s.Select(t.Context(), sel, func(e *entry.Entry) error {
		if e.Size() != len("line 0") || len(e.Meta) != 1 || e.Meta[0].Name != "k" {
			t.Errorf("got %d bytes, %v", e.Size(), e.Meta)
		}
		if n++; n == 2 {
			return engine.ErrStop
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("%d entries, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Select(ctx, sel, func(*entry.Entry) error { return nil }); err == nil {
		t.Error("a canceled question is answered")
	}
}

func open(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.NoSync = true
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// push stores n entries of the stream {job=…}, a second apart.
func push(t *testing.T, s *store.Store, job string, n int) {
	t.Helper()
	st := store.Stream{Labels: store.NewLabels([]entry.Pair{{Name: "job", Value: job}})}
	for i := range n {
		st.Entries = append(st.Entries, store.Entry{
			Time: base + int64(i)*int64(time.Second), Line: fmt.Sprint("line ", i),
			Meta: []entry.Pair{{Name: "a", Value: "1"}, {Name: "k", Value: fmt.Sprint(i)}},
		})
	}
	if _, err := s.Push(t.Context(), &store.Batch{Streams: []store.Stream{st}}); err != nil {
		t.Fatal(err)
	}
}
