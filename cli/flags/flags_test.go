package flags

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logs"
)

func TestParseTime(t *testing.T) {
	c := &config.Config{Location: time.FixedZone("", 3*3600)}
	f := func(s string, want time.Time) {
		t.Helper()
		got, err := ParseTime("--since", s, c)
		if !got.Equal(want) || err != nil {
			t.Errorf("%q: %v, %v, want %v", s, got, err, want)
		}
	}
	f("", time.Time{})
	f("2026-08-02", time.Date(2026, 8, 1, 21, 0, 0, 0, time.UTC))
	f("2026-08-02T16:49", time.Date(2026, 8, 2, 13, 49, 0, 0, time.UTC))
	f("2026-08-02 16:49:04", time.Date(2026, 8, 2, 13, 49, 4, 0, time.UTC))
	f("2026-08-02T16:49:04.5Z", time.Date(2026, 8, 2, 16, 49, 4, 5e8, time.UTC))
	if got, err := ParseTime("--since", "36h", c); err != nil || time.Since(got).Round(time.Minute) != 36*time.Hour {
		t.Errorf("36h: %v, %v", got, err)
	}
	for s, ago := range map[string]int{"today": 0, "yesterday": 1} {
		now := time.Now().In(c.Location)
		got, err := ParseTime("--since", s, c)
		if want := time.Date(now.Year(), now.Month(), now.Day()-ago, 0, 0, 0, 0, c.Location); err != nil || want.Sub(got).Abs() > 24*time.Hour || got.Hour() != 0 {
			t.Errorf("%s: %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"tomorrow", "-2h", "2026-13-01"} {
		_, err := ParseTime("--since", s, c)
		if _, usage := errors.AsType[UsageError](err); !usage || !strings.Contains(err.Error(), "--since") {
			t.Errorf("%q: error %v", s, err)
		}
	}
}

// options reads a command line.
func options(args ...string) (o logs.Options, err error) {
	var l Logs
	c := &cobra.Command{Args: NeedPaths("test"), SilenceUsage: true, SilenceErrors: true, RunE: func(c *cobra.Command, args []string) error {
		o, err = l.Options(c, args)
		return err
	}}
	l.Add(c.Flags())
	c.SetArgs(args)
	err = c.Execute()
	return o, err
}

func TestLogs(t *testing.T) {
	o, err := options("--include", "*.log", "--exclude", "sync.log", "--host-pattern", "/(mail.)/", "--max-unpacked", "2", "--url", "http://127.0.0.1:1", "--label", "ticket=1", "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Paths) != 2 || o.Limits.Bytes != 2<<30 || o.HostPattern.FindStringSubmatch("/mail1/x")[1] != "mail1" || o.Config.RequestTimeout != 30*time.Second || len(o.Config.Labels) == 0 {
		t.Errorf("%+v", o)
	}
	for name, want := range map[string]bool{"a.log": true, "sync.log": false, "a.gz": false} {
		if o.Want(name) != want {
			t.Errorf("%s is wanted: %v", name, !want)
		}
	}
	f := func(want string, args ...string) {
		t.Helper()
		_, err := options(args...)
		if _, usage := errors.AsType[UsageError](err); !usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", args, err, want)
		}
	}
	f("test needs a file")
	f("--host-pattern", "--host-pattern", "(", "a")
	f(`pattern "["`, "--include", "[", "a")
	f("must be key=value", "--label", "x", "a")
	f("--until", "--until", "soon", "a")
	f("--config", "--config", "nowhere.conf", "a")
	f("timezone", "--timezone", "Nowhere/City", "a")
}
