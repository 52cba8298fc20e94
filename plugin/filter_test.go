package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/filter"
)

// filterStub is a filter that does what the test says.
type filterStub func(tag string, chunk []byte) ([]byte, bool)

func (f filterStub) Apply(tag string, chunk []byte) ([]byte, bool) { return f(tag, chunk) }

func opensFilter(f chunkFilter, log *slog.Logger) filterOpener {
	return func(_ []filter.Property, l *slog.Logger) (chunkFilter, error) {
		*l = *log
		return f, nil
	}
}

func noProperties() []filter.Property { return nil }

func TestFilterFromStartToExit(t *testing.T) {
	var log bytes.Buffer
	var answer []byte
	changed := true
	h, err := startFilter("zimbraloki.0", 3, noProperties, opensFilter(filterStub(func(tag string, chunk []byte) ([]byte, bool) {
		if tag != "t" || string(chunk) != "chunk" {
			t.Errorf("tag %q, chunk %q", tag, chunk)
		}
		return answer, changed
	}), logTo(&log)))
	if err != nil {
		t.Fatal(err)
	}
	var given string
	room := true
	f := func(out string, modified bool, want int) {
		t.Helper()
		answer, changed, given = []byte(out), modified, ""
		code := applyFilter(h, []byte("t"), []byte("chunk"), func(b []byte) bool { given = string(b); return room })
		if code != want || (want == filterModified) != (given == out && given != "") {
			t.Errorf("%q: answers %d and gives %q, want %d", out, code, given, want)
		}
	}
	f("more", true, filterModified)
	f("", false, filterNoTouch)
	f("", true, filterNoTouch) // Fluent Bit takes nothing for a chunk to drop
	room = false
	if code := applyFilter(h, []byte("t"), []byte("chunk"), func([]byte) bool { return room }); code != filterNoTouch {
		t.Errorf("without memory: %d", code)
	}
	exitFilter(h)
	exitFilter(h)
	if code := applyFilter(h, []byte("t"), []byte("chunk"), func([]byte) bool { return true }); code != filterNoTouch {
		t.Errorf("after exit: %d", code)
	}
}

// TestFilterPanicLeavesTheChunk: nothing is handed over, the log says it once for
// each place, and the next chunk is filtered.
func TestFilterPanicLeavesTheChunk(t *testing.T) {
	var log bytes.Buffer
	bad := false
	h, err := startFilter("zimbraloki.0", 3, noProperties, opensFilter(filterStub(func(string, []byte) ([]byte, bool) {
		if bad {
			panic("planted")
		}
		return []byte("x"), true
	}), logTo(&log)))
	if err != nil {
		t.Fatal(err)
	}
	defer exitFilter(h)
	for range 5 {
		for _, bad = range []bool{true, false} {
			want := filterModified
			if bad {
				want = filterNoTouch
			}
			if code := applyFilter(h, []byte("t"), []byte("c"), func([]byte) bool { return true }); code != want {
				t.Errorf("bad %t: %d, want %d", bad, code, want)
			}
		}
	}
	if n := strings.Count(log.String(), "planted"); n != 1 || !strings.Contains(log.String(), "filter_test.go") {
		t.Errorf("said %d times:\n%s", n, &log)
	}
}

func TestFilterStartErrorNamesTheInstanceOnEveryLine(t *testing.T) {
	_, err := startFilter("mine", 3, noProperties, func([]filter.Property, *slog.Logger) (chunkFilter, error) {
		return nil, errors.New("one\ntwo")
	})
	const prefix = "[filter:zimbraloki:mine] cannot start: "
	if err == nil || err.Error() != prefix+"one\n"+prefix+"two" {
		t.Errorf("%v", err)
	}
	_, err = startFilter("mine", 3, func() []filter.Property { panic("boom") }, openFilter)
	if err == nil || !strings.HasPrefix(err.Error(), prefix+"panic: boom") {
		t.Errorf("%v", err)
	}
	_, err = startFilter("mine", 3, func() []filter.Property { return []filter.Property{{Key: "url", Value: "x"}} }, openFilter)
	if err == nil || !strings.HasPrefix(err.Error(), prefix+`"url" is no setting of the filter`) {
		t.Errorf("%v", err)
	}
}

func TestFilterFits(t *testing.T) {
	f := func(version, other, want string) {
		t.Helper()
		err := filterFits(version, other)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q beside %q: %v, want %q", version, other, err, want)
		}
	}
	for _, v := range []string{"3.2.0", "3.2.10", "4.0.14", "4.1.2", "4.2.3.1", "5.0.0-dev-20260228", "5.1.1", "5.1"} {
		f(v, "", "")
	}
	for _, v := range []string{"2.2.3", "3.1.10", "3.20.1", "5.2.0", "6.0.0", "15.1.0", "5", "v5.1.1", "x"} {
		f(v, "", "this is Fluent Bit "+v+", and the filter is made for 3.2 to 5.1: take a newer zimbraloki")
	}
	f("", "", "does not tell its version")
	f("5.1.1", "/a/zimbraloki.so", "/a/zimbraloki.so is a second copy of the plugin")
}

func TestVerbosity(t *testing.T) {
	for level, want := range []slog.Level{slog.LevelError, slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug, slog.LevelDebug} {
		if got := verbosity(level); got != want {
			t.Errorf("%d: %v, want %v", level, got, want)
		}
	}
}
