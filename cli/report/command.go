// Package report is the command that tells what is in logs, on one page.
package report

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/report"
	"github.com/zimbraloki/zimbraloki/report/page"
)

const reportLong = `Tell on one page what is in logs and what went wrong: FATAL and what stood before
it, stopped services, exceptions, slow requests, failed logins and lockouts, mail
that waits or came back, viruses, disks, LDAP, the database; when there was how
much, and what the MTA did. Each finding has its count, its time, examples, what
it means, what to do, and the ask command that shows all of it. Nothing is sent.

The page is one HTML file in English and Russian that loads nothing and runs no
script. A name that ends in .md or .json gives Markdown or JSON.

Exit codes: 0 written, 1 an error, 2 a mistake in the command line, 3 not all
files can be read.`

const reportExample = `  zimbraloki report /opt/zimbra/log -o report.html
  zimbraloki report logs.tar.gz -o report.html --lang ru
  zimbraloki report --since yesterday /opt/zimbra/log /var/log/zimbra.log -o night.md
  zimbraloki report --since yesterday --mail root /opt/zimbra/log /var/log/zimbra.log`

// command holds the flags.
type command struct {
	logs      flags.Logs
	out, lang string
	mail      string // address
	sendmail  string // program
}

// Command is zimbraloki report.
func Command() *cobra.Command {
	x := new(command)
	c := &cobra.Command{
		Use: "report PATH...", Short: "Tell on one page what is in logs and what went wrong", Long: reportLong, Example: reportExample,
		Args: flags.NeedPaths("report"),
		RunE: func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	f := c.Flags()
	x.logs.AddTransform(f)
	x.logs.AddFiles(f)
	f.StringVarP(&x.out, "output", "o", "report.html", "`file` to write: .html, .md or .json; - prints HTML")
	f.StringVar(&x.mail, "mail", "", "send the page to an `address` through --sendmail; nothing is written unless -o is given, too")
	f.StringVar(&x.sendmail, "sendmail", "/usr/sbin/sendmail", "`program` that takes a mail, as Postfix and others have it")
	f.StringVar(&x.lang, "lang", "en", "`language` that is shown first: en or ru")
	return c
}

func (x *command) run(c *cobra.Command, args []string) error {
	if x.lang != "en" && x.lang != "ru" {
		return flags.Usagef("--lang %q: must be en or ru", x.lang)
	}
	ext := filepath.Ext(x.out)
	if x.out != "-" && ext != ".html" && ext != ".md" && ext != ".json" {
		return flags.Usagef("--output %q: must end in .html, .md or .json, or be -", x.out)
	}
	if c.Flags().Changed("mail") {
		if err := checkAddress(x.mail); err != nil {
			return err
		}
	}
	o, err := x.logs.Options(c, args)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(160 << 20) // most of the heap is what is read and thrown away
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	r, partly, err := Make(ctx, o)
	if err != nil {
		return err
	}
	how := page.Options{Title: title(args), Lang: x.lang, Location: o.Config.Location, Ask: askFor(&o, args)}
	if x.mail == "" || c.Flags().Changed("output") {
		if err := x.write(c, r, how); err != nil {
			return err
		}
	}
	if x.mail != "" {
		how.Title = hosts(r, how.Title)
		if err := send(ctx, x.sendmail, x.mail, r, how); err != nil {
			return err
		}
	}
	if partly {
		return flags.ErrPartly
	}
	return nil
}

// Make reads the logs once.
func Make(ctx context.Context, o logs.Options) (r *report.Report, partly bool, err error) {
	c, err := report.New(o.Config.Location)
	if err != nil {
		return nil, false, err
	}
	notices := logs.NewNotices(o.Stderr)
	now := cmp.Or(o.Now, time.Now())
	partly, err = logs.Survey(ctx, o, notices, func(s *rotation.Source, e *entry.Entry) {
		c.Reads(s, now)
		c.See(e)
	})
	if err != nil {
		return nil, false, err
	}
	var left []string
	for _, n := range notices.Left() {
		if len(left) == maxNotices {
			break
		}
		left = append(left, terminal.Safe(n.Path)+": "+terminal.Safe(n.Text))
	}
	return c.Report(left), partly, nil
}

// maxNotices is how many files that were left out are named.
const maxNotices = 50

func (x *command) write(c *cobra.Command, r *report.Report, o page.Options) (err error) {
	if x.out == "-" {
		return page.HTML(c.OutOrStdout(), r, o)
	}
	f, err := os.OpenFile(x.out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return as(f, filepath.Ext(x.out), r, o)
}

func as(w io.Writer, ext string, r *report.Report, o page.Options) error {
	switch ext {
	case ".md":
		return page.Markdown(w, r, o)
	case ".json":
		return page.JSON(w, r)
	default:
		return page.HTML(w, r, o)
	}
}

func title(args []string) string {
	name := filepath.Base(args[0])
	if len(args) > 1 {
		name += " …"
	}
	return name
}

// hosts names whose logs they are: in a list of mails that says more than a path.
func hosts(r *report.Report, other string) string {
	switch list := r.Hosts.Values; len(list) {
	case 0:
		return other
	case 1:
		return list[0].Value
	default:
		return list[0].Value + " …"
	}
}

// askFor is the rest of an ask command: the same time of the same files.
func askFor(o *logs.Options, args []string) string {
	var words []string
	for _, b := range []struct {
		flag string
		at   time.Time
	}{{"--since", o.Since}, {"--until", o.Until}} {
		if !b.at.IsZero() {
			words = append(words, b.flag, b.at.Format(time.RFC3339Nano))
		}
	}
	for _, a := range args {
		words = append(words, say.Quote(a))
	}
	return strings.Join(words, " ")
}
