//go:build wasip1

// Command filter is zimbraloki.wasm: the transform as a filter of Fluent Bit
// (plugins/filter_wasm), which hands over each record as JSON and takes one
// back. docs/filter.md says how it is used.
//
// What the host calls: malloc and free for what it hands over, and the function
// zimbraloki. With both of the former exported, WAMR puts no heap of its own
// into the module's memory; it would lie where Go's runtime grows.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	_ "time/tzdata" // a module sees none of the machine's zones
	"unsafe"

	"github.com/zimbraloki/zimbraloki/filter"
)

// settingsFile is looked for in the first of the filter's accessible_paths.
const settingsFile = "zimbraloki-filter.conf"

// profile holds the settings that are built in.
//
//go:embed settings.conf
var profile string

var (
	heap    filter.Heap
	records *filter.Filter
)

// init reads the settings; a mistake in them stops Fluent Bit's start.
func init() {
	// Package syscall makes these three non-blocking; they are Fluent Bit's
	// own, which counts on them to block (out_stdout, its log).
	for fd := range 3 {
		_ = syscall.SetNonblock(fd, false) // closed, perhaps
	}
	text, err := os.ReadFile(settingsFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !unreachable(err) {
		fail(err)
	}
	s, err := filter.Parse(profile, string(text))
	if err != nil {
		fail(err)
	}
	records = filter.New(s, os.Stderr)
}

// unreachable reports an error of a host that shows no folder at all.
func unreachable(err error) bool {
	return errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.ENOTCAPABLE)
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "[zimbraloki] %s: %v\n", settingsFile, err)
	os.Exit(1)
}

func main() {} // Go wants one; the host calls the functions below

//go:wasmexport malloc
func malloc(n uint32) uint32 { return uint32(heap.Alloc(int(n))) }

//go:wasmexport free
func free(p uint32) { heap.Free(uintptr(p)) }

// apply takes the event's tag, its time and the record as JSON, and returns the
// address of the new record, which ends with a zero byte. It lives until the
// next call.
//
//go:wasmexport zimbraloki
func apply(tag, tagLen, sec, nsec, record, recordLen uint32) uint32 {
	out := records.Apply(heap.Bytes(uintptr(tag), int(tagLen)), sec, nsec, heap.Bytes(uintptr(record), int(recordLen)))
	out = append(out, 0)
	result = out
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(out))))
}

// result keeps what was returned last from being collected.
var result []byte
