package replay

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

const replayLong = `Send dead letters to Loki again: what it refused, after its limits or its
settings were changed, and chunks that could not be read.

PATH is a file of dead letters (dead_letter_path) or a folder with some. Rotated
files, and what a run before has left, belong to it. The file is renamed first,
so that a plugin that runs begins a new one; the command may be run while it
does. What Loki takes is done with: the file is kept as .replayed-…, or removed
with --remove. What is refused again goes to a file that ends in .refused, and
comes again with the next run; lines that are no dead letters go to one that
ends in .unreadable, to be mended and named as PATH. The command can be ended at any time: run again,
it goes on where it was.

Exit codes: 0 all is delivered, 1 an error, 2 a mistake in the command line, 3
some was refused again or cannot be read, 130 Ctrl-C.`

const replayExample = `  zimbraloki replay --config /etc/fluent-bit/zimbraloki.conf /var/lib/fluent-bit/zimbraloki-dead.jsonl
  zimbraloki replay --dry-run /var/lib/fluent-bit
  zimbraloki replay --url https://loki.example.com --tenant mail --remove dead.jsonl`

// command holds the flags of replay.
type command struct {
	o Options
	flags.Properties
	verbose bool
}

// Command is zimbraloki replay.
func Command() *cobra.Command {
	x := &command{}
	c := &cobra.Command{
		Use: "replay PATH...", Short: "Send dead letters to Loki again", Long: replayLong, Example: replayExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return flags.Usagef("replay needs a file of dead letters, or a folder with some")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	x.Properties.Add(c.Flags())
	f := c.Flags()
	f.BoolVarP(&x.o.DryRun, "dry-run", "n", false, "tell what there is, and send nothing")
	f.BoolVar(&x.o.Remove, "remove", false, "remove files of which all is done, instead of keeping them as .replayed-…")
	f.BoolVarP(&x.verbose, "verbose", "v", false, "say what Loki answers in detail")
	return c
}

func (x *command) run(c *cobra.Command, args []string) (err error) {
	x.Patient()
	if x.o.Config, err = x.Config(); err != nil {
		return err
	}
	x.o.Paths, x.o.Stdout, x.o.Stderr, x.o.Log = args, c.OutOrStdout(), c.ErrOrStderr(), flags.Logger(x.verbose)
	if flags.Quiet(c) {
		x.o.Stderr = io.Discard // it only says why it waits
	}
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	out, err := Run(ctx, x.o)
	switch {
	case err != nil:
		return err
	case out.Interrupted:
		return flags.Ended(ctx, context.Canceled)
	case out.Partly:
		return flags.ErrPartly
	}
	return nil
}
