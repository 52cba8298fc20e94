// Package logs reads logs as Fluent Bit would have read them when they were
// written: files, folders and archives in, chunks of records and the entries
// made of them out. Nothing is sent.
package logs

import (
	"context"
	"io"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// Options say which logs are read, and how.
type Options struct {
	Paths       []string // files, folders, patterns, archives; "-" is Stdin
	Config      *config.Config
	Names       map[string]string // what files of Paths are called instead, see archive.Options
	Limits      archive.Limits
	Walked      func(n int)            // is told how many bytes Open has read; nil for nobody
	TmpDir      string                 // "" for the system's
	Want        func(name string) bool // which files; nil for all
	Host        string                 // of all files; "" finds it out
	HostPattern *regexp.Regexp         // its first group in a path is the host; nil for none
	Since       time.Time              // of entries; zero for no bound
	Until       time.Time
	Now         time.Time // no line is later; zero for the time of Open
	Stdin       io.Reader
	Stderr      io.Writer // what was left out, and why
	Log         *slog.Logger
}

// InRange reports whether an entry of a time, ns, is asked for.
func (o *Options) InRange(ns int64) bool {
	return (o.Since.IsZero() || ns >= o.Since.UnixNano()) && (o.Until.IsZero() || ns < o.Until.UnixNano())
}

// Set is the logs that were found.
type Set struct {
	Lanes []*rotation.Lane

	o       Options
	notices *Notices
	files   *archive.Set
}

// Open finds the logs. n gets what a person should know of; nil writes it to
// o.Stderr. The error is about a path that names nothing. The Set must be closed.
func Open(ctx context.Context, o Options, n *Notices) (*Set, error) {
	if o.Now.IsZero() {
		o.Now = time.Now().UTC()
	}
	if n == nil {
		n = NewNotices(o.Stderr)
	}
	s := &Set{o: o, notices: n}
	var err error
	s.files, err = archive.Find(ctx, o.Paths, archive.Options{Limits: o.Limits, TmpDir: o.TmpDir, Stdin: o.Stdin, Want: o.Want, Notice: n.Say, Names: o.Names, Read: o.Walked})
	if err != nil {
		return nil, err
	}
	s.Lanes = rotation.Group(s.files.Files(), s.rotation())
	return s, nil
}

// Close ends the use of all files.
func (s *Set) Close() {
	s.files.Close() //nolint:errcheck // read only
}

// Files are all files that were found.
func (s *Set) Files() []*archive.File { return s.files.Files() }

// Partly reports whether something was left out so far.
func (s *Set) Partly() bool { return len(s.notices.Left()) > 0 }

// Merged returns all sources in one lane, to read them in order of time.
func (s *Set) Merged() *rotation.Lane {
	all := new(rotation.Lane)
	for _, l := range s.Lanes {
		all.Sources = append(all.Sources, l.Sources...)
	}
	return all
}

func (s *Set) rotation() rotation.Options {
	r := s.o.rotation()
	r.Notice = s.notices.Say
	return r
}

func (o *Options) rotation() rotation.Options {
	machine, _ := os.Hostname() // "" is "not known"
	return rotation.Options{Host: o.Host, HostPattern: o.HostPattern, Machine: machine, Location: o.Config.Location, Now: o.Now}
}

// Span tells from when to when the logs go, ns, as far as that can be told
// without reading them; zero is not known.
func (s *Set) Span() (first, last int64) { return rotation.Span(s.Merged(), s.o.rotation()) }

// NewClock gives times to the lines of a file that is being written.
func (s *Set) NewClock() *rotation.Clock { return rotation.NewClock(s.rotation()) }

// Rescan finds the plain files of the same paths that are wanted now, as logs.
// What is wrong with them was said before.
func (s *Set) Rescan(ctx context.Context, want func(path string) bool) ([]*rotation.Lane, error) {
	set, err := archive.Find(ctx, s.o.Paths, archive.Options{Limits: s.o.Limits, Want: s.o.Want, PlainOnly: true})
	if err != nil {
		return nil, ctx.Err() // a pattern that matches nothing for a moment
	}
	defer set.Close() //nolint:errcheck // read only
	var fresh []*archive.File
	for _, f := range set.Files() {
		if want(f.Path) {
			fresh = append(fresh, f)
		}
	}
	return rotation.Group(fresh, s.o.rotation()), nil
}
