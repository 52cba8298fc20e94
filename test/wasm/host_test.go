// Package wasm runs zimbraloki.wasm as Fluent Bit does, under wazero: the same
// functions in the same order, with the same memory (Fluent Bit v5.1.1
// src/wasm/flb_wasm.c, flb_wasm_call_function_format_json). It is a module of
// its own, so that the plugin's has no WebAssembly runtime among what it needs.
package wasm

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	// Not called: go test must know what the module is built from, or it would
	// take an old result for a new one.
	_ "github.com/zimbraloki/zimbraloki/filter"
)

const root = "../.."

// program builds zimbraloki.wasm once.
var program = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "zimbraloki-wasm")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "zimbraloki.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-buildmode=c-shared", "-ldflags", "-s -w", "-o", file, "./filter/wasm")
	cmd.Dir, cmd.Env, cmd.Stderr = root, append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm"), os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// compiled holds the machine code of the module.
var compiled = wazero.NewCompilationCache()

// host is one instance of the module and what Fluent Bit has of it.
type host struct {
	t      testing.TB
	ctx    context.Context
	mod    api.Module
	stderr bytes.Buffer
	funcs  map[string]api.Function
}

// start makes an instance. dir is what accessible_paths names first.
func start(t testing.TB, dir string) (*host, error) {
	t.Helper()
	code, err := program()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, ctx: t.Context(), funcs: map[string]api.Function{}}
	r := wazero.NewRuntimeWithConfig(h.ctx, wazero.NewRuntimeConfig().WithCompilationCache(compiled))
	t.Cleanup(func() { r.Close(context.Background()) })
	wasi_snapshot_preview1.MustInstantiate(h.ctx, r)
	c := wazero.NewModuleConfig().WithStartFunctions("_initialize").WithStderr(&h.stderr).WithSysWalltime().WithSysNanotime()
	if dir != "" {
		c = c.WithFSConfig(wazero.NewFSConfig().WithReadOnlyDirMount(dir, dir))
	}
	h.mod, err = r.InstantiateWithConfig(h.ctx, code, c)
	return h, err
}

func mustStart(t testing.TB, settings string) *host {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "zimbraloki-filter.conf"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := start(t, dir)
	if err != nil {
		t.Fatalf("%v\n%s", err, &h.stderr)
	}
	return h
}

func (h *host) call(name string, args ...uint64) uint32 {
	h.t.Helper()
	f := h.funcs[name]
	if f == nil {
		f = h.mod.ExportedFunction(name)
		h.funcs[name] = f
	}
	res, err := f.Call(h.ctx, args...)
	if err != nil {
		h.t.Fatalf("%s: %v\n%s", name, err, &h.stderr)
	}
	if len(res) == 0 {
		return 0
	}
	return uint32(res[0])
}

// dup is wasm_runtime_module_dup_data: a copy with its zero byte.
func (h *host) dup(s string) uint64 {
	p := h.call("malloc", uint64(len(s)+1))
	if p == 0 || !h.mod.Memory().WriteString(p, s) || !h.mod.Memory().WriteByte(p+uint32(len(s)), 0) {
		h.t.Fatalf("no room for %d bytes", len(s))
	}
	return uint64(p)
}

// filter hands over one record and returns what Fluent Bit would go on with:
// the text up to the first zero byte.
func (h *host) filter(tag string, sec, nsec uint32, record string) string {
	h.t.Helper()
	tagAt, recordAt := h.dup(tag), h.dup(record)
	p := h.call("zimbraloki", tagAt, uint64(len(tag)), uint64(sec), uint64(nsec), recordAt, uint64(len(record)))
	mem := h.mod.Memory()
	rest, ok := mem.Read(p, mem.Size()-p)
	end := bytes.IndexByte(rest, 0)
	if !ok || end < 0 {
		h.t.Fatal("the result does not end inside of the memory")
	}
	out := string(rest[:end])
	h.call("free", tagAt)
	h.call("free", recordAt)
	return out
}
