package ask

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/pipeline"
	"github.com/zimbraloki/zimbraloki/questions"
)

const askLong = `Answer LogQL, the language of Grafana Loki, from logs that lie in files: no Loki
is needed, nothing is sent. Entries are those that the plugin would make, with
the same labels, metadata and redaction.

QUESTION is LogQL, or the name of a question (--list), which may take parameters.
PATH is a file, a folder, a pattern or "-" for standard input, packed or not.
With --loki, a Loki is asked instead.

A metric query gives one value for each series, at the end of the logs or of
--until; with --step, or as a picture, it gives values over time. $__range,
$__interval and $__auto mean what they mean in Grafana.

Exit codes: 0 answered, 1 an error, 2 a mistake in the command line, 3 not all
files can be read, 130 Ctrl-C.`

const askExample = `  zimbraloki ask '{log="mailbox"} |= "OutOfMemoryError"' /opt/zimbra/log
  zimbraloki ask --list
  zimbraloki ask failed-logins --user ivanov@example.org /opt/zimbra/log
  zimbraloki ask 'sum by (level) (count_over_time({job="zimbra"}[$__range]))' -o csv /opt/zimbra/log/mailbox.log
  zimbraloki ask 'sum by (level) (count_over_time({job="zimbra"}[10m]))' --step 10m /opt/zimbra/log/mailbox.log
  zimbraloki ask 'sum(count_over_time({job="zimbra"}[1h]))' --step 1h -o svg /opt/zimbra/log/mailbox.log > lines.svg`

// command holds the flags of ask.
type command struct {
	o         Options
	logs      flags.Logs
	output    string
	direction string
	list      bool
	values    map[string]*string // of parameters
}

// Command is zimbraloki ask.
func Command() *cobra.Command {
	x := &command{values: map[string]*string{}}
	c := &cobra.Command{
		Use: "ask QUESTION [PATH...]", Short: "Answer LogQL from files and archives", Long: askLong, Example: askExample,
		RunE: func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	f := c.Flags()
	x.logs.AddAsking(f)
	x.logs.AddFiles(f)
	f.IntVar(&x.o.Limit, "limit", 1000, "answer with so `many` entries at most; 0 for all")
	f.StringVar(&x.direction, "direction", "backward", "`order` of entries: backward, the newest first, or forward")
	f.DurationVar(&x.o.Step, "step", 0, "values of a metric query so `far` apart, instead of one at the end")
	f.StringVarP(&x.output, "output", "o", string(formText), "`form` of the answer: text, json (as Loki's API), jsonl, csv, raw, svg or png")
	f.BoolVar(&x.list, "list", false, "list the questions that have a name")
	f.BoolVar(&x.o.Whole, "no-shortcuts", false, "read every line of every file; the answer is the same, later")
	x.addParams(f)
	return c
}

// addParams adds a flag for each parameter of a question.
func (x *command) addParams(f *pflag.FlagSet) {
	for _, name := range questions.ParamNames() {
		x.values[name] = f.String(name, "", "`"+name+"` of a question that takes one")
	}
}

func (x *command) run(c *cobra.Command, args []string) error {
	if x.list {
		return list(c.OutOrStdout())
	}
	p, err := x.setup(c, args)
	if err != nil {
		return flags.UsageError{Err: err}
	}
	if x.logs.URL() != "" {
		client, err := pipeline.NewClient(x.o.Files.Config, nil, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		if err != nil {
			return flags.UsageError{Err: err}
		}
		defer client.Close()
		x.o.Loki = client
	}
	// Most of the heap is what is read and thrown away.
	debug.SetMemoryLimit(160 << 20)
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	a, err := Run(ctx, x.o)
	if err != nil {
		if e, ok := errors.AsType[*engine.Error](err); ok && e.Status < 500 {
			return flags.UsageError{Err: err}
		}
		return flags.Ended(ctx, err)
	}
	if err := p.print(a.Result); err != nil {
		return err
	}
	if x.o.Limit > 0 && count(a.Result) >= x.o.Limit {
		fmt.Fprintf(c.ErrOrStderr(), "these are %d entries, there may be more: --limit 0 has all\n", x.o.Limit)
	}
	if a.Partly {
		return flags.ErrPartly
	}
	return nil
}

func count(r *engine.Result) (n int) {
	for i := range r.Streams {
		n += len(r.Streams[i].Entries)
	}
	return n
}

// setup makes options of flags and arguments.
func (x *command) setup(c *cobra.Command, args []string) (*printer, error) {
	if len(args) == 0 {
		return nil, errors.New("ask needs a question: LogQL, or a name of --list")
	}
	form := form(x.output)
	if !slices.Contains(forms, form) {
		return nil, fmt.Errorf("--output %q: must be one of %v", x.output, forms)
	}
	switch x.direction {
	case "backward", "forward":
		x.o.Direction = map[string]engine.Direction{"backward": engine.Backward, "forward": engine.Forward}[x.direction]
	default:
		return nil, fmt.Errorf("--direction %q: must be backward or forward", x.direction)
	}
	if x.o.Step < 0 || x.o.Step > 0 && x.o.Step < time.Millisecond || x.o.Limit < 0 {
		return nil, errors.New("--step must be a millisecond or more, --limit 0 or more")
	}
	title, err := x.question(args[0])
	if err != nil {
		return nil, err
	}
	if x.o.Files, err = x.logs.Options(c, args[1:]); err != nil {
		return nil, err
	}
	switch paths := args[1:]; {
	case x.logs.URL() != "" && len(paths) > 0:
		return nil, fmt.Errorf("--loki asks Loki, and %q would be read from files: give one of them", paths[0])
	case x.logs.URL() == "" && len(paths) == 0:
		return nil, errors.New("ask needs a file, a folder, an archive or - for standard input, or --loki")
	}
	x.o.Ranged = form.picture()
	out := c.OutOrStdout()
	if w, ok := out.(*terminal.Writer); ok && form == formPNG {
		out = w.Raw()
	}
	return &printer{
		w: out, form: form, forward: x.o.Direction == engine.Forward, location: x.o.Files.Config.Location,
		title: title, width: width(), asked: strings.HasPrefix(strings.TrimSpace(x.o.Query), "sort"),
	}, nil
}

// question finds the query, and what stands over a picture.
func (x *command) question(text string) (title string, err error) {
	values := map[string]string{}
	for name, v := range x.values {
		if *v != "" {
			values[name] = *v
		}
	}
	if strings.ContainsAny(text, "{}()") || strings.TrimSpace(text) == "" {
		if len(values) > 0 {
			return "", errors.New("parameters go with a question of --list; in LogQL, write the value where it belongs")
		}
		x.o.Query = text
		return text, nil
	}
	q, ok := questions.Find(text)
	if !ok {
		return "", fmt.Errorf("%q is no LogQL, which begins with { or a function, and no question of --list", text)
	}
	x.o.Query, err = q.LogQL(values)
	return q.EN, err
}

// list prints the questions, in Russian too where that is the user's language.
func list(out io.Writer) error {
	russian := strings.HasPrefix(os.Getenv("LC_ALL")+os.Getenv("LC_MESSAGES")+os.Getenv("LANG"), "ru")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, t := range questions.Topics {
		head := t.EN
		if russian {
			head = t.RU
		}
		fmt.Fprintf(w, "%s\n", head)
		for _, q := range t.Questions {
			title, params := q.EN, ""
			if russian {
				title = q.RU
			}
			for _, p := range q.Params {
				params += " --" + p.Name + " …"
			}
			for _, n := range q.Optional() {
				params += " [--" + n + " …]"
			}
			fmt.Fprintf(w, "  %s%s\t%s\n", q.Name, params, title)
		}
	}
	return w.Flush()
}

// width is how many characters a line of the terminal has.
func width() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n >= 40 {
		return min(n, 400)
	}
	return 100
}
