package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
)

// memory is a source for tests: entries in the order of time, each stored once.
// With loose it gives them as they came, in no order, and more than it is asked
// for.
type memory struct {
	entries []entry.Entry
	loose   bool
}

func (m *memory) Ordered() bool { return !m.loose }

func (m *memory) Select(ctx context.Context, sel *Selection, visit func(*entry.Entry) error) error {
	for i := range m.entries {
		e := &m.entries[i]
		if sel.Direction == Backward && !m.loose {
			e = &m.entries[len(m.entries)-1-i]
		}
		if !m.loose && (e.Time < sel.From || e.Time >= sel.To || !matchAll(sel.Matchers, e.Labels)) {
			continue
		}
		if !m.loose && !hinted(&sel.Hints, e) {
			continue
		}
		switch err := visit(e); err {
		case nil:
		case ErrStop:
			return nil
		default:
			return err
		}
	}
	return ctx.Err()
}

// hinted leaves out what the hints allow to leave out.
func hinted(h *Hints, e *entry.Entry) bool {
	for _, texts := range h.AnyOf {
		if !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(e.Line, text) }) {
			return false
		}
	}
	for _, c := range h.Contains {
		if !strings.Contains(e.Line, c) {
			return false
		}
	}
	for _, m := range h.Meta {
		v := e.Labels.Get(m.Name)
		for _, p := range e.Meta {
			if p.Name == m.Name {
				v = p.Value
			}
		}
		if !m.Fits(v) {
			return false
		}
	}
	return true
}

// row is an entry as the data sets write it.
type row struct {
	Labels map[string]string `json:"labels"`
	TS     string            `json:"ts"`
	Line   string            `json:"line"`
	Meta   map[string]string `json:"meta"`
}

func pairs(m map[string]string) (list []entry.Pair) {
	for k, v := range m {
		list = append(list, entry.Pair{Name: k, Value: v})
	}
	sortPairs(list)
	return list
}

// load reads a data set and sorts it as a store would.
func load(t testing.TB, path string) *memory {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, streams, seen := &memory{}, map[string]*entry.Labels{}, map[string]bool{}
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if seen[in.Text()] {
			continue
		}
		seen[in.Text()] = true
		var r row
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		key := string(appendKey(nil, pairs(r.Labels)))
		if streams[key] == nil {
			streams[key] = &entry.Labels{Pairs: pairs(r.Labels)}
		}
		ts, err := strconv.ParseInt(r.TS, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		m.entries = append(m.entries, entry.Entry{Time: ts, Labels: streams[key], Line: r.Line, Meta: pairs(r.Meta)})
	}
	if in.Err() != nil {
		t.Fatal(in.Err())
	}
	slices.SortStableFunc(m.entries, func(a, b entry.Entry) int { return int(min(max(a.Time-b.Time, -1), 1)) })
	return m
}

// shuffled returns the entries in another order, the same each time; those of
// one time keep theirs.
func shuffled(entries []entry.Entry) []entry.Entry {
	out := slices.Clone(entries)
	slices.SortStableFunc(out, func(a, b entry.Entry) int {
		return int(a.Time/1e6*7919%10007 - b.Time/1e6*7919%10007)
	})
	return out
}
