// Package doctor looks for what keeps logs from reaching Loki: in Loki, on the
// way there, and on this machine. Each finding has its cure.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/check"
)

// The severities of a Finding.
const (
	OK      = "ok"
	Hint    = "hint"
	Warning = "warning"
	Error   = "error"
)

// Finding is what one look found.
type Finding struct {
	Check    string `json:"check"` // what was looked at, from a closed set
	Severity string `json:"severity"`
	What     string `json:"what"`
	Cure     string `json:"cure,omitempty"`
}

// String is the finding for people.
func (f Finding) String() string {
	s := fmt.Sprintf("%-8s %-11s %s", f.Severity, f.Check, f.What)
	if f.Cure != "" {
		s += "\n" + fmt.Sprintf("%21s %s", "", f.Cure)
	}
	return s
}

// Options say what to look at.
type Options struct {
	Config    *config.Config
	FluentBit string   // main configuration file of Fluent Bit, "" for none
	Program   string   // fluent-bit, as exec.LookPath finds it; "" looks for none
	Logs      []string // patterns of log files
	Log       *slog.Logger
}

// doctor is one Run.
type doctor struct {
	Options
	found []Finding
}

// Run looks at everything. A look that fails is a finding.
func Run(ctx context.Context, o Options) []Finding {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &doctor{Options: o}
	d.loki(ctx)
	d.files()
	d.fluentBit(ctx)
	d.logs()
	return d.found
}

func (d *doctor) add(check, severity, cure, what string, args ...any) {
	d.found = append(d.found, Finding{check, severity, fmt.Sprintf(what, args...), cure})
}

// files looks at the files that the configuration names.
func (d *doctor) files() {
	err := d.Config.CheckFiles()
	if err != nil {
		d.add("files", Error, "", "%v", err) // its text has the cures
		return
	}
	if d.Config.DeadLetterPath == "" {
		d.add("dead-letter", Warning, "set dead_letter_path", "dead letters are off: what Loki refuses is lost")
		return
	}
	d.add("dead-letter", OK, "", "%s can be written", d.Config.DeadLetterPath)
}

// versionTimeout bounds fluent-bit --version.
const versionTimeout = 10 * time.Second

// The oldest Fluent Bit that the plugin is tested with.
const (
	oldestMajor = 3
	oldestMinor = 2
)

var versionText = regexp.MustCompile(`Fluent Bit v(\d+)\.(\d+)[.\w-]*`)

func (d *doctor) fluentBit(ctx context.Context) {
	d.version(ctx)
	if d.FluentBit == "" {
		return
	}
	if _, err := os.Stat(d.FluentBit); err != nil {
		d.add("config", Error, "name the file that Fluent Bit is started with", "%v", err)
		return
	}
	found := check.File(d.FluentBit, check.Options{Files: true})
	for i := range found {
		f := &found[i]
		d.add("config", f.Severity, f.Cure, "%s:%d: %s [%s]", f.File, f.Line, f.What, f.Rule)
	}
	if len(found) == 0 {
		d.add("config", OK, "", "%s has no mistake that is known", d.FluentBit)
	}
}

func (d *doctor) version(ctx context.Context) {
	if d.Program == "" {
		return
	}
	program, err := exec.LookPath(d.Program)
	if err != nil {
		if program, err = exec.LookPath("/opt/fluent-bit/bin/fluent-bit"); err != nil {
			d.add("fluent-bit", Hint, "", "no %s is in the PATH of this user", d.Program)
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "--version").Output() //nolint:gosec // who runs doctor names the program
	m := versionText.FindSubmatch(out)
	if err != nil || m == nil {
		d.add("fluent-bit", Error, "run it by hand", "%s --version tells no version (%v)", program, err)
		return
	}
	major, _ := strconv.Atoi(string(m[1])) // digits
	minor, _ := strconv.Atoi(string(m[2]))
	if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		d.add("fluent-bit", Warning, fmt.Sprintf("install Fluent Bit %d.%d or later", oldestMajor, oldestMinor), "%s is %s: the plugin is not tested with it", program, m[0])
		return
	}
	d.add("fluent-bit", OK, "", "%s is %s", program, m[0])
}

// logs opens each log file and reads a byte of it.
func (d *doctor) logs() {
	n, bad := 0, 0
	for _, pattern := range d.Logs {
		names, err := filepath.Glob(pattern)
		if err != nil {
			d.add("logs", Error, "see the syntax of --logs in the help", "pattern %q: %v", pattern, err)
			bad++
		}
		for _, name := range names {
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				continue
			}
			if n++; !d.readable(name) {
				bad++
			}
		}
	}
	switch {
	case n == 0 && bad == 0:
		d.add("logs", Warning, "run it on a server of Zimbra, or name files with --logs", "no log file matches %q", d.Logs)
	case bad == 0:
		d.add("logs", OK, "", "%s can be read", say.Count(n, "log file", "log files"))
		if os.Geteuid() == 0 {
			d.add("logs", Hint, "run doctor as the user that runs Fluent Bit, if that is not root", "root can read everything: this says nothing about other users")
		}
	}
}

func (d *doctor) readable(name string) bool {
	f, err := os.Open(name)
	if err == nil {
		defer f.Close() //nolint:errcheck // read only
		if _, err = f.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		d.add("logs", Error, "let the user that runs Fluent Bit read it: setfacl -m u:fluent-bit:r on the file, a default ACL (-d) on its folder for those that follow", "%v", err)
	}
	return err == nil
}
