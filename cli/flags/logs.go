package flags

import (
	"path"
	"regexp"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logs"
)

// Logs are the flags of a command that reads logs.
type Logs struct {
	Properties
	Verbose bool

	o                         logs.Options
	since, until, hostPattern string
	maxUnpacked               int64 // GiB
	include, exclude          []string
}

// Add adds the flags.
func (l *Logs) Add(f *pflag.FlagSet) {
	l.Properties.Add(f)
	l.AddFiles(f)
	f.BoolVarP(&l.Verbose, "verbose", "v", false, "say what Loki answers in detail")
}

// AddFiles adds those that say which files are read, and how.
func (l *Logs) AddFiles(f *pflag.FlagSet) {
	f.StringVar(&l.o.Host, "host", "", "`name` of the host that the logs are of (default: from folders and syslog)")
	f.StringVar(&l.hostPattern, "host-pattern", "", "`regexp` whose first group, in the path of a file, is its host")
	f.StringArrayVar(&l.include, "include", nil, "only files whose name matches `pattern`; may repeat")
	f.StringArrayVar(&l.exclude, "exclude", nil, "leave out files whose name matches `pattern`; may repeat")
	f.StringVar(&l.since, "since", "", "leave out entries before `time` (2026-08-02, 2026-08-02T16:00, yesterday, or 36h for ago)")
	f.StringVar(&l.until, "until", "", "leave out entries from `time` on")
	f.StringVar(&l.o.TmpDir, "tmp", "", "`folder` for what must be unpacked to be read in order (default: the system's)")
	f.Int64Var(&l.o.Limits.Ratio, "max-ratio", 0, "give a file up that unpacks to more than so many `times` its size (default 250)")
	f.Int64Var(&l.maxUnpacked, "max-unpacked", 0, "give up what unpacks to more than so many `GiB` (default 64)")
	f.IntVar(&l.o.Limits.Depth, "max-depth", 0, "`depth` of archives inside of archives (default 3)")
	f.IntVar(&l.o.Limits.Entries, "max-entries", 0, "`files` of one archive (default 100000)")
}

// Options are what the flags say, with the paths of args. Its error is a
// UsageError.
func (l *Logs) Options(c *cobra.Command, args []string) (o logs.Options, err error) {
	l.Patient()
	o = l.o
	o.Paths, o.Stdin, o.Stderr, o.Log = args, c.InOrStdin(), c.ErrOrStderr(), Logger(l.Verbose)
	o.Limits.Bytes = l.maxUnpacked << 30
	if o.Config, err = l.Config(); err != nil {
		return o, err
	}
	if o.Since, err = ParseTime("--since", l.since, o.Config); err != nil {
		return o, err
	}
	if o.Until, err = ParseTime("--until", l.until, o.Config); err != nil {
		return o, err
	}
	if l.hostPattern != "" {
		if o.HostPattern, err = regexp.Compile(l.hostPattern); err != nil {
			return o, Usagef("--host-pattern: %w", err)
		}
	}
	o.Want, err = l.want()
	return o, err
}

// want makes --include and --exclude a function.
func (l *Logs) want() (func(name string) bool, error) {
	for _, p := range append(l.include, l.exclude...) {
		if _, err := path.Match(p, ""); err != nil {
			return nil, Usagef("pattern %q: %w", p, err)
		}
	}
	matches := func(patterns []string, name string) bool {
		for _, p := range patterns {
			if ok, _ := path.Match(p, name); ok { // the pattern is good, see above
				return true
			}
		}
		return false
	}
	return func(name string) bool {
		return (len(l.include) == 0 || matches(l.include, name)) && !matches(l.exclude, name)
	}, nil
}

// Identity is what makes a run another one than that of the same files.
func (l *Logs) Identity() []string {
	id := []string{l.o.Host, l.hostPattern, l.since, l.until}
	for _, key := range []string{"url", "tenant_id", "labels", "timezone"} {
		id = append(id, l.Get(key))
	}
	return append(append(id, l.include...), l.exclude...)
}

// ParseTime reads a time of the command line: a date, a date and time, RFC
// 3339, or how long ago.
func ParseTime(flag, s string, c *config.Config) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, c.Location); err == nil {
			return t, nil
		}
	}
	if s == "yesterday" || s == "today" {
		now := time.Now().In(c.Location)
		if s == "yesterday" {
			now = now.AddDate(0, 0, -1)
		}
		return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, c.Location), nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return time.Now().Add(-d), nil
	}
	return time.Time{}, Usagef("%s %q: write a time like 2026-08-02 or 2026-08-02T16:49:04+03:00, or how long ago, like 36h", flag, s)
}
