// Package explain is zimbraloki explain: lines become printed entries by the
// same way as in the plugin, chunk and transform. It stands apart from package
// explain, which writes entries for the tests of transform too.
package explain

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/entry/show"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Options say what is explained, and how.
type Options struct {
	File      string // "-" is Stdin
	Path, Tag string // as Fluent Bit gives them; Path "" is File
	Config    *config.Config
	Arrival   time.Time // of all lines
	JSON      bool      // instead of text for people
	Why       bool      // say where metadata comes from
	Stdin     io.Reader
	Stdout    io.Writer
	Log       *slog.Logger
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

// Run prints the entries of a file as its lines are read.
func Run(o Options) error {
	in := o.Stdin
	if o.File != "-" {
		f, err := os.Open(o.File)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // read only
		in = f
		if o.Path == "" {
			o.Path = o.File
		}
	}
	x := &explainer{o: o, all: logs.NewTransforms(o.Config, o.Log), out: bufio.NewWriterSize(o.Stdout, 1<<16)}
	if o.Why {
		own := *o.Config
		own.MailTrace = false
		x.own = logs.NewTransforms(&own, o.Log)
	}
	// A line that Fluent Bit reads here is of this machine, unless the
	// configuration names a host.
	src := &rotation.Source{Host: o.Config.Host}
	if o.Path != "" {
		src = rotation.At(o.Path, o.Config.Host)
	}
	if err := logs.Stream(in, o.Config, src, o.Tag, o.Arrival.UnixNano(), x.block); err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	return x.out.Flush()
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

// appendWhy appends the origins of what was printed of e.
func (x *explainer) appendWhy(e *entry.Entry) {
	what := ""
	for _, f := range transform.Formats() {
		if f.Name == e.Format {
			what = f.Doc
		}
	}
	own := map[string]bool(nil)
	if len(x.says) > 0 {
		own, x.says = x.says[0], x.says[1:]
	}
	x.buf = show.AppendWhy(x.buf[:len(x.buf)-1], e, what, func(name string) bool { return own != nil && !own[name] })
}

func (x *explainer) print(e *entry.Entry) {
	if x.o.JSON {
		x.buf = append(show.AppendJSON(x.buf[:0], e), '\n')
	} else {
		x.buf = show.AppendText(x.buf[:0], e, x.o.Config.Location)
		if x.o.Why {
			x.appendWhy(e)
		}
	}
	x.out.Write(x.buf)
}
