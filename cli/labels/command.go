package labels

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

const labelsLong = `Read logs as ship does and tell which streams a configuration makes of them: the
values of each label, the streams of an hour, and what Loki would refuse or
suffer from, by its default limits. Nothing is sent.

Exit codes: 0 all was read, 1 an error, 2 a mistake in the command line, 3 not
all files can be read, 130 Ctrl-C.`

const labelsExample = `  zimbraloki labels /opt/zimbra/log
  zimbraloki labels --property label_keys=user --since 24h -o json /opt/zimbra/log/mailbox.log`

// Command is zimbraloki labels.
func Command() *cobra.Command {
	var logs flags.Logs
	var output flags.Output
	c := &cobra.Command{
		Use: "labels PATH...", Short: "Forecast streams and label values", Long: labelsLong, Example: labelsExample,
		Args: flags.NeedPaths("labels"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := output.Check(); err != nil {
				return err
			}
			o, err := logs.Options(c, args)
			if err != nil {
				return err
			}
			ctx, stop := flags.Interruptible(c.Context()) // what was unpacked is removed
			defer stop()
			f, err := Run(ctx, o)
			if err != nil {
				return flags.Ended(ctx, err)
			}
			if output.JSON() {
				err = json.NewEncoder(c.OutOrStdout()).Encode(f)
			} else {
				err = f.WriteText(c.OutOrStdout())
			}
			if err == nil && f.Partly {
				err = flags.ErrPartly
			}
			return err
		},
	}
	logs.Add(c.Flags())
	output.Add(c.Flags(), "text", "text or json")
	return c
}
