// Package explain is zimbraloki explain: lines become printed entries by the
// same way as in the plugin, chunk and transform. It stands apart from package
// explain, which writes entries for the tests of transform too.
package explain

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/entry/show"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Options say what is explained, and how.
type Options struct {
	logs.Options
	Path, Tag string    // of a single text, as Fluent Bit gives them; Path "" is its name
	Arrival   time.Time // of all lines of a single text
	JSON      bool      // instead of text for people
	Why       bool      // say where metadata comes from
	Stdout    io.Writer
}

// explainer is one Run.
type explainer struct {
	o    Options
	all  *logs.Transforms
	own  *logs.Transforms  // for Why: one that learns nothing of other lines
	says []map[string]bool // for Why: by entry of the chunk, what the line itself says
	out  *bufio.Writer
	buf  []byte
}

// Run prints the entries of logs. One text is read as Fluent Bit would read it
// now, line by line as it comes; several, folders, archives and whatever is
// packed are read as ship reads them. partly reports whether something was left
// out.
func Run(ctx context.Context, o Options) (partly bool, err error) {
	x := &explainer{o: o, all: logs.NewTransforms(o.Config, o.Log), out: bufio.NewWriterSize(o.Stdout, 1<<16)}
	if o.Why {
		own := *o.Config
		own.MailTrace = false
		x.own = logs.NewTransforms(&own, o.Log)
	}
	text, err := x.text()
	switch {
	case err != nil:
		return false, err
	case text != nil:
		defer text.Close() //nolint:errcheck // read only
		err = x.stream(ctx, text)
	default:
		partly, err = x.set(ctx)
	}
	return partly, cmp.Or(err, x.out.Flush())
}

// text opens the only path if it is a text that lies open: nil if it is not, or
// if there are several.
func (x *explainer) text() (io.ReadCloser, error) {
	if len(x.o.Paths) != 1 {
		return nil, nil
	}
	in := io.NopCloser(x.o.Stdin)
	if path := x.o.Paths[0]; path != "-" {
		st, err := os.Stat(path)
		if err != nil || st.IsDir() {
			return nil, nil //nolint:nilerr // a pattern, or what logs.Open says of it
		}
		if in, err = os.Open(path); err != nil {
			return nil, err
		}
	}
	// What comes first is enough, and there may be no more for a while.
	head := make([]byte, 64<<10)
	n, err := in.Read(head)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, in.Close())
	}
	rest := io.MultiReader(bytes.NewReader(head[:n]), in)
	if !archive.Packed(head[:n]) {
		return struct {
			io.Reader
			io.Closer
		}{rest, in}, nil
	}
	if x.o.Paths[0] == "-" {
		x.o.Stdin = rest
		return nil, nil
	}
	return nil, in.Close()
}

func (x *explainer) stream(ctx context.Context, in io.Reader) error {
	name := x.o.Paths[0]
	if x.o.Path == "" && name != "-" {
		x.o.Path = name
	}
	// A line that Fluent Bit reads here is of this machine, unless the
	// configuration names a host.
	host := cmp.Or(x.o.Host, x.o.Config.Host)
	src := &rotation.Source{Host: host}
	if x.o.Path != "" {
		src = rotation.At(x.o.Path, host)
	}
	use := func(b *logs.Block) error { return cmp.Or(ctx.Err(), x.block(b)) }
	if err := logs.Stream(in, x.o.Config, src, x.o.Tag, x.o.Arrival.UnixNano(), use); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (x *explainer) set(ctx context.Context) (partly bool, err error) {
	s, err := logs.Open(ctx, x.o.Options, nil)
	if err != nil {
		return false, err
	}
	defer s.Close()
	for _, l := range s.Lanes {
		if err := s.Chunks(ctx, l, nil, x.block); err != nil {
			return false, err
		}
	}
	return s.Partly(), nil
}

func (x *explainer) block(b *logs.Block) error {
	if x.own != nil {
		x.says = x.says[:0]
		if err := x.own.Block(b, x.note); err != nil {
			return err
		}
	}
	return x.all.Block(b, x.print)
}

// note keeps what the line of an entry says itself. Both transforms give the
// entries of one file in one order.
func (x *explainer) note(e *entry.Entry) {
	names := make(map[string]bool, len(e.Meta))
	for _, p := range e.Meta {
		names[strings.Clone(p.Name)] = true
	}
	x.says = append(x.says, names)
}

// appendWhy appends the origins of what was printed of e; own is what its line
// says itself.
func (x *explainer) appendWhy(e *entry.Entry, own map[string]bool) {
	what := ""
	for _, f := range transform.Formats() {
		if f.Name == e.Format {
			what = f.Doc
		}
	}
	x.buf = show.AppendWhy(x.buf[:len(x.buf)-1], e, what, func(name string) bool { return own != nil && !own[name] })
}

func (x *explainer) print(e *entry.Entry) {
	own := map[string]bool(nil)
	if len(x.says) > 0 {
		own, x.says = x.says[0], x.says[1:]
	}
	if !x.o.InRange(e.Time) {
		return
	}
	if x.o.JSON {
		x.buf = append(show.AppendJSON(x.buf[:0], e), '\n')
	} else {
		x.buf = show.AppendText(x.buf[:0], e, x.o.Config.Location)
		if x.o.Why {
			x.appendWhy(e, own)
		}
	}
	x.out.Write(x.buf)
}
