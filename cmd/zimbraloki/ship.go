package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/cli/ship"
	"github.com/zimbraloki/zimbraloki/config"
)

const shipLong = `Deliver logs that lie in files and archives to Loki, with the entries that the
plugin would make of them.

PATH is a file, a folder, a pattern ("logs/*.gz") or "-" for standard input.
gzip, zstd, xz, bzip2, tar and zip are unpacked, nested too. Rotated files are
put in order, oldest first. The command can be ended at any time: run again, it
goes on where it was, and nothing is stored twice.

Exit codes: 0 all is delivered, 1 an error, 2 a mistake in the command line,
3 delivered but for what the summary names.`

const shipExample = `  zimbraloki ship --url https://loki.example.com --label ticket=1488228 case.tar.gz
  zimbraloki ship --dry-run --timezone Europe/Moscow /srv/cases/1488228
  zimbraloki ship --since 2026-08-01 --until 2026-08-03 --host mail1 /opt/zimbra/log/mailbox.log*
  zimbraloki ship --config /etc/fluent-bit/zimbraloki.conf --follow /opt/zimbra/log`

// shipper holds the flags of ship.
type shipper struct {
	o ship.Options
	propertyFlags
	since, until, rate, hostPattern string
	maxUnpacked                     int64 // GiB
	include, exclude                []string
	verbose                         bool
}

func shipCommand() *cobra.Command {
	x := &shipper{}
	c := &cobra.Command{
		Use: "ship PATH...", Short: "Deliver old logs, packed or not, to Loki", Long: shipLong, Example: shipExample,
		Args: needPaths("ship"),
		RunE: func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	x.addPaths(c.Flags())
	f := c.Flags()
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

// addPaths adds the flags of every command that reads logs.
func (x *shipper) addPaths(f *pflag.FlagSet) {
	x.propertyFlags.add(f)
	f.StringVar(&x.o.Host, "host", "", "`name` of the host that the logs are of (default: from folders and syslog)")
	f.StringVar(&x.hostPattern, "host-pattern", "", "`regexp` whose first group, in the path of a file, is its host")
	f.StringArrayVar(&x.include, "include", nil, "only files whose name matches `pattern`; may repeat")
	f.StringArrayVar(&x.exclude, "exclude", nil, "leave out files whose name matches `pattern`; may repeat")
	f.StringVar(&x.since, "since", "", "leave out entries before `time` (2026-08-02, 2026-08-02T16:00, or 36h for ago)")
	f.StringVar(&x.until, "until", "", "leave out entries from `time` on")
	f.StringVar(&x.o.TmpDir, "tmp", "", "`folder` for what must be unpacked to be read in order (default: the system's)")
	f.Int64Var(&x.o.Limits.Ratio, "max-ratio", 0, "give a file up that unpacks to more than so many `times` its size (default 250)")
	f.Int64Var(&x.maxUnpacked, "max-unpacked", 0, "give up what unpacks to more than so many `GiB` (default 64)")
	f.IntVar(&x.o.Limits.Depth, "max-depth", 0, "`depth` of archives inside of archives (default 3)")
	f.IntVar(&x.o.Limits.Entries, "max-entries", 0, "`files` of one archive (default 100000)")
	f.BoolVarP(&x.verbose, "verbose", "v", false, "say what Loki answers in detail")
}

func (x *shipper) run(c *cobra.Command, args []string) error {
	if err := x.setup(args); err != nil {
		return usageError{err}
	}
	x.o.Paths, x.o.Stdin, x.o.Stdout, x.o.Stderr = args, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
	if x.o.Config.DeadLetterPath != "" && !x.o.DryRun {
		if err := os.MkdirAll(filepath.Dir(x.o.Config.DeadLetterPath), 0o750); err != nil {
			return err
		}
		if err := x.o.Config.CheckFiles(); err != nil {
			return usageError{err}
		}
	}
	// The heap of a run is a few chunks, each mostly bytes; without a bound the
	// collector would let it double.
	debug.SetMemoryLimit(96 << 20)
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	out, err := ship.Run(ctx, x.o)
	switch {
	case err != nil:
		return err
	case out.Interrupted && !x.o.Follow:
		return errors.New("interrupted")
	case out.Partly:
		return errPartly
	}
	return nil
}

// setup makes options of flags.
func (x *shipper) setup(args []string) (err error) {
	x.patient()
	if x.o.State == "" {
		if x.o.State, err = statePath(args, x.identity()); err != nil {
			return err
		}
	}
	if x.o.State, err = filepath.Abs(x.o.State); err != nil {
		return err
	}
	x.set("dead_letter_path", strings.TrimSuffix(x.o.State, ".json")+".dead-letter.jsonl", true)
	x.o.Poll = time.Second
	if x.o.Rate, err = ship.ParseRate(x.rate); err != nil {
		return fmt.Errorf("--rate: %w", err)
	}
	return x.setupLogs()
}

// setupPaths makes the options of a command that reads logs and ships nothing.
func (x *shipper) setupPaths(c *cobra.Command, args []string) error {
	x.patient()
	x.o.Paths, x.o.Stdin, x.o.Stdout, x.o.Stderr = args, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
	return x.setupLogs()
}

// setupLogs makes the options of configuration and of what is read.
func (x *shipper) setupLogs() (err error) {
	if x.o.Config, err = x.config(); err != nil {
		return err
	}
	if !x.o.Follow {
		x.o.Config.MetricsListen = "" // the plugin of this machine may have the port
	}
	x.o.Log = logger(x.verbose)
	if x.o.Since, err = parseTime("--since", x.since, x.o.Config); err != nil {
		return err
	}
	if x.o.Until, err = parseTime("--until", x.until, x.o.Config); err != nil {
		return err
	}
	if x.hostPattern != "" {
		if x.o.HostPattern, err = regexp.Compile(x.hostPattern); err != nil {
			return fmt.Errorf("--host-pattern: %w", err)
		}
	}
	x.o.Limits.Bytes = x.maxUnpacked << 30
	return x.names()
}

// names makes --include and --exclude a function.
func (x *shipper) names() error {
	for _, p := range append(x.include, x.exclude...) {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("pattern %q: %w", p, err)
		}
	}
	matches := func(patterns []string, name string) bool {
		for _, p := range patterns {
			if ok, _ := path.Match(p, name); ok { //nolint:errcheck // checked above
				return true
			}
		}
		return false
	}
	x.o.Want = func(name string) bool {
		return (len(x.include) == 0 || matches(x.include, name)) && !matches(x.exclude, name)
	}
	return nil
}

// identity is what makes a run another one than that of the same files.
func (x *shipper) identity() []string {
	id := []string{x.o.Host, x.hostPattern, x.since, x.until}
	for _, key := range []string{"url", "tenant_id", "labels", "timezone"} {
		id = append(id, x.get(key))
	}
	return append(append(id, x.include...), x.exclude...)
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

// parseTime reads a time of the command line: a date, a date and time, RFC
// 3339, or how long ago.
func parseTime(flag, s string, c *config.Config) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, c.Location); err == nil {
			return t, nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return time.Now().Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("%s %q: write a time like 2026-08-02 or 2026-08-02T16:49:04+03:00, or how long ago, like 36h", flag, s)
}
