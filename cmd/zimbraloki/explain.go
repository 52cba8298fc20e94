package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/cli/explain"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/pipeline"
	"github.com/zimbraloki/zimbraloki/transform"
)

// explainer turns lines into printed entries, by the same way as the plugin:
// chunk, transform.
type explainer struct {
	tag, path, timezone, arrival, output string
	properties                           []string
	why                                  bool

	at   int64 // arrival of all lines, ns
	loc  *time.Location
	t    *transform.Transform
	own  *transform.Transform // for --why: one that learns nothing of other lines
	says []map[string]bool    // for --why: by entry of the chunk, what the line itself says
	b    chunk.Builder
	n    int // records in b
	out  *bufio.Writer
	buf  []byte
}

const explainLong = `Print the entries that the plugin would make of log lines, one JSON object
an entry:

  {"time": …, "format": …, "labels": {…}, "metadata": {…}, "line": …}

FILE may be "-" for standard input, which is also the default. Nothing is sent.`

const explainExample = `  zimbraloki explain /opt/zimbra/log/mailbox.log
  zimbraloki explain -o text --timezone Europe/Moscow audit.log
  zimbraloki explain -o text --why audit.log
  grep 4e5e1bb3 mailbox.log | zimbraloki explain --path /opt/zimbra/log/mailbox.log -`

func explainCommand() *cobra.Command {
	x := &explainer{}
	c := &cobra.Command{
		Use:     "explain [FILE|-]",
		Short:   "Show what becomes of log lines: time, labels, metadata",
		Long:    explainLong,
		Example: explainExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("explain takes one file, got %d", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			name := "-"
			if len(args) == 1 {
				name = args[0]
			}
			return x.run(name, c.InOrStdin(), c.OutOrStdout())
		},
	}
	f := c.Flags()
	f.StringVar(&x.tag, "tag", "zimbra", "Fluent Bit's `tag` of the records")
	f.StringVar(&x.path, "path", "", "`path` of the file as Fluent Bit's path_key gives it (default: FILE)")
	f.StringVar(&x.timezone, "timezone", "", "zone of times without one, as an IANA `name` (default: local)")
	f.StringVar(&x.arrival, "arrival", "", "RFC 3339 `time` at which the lines arrived (default: now)")
	f.StringVarP(&x.output, "output", "o", "json", "`form` of the output: json or text")
	f.BoolVar(&x.why, "why", false, "with -o text: say where each piece of metadata comes from")
	f.StringArrayVarP(&x.properties, "property", "p", nil, "property of the plugin, `key=value`; may repeat")
	return c
}

func (x *explainer) run(name string, stdin io.Reader, stdout io.Writer) error {
	if err := x.setup(name); err != nil {
		return usageError{err}
	}
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	x.out = bufio.NewWriterSize(stdout, 1<<16)
	if err := x.lines(bufio.NewReaderSize(in, 1<<16)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return x.out.Flush()
}

func (x *explainer) setup(name string) error {
	if x.output != "json" && x.output != "text" {
		return fmt.Errorf("--output %q: must be json or text", x.output)
	}
	if x.why && x.output != "text" {
		return fmt.Errorf("--why is for people: write -o text with it")
	}
	x.at = time.Now().UnixNano()
	if x.arrival != "" {
		t, err := time.Parse(time.RFC3339Nano, x.arrival)
		if err != nil {
			return fmt.Errorf("--arrival %q: must be RFC 3339, as in 2026-08-02T16:49:04Z", x.arrival)
		}
		x.at = t.UnixNano()
	}
	if x.path == "" && name != "-" {
		x.path = name
	}
	get, err := x.get()
	if err != nil {
		return err
	}
	cfg, err := config.ParseValues(get)
	if err != nil {
		return err
	}
	x.loc = cfg.Location
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	x.t = pipeline.NewTransform(cfg, log)
	if x.why {
		cfg.MailTrace = false
		x.own = pipeline.NewTransform(cfg, log)
	}
	return nil
}

// get looks a property up as Fluent Bit does: without regard to case, the
// first one wins.
func (x *explainer) get() (func(string) string, error) {
	for _, p := range x.properties {
		if !strings.Contains(p, "=") {
			return nil, fmt.Errorf("--property %q: must be key=value", p)
		}
	}
	return func(key string) string {
		if key == "timezone" && x.timezone != "" {
			return x.timezone
		}
		for _, p := range x.properties {
			if k, v, _ := strings.Cut(p, "="); strings.EqualFold(k, key) {
				return v
			}
		}
		return ""
	}, nil
}

// explainChunk is the size, in bytes, at which lines go on as one chunk: that
// of Fluent Bit's own chunks.
const explainChunk = 2 << 20

func (x *explainer) lines(in *bufio.Reader) error {
	for {
		line, err := in.ReadString('\n')
		if line != "" {
			x.record(strings.TrimSuffix(line, "\n"))
		}
		if len(x.b.Bytes()) >= explainChunk || err != nil && x.n > 0 {
			if err := x.flush(); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (x *explainer) record(line string) {
	x.n++
	if x.path == "" {
		x.b.Record(x.at, "log", line)
		return
	}
	x.b.Record(x.at, "log", line, "path", x.path)
}

func (x *explainer) flush() error {
	if x.own != nil {
		x.says = x.says[:0]
		r := x.own.Begin(x.tag, x.b.Bytes(), x.note)
		transform.Chunk(r, x.b.Bytes()) // the error comes again below
		r.Close(true)
	}
	r := x.t.Begin(x.tag, x.b.Bytes(), x.print)
	err := transform.Chunk(r, x.b.Bytes())
	r.Close(true)
	x.b.Reset()
	x.n = 0
	return err
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
	x.buf = explain.AppendWhy(x.buf[:len(x.buf)-1], e, what, func(name string) bool { return own != nil && !own[name] })
}

func (x *explainer) print(e *entry.Entry) {
	if x.output == "text" {
		x.buf = explain.AppendText(x.buf[:0], e, x.loc)
		if x.why {
			x.appendWhy(e)
		}
	} else {
		x.buf = append(explain.AppendJSON(x.buf[:0], e), '\n')
	}
	x.out.Write(x.buf)
}
