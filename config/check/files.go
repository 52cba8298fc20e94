package check

import (
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

func pluginMissing(t *target) {
	named := slices.ContainsFunc(t.Plugins, func(p fbconf.Plugin) bool {
		return strings.Contains(filepath.Base(p.Path), pluginName) && !isC(p.Path)
	})
	if len(t.ours) > 0 && !named && !t.notHere("plugins_file") {
		t.found(fbconf.Pos{File: t.Main}, "nothing loads zimbraloki.so: Fluent Bit starts only with -e PATH on its command line", "write plugins: [/usr/lib/zimbraloki/zimbraloki.so], in the classic form plugins_file in [SERVICE]")
	}
}

func pluginPath(t *target) {
	for _, p := range t.Plugins {
		if !filepath.IsAbs(p.Path) {
			t.foundf(p.Pos, "write it from / on", "plugin %s is relative to where Fluent Bit was started", p.Path)
		}
	}
}

// machines are the names that ELF has for Go's architectures.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "386": elf.EM_386, "arm": elf.EM_ARM, "riscv64": elf.EM_RISCV, "s390x": elf.EM_S390, "ppc64le": elf.EM_PPC64}

// pluginFile looks into the shared objects.
func pluginFile(t *target) {
	if !t.o.Files {
		return
	}
	for _, p := range t.Plugins {
		if what, cure := loadable(p.Path); what != "" {
			t.found(p.Pos, what, cure)
		}
	}
}

// loadable says why Fluent Bit cannot load a shared object with a Go plugin,
// "" if it can as far as the file tells.
func loadable(path string) (what, cure string) {
	f, err := elf.Open(path)
	if err != nil {
		if os.IsNotExist(err) || os.IsPermission(err) {
			return fmt.Sprintf("plugin %s cannot be read (%v)", path, config.FileCause(err)), "install it there (make so builds it), or correct the path"
		}
		return fmt.Sprintf("plugin %s is no shared object (%v)", path, err), "build it with make so"
	}
	defer f.Close() //nolint:errcheck // read only
	if m := machines[runtime.GOARCH]; f.Machine != m {
		return fmt.Sprintf("plugin %s is for %v, this machine is %v", path, f.Machine, m), "build or fetch it for this machine"
	}
	symbols, _ := f.DynamicSymbols() // an error leaves none
	has := func(name string) bool {
		return slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == name && s.Section != elf.SHN_UNDEF })
	}
	if f.Type != elf.ET_DYN || !has("FLBPluginRegister") || !has("FLBPluginInit") {
		if isC(path) {
			return "", ""
		}
		return fmt.Sprintf("plugin %s does not export FLBPluginRegister and FLBPluginInit", path), "build it with make so (go build -buildmode=c-shared ./plugin)"
	}
	return "", ""
}

// isC tells plugins in C, which Fluent Bit knows by the name of their file.
func isC(path string) bool { return strings.HasPrefix(filepath.Base(path), "flb-") }

// twoGo finds a second plugin in Go: one process holds one Go runtime only
// (golang/go#65050).
func twoGo(t *target) {
	var first *fbconf.Plugin
	for i, p := range t.Plugins {
		if !t.o.Files || !isGo(p.Path) {
			continue
		}
		if first != nil && sameFile(p.Path, first.Path) {
			continue // the output and the filter
		}
		if first != nil && strings.Contains(p.Path, pluginName) && strings.Contains(first.Path, pluginName) {
			t.foundf(p.Pos, "make it a link: ln -sf zimbraloki.so flb-filter_zimbraloki.so", "%s is a copy of %s, not the same file: the plugin refuses to start, for Go does not support two of its runtimes in one process", p.Path, first.Path)
			continue
		}
		if first != nil {
			t.foundf(p.Pos, "let a Fluent Bit of its own run it", "%s is written in Go like %s: Go does not support two of its runtimes in one process", p.Path, first.Path)
		}
		first = &t.Plugins[i]
	}
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}

func isGo(path string) bool {
	_, err := buildinfo.ReadFile(path)
	return err == nil
}

// readable tries the files that hold passwords, tokens and certificates.
func readable(t *target) {
	if !t.o.Files {
		return
	}
	for _, o := range t.ours {
		for _, err := range flatten(o.cfg.CheckReadable()) {
			t.propertyError(o, err)
		}
	}
}

// exampleFile is how the file of a key is usually called.
var exampleFile = map[string]string{"dead_letter_path": "dead-letter.jsonl", "db": "tail.db"}

// writable tries the directories that Fluent Bit and the plugin write to, and
// changes nothing.
func writable(t *target) {
	if !t.o.Files {
		return
	}
	look := func(s *fbconf.Section, key, path string) {
		if path == "" || !filepath.IsAbs(path) {
			return
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() && key != "storage.path" {
			t.foundf(s.At(key), "name a file in it, such as "+filepath.Join(path, exampleFile[key]), "%s %s is a directory, and a file is wanted", key, path)
			return
		}
		if dir, err := canWrite(path); err != nil {
			t.foundf(s.At(key), fmt.Sprintf("make %s writable for the user that runs Fluent Bit", dir), "%s %s cannot be written by this user (%v)", key, path, config.FileCause(err))
		}
	}
	for _, o := range t.ours {
		look(o.Section, "dead_letter_path", o.cfg.DeadLetterPath)
	}
	look(&t.Service, "storage.path", t.Service.Last("storage.path"))
	for _, in := range t.feeds() {
		look(in.Section, "db", in.Last("db"))
	}
}
