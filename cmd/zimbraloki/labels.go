package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/labels"
)

const labelsLong = `Read logs as ship does and tell which streams a configuration makes of them: the
values of each label, the streams of an hour, and what Loki would refuse or
suffer from, by its default limits. Nothing is sent.

Exit codes: 0 all was read, 1 an error, 2 a mistake in the command line, 3 not
all files can be read.`

const labelsExample = `  zimbraloki labels /opt/zimbra/log
  zimbraloki labels --property label_keys=user --since 24h -o json /opt/zimbra/log/mailbox.log`

func labelsCommand() *cobra.Command {
	x := &shipper{}
	output := ""
	c := &cobra.Command{
		Use: "labels PATH...", Short: "Forecast streams and label values", Long: labelsLong, Example: labelsExample,
		Args: needPaths("labels"),
		RunE: func(c *cobra.Command, args []string) error {
			if output != "json" && output != "text" {
				return usageError{fmt.Errorf("--output %q: must be text or json", output)}
			}
			if err := x.setupPaths(c, args); err != nil {
				return usageError{err}
			}
			f, err := labels.Run(c.Context(), x.o.Options)
			if err != nil {
				return err
			}
			if output == "json" {
				err = json.NewEncoder(c.OutOrStdout()).Encode(f)
			} else {
				err = f.WriteText(c.OutOrStdout())
			}
			if err == nil && f.Partly {
				err = errPartly
			}
			return err
		},
	}
	x.addPaths(c.Flags())
	c.Flags().StringVarP(&output, "output", "o", "text", "`form` of the output: text or json")
	return c
}
