// Package export is zimbraloki export: it finds entries in logs, writes them
// with their places into a case file, and checks such a file.
package export

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/config"
)

const exportLong = `Write what logs hold of an account, an address, a mail or a question into a zip
that proves it: the lines, each with its file, byte offset and line number, a
table of their fields, a timeline for people, and the SHA-256 of every source.
The same logs and the same command give the same bytes; nothing in the zip is of
this machine or of this moment.

Secrets are taken out of the lines, as in everything that zimbraloki writes, and
the SHA-256 of the original bytes stands beside; --raw leaves them as they are.

--verify CASE.zip SOURCES... reads the sources again, and names each that has
changed, each line that is not where it was, each part of the zip that was
altered.

Exit codes: 0 done, 1 an error, or the case file or a source is not as it was, 2 a
mistake in the command line, 3 not all files can be read.`

const exportExample = `  zimbraloki export --user petrova@example.org --since 2026-11-23 --until 2026-11-24 -o case.zip /srv/cases/1488228
  zimbraloki export --client-ip 198.51.100.23 --outcome failure -o case.zip logs.tar.gz
  zimbraloki export --query '{log="audit"} | outcome="admin_change"' -o case.zip logs/
  zimbraloki export --verify case.zip /srv/cases/1488228`

// command holds the flags of export.
type command struct {
	logs   flags.Logs
	want   Want
	output string
	verify string
	raw    bool
}

// Command is zimbraloki export.
func Command() *cobra.Command {
	x := &command{}
	c := &cobra.Command{
		Use: "export PATH...", Short: "Write entries with their places into a case file", Long: exportLong, Example: exportExample,
		Args: flags.NeedPaths("export"),
		RunE: func(c *cobra.Command, args []string) error {
			if x.verify != "" {
				return x.check(c, args)
			}
			return x.export(c, args)
		},
	}
	f := c.Flags()
	x.logs.AddTransform(f)
	x.logs.AddFiles(f)
	f.StringVar(&x.want.User, "user", "", "entries of `name`: the user, who acted for him, sender, recipient or object; without @ in any domain")
	f.StringVar(&x.want.Client, "client-ip", "", "entries of a client's `address` or network")
	f.StringVar(&x.want.MessageID, "message-id", "", "entries of a mail, with or without <>")
	f.StringVar(&x.want.Outcome, "outcome", "", "entries with this `outcome`: failure, success, lockout…")
	f.StringVar(&x.want.Query, "query", "", "entries that a `LogQL` query of logs finds")
	f.StringVarP(&x.output, "out", "o", "", "`file` to write; it must not be there")
	f.BoolVar(&x.raw, "raw", false, "leave secrets in the lines; the first page says so")
	f.StringVar(&x.verify, "verify", "", "check `case.zip` against PATH...")
	return c
}

func (x *command) export(c *cobra.Command, args []string) (err error) {
	o, err := x.logs.Options(c, args)
	if err != nil {
		return err
	}
	switch err := x.want.check(); {
	case err != nil:
		return flags.UsageError{Err: err}
	case x.output == "":
		return flags.Usagef("export needs -o case.zip")
	}
	debug.SetMemoryLimit(200 << 20) // what is found stays in memory; the rest is read and thrown away
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	found, partly, err := Find(ctx, o, x.want)
	if err != nil {
		return err
	}
	found.Raw, found.Command = x.raw, commandLine(c, args)
	if err := create(x.output, found); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s: %s from %s\n", x.output, say.Count(len(found.Lines), "entry", "entries"), say.Count(len(found.Sources), "source and member", "sources and members"))
	if partly {
		return flags.ErrPartly
	}
	return nil
}

// pathFlags are flags whose values are of this machine.
var pathFlags = map[string]bool{"out": true, "tmp": true, "config": true}

// commandLine is the command as another would give it: its flags in the order of
// their names, and paths without the folders of this machine.
func commandLine(c *cobra.Command, args []string) string {
	words := []string{"zimbraloki", "export"}
	c.Flags().Visit(func(f *pflag.Flag) {
		if pathFlags[f.Name] {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			words = append(words, "--"+f.Name+"="+say.Quote(shown(f.Name, v)))
		}
	})
	for _, a := range args {
		words = append(words, say.Quote(base(a)))
	}
	return strings.Join(words, " ")
}

// shown is a flag's value without secrets: who gets the case file sees it.
func shown(name, value string) string {
	if name != "property" {
		return value
	}
	key, _, _ := strings.Cut(value, "=")
	if f, ok := config.Lookup(strings.TrimSpace(key)); ok && f.Secret {
		return key + "=***"
	}
	return value
}

func (x *command) check(c *cobra.Command, args []string) error {
	o, err := x.logs.Options(c, args)
	if err != nil {
		return err
	}
	f, err := os.Open(x.verify)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	faults, lines, err := Verify(ctx, o, f)
	if err != nil {
		return err
	}
	for _, s := range faults {
		fmt.Fprintln(c.OutOrStdout(), s)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s: %s", x.verify, say.Count(len(faults), "thing is not as it was", "things are not as they were"))
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s found at their places, every source and member as it was\n", x.verify, say.Count(lines, "entry", "entries"))
	return err
}
