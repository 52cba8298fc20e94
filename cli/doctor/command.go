package doctor

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/say"
)

const doctorLong = `Look for what keeps logs from reaching Loki, and tell the cure: whether Loki
answers, takes this user and tenant, allows structured metadata and has limits
that fit; whether the clocks agree; which Fluent Bit is installed; whether dead
letters can be written and the log files be read. Give it the configuration of
the output with --config, and run it as the user that runs Fluent Bit.

One entry is pushed, to the stream {job="zimbraloki-doctor"}; nothing else is
changed.

Exit codes: 0 no error, 1 an error, 2 a mistake in the command line.`

const doctorExample = `  zimbraloki doctor --config /etc/fluent-bit/zimbraloki.conf
  zimbraloki doctor --url https://loki.example.com --tenant mail --fluent-bit /etc/fluent-bit/fluent-bit.yaml
  zimbraloki doctor -o json --logs '/var/log/mail.log*'`

// zimbraLogs are the files that Zimbra writes.
var zimbraLogs = []string{"/opt/zimbra/log/*.log", "/var/log/zimbra.log"}

// command holds the flags of doctor.
type command struct {
	o Options
	flags.Properties
	output flags.Output
}

// Command is zimbraloki doctor.
func Command() *cobra.Command {
	x := &command{}
	c := &cobra.Command{
		Use: "doctor", Short: "Find out why logs do not reach Loki", Long: doctorLong, Example: doctorExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return flags.Usagef("doctor takes no argument, got %q; log files are named with --logs", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return x.run(c) },
	}
	x.Properties.Add(c.Flags())
	f := c.Flags()
	f.StringVar(&x.o.FluentBit, "fluent-bit", "", "main configuration `file` of Fluent Bit, to check it too")
	f.StringVar(&x.o.Program, "program", "fluent-bit", "`name` or path of the program Fluent Bit")
	f.StringSliceVar(&x.o.Logs, "logs", zimbraLogs, "`patterns` of log files that must be readable")
	x.output.Add(f, "text", "text or json")
	return c
}

func (x *command) run(c *cobra.Command) (err error) {
	if err := x.output.Check(); err != nil {
		return err
	}
	if x.o.Config, err = x.Config(); err != nil {
		return err
	}
	x.o.Log = slog.New(slog.DiscardHandler) // the findings tell it
	bad, quiet := 0, flags.Quiet(c)
	for _, f := range Run(c.Context(), x.o) {
		if f.Severity == Error {
			bad++
		}
		if quiet && (f.Severity == OK || f.Severity == Hint) {
			continue
		}
		if err := x.output.PrintFinding(c.OutOrStdout(), f, "", f.Severity, strings.TrimPrefix(f.String(), f.Severity)); err != nil {
			return err
		}
	}
	if bad > 0 {
		return errors.New(say.Count(bad, "error", "errors"))
	}
	return nil
}
