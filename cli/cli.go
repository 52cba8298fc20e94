// Package cli is the command line: each command is a package below it.
package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/ask"
	"github.com/zimbraloki/zimbraloki/cli/check"
	"github.com/zimbraloki/zimbraloki/cli/doctor"
	"github.com/zimbraloki/zimbraloki/cli/explain"
	"github.com/zimbraloki/zimbraloki/cli/export"
	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/health"
	"github.com/zimbraloki/zimbraloki/cli/labels"
	"github.com/zimbraloki/zimbraloki/cli/pseudonym"
	"github.com/zimbraloki/zimbraloki/cli/replay"
	"github.com/zimbraloki/zimbraloki/cli/report"
	"github.com/zimbraloki/zimbraloki/cli/serve"
	"github.com/zimbraloki/zimbraloki/cli/ship"
	"github.com/zimbraloki/zimbraloki/cli/trace"
	"github.com/zimbraloki/zimbraloki/cli/verify"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
)

// Command is zimbraloki, with all its commands.
func Command() *cobra.Command {
	root := &cobra.Command{
		Use:           "zimbraloki",
		Short:         "Zimbra, Carbonio and container logs for Grafana Loki",
		Long:          rootLong,
		Version:       buildinfo.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknown(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
		// What a command prints may hold what logs and servers wrote.
		PersistentPreRun: func(c *cobra.Command, _ []string) { c.SetOut(terminal.NewWriter(c.OutOrStdout())) },
	}
	flags.AddQuiet(root)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flags.UsageError{Err: err} })
	root.AddCommand(explain.Command(), ask.Command(), report.Command(), serve.Command(), ship.Command(), trace.Command(), export.Command(), replay.Command(), doctor.Command(), verify.Command(),
		labels.Command(), check.Command(), pseudonym.Command(), health.Command(), version())
	return root
}

const rootLong = `Zimbra, Carbonio and container logs for Grafana Loki.

What is asked for goes to standard output; progress, and what is wrong, to
standard error. Colours and a bar are shown on a terminal only, colours not
with NO_COLOR set, neither with TERM=dumb; --quiet says only what is wrong.

Exit codes of all commands: 0 it is done, 1 an error, 2 a mistake in the command
line, 3 done but for what was named, 130 Ctrl-C, 143 SIGTERM.`

// unknown says that there is no such command, and which was probably meant.
func unknown(c *cobra.Command, name string) error {
	c.SuggestionsMinimumDistance = max(1, min(3, len(name)/2))
	if near := c.SuggestionsFor(name); len(near) > 0 {
		return flags.Usagef("unknown command %q; did you mean %s?", name, strings.Join(near, " or "))
	}
	return flags.Usagef("unknown command %q; run `zimbraloki help` for the list", name)
}

func version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Example: "  zimbraloki version",
		Long: "Print the version.\n\nExit codes: 0 it is printed, 2 a mistake in the command line.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return flags.Usagef("version takes no argument, got %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "zimbraloki", buildinfo.Version)
			return err
		},
	}
}
