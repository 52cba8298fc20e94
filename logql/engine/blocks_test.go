package engine

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
)

// blocked is a source of blocks that leaves out all that may be left out, and
// gives blocks in any order.
type blocked struct {
	*memory
	mu    sync.Mutex
	r     *rand.Rand
	asked int // how often blocks were asked for
}

// lines is the text of some entries.
type lines []string

func (l lines) Line(row int) string { return l[row] }
func (l lines) Size(row int) int    { return len(l[row]) }

func (b *blocked) SelectBlocks(ctx context.Context, sel *Selection, visit []func(*Block) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	list := b.split(sel)
	b.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	errs := make([]error, len(visit))
	var all sync.WaitGroup
	for i, f := range visit {
		all.Go(func() {
			for j := i; j < len(list) && errs[i] == nil; j += len(visit) {
				errs[i] = f(list[j])
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// split makes blocks of the entries of a selection.
func (b *blocked) split(sel *Selection) (list []*Block) {
	open := map[*entry.Labels]*Block{}
	for i := range b.entries {
		e := &b.entries[i]
		if e.Time < sel.From || e.Time >= sel.To || !matchAll(sel.Matchers, e.Labels) || !hinted(&sel.Hints, e) {
			continue
		}
		at := open[e.Labels]
		if at == nil || b.r.IntN(25) == 0 {
			at = &Block{Labels: e.Labels, Text: lines{}}
			open[e.Labels] = at
			list = append(list, at)
		}
		at.add(e, &sel.Hints)
	}
	for _, at := range list {
		at.tidy()
	}
	return list
}

// add appends an entry, as far as the hints say.
func (b *Block) add(e *entry.Entry, h *Hints) {
	row := len(b.Times)
	b.Rows, b.Times = append(b.Rows, int32(row)), append(b.Times, e.Time)
	line := e.Line
	switch {
	case h.NoLine && h.NeedSize:
		line = strings.Repeat("?", len(line))
	case h.NoLine:
		line = "?"
	}
	b.Text = append(b.Text.(lines), line)
	for _, p := range e.Meta {
		if !h.AllMeta && !slices.Contains(h.MetaNames, p.Name) {
			continue
		}
		i := slices.IndexFunc(b.Cols, func(c Column) bool { return c.Name == p.Name })
		if i < 0 {
			i = len(b.Cols)
			b.Cols = append(b.Cols, Column{Name: p.Name, Values: []string{""}})
		}
		c := &b.Cols[i]
		id := slices.Index(c.Values, p.Value)
		if id < 1 {
			id = len(c.Values)
			c.Values = append(c.Values, p.Value)
		}
		for len(c.IDs) < row {
			c.IDs = append(c.IDs, 0)
		}
		c.IDs = append(c.IDs, uint32(id))
	}
}

// tidy brings a block into the form that a Block has.
func (b *Block) tidy() {
	slices.SortFunc(b.Cols, func(a, b Column) int { return strings.Compare(a.Name, b.Name) })
	for i := range b.Cols {
		c := &b.Cols[i]
		if c.Every = len(c.Values) == 2 && len(c.IDs) == len(b.Times) && !slices.Contains(c.IDs, 0); c.Every {
			c.IDs = nil
		}
	}
}

// TestBlocks: block by block, with what is alike reckoned once, each answer is
// what it is entry by entry, to the last byte.
func TestBlocks(t *testing.T) {
	plain := fixture()
	src := &blocked{memory: plain, r: rand.New(rand.NewPCG(5, 6))}
	g := newGenerator(77)
	f := func(q question) {
		t.Helper()
		p := q.params()
		one, err1 := New(plain, Options{MaxSeries: 1 << 20}).Query(t.Context(), p)
		two, err2 := New(src, Options{MaxSeries: 1 << 20}).Query(t.Context(), p)
		if (err1 == nil) != (err2 == nil) || err1 != nil && err1.Error() != err2.Error() {
			t.Errorf("%s: %v, in blocks %v", q.Q, err1, err2)
			return
		}
		if err1 != nil {
			return
		}
		if a, b := string(one.AppendJSON(nil, false)), string(two.AppendJSON(nil, false)); a != b {
			t.Errorf("%s\nentries %.1500s\nblocks  %.1500s", q.Q, a, b)
		}
	}
	n := 3000
	if testing.Short() {
		n = 500
	}
	for i := range n {
		f(g.question(i))
	}
	for _, of := range []string{
		`sum by (x) (count_over_time({app=~".+"} | label_format x="{{.user}}-{{.level}}" [10m]))`,
		`sum by (outcome) (count_over_time({app="mail"} | user=~"anna@.*" or ip="192.0.2.10" | outcome!="" [10m]))`,
		`sum(count_over_time({app="mail"} | ip!="192.0.2.10" and user="anna@example.org" or outcome!~"ok|x" or user=~"bo.+" [10m]))`,
		`sum(count_over_time({app=~".+"} | extra="m" or code="" or pod=~"pod-[12]" [10m]))`,
		`sum by (level) (bytes_over_time({app="mail"} | user!~"(?i)ANNA.*" [5m]))`,
		`quantile_over_time(0.9, {app="mail"} | outcome="ok" | unwrap took_ms [20m]) by (outcome)`,
		"max_over_time({app=\"mail\"} | took!=\"\" | line_format \"{{.took}}\" | pattern \"<ms>ms\" | unwrap ms [20m]) by ()",
		"max_over_time({app=~\".+\"} | line_format \"{{.size}}\" | regexp \"(?P<size>[0-9]+)\" | unwrap size_extracted | __error__=\"\" [20m]) by (host)",
		`sum by (app) (count_over_time({app=~".+"} | label_format x=user | x=~"a.*" [10m]))`,
		`sum by (t) (count_over_time({app="mail"} | label_format t="{{ __timestamp__ | unixEpoch }}" [10m]))`,
		`topk(2, sum by (user) (count_over_time({app="mail"} | user=~".*" | user!="" [2h])))`,
	} {
		f(question{Kind: "range", Q: of, Start: fixtureStart, End: fixtureEnd, Step: 300})
		f(question{Kind: "instant", Q: of, Time: fixtureEnd})
	}
	if src.asked < n/4 {
		t.Errorf("blocks were asked for %d times only: this tests nothing", src.asked)
	}
}
