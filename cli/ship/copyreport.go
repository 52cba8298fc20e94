package ship

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
)

// forecast tells what a store would send. Entries are counted by the heads of
// their blocks, as far as --since and --until do not cut a day.
func (c *copier) forecast(ctx context.Context) error {
	f := &forecast{r: c.runner, oldest: c.limits.Oldest(time.Now()), streams: map[string]*tally{}, labels: map[string]map[string]bool{}, what: "lines and metadata"}
	var sum tally
	for i := range c.parts {
		p := &c.parts[i]
		if c.o.InRange(p.First) && c.o.InRange(p.Last) && (p.First >= f.oldest || p.Last < f.oldest) {
			f.stream(p.Labels).add(&tally{Entries: p.Entries, Bytes: p.Bytes, First: p.First, Last: p.Last})
			f.bytes += p.Bytes
			if p.Last < f.oldest {
				f.tooOld += p.Entries
			}
			sum.Entries += p.Entries
		} else if err := c.store.Visit(ctx, p, func(e *entry.Entry) error { f.see(&sum, e); return nil }); err != nil {
			return err
		}
	}
	f.write(c.o.Stdout, &sum)
	return nil
}

// warnOldParts says before the first push what Loki will not take: it would end
// the run.
func (c *copier) warnOldParts() {
	oldest := c.limits.Oldest(time.Now())
	old := int64(0)
	for i := range c.parts {
		if p := &c.parts[i]; p.First < oldest && c.o.overlaps(p.First, min(p.Last, oldest-1)) {
			old++
		}
	}
	if old > 0 {
		fmt.Fprintf(c.o.Stderr, "warning: %s entries that are too old for Loki, which ends the run: %s\n", say.Count(old, "day of a stream has", "days of a stream have"), c.limits.cure())
	}
}

// tellParts writes what arrived, by stream; it reports whether anything was
// refused. It counts all runs of the position file.
func (c *copier) tellParts(interrupted bool) (refused bool) {
	w := c.o.Stdout
	var sum tally
	var rows []row
	at := map[string]int{}
	for i := range c.parts {
		p := &c.parts[i]
		n := c.state.part(p).Tally
		sum.add(&n)
		k, ok := at[p.Labels.Text]
		if !ok {
			k = len(rows)
			at[p.Labels.Text] = k
			rows = append(rows, row{name: p.Labels.Text})
		}
		rows[k].tally.add(&n)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "entries\trefused\tfrom\tto\tstream")
	for _, x := range shown(rows) {
		c.partRow(t, x.name, &x.tally)
	}
	if len(rows) > 1 {
		c.partRow(t, "all", &sum)
	}
	t.Flush() //nolint:errcheck // as for any output
	c.apart(w, &sum)
	c.ended(w, "entry", "entries", interrupted)
	c.link(w, &sum)
	return sum.Refused > 0
}

func (c *copier) partRow(w io.Writer, name string, n *tally) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", say.Number(n.Entries), say.Number(n.Refused), c.time(n.First), c.time(n.Last), terminal.Safe(name))
}
