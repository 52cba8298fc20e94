package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/cgo"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/filter"
	"github.com/zimbraloki/zimbraloki/internal/flblog"
)

// What a filter answers (Fluent Bit, include/fluent-bit/flb_filter.h).
const (
	filterModified = 1
	filterNoTouch  = 2
)

// filterVersions are the releases of Fluent Bit whose native filters are known
// to be made as filter.h says.
var filterVersions = []string{"3.2", "4.0", "4.1", "4.2", "5.0", "5.1"}

// filterFits returns why a filter cannot run in a Fluent Bit of this version, or
// beside another copy of the plugin.
func filterFits(version, other string) error {
	const prefix = "[filter:" + pluginName + "] cannot start: "
	parts := strings.SplitN(version, ".", 3)
	known := fmt.Sprintf("%s to %s", filterVersions[0], filterVersions[len(filterVersions)-1])
	switch {
	case version == "":
		return errors.New(prefix + "this Fluent Bit does not tell its version; the filter is made for " + known)
	case len(parts) < 2 || !slices.Contains(filterVersions, parts[0]+"."+parts[1]):
		return errors.New(prefix + "this is Fluent Bit " + version + ", and the filter is made for " + known +
			": take a newer zimbraloki, or its WebAssembly filter (docs/filter.md)")
	case other != "":
		return errors.New(prefix + other + " is a second copy of the plugin in this process, and two Go runtimes do not get on: " +
			"make one file a link to the other")
	}
	return nil
}

// chunkFilter is a filter.Chunks as a filter's instance sees it.
type chunkFilter interface {
	// Apply returns what becomes of a chunk, valid until the next call; false
	// if it stays as it is.
	Apply(tag string, chunk []byte) ([]byte, bool)
}

// filterInstance is one filter section, or one processor of an input. Threads
// of several inputs may call it.
type filterInstance struct {
	mu     sync.Mutex
	chunks chunkFilter
	log    *slog.Logger
	panics panicLedger
}

// filterOpener opens the filter of a section.
type filterOpener func(list []filter.Property, log *slog.Logger) (chunkFilter, error)

func openFilter(list []filter.Property, log *slog.Logger) (chunkFilter, error) {
	s, err := filter.ParseProperties(list, log)
	if err != nil {
		return nil, err
	}
	return withFilterFaults(filter.NewChunks(s)), nil
}

// startFilter opens the filter that Fluent Bit calls name, with its log level.
func startFilter(name string, level int, list func() []filter.Property, open filterOpener) (h cgo.Handle, err error) {
	section := "filter:" + pluginName + ":" + name
	defer func() {
		if v := recover(); v != nil {
			h, err = 0, fmt.Errorf("panic: %v at %s", v, panicStack())
		}
		if err != nil {
			prefix := "[" + section + "] cannot start: "
			err = errors.New(prefix + strings.ReplaceAll(err.Error(), "\n", "\n"+prefix))
		}
	}()
	saveGoSignals()
	keepGoSignals()
	log := slog.New(flblog.NewHandler(os.Stderr, section, verbosity(level)))
	c, err := open(list(), log)
	if err != nil {
		return 0, err
	}
	return cgo.NewHandle(&filterInstance{chunks: c, log: log, panics: newPanicLedger()}), nil
}

// verbosity is slog's level for one of Fluent Bit's (include/fluent-bit/flb_log.h).
func verbosity(level int) slog.Level {
	switch {
	case level <= 1:
		return slog.LevelError
	case level == 2:
		return slog.LevelWarn
	case level == 3:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// applyFilter gives what becomes of a chunk to give, which reports whether it
// could be handed over, and returns Fluent Bit's code.
func applyFilter(h cgo.Handle, tag, chunk []byte, give func([]byte) bool) (code int) {
	defer func() {
		if recover() != nil {
			code = filterNoTouch
		}
	}()
	return h.Value().(*filterInstance).apply(tag, chunk, give)
}

func (f *filterInstance) apply(tag, chunk []byte, give func([]byte) bool) (code int) {
	keepGoSignals()
	f.mu.Lock()
	defer f.mu.Unlock()
	// Safety: the string is not kept.
	name := unsafe.String(unsafe.SliceData(tag), len(tag))
	defer func() {
		if v := recover(); v != nil {
			f.panicked(v, name, len(chunk))
			code = filterNoTouch
		}
	}()
	out, changed := f.chunks.Apply(name, chunk)
	if !changed || len(out) == 0 { // nothing: Fluent Bit would drop the chunk
		return filterNoTouch
	}
	if !give(out) {
		f.log.Error("a chunk goes on without fields: Fluent Bit has no memory for it", "tag", name, "bytes", len(out))
		return filterNoTouch
	}
	return filterModified
}

// panicked logs a panic once for each place.
func (f *filterInstance) panicked(v any, tag string, size int) {
	defer func() { _ = recover() }()
	stack := panicStack()
	if f.panics.firstAt(stack) {
		f.log.Error("a chunk goes on unchanged, this is a bug in zimbraloki; further ones are not logged",
			"panic", v, "tag", tag, "bytes", size, "stack", stack)
	}
}

// exitFilter gives the filter's handle back.
func exitFilter(h cgo.Handle) {
	defer func() { _ = recover() }() // a handle that is none any more
	h.Delete()
}
