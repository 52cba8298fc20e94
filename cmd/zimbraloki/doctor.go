package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/doctor"
)

const doctorLong = `Look for what keeps logs from reaching Loki, and tell the cure: whether Loki
answers, takes this user and tenant, allows structured metadata and has limits
that fit; whether the clocks agree; which Fluent Bit is installed; whether dead
letters can be written and the log files be read. Give it the configuration of
the output with --config, and run it as the user that runs Fluent Bit.

One entry is pushed, to the stream {job="zimbraloki-doctor"}; nothing else is
changed.

Exit code 0: no error. 1: an error. 2: usage.`

const doctorExample = `  zimbraloki doctor --config /etc/fluent-bit/zimbraloki.conf
  zimbraloki doctor --url https://loki.example.com --tenant mail --fluent-bit /etc/fluent-bit/fluent-bit.yaml
  zimbraloki doctor -o json --logs '/var/log/mail.log*'`

// zimbraLogs are the files that Zimbra writes.
var zimbraLogs = []string{"/opt/zimbra/log/*.log", "/var/log/zimbra.log"}

// doctorFlags holds the flags of doctor.
type doctorFlags struct {
	o doctor.Options
	propertyFlags
	output string
}

func doctorCommand() *cobra.Command {
	x := &doctorFlags{}
	c := &cobra.Command{
		Use: "doctor", Short: "Find out why logs do not reach Loki", Long: doctorLong, Example: doctorExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("doctor takes no argument, got %q; log files are named with --logs", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return x.run(c) },
	}
	x.propertyFlags.add(c.Flags())
	f := c.Flags()
	f.StringVar(&x.o.FluentBit, "fluent-bit", "", "main configuration `file` of Fluent Bit, to check it too")
	f.StringVar(&x.o.Program, "program", "fluent-bit", "`name` or path of the program Fluent Bit")
	f.StringSliceVar(&x.o.Logs, "logs", zimbraLogs, "`patterns` of log files that must be readable")
	f.StringVarP(&x.output, "output", "o", "text", "`form` of the output: text or json")
	return c
}

func (x *doctorFlags) run(c *cobra.Command) (err error) {
	if x.output != "json" && x.output != "text" {
		return usageError{fmt.Errorf("--output %q: must be text or json", x.output)}
	}
	if x.o.Config, err = x.config(); err != nil {
		return usageError{err}
	}
	x.o.Log = slog.New(slog.DiscardHandler) // the findings tell it
	bad := 0
	for _, f := range doctor.Run(c.Context(), x.o) {
		if f.Severity == doctor.Error {
			bad++
		}
		if err := printFinding(c.OutOrStdout(), x.output, f); err != nil {
			return err
		}
	}
	if bad > 0 {
		return errors.New(plural(bad, "error"))
	}
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func printFinding(w io.Writer, form string, f doctor.Finding) error {
	if form == "json" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(f)
	}
	_, err := fmt.Fprintln(w, f)
	return err
}
