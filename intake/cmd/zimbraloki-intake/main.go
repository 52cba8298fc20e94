// Command zimbraloki-intake takes log archives of customers by ticket: it
// serves the pages and the API, and keeps users, backups and what an earlier
// installation had.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
)

// The exit codes.
const (
	exitError  = 1
	exitUsage  = 2 // the command line or a setting is wrong
	exitPartly = 3 // it was done, but for what was told
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	a := &app{environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// app is what all commands share.
type app struct {
	environ  []string
	in       io.Reader
	out, err io.Writer
	file     string // --settings
}

// errPartly says that something was done, but for what was told.
var errPartly = errors.New("not all was done; see above")

// usage is an error of the command line or of the settings.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usage{fmt.Errorf(format, args...)} }

// run runs the command line and returns its exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := &cobra.Command{
		Use:           "zimbraloki-intake",
		Short:         "Takes log archives of customers by ticket, reads them, and answers what they tell",
		Version:       buildinfo.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&a.file, "settings", "", "file of settings, NAME=value in a line; the environment counts more")
	root.AddCommand(a.commands()...)
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{err} })
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(a.err, "zimbraloki-intake:", terminal.Safe(err.Error()))
	var wrong usage
	switch {
	case errors.As(err, &wrong), strings.HasPrefix(err.Error(), "unknown command"): // cobra's own
		return exitUsage
	case errors.Is(err, errPartly):
		return exitPartly
	}
	return exitError
}

// commands are all, in the order of the help.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{a.serveCommand(), a.userCommand(), a.backupCommand(), a.restoreCommand(), a.migrateCommand(), a.cleanupCommand(), a.healthCommand()}
}

// names wants so many arguments and says which.
func names(want ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == len(want) {
			return nil
		}
		text := "no arguments"
		if len(want) > 0 {
			text = fmt.Sprint("one argument, ", want[0])
		}
		return usagef("%s needs %s; it has %d", c.CommandPath(), text, len(args))
	}
}

// say writes a line for people; what others wrote steers no terminal.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.out, terminal.Safe(fmt.Sprintf(format, args...)))
}

// warn is the same beside the output.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintln(a.err, terminal.Safe(fmt.Sprintf(format, args...)))
}
