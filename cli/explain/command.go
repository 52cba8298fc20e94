package explain

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

const explainLong = `Print the entries that the plugin would make of log lines, one JSON object
an entry:

  {"time": …, "format": …, "labels": {…}, "metadata": {…}, "line": …}

PATH is a file, a folder, a pattern, an archive or "-" for standard input, which
is also the default. One plain file is read as Fluent Bit would read it on this
machine, line by line; several, folders and what is packed are read as ship
reads them: unpacked, in order of rotation, the host by their folders. Nothing
is sent.

Exit codes: 0 all was read, 1 an error, 2 a mistake in the command line, 3 not
all files can be read, 130 Ctrl-C.`

const explainExample = `  zimbraloki explain /opt/zimbra/log/mailbox.log
  zimbraloki explain -o text --timezone Europe/Moscow audit.log
  zimbraloki explain -o text --why audit.log
  zimbraloki explain --since 2026-08-02T16:00 --until 2026-08-02T17:00 /srv/cases/1488228.log
  grep 4e5e1bb3 mailbox.log | zimbraloki explain --path /opt/zimbra/log/mailbox.log -`

// command holds the flags of explain.
type command struct {
	logs    flags.Logs
	output  flags.Output
	o       Options
	arrival string
}

// Command is zimbraloki explain.
func Command() *cobra.Command {
	x := &command{}
	c := &cobra.Command{
		Use:     "explain [PATH...|-]",
		Short:   "Show what becomes of log lines: time, labels, metadata",
		Long:    explainLong,
		Example: explainExample,
		RunE:    func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	f := c.Flags()
	x.logs.AddTransform(f)
	x.logs.AddFiles(f)
	f.StringVar(&x.o.Tag, "tag", "zimbra", "Fluent Bit's `tag` of the records of one plain file")
	f.StringVar(&x.o.Path, "path", "", "`path` of one plain file as Fluent Bit's path_key gives it (default: PATH)")
	f.StringVar(&x.arrival, "arrival", "", "RFC 3339 `time` at which the lines of one plain file arrived (default: now)")
	x.output.Add(f, "json", "json or text")
	f.BoolVar(&x.o.Why, "why", false, "with -o text: say where each piece of metadata comes from")
	return c
}

func (x *command) run(c *cobra.Command, args []string) (err error) {
	if err := x.output.Check(); err != nil {
		return err
	}
	if x.o.JSON = x.output.JSON(); x.o.JSON && x.o.Why {
		return flags.Usagef("--why is for people: write -o text with it")
	}
	if x.o.Arrival, err = arrivalOf(x.arrival); err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"-"}
	}
	if len(args) > 1 && (x.o.Path != "" || x.arrival != "") {
		return flags.Usagef("--path and --arrival are for one plain file, got %d", len(args))
	}
	if x.o.Options, err = x.logs.Options(c, args); err != nil {
		return err
	}
	x.o.Stdout = c.OutOrStdout()
	ctx := c.Context()
	if args[0] != "-" { // while standard input is waited for, Ctrl-C simply ends
		var stop func()
		ctx, stop = flags.Interruptible(ctx)
		defer stop()
	}
	partly, err := Run(ctx, x.o)
	if err == nil && partly {
		return flags.ErrPartly
	}
	return flags.Ended(ctx, err)
}

func arrivalOf(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, flags.Usagef("--arrival %q: must be RFC 3339, as in 2026-08-02T16:49:04Z", s)
	}
	// Fluent Bit's times are unsigned: an earlier one would be taken for one of the next century.
	if t.Unix() < 0 {
		return t, flags.Usagef("--arrival %q: must not be before 1970", s)
	}
	return t, nil
}
