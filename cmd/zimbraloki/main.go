// Command zimbraloki works with the logs of Zimbra and its neighbours without
// Fluent Bit: it shows what the output plugin would send.
package main

import (
	"context"
	"os"

	"github.com/zimbraloki/zimbraloki/cli"
	"github.com/zimbraloki/zimbraloki/cli/flags"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run runs the command line and returns its exit code.
func run(args []string) int {
	root := cli.Command()
	root.SetArgs(args)
	return flags.ExitCode(root.ExecuteContext(context.Background()), os.Stderr)
}
