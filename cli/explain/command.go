package explain

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

const explainLong = `Print the entries that the plugin would make of log lines, one JSON object
an entry:

  {"time": …, "format": …, "labels": {…}, "metadata": {…}, "line": …}

FILE may be "-" for standard input, which is also the default. Nothing is sent.`

const explainExample = `  zimbraloki explain /opt/zimbra/log/mailbox.log
  zimbraloki explain -o text --timezone Europe/Moscow audit.log
  zimbraloki explain -o text --why audit.log
  grep 4e5e1bb3 mailbox.log | zimbraloki explain --path /opt/zimbra/log/mailbox.log -`

// Command is zimbraloki explain.
func Command() *cobra.Command {
	var o Options
	var p flags.Properties
	var output flags.Output
	var arrival string
	c := &cobra.Command{
		Use:     "explain [FILE|-]",
		Short:   "Show what becomes of log lines: time, labels, metadata",
		Long:    explainLong,
		Example: explainExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return flags.Usagef("explain takes one file, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if err := output.Check(); err != nil {
				return err
			}
			if o.JSON = output.JSON(); o.JSON && o.Why {
				return flags.Usagef("--why is for people: write -o text with it")
			}
			if o.Arrival = time.Now(); arrival != "" {
				if o.Arrival, err = time.Parse(time.RFC3339Nano, arrival); err != nil {
					return flags.Usagef("--arrival %q: must be RFC 3339, as in 2026-08-02T16:49:04Z", arrival)
				}
				// Fluent Bit's times are unsigned: an earlier one would be taken for one of the next century.
				if o.Arrival.Unix() < 0 {
					return flags.Usagef("--arrival %q: must not be before 1970", arrival)
				}
			}
			if o.Config, err = p.Config(); err != nil {
				return err
			}
			if o.File = "-"; len(args) == 1 {
				o.File = args[0]
			}
			o.Stdin, o.Stdout, o.Log = c.InOrStdin(), c.OutOrStdout(), flags.Logger(false)
			return Run(o)
		},
	}
	f := c.Flags()
	p.AddTransform(f)
	f.StringVar(&o.Tag, "tag", "zimbra", "Fluent Bit's `tag` of the records")
	f.StringVar(&o.Path, "path", "", "`path` of the file as Fluent Bit's path_key gives it (default: FILE)")
	f.StringVar(&arrival, "arrival", "", "RFC 3339 `time` at which the lines arrived (default: now)")
	output.Add(f, "json", "json or text")
	f.BoolVar(&o.Why, "why", false, "with -o text: say where each piece of metadata comes from")
	return c
}
