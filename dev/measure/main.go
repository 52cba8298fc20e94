// Command measure compares what four pipelines of Fluent Bit cost for the same
// logs, and prints the table of docs/performance.md: reading alone, shipping the
// lines as they are, the plugin, and Fluent Bit's own parsers. `make measure`
// runs it on the machine it is asked on; figures of two machines, or of two
// runs, are not to be compared, only the ratios within a run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// options say what is measured.
type options struct {
	fluentBit string
	plugin    string
	dir       string // for the logs; "" makes one that is removed in the end
	lines     int    // of each log
	rounds    int
	logs      []*workload
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err == nil {
		err = run(ctx, &o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("measure", flag.ContinueOnError)
	f.StringVar(&o.fluentBit, "fluent-bit", firstOf(os.Getenv("FLUENT_BIT")), "the `program`; the first of FLUENT_BIT, or fluent-bit of PATH")
	f.StringVar(&o.plugin, "plugin", "build/zimbraloki.so", "the shared `object`")
	f.StringVar(&o.dir, "dir", "", "`folder` for the logs, to be kept; they are made in a temporary one otherwise")
	f.IntVar(&o.lines, "lines", 300_000, "lines of each log")
	f.IntVar(&o.rounds, "rounds", 3, "how often the pipelines take turns; the table has medians")
	names := f.String("logs", "mailbox,planr,zimbra", "which logs")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.fluentBit == "" {
		if o.fluentBit, err = exec.LookPath("fluent-bit"); err != nil {
			return o, errors.New("no Fluent Bit: fluent-bit is not on PATH; give -fluent-bit or FLUENT_BIT its path")
		}
	}
	if o.lines < 1 || o.rounds < 1 || f.NArg() > 0 {
		return o, fmt.Errorf("-lines %d, -rounds %d, %q: both must be 1 or more, and nothing else is taken", o.lines, o.rounds, f.Args())
	}
	for name := range strings.SplitSeq(*names, ",") {
		w := workloadOf(name)
		if w == nil {
			return o, fmt.Errorf("-logs %q: there are mailbox, planr and zimbra", name)
		}
		o.logs = append(o.logs, w)
	}
	o.plugin, err = filepath.Abs(o.plugin)
	return o, err
}

// firstOf is the first of a list of paths, as tests take it.
func firstOf(list string) string {
	if all := filepath.SplitList(list); len(all) > 0 {
		return all[0]
	}
	return ""
}

func run(ctx context.Context, o *options) error {
	for _, path := range []string{o.fluentBit, o.plugin} {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w (`make so` builds the plugin)", err)
		}
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "zimbraloki-measure-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	s, err := newSink()
	if err != nil {
		return err
	}
	defer s.Close()
	b := bench{fluentBit: o.fluentBit, plugin: o.plugin, dir: o.dir, sink: s}
	if err := b.unpack(); err != nil {
		return err
	}
	var table []column
	for _, w := range o.logs {
		c, err := b.column(ctx, w, o.lines, o.rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		table = append(table, c)
	}
	fmt.Print(markdown(table))
	return nil
}
