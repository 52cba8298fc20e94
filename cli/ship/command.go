package ship

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

const shipLong = `Deliver logs that lie in files and archives to Loki, with the entries that the
plugin would make of them.

PATH is a file, a folder, a pattern ("logs/*.gz") or "-" for standard input.
gzip, zstd, xz, bzip2, tar and zip are unpacked, nested too. Rotated files are
put in order, oldest first. The command can be ended at any time: run again, it
goes on where it was, and nothing is stored twice.

With --store it delivers the entries of a zimbraloki serve instead, which must be
stopped: they go as they are, byte for byte, whatever the properties say.

Exit codes: 0 all is delivered, 1 an error, 2 a mistake in the command line, 3
delivered but for what the summary names, 130 Ctrl-C.`

const shipExample = `  zimbraloki ship --url https://loki.example.com --label ticket=1488228 case.tar.gz
  zimbraloki ship --dry-run --timezone Europe/Moscow /srv/cases/1488228
  zimbraloki ship --since 2026-08-01 --until 2026-08-03 --host mail1 /opt/zimbra/log/mailbox.log*
  zimbraloki ship --config /etc/fluent-bit/zimbraloki.conf --follow /opt/zimbra/log
  zimbraloki ship --store /var/lib/zimbraloki --url https://loki.example.com`

// command holds the flags of ship.
type command struct {
	logs flags.Logs
	o    Options
	rate string
}

// Command is zimbraloki ship.
func Command() *cobra.Command {
	x := &command{}
	c := &cobra.Command{
		Use: "ship PATH... | --store DIR", Short: "Deliver old logs, packed or not, to Loki", Long: shipLong, Example: shipExample,
		Args: x.args,
		RunE: func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	f := c.Flags()
	x.logs.Add(f)
	f.StringVar(&x.o.Store, "store", "", "`folder` of a zimbraloki serve whose entries are shipped instead of logs")
	f.StringVar(&x.rate, "rate", "", "send at most so `much` a second: lines (20000) or bytes (2MiB)")
	f.IntVar(&x.o.Jobs, "jobs", min(runtime.NumCPU(), 4), "hosts that are shipped at once")
	f.Lookup("jobs").DefValue = "one a processor, at most 4"
	f.BoolVarP(&x.o.DryRun, "dry-run", "n", false, "tell what would be sent, and send nothing")
	f.BoolVarP(&x.o.Follow, "follow", "f", false, "go on with what is written to the files from now on")
	f.StringVar(&x.o.State, "state", "", "position `file` (default: in the user's state folder, one for each set of paths and target)")
	f.BoolVar(&x.o.Restart, "restart", false, "begin again, whatever the position file says")
	f.StringVar(&x.o.Grafana, "grafana", "", "base `URL` of Grafana, for a link to what was shipped")
	f.StringVar(&x.o.Datasource, "datasource", "loki", "`uid` of Loki in Grafana, for the link")
	return c
}

// logFlags concern logs alone: entries of a store are what they are.
var logFlags = []string{"follow", "label", "host", "host-pattern", "include", "exclude", "tmp", "max-ratio", "max-unpacked", "max-depth", "max-entries"}

// args wants logs or a store.
func (x *command) args(c *cobra.Command, args []string) error {
	if x.o.Store == "" {
		for _, a := range args {
			if store.Is(a) {
				return flags.Usagef("%s is the folder of a zimbraloki serve: ship its entries with --store %s", a, a)
			}
		}
		return flags.NeedPaths("ship")(c, args)
	}
	if len(args) > 0 {
		return flags.Usagef("--store ships the entries of a zimbraloki serve: ship %s with a command of its own", args[0])
	}
	for _, name := range logFlags {
		if c.Flags().Changed(name) {
			return flags.Usagef("--%s is for logs: the entries of --store are shipped as they are", name)
		}
	}
	return nil
}

func (x *command) run(c *cobra.Command, args []string) error {
	if x.o.Store != "" && !store.Is(x.o.Store) {
		return flags.Usagef("--store %s: not the folder of a zimbraloki serve, which has a file form", x.o.Store)
	}
	if err := x.setup(c, args); err != nil {
		return flags.UsageError{Err: err}
	}
	if cfg := x.o.Config; cfg.DeadLetterPath != "" && !x.o.DryRun {
		if err := os.MkdirAll(filepath.Dir(cfg.DeadLetterPath), 0o750); err != nil {
			return err
		}
		if err := cfg.CheckFiles(); err != nil {
			return flags.UsageError{Err: err}
		}
	}
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	out, err := Run(ctx, x.o)
	switch {
	case err != nil:
		return err
	case out.Interrupted && !x.o.Follow:
		return flags.Ended(ctx, context.Canceled)
	case out.Partly:
		return flags.ErrPartly
	}
	return nil
}

// setup makes options of flags.
func (x *command) setup(c *cobra.Command, args []string) (err error) {
	if x.o.State == "" {
		if x.o.Store != "" {
			args = []string{x.o.Store}
		}
		if x.o.State, err = statePath(args, x.logs.Identity()); err != nil {
			return err
		}
	}
	if x.o.State, err = filepath.Abs(x.o.State); err != nil {
		return err
	}
	x.logs.Set("dead_letter_path", strings.TrimSuffix(x.o.State, ".json")+".dead-letter.jsonl", true)
	if x.o.Rate, err = ParseRate(x.rate); err != nil {
		return fmt.Errorf("--rate: %w", err)
	}
	if x.o.Options, err = x.logs.Options(c, args); err != nil {
		return err
	}
	if !x.o.Follow {
		x.o.Config.MetricsListen = "" // the plugin of this machine may have the port
	}
	x.o.Poll, x.o.Stdout, x.o.Quiet = time.Second, c.OutOrStdout(), flags.Quiet(c)
	return nil
}

// statePath is where the position of a run is kept: its name depends on what is
// shipped and where to, so that the same command finds it again.
func statePath(args, identity []string) (string, error) {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no home folder for the position file (%w); name one with --state", err)
		}
		dir = filepath.Join(home, ".local", "state")
	}
	h := sha256.New()
	for _, a := range args {
		if abs, err := filepath.Abs(a); err == nil && a != "-" {
			a = abs
		}
		fmt.Fprintf(h, "%s\x00", a)
	}
	fmt.Fprintf(h, "%q", identity)
	return filepath.Join(dir, "zimbraloki", fmt.Sprintf("ship-%x.json", h.Sum(nil)[:8])), nil
}
