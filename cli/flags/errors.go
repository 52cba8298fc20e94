// Package flags is what the commands share of a command line: mistakes in it
// and exit codes, the plugin's properties, which logs are read.
package flags

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/internal/terminal"
)

// Exit codes.
const (
	ExitError = 1
	ExitUsage = 2
	// ExitPartly: done, but for what was named.
	ExitPartly = 3
)

// ErrPartly ends a command with ExitPartly; what is missing was said already.
var ErrPartly = errors.New("not all was delivered")

// UsageError is a mistake in the command line.
type UsageError struct{ Err error }

// Error implements error.
func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// ExitCode prints err and returns the code that goes with it.
func ExitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, ErrPartly) {
		return ExitPartly
	}
	fmt.Fprintln(stderr, "zimbraloki:", terminal.Safe(err.Error()))
	if by, ok := errors.AsType[Interrupted](err); ok {
		return exitSignal + int(by.Signal)
	}
	if _, ok := errors.AsType[UsageError](err); ok {
		return ExitUsage
	}
	return ExitError
}

// NeedPaths wants at least one argument.
func NeedPaths(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return Usagef("%s needs a file, a folder, an archive or - for standard input", name)
		}
		return nil
	}
}

// Output is the flag --output: text or json.
type Output string

// Add adds the flag; about says what the forms are.
func (o *Output) Add(f *pflag.FlagSet, byDefault, about string) {
	f.StringVarP((*string)(o), "output", "o", byDefault, "`form` of the output: "+about)
}

// Check complains of another form.
func (o *Output) Check() error {
	if *o != "text" && *o != "json" {
		return Usagef("--output %q: must be text or json", string(*o))
	}
	return nil
}

// JSON reports whether JSON is asked for.
func (o *Output) JSON() bool { return *o == "json" }

// severities are the words of findings and their colours.
var severities = map[string]terminal.Colour{"error": terminal.Red, "warning": terminal.Yellow, "hint": terminal.Cyan, "ok": terminal.Green}

// PrintFinding is Print for a finding: severity, in its colour on a terminal,
// stands between before and after.
func (o *Output) PrintFinding(w io.Writer, v fmt.Stringer, before, severity, after string) error {
	if o.JSON() {
		return o.Print(w, v)
	}
	return terminal.Print(w, before, severities[severity], severity, after+"\n")
}

// AddQuiet adds --quiet to all commands below c.
func AddQuiet(c *cobra.Command) {
	c.PersistentFlags().BoolP("quiet", "q", false, "say only what is wrong: no progress, no hints")
}

// Quiet reports whether --quiet is given.
func Quiet(c *cobra.Command) bool {
	f := c.Flags().Lookup("quiet")
	return f != nil && f.Value.String() == "true"
}

// Print writes v: as one line of JSON, or as text for people.
func (o *Output) Print(w io.Writer, v fmt.Stringer) error {
	if o.JSON() {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	_, err := fmt.Fprintln(w, v)
	return err
}
