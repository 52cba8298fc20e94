package ship

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// forecast is what would be sent.
type forecast struct {
	r       *runner
	oldest  int64
	streams map[string]*tally          // by label set
	labels  map[string]map[string]bool // values by name
	tooOld  int64
	bytes   int64
	what    string // that bytes are of
}

// dryRun transforms everything and pushes nothing.
func (r *runner) dryRun(ctx context.Context, lanes []*rotation.Lane) (Outcome, error) {
	f := &forecast{r: r, oldest: r.limits.Oldest(time.Now()), streams: map[string]*tally{}, labels: map[string]map[string]bool{}, what: "lines"}
	t := tabwriter.NewWriter(r.o.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "source\tfiles\tlines\tentries\tunparsed\tfrom\tto")
	var sum tally
	var rows []row
	for _, l := range lanes {
		by, err := f.lane(ctx, l)
		if err != nil {
			return Outcome{}, err
		}
		for _, s := range l.Sources {
			n := by[s]
			if n == nil {
				n = new(tally)
			}
			sum.add(n)
			rows = append(rows, row{s.Name, len(s.Parts), *n})
		}
	}
	for _, x := range shown(rows) {
		n := &x.tally
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", terminal.Safe(x.name), x.files, say.Number(n.Lines), say.Number(n.Entries), say.Number(n.Unparsed), r.time(n.First), r.time(n.Last))
	}
	t.Flush() //nolint:errcheck // as for any output
	f.write(r.o.Stdout, &sum)
	r.leftOut(r.o.Stdout)
	return Outcome{Partly: r.set.Partly()}, nil
}

func (f *forecast) lane(ctx context.Context, l *rotation.Lane) (map[*rotation.Source]*tally, error) {
	by := map[*rotation.Source]*tally{}
	of := func(s *rotation.Source) *tally {
		if by[s] == nil {
			by[s] = new(tally)
		}
		return by[s]
	}
	err := f.r.set.Survey(ctx, l, logs.Look{
		Block: func(b *logs.Block) bool { of(b.Source).Lines += int64(b.Lines); return true },
		Entry: func(s *rotation.Source, e *entry.Entry) { f.see(of(s), e) },
	})
	return by, err
}

func (f *forecast) see(n *tally, e *entry.Entry) {
	if !f.r.o.InRange(e.Time) {
		n.Outside++
		return
	}
	n.see(e)
	s := f.stream(e.Labels)
	s.see(e)
	s.Bytes += int64(e.Size())
	f.bytes += int64(e.Size())
	if e.Time < f.oldest {
		f.tooOld++
	}
}

// stream finds the tally of a label set.
func (f *forecast) stream(l *entry.Labels) *tally {
	s := f.streams[l.Text]
	if s == nil {
		s = new(tally)
		f.streams[l.Text] = s
		for _, p := range l.Pairs {
			if f.labels[p.Name] == nil {
				f.labels[p.Name] = map[string]bool{}
			}
			f.labels[p.Name][p.Value] = true
		}
	}
	return s
}

// maxStreams is how many streams the forecast lists.
const maxStreams = 40

func (f *forecast) write(w io.Writer, sum *tally) {
	fmt.Fprintf(w, "\n%s, %s of %s, in %s:\n", say.Count(sum.Entries, "entry", "entries"), say.Size(f.bytes), f.what, say.Count(len(f.streams), "stream", "streams"))
	names := make([]string, 0, len(f.streams))
	for s := range f.streams {
		names = append(names, s)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := f.streams[b].Entries - f.streams[a].Entries; d != 0 {
			return int(max(min(d, 1), -1))
		}
		return strings.Compare(a, b)
	})
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, s := range names {
		if i == maxStreams {
			break
		}
		fmt.Fprintf(t, "%s\t%s\t  %s\n", say.Number(f.streams[s].Entries), say.Size(f.streams[s].Bytes), s)
	}
	t.Flush() //nolint:errcheck // as for any output
	if len(names) > maxStreams {
		fmt.Fprintf(w, "  and %d more\n", len(names)-maxStreams)
	}
	fmt.Fprintln(w, "\nvalues of each label:")
	for _, l := range slices.Sorted(maps.Keys(f.labels)) {
		fmt.Fprintf(w, "  %s: %d\n", l, len(f.labels[l]))
	}
	if sum.Outside > 0 {
		fmt.Fprintf(w, "%s outside of --since and --until\n", say.Count(sum.Outside, "entry is", "entries are"))
	}
	if f.tooOld > 0 {
		fmt.Fprintf(w, "%s too old for Loki, which would refuse this: %s\n", say.Count(f.tooOld, "entry is", "entries are"), f.r.limits.cure())
	}
	fmt.Fprintln(w, "nothing was sent (--dry-run)")
}
