// Package flagtest runs commands as a user does, in tests.
package flagtest

import (
	"bytes"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

// Run runs a command on its own. out is what it prints, and what main would
// print of its error.
func Run(ctx context.Context, c *cobra.Command, args ...string) (out string, code int) {
	var b bytes.Buffer
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flags.UsageError{Err: err} })
	c.SetArgs(append([]string{}, args...))
	c.SetIn(strings.NewReader(""))
	c.SetOut(&b)
	c.SetErr(&b)
	code = flags.ExitCode(c.ExecuteContext(ctx), &b)
	return b.String(), code
}
