package host_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

// rotations is how often a file is rotated while it is written.
const rotations = 6

// writer writes numbered lines to a log without a pause, as mailboxd does
// through log4j, or as a daemon does that keeps its file open.
type writer struct {
	s    *stage
	path string
	file *os.File
}

func (s *stage) writer(path string) *writer {
	w := &writer{s: s, path: path}
	w.open()
	return w
}

func (w *writer) open() {
	w.s.t.Helper()
	f, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		w.s.t.Fatal(err)
	}
	w.file = f
}

// burst writes n lines, one write(2) each.
func (w *writer) burst(n int) {
	w.s.t.Helper()
	for range n {
		if _, err := io.WriteString(w.file, w.s.number(1, log4jLine)); err != nil {
			w.s.t.Fatal(err)
		}
	}
}

// roll renames the file as log4j does at midnight, and goes on in a new one.
func (w *writer) roll(day int) (old string) {
	w.s.t.Helper()
	old = fmt.Sprintf("%s.2026-01-%02d", w.path, day)
	err := w.file.Close()
	if err == nil {
		err = os.Rename(w.path, old)
	}
	if err != nil {
		w.s.t.Fatal(err)
	}
	w.open()
	return old
}

// pack is what zmcompresslogs does to a renamed file some time later.
func (s *stage) pack(path string) {
	s.t.Helper()
	in, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := os.Create(path + ".gz")
	if err != nil {
		s.t.Fatal(err)
	}
	z := gzip.NewWriter(out)
	_, err = z.Write(in)
	for _, step := range []func() error{z.Close, out.Close, func() error { return os.Remove(path) }} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestRotation rotates a log as Zimbra does, under load, with the shipped
// configuration: renamed, and packed when all of it has been read. No line is
// lost and none is doubled.
func TestRotation(t *testing.T) {
	for _, fluentBit := range fluentBits(t) {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			w := s.writer(s.dir + "/opt/zimbra/log/mailbox.log")
			w.burst(1000)
			h := s.start(fluentBit, "fluent-bit.yaml")
			s.await(runLimit, h.log.String)
			var old []string
			for day := 1; day <= rotations; day++ {
				w.burst(3000)
				old = append(old, w.roll(day))
				w.burst(3000)
				// A file that is born and renamed before Fluent Bit looks again is
				// never seen under the name that it looks for; a day is longer.
				s.awaitLine(s.lines - 1)
			}
			s.await(runLimit, h.log.String)
			for _, path := range old {
				s.pack(path)
			}
			w.burst(100)
			s.await(runLimit, h.log.String)
			s.stop(h)
		})
	}
}

// TestRotationOverARestart renames a file that was read to its end, while Fluent
// Bit is down, and one at once after its start.
func TestRotationOverARestart(t *testing.T) {
	for _, fluentBit := range fluentBits(t) {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			w := s.writer(s.dir + "/opt/zimbra/log/mailbox.log")
			h := s.start(fluentBit, "fluent-bit.yaml")
			w.burst(2000)
			s.await(runLimit, h.log.String)
			s.stop(h)

			s.pack(w.roll(1))
			w.burst(2000)
			h = s.start(fluentBit, "fluent-bit.yaml")
			w.burst(2000)
			s.await(runLimit, h.log.String)
			w.roll(2)
			w.burst(2000)
			s.await(runLimit, h.log.String)
			s.stop(h)
		})
	}
}

// truncate does what logrotate does with copytruncate: it copies the file, then
// makes it empty. It returns how long the writer has to be still for nothing to
// be lost to anyone: what comes in between is in neither file.
func (w *writer) truncate(n int) (window time.Duration) {
	w.s.t.Helper()
	data, err := os.ReadFile(w.path)
	begin := time.Now()
	if err == nil {
		err = os.WriteFile(fmt.Sprintf("%s.%d", w.path, n), data, 0o644)
	}
	if err == nil {
		err = os.Truncate(w.path, 0)
	}
	if err != nil {
		w.s.t.Fatal(err)
	}
	return time.Since(begin)
}

// TestTruncation truncates a log in place in a quiet moment, when Fluent Bit has
// read it: nothing is lost or doubled, and the new lines are read from the
// beginning of the file. They are fewer at first than it has read, which is how
// a truncation is noticed.
func TestTruncation(t *testing.T) {
	for _, fluentBit := range fluentBits(t) {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			w := s.writer(s.dir + "/opt/zimbra/log/clamd.log")
			h := s.start(fluentBit, "mta.yaml")
			for n := 1; n <= rotations; n++ {
				w.burst(2000)
				s.await(runLimit, h.log.String)
				w.truncate(n)
				w.burst(100)
				s.await(runLimit, h.log.String)
			}
			s.stop(h)
		})
	}
}

// TestTruncationUnderLoad measures what copytruncate loses when the writer does
// not stop: the lines that are written between the last read and the truncation
// are gone for every reader. What can be promised is that none comes twice, and
// that all is read from the truncation on, if Fluent Bit looks before the file is
// as long again as it had read it.
func TestTruncationUnderLoad(t *testing.T) {
	const before, after = 2000, 90 // lines of a burst
	for _, fluentBit := range fluentBits(t) {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			w := s.writer(s.dir + "/opt/zimbra/log/clamd.log")
			h := s.start(fluentBit, "mta.yaml")
			w.burst(200)
			s.await(runLimit, h.log.String)
			var window, took time.Duration
			mayGo := map[int]bool{}
			for n := 1; n <= rotations; n++ {
				w.burst(10)
				s.awaitLine(s.lines - 1)
				begin := time.Now()
				for range before {
					mayGo[s.lines] = true
					w.burst(1)
				}
				took += time.Since(begin)
				window += w.truncate(n)
				w.burst(after)
				s.awaitLine(s.lines - 1)
			}
			s.stop(h)
			missing, doubles := s.tally()
			t.Logf("%d truncations, each right behind a burst of %d lines at %.0f lines/s: %d of %d lines lost, %d doubled; %v between copy and truncation",
				rotations, before, before*rotations/took.Seconds(), len(missing), s.lines, len(doubles), window/rotations)
			if len(doubles) > 0 {
				t.Errorf("%d lines are there twice: %v", len(doubles), some(doubles))
			}
			for _, seq := range missing {
				if !mayGo[seq] {
					t.Errorf("line %d is lost, and was not written right before a truncation", seq)
					break
				}
			}
		})
	}
}

// awaitLine waits for one line.
func (s *stage) awaitLine(seq int) {
	s.t.Helper()
	limit := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for s.sink.counts()[fmt.Sprint(seq)] == 0 {
		if time.Now().After(limit) {
			s.t.Errorf("line %d does not come", seq)
			return
		}
		<-tick.C
	}
}
