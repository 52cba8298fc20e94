// Command zimbraloki works with the logs of Zimbra and its neighbours without
// Fluent Bit: it shows what the output plugin would send.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
)

// Exit codes.
const (
	exitError = 1
	exitUsage = 2
	// exitPartly: done, but for what was named.
	exitPartly = 3
)

// errPartly ends a command with exitPartly; what is missing was said already.
var errPartly = errors.New("not all was delivered")

// usageError marks a mistake in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	return exitCode(root.ExecuteContext(context.Background()), os.Stderr)
}

// exitCode prints err and returns the code that goes with it.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errPartly) {
		return exitPartly
	}
	fmt.Fprintln(stderr, "zimbraloki:", err)
	if errors.As(err, &usageError{}) {
		return exitUsage
	}
	return exitError
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "zimbraloki",
		Short:         "Zimbra, Carbonio and container logs for Grafana Loki",
		Version:       buildinfo.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(explainCommand(), shipCommand(), traceCommand(), replayCommand(), doctorCommand(), verifyCommand(), labelsCommand(),
		checkCommand(), pseudonymCommand(), healthCommand(), manCommand(), versionCommand(), markdownCommand())
	return root
}

func noCommand(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unknown command %q; run `zimbraloki help` for the list", args[0])}
	}
	return nil
}
