package verify

import (
	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

const verifyLong = `Count the entries of logs by source and hour, as ship would send them, and hold
the counts against what Loki has of the same streams. The hours that differ are
printed. Give it the settings with which the logs were sent: --config, --host,
--label, --timezone. Entries that came late count with their streams.

Loki may count an entry twice that was sent again much later, though a query
shows it once.

Exit codes: 0 the counts are equal, 1 an error, 2 a mistake in the command line,
3 they differ, or not all files can be read, 130 Ctrl-C.`

const verifyExample = `  zimbraloki verify --url https://loki.example.com /opt/zimbra/log/mailbox.log*
  zimbraloki verify --config /etc/fluent-bit/zimbraloki.conf --since 24h --host mail1 /opt/zimbra/log`

// Command is zimbraloki verify.
func Command() *cobra.Command {
	var logs flags.Logs
	c := &cobra.Command{
		Use: "verify PATH...", Short: "Hold the counts of logs against Loki's", Long: verifyLong, Example: verifyExample,
		Args: flags.NeedPaths("verify"),
		RunE: func(c *cobra.Command, args []string) error {
			o, err := logs.Options(c, args)
			if err != nil {
				return err
			}
			ctx, stop := flags.Interruptible(c.Context())
			defer stop()
			differ, err := Run(ctx, Options{o, c.OutOrStdout()})
			err = flags.Ended(ctx, err)
			if err == nil && differ {
				err = flags.ErrPartly
			}
			return err
		},
	}
	logs.Add(c.Flags())
	return c
}
