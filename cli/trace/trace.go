// Package trace is zimbraloki trace: it reads the lines of mails out of
// files and archives or out of Loki, has mailcase put them together, and
// prints what became of each mail.
package trace

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
)

// Options say what to look for, where, and how it is printed.
type Options struct {
	Query  mailcase.Query
	Filter mailcase.Filter
	Paths  []string
	Config *config.Config // zone and properties of the transform
	Limits archive.Limits
	Host   string // of all files; "" finds it out
	Memory int    // bound of the mails that are under way, bytes; 0 for mailcase.DefaultLimit

	Loki         *loki.Client // asked instead of files; nil for files
	Selector     string       // of the streams to ask
	Since, Until time.Time    // of a line that matches; zero for no bound

	Groups bool // print the groups of queue ids, and nothing else
	JSON   bool
	Brief  bool // text without the lines of a mail
	Limit  int  // mails that are printed; 0 for no bound
	Width  int  // columns of a line of text; 0 for no bound

	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// ErrNothing is returned if no mail was found.
var ErrNothing = errors.New("no mail was found; a queue id is upper case, a message-id needs its host part, and --since and --until bound what is looked at")

// Run finds the mails and prints them.
func Run(ctx context.Context, o Options) error {
	if o.Config.Location == nil {
		o.Config.Location = time.Local
	}
	o.Query.Between(o.Since, o.Until)
	t := &tracer{o: o, out: bufio.NewWriterSize(o.Stdout, 64<<10), now: time.Now()}
	err := t.run(ctx)
	return cmp.Or(err, t.out.Flush())
}

// tracer is one Run.
type tracer struct {
	o   Options
	out *bufio.Writer
	now time.Time

	printed, more int
	err           error // of printing
}

func (t *tracer) run(ctx context.Context) error {
	if t.o.Loki != nil {
		return t.loki(ctx)
	}
	in, err := t.open(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	switch {
	case t.o.Groups:
		return t.groups(ctx, in)
	case t.o.Query.Kind == mailcase.All:
		return t.all(ctx, in)
	}
	return t.some(ctx, in)
}

// all prints each mail as soon as it is complete.
func (t *tracer) all(ctx context.Context, in *input) error {
	cases := mailcase.NewCases(t.o.Query, t.o.Memory, func(c *mailcase.Case) {
		if t.keeps(c) {
			t.print(c)
		}
	})
	if err := in.read(ctx, cases.Add); err != nil {
		return err
	}
	cases.Finish()
	return t.end(cases)
}

// some prints the mails that are asked for. A line of another host that does
// not name what is asked for may have come when its mail was not known yet, so
// what has several logs is read again, now by the message-ids that were found.
func (t *tracer) some(ctx context.Context, in *input) error {
	q := t.o.Query
	found, cases, err := t.collect(ctx, in, q)
	if err != nil {
		return err
	}
	if q.Kind != mailcase.ByMessageID && len(in.all.Sources) > 1 && len(found) > 0 {
		q.IDs = map[string]bool{}
		for _, c := range found {
			for _, id := range c.MessageIDs {
				q.IDs[id] = true
			}
		}
		if found, cases, err = t.collect(ctx, in, q); err != nil {
			return err
		}
	}
	return t.tell(found, cases)
}

// collect reads all and keeps the first mails that match, as many as are
// printed.
func (t *tracer) collect(ctx context.Context, in *input, q mailcase.Query) ([]*mailcase.Case, *mailcase.Cases, error) {
	var found []*mailcase.Case
	t.more = 0
	cases := mailcase.NewCases(q, t.o.Memory, func(c *mailcase.Case) {
		if !t.keeps(c) {
			return
		}
		if t.o.Limit > 0 && len(found) >= t.o.Limit {
			t.more++
			return
		}
		found = append(found, c)
	})
	if err := in.read(ctx, cases.Add); err != nil {
		return nil, nil, err
	}
	cases.Finish()
	return found, cases, nil
}

// keeps reports whether a mail passes the filter.
func (t *tracer) keeps(c *mailcase.Case) bool {
	if t.o.Filter.Empty() {
		return true
	}
	s := mailcase.Tell(c)
	return t.o.Filter.Keeps(&s)
}

// tell prints mails in the order they began. A notification that is found
// itself is told with the mail it is about.
func (t *tracer) tell(found []*mailcase.Case, cases *mailcase.Cases) error {
	begin := map[*mailcase.Case]int64{}
	for _, c := range found {
		if e := c.Events(); len(e) > 0 {
			begin[c] = e[0].Time
		}
	}
	slices.SortStableFunc(found, func(a, b *mailcase.Case) int { return cmp.Compare(begin[a], begin[b]) })
	for _, c := range found {
		t.print(c)
	}
	return t.end(cases)
}

// print writes one mail.
func (t *tracer) print(c *mailcase.Case) {
	if t.err != nil {
		return
	}
	if t.o.Limit > 0 && t.printed >= t.o.Limit {
		t.more++
		return
	}
	if t.o.JSON {
		t.err = writeJSON(t.out, c, &t.o.Query)
	} else {
		if t.printed > 0 {
			t.out.WriteByte('\n')
		}
		w := textWriter{out: t.out, loc: t.o.Config.Location, width: t.o.Width, brief: t.o.Brief}
		w.mail(c, &t.o.Query)
	}
	t.printed++
}

// end says what was not printed.
func (t *tracer) end(cases *mailcase.Cases) error {
	if t.more > 0 {
		fmt.Fprintf(t.o.Stderr, "%s; --limit is %d\n", say.Count(t.more, "more mail matches", "more mails match"), t.o.Limit)
	}
	if cases.Dropped > 0 {
		fmt.Fprintf(t.o.Stderr, "too many mails were under way at once: %s told, or given up, before the end; narrow --since and --until\n", say.Count(cases.Dropped, "was", "were"))
	}
	if t.err == nil && t.printed == 0 {
		return ErrNothing
	}
	return t.err
}

// groups prints the lines of each queue id as collate.pl of Postfix's makers
// does: complete ones as they end, then those that were not removed.
func (t *tracer) groups(ctx context.Context, in *input) error {
	text := func(g *mailcase.Group) {
		for _, e := range g.Events {
			t.out.WriteString(e.Line + "\n")
		}
		t.out.WriteByte('\n')
	}
	c := mailcase.NewCollator(nil, text)
	if err := in.read(ctx, func(e *mailcase.Event) { c.Add(e) }); err != nil {
		return err
	}
	for _, g := range c.Open() {
		text(g)
	}
	return nil
}
