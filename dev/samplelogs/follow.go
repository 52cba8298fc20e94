package samplelogs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Follow writes the logs in real time from now on, period after period, until
// ctx ends; o.Start and o.Duration are not used. At midnight the logs are
// rotated as Zimbra does: renamed with the date, zimbra.log and its kin to
// ".1", and begun anew.
func Follow(ctx context.Context, dir string, o Options) error {
	f := follower{dir: dir, o: o.withDefaults(), logs: map[string]*followed{}}
	defer f.close()
	f.o.Start, f.o.Duration = time.Now(), Period
	f.day = f.today(f.o.Start)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		if f.due.Before(time.Now()) {
			f.plan()
		}
		if err := f.write(time.Now()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// follower knows what is to be written when.
type follower struct {
	dir  string
	o    Options
	due  time.Time // end of what is planned
	day  string
	logs map[string]*followed
}

// followed is one log with the lines that are to come.
type followed struct {
	Log
	file *os.File
}

// plan makes the lines of the next period. What goes on from the one before it
// (a mail that waits) is written in between.
func (f *follower) plan() {
	for _, l := range Generate(f.o) {
		key := l.Host + "/" + l.Name
		if f.logs[key] == nil {
			f.logs[key] = &followed{Log: *l}
			continue
		}
		f.logs[key].Lines = merge(f.logs[key].Lines, l.Lines)
	}
	f.o.Seed++
	f.o.Start = f.o.Start.Add(f.o.Duration)
	f.due = f.o.Start
}

// merge puts two lists in order of time together.
func merge(a, b []Line) []Line {
	all := make([]Line, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if b[0].Time.Before(a[0].Time) {
			all, b = append(all, b[0]), b[1:]
		} else {
			all, a = append(all, a[0]), a[1:]
		}
	}
	return append(append(all, a...), b...)
}

// write appends what is due.
func (f *follower) write(now time.Time) error {
	if day := f.today(now); day != f.day {
		if err := f.rotate(); err != nil {
			return err
		}
		f.day = day
	}
	for _, l := range f.logs {
		if err := l.append(f.dir, now); err != nil {
			return fmt.Errorf("%s: %w", l.Name, err)
		}
	}
	return nil
}

func (l *followed) append(dir string, now time.Time) error {
	var text []byte
	n := 0
	for n < len(l.Lines) && !l.Lines[n].Time.After(now) {
		text = append(append(text, l.Lines[n].Text...), '\n')
		n++
	}
	if n == 0 {
		return nil
	}
	l.Lines = l.Lines[n:]
	if l.file == nil {
		path := l.Log.file(dir).Path
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			return err
		}
		l.file = file
	}
	_, err := l.file.Write(text)
	return err
}

func (f *follower) today(t time.Time) string { return t.In(f.o.Location).Format("2006-01-02") }

// rotate renames the logs.
func (f *follower) rotate() error {
	for _, l := range f.logs {
		path := l.Log.file(f.dir).Path
		if err := l.close(); err != nil {
			return err
		}
		if l.Host == containers { // Docker's driver rotates by size
			continue
		}
		to := filepath.Join(filepath.Dir(path), l.rotated(f.day, 1))
		if err := os.Rename(path, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (l *followed) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

func (f *follower) close() {
	for _, l := range f.logs {
		l.close()
	}
}
