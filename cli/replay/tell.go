package replay

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/zimbraloki/zimbraloki/deadletter"
)

// group is what dead letters are counted by.
type group struct {
	path, reason, tenant string
	kind                 deadletter.Kind
}

type count struct {
	n           int
	first, last int64 // of entries, ns
}

// tell counts what there is, and sends nothing.
func (o *Options) tell(sources []source) (out Outcome, err error) {
	groups := map[group]*count{}
	for _, s := range sources {
		if err := see(s, groups); err != nil {
			return out, err
		}
	}
	t := tabwriter.NewWriter(o.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "file\tkind\treason\ttenant\trecords\tfrom\tto")
	for _, g := range slices.SortedFunc(maps.Keys(groups), compare) {
		c := groups[g]
		out.Partly = out.Partly || g.kind == ""
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", g.path, cmp.Or(string(g.kind), "unreadable"), g.reason, cmp.Or(g.tenant, "-"), c.n,
			o.time(c.first), o.time(c.last))
	}
	if err := t.Flush(); err != nil {
		return out, err
	}
	_, err = fmt.Fprintln(o.Stdout, "nothing was sent (--dry-run)")
	return out, err
}

func see(s source, groups map[group]*count) error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	for rec, err := range deadletter.Read(f) {
		g := group{path: s.path, reason: rec.Reason, tenant: rec.Tenant, kind: rec.Kind}
		if err != nil {
			g.reason = "-"
		}
		c := groups[g]
		if c == nil {
			c = &count{first: rec.Time}
			groups[g] = c
		}
		c.n++
		c.first, c.last = min(c.first, rec.Time), max(c.last, rec.Time)
	}
	return nil
}

func compare(a, b group) int {
	return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.kind, b.kind), cmp.Compare(a.reason, b.reason), cmp.Compare(a.tenant, b.tenant))
}

func (o *Options) time(ns int64) string {
	if ns == 0 {
		return "-"
	}
	return time.Unix(0, ns).In(o.Config.Location).Format("2006-01-02 15:04:05")
}
