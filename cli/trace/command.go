package trace

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

const traceLong = `Show the life of a mail: every line that any host wrote of it, in order of time,
and what became of it for each recipient.

WHAT is a message-id (with or without <>), a queue id, an address, a domain
(@example.com), the IP address or network of a client, or the name of a user.
PATH is a file, a folder, a pattern or "-" for standard input, packed or not; give
the logs of all hosts at once. Without PATH the logs of this host are read. With
--loki, Loki is asked instead of files.

--from, --to, --domain, --client-ip, --delayed, --verdict and --status leave out
all other mails; with --all they are all that is asked for. --all tells every mail
in the logs. --groups prints the lines of each queue id as collate.pl of Postfix's
makers does: complete ones first, then the others.

Exit codes: 0 a mail was found, 1 none, or an error, 2 a mistake in the command
line, 130 Ctrl-C.`

const traceExample = `  zimbraloki trace '<offer-4711@pc17.example.com>' /srv/cases/1488228
  zimbraloki trace 4C8A1A0F2D3 /var/log/zimbra.log*
  zimbraloki trace maria@partner.example.net --since 2026-11-23T08:00 --until 2026-11-23T10:00 mta1.tar.gz mail1.tar.gz
  zimbraloki trace a.meyer -o json --limit 5 logs/
  zimbraloki trace --all --brief --to @partner.example.net --delayed 1h logs/
  zimbraloki trace --all --verdict INFECTED --from a.meyer@example.com logs/
  zimbraloki trace --groups /var/log/zimbra.log
  zimbraloki trace petrova@example.org --loki https://loki.example.com --tenant mail --since 2h`

// command holds the flags of trace.
type command struct {
	o Options
	flags.Properties
	output           flags.Output
	by, since, until string
	all, full        bool
	maxUnpacked      int64 // GiB
}

// Command is zimbraloki trace.
func Command() *cobra.Command {
	x := &command{}
	c := &cobra.Command{
		Use: "trace WHAT [PATH...]", Short: "Show what became of a mail", Long: traceLong, Example: traceExample,
		RunE: func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	f := c.Flags()
	x.AddAsking(f)
	f.StringVar(&x.by, "by", "", "`kind` of WHAT: message-id, queue-id, address, domain, client-ip or user (default: what it looks like)")
	f.StringVar(&x.since, "since", "", "only mails with a matching line from `time` on (2026-08-02, 2026-08-02T16:00, or 36h for ago)")
	f.StringVar(&x.until, "until", "", "only mails with a matching line before `time`")
	x.output.Add(f, "text", "text or json, one object a mail")
	f.IntVar(&x.o.Limit, "limit", 20, "print so `many` mails at most; 0 for all")
	x.addFilter(f)
	f.BoolVar(&x.full, "full", false, "do not shorten lines")
	f.BoolVar(&x.o.Brief, "brief", false, "only who, from where, to whom and how it ended: no lines")
	f.BoolVar(&x.all, "all", false, "tell every mail; all arguments are paths")
	f.BoolVar(&x.o.Groups, "groups", false, "print the groups of lines by queue id; all arguments are paths")
	f.StringVar(&x.o.Host, "host", "", "`name` of the host that the logs are of (default: from folders and syslog)")
	f.StringVar(&x.o.Selector, "selector", `{job="zimbra"}`, "`streams` of Loki to look at")
	f.Int64Var(&x.maxUnpacked, "max-unpacked", 0, "give up what unpacks to more than so many `GiB` (default 64)")
	f.IntVar(&x.o.Limits.Depth, "max-depth", 0, "`depth` of archives inside of archives (default 3)")
	f.Int64Var(&x.o.Limits.Ratio, "max-ratio", 0, "give a file up that unpacks to more than so many `times` its size (default 250)")
	return c
}

func (x *command) addFilter(f *pflag.FlagSet) {
	w := &x.o.Filter
	f.StringVar(&w.From, "from", "", "only mails whose sender or login is `address`, or of a domain: @example.com")
	f.StringVar(&w.To, "to", "", "only mails with a recipient `address`, or of a domain: @example.com")
	f.StringVar(&w.Domain, "domain", "", "only mails from or to `domain` and what is below it")
	f.StringVar(&w.Client, "client-ip", "", "only mails that came from `address` or network: the person's where a line has it")
	f.DurationVar(&w.Delayed, "delayed", 0, "only mails that took so `long` for a recipient, or wait so long: 1h")
	f.StringVar(&w.Verdict, "verdict", "", "only mails of which the content filter says `word`: Blocked, SPAM, INFECTED, a virus")
	f.StringVar(&w.Status, "status", "", "only mails that were so for a recipient: "+strings.Join(mailcase.Statuses, ", "))
}

func (x *command) run(c *cobra.Command, args []string) error {
	if err := x.setup(c, args); err != nil {
		return flags.UsageError{Err: err}
	}
	x.o.Stdin, x.o.Stdout, x.o.Stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
	if x.URL() != "" {
		client, err := pipeline.NewClient(x.o.Config, nil, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		if err != nil {
			return flags.UsageError{Err: err}
		}
		defer client.Close()
		x.o.Loki = client
	}
	// Most of the heap are lines of mails that are under way, and bounded.
	debug.SetMemoryLimit(300 << 20)
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	return flags.Ended(ctx, Run(ctx, x.o))
}

// setup makes options of flags and arguments.
func (x *command) setup(c *cobra.Command, args []string) (err error) {
	if err := x.output.Check(); err != nil {
		return err
	}
	x.Set("flush_timeout", "60s", true)
	x.Set("request_timeout", "60s", true) // no Fluent Bit waits behind it
	if x.o.Config, err = x.Config(); err != nil {
		return err
	}
	if x.o.Since, err = flags.ParseTime("--since", x.since, x.o.Config); err != nil {
		return err
	}
	if x.o.Until, err = flags.ParseTime("--until", x.until, x.o.Config); err != nil {
		return err
	}
	if x.o.JSON = x.output.JSON(); !x.full {
		x.o.Width = 180
	}
	x.o.Limits.Bytes = x.maxUnpacked << 30
	if err := x.o.Filter.Check(); err != nil {
		return err
	}
	x.o.Query.Refusals = !x.o.Filter.Empty()
	return x.what(c, args)
}

// what takes the arguments.
func (x *command) what(c *cobra.Command, args []string) (err error) {
	if x.all || x.o.Groups {
		x.o.Query.Kind = mailcase.All
		if !c.Flags().Changed("limit") {
			x.o.Limit = 0
		}
	} else {
		if len(args) == 0 {
			return errors.New("trace needs a message-id, a queue id, an address, a domain, a client's address or a user; or --all")
		}
		if x.o.Query, err = mailcase.Parse(args[0], mailcase.Kind(x.by)); err != nil {
			return err
		}
		args = args[1:]
	}
	return x.paths(args)
}

// ownLogs are where Zimbra's hosts log their mails.
var ownLogs = []string{"/var/log/zimbra.log*", "/opt/zimbra/log/mailbox.log*", "/var/log/carbonio/mailbox.log*", "/opt/zextras/log/mailbox.log*"}

func (x *command) paths(args []string) error {
	x.o.Paths = args
	switch {
	case x.URL() != "" && len(args) > 0:
		return fmt.Errorf("--loki asks Loki, and %q would be read from files: give one of them", args[0])
	case x.URL() != "" && x.o.Query.Kind == mailcase.All:
		return errors.New("--all and --groups read files; --loki finds single mails")
	case x.URL() != "" || len(args) > 0:
		return nil
	}
	for _, p := range ownLogs {
		if m, _ := filepath.Glob(p); len(m) > 0 { // no error: the patterns are right
			x.o.Paths = append(x.o.Paths, p)
		}
	}
	if len(x.o.Paths) == 0 {
		return fmt.Errorf("no logs on this host (%s): name files, folders or archives, or --loki", strings.Join(ownLogs, ", "))
	}
	return nil
}
