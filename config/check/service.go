package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// reading returns what the reader itself found.
func reading(fatal bool) func(t *target) {
	return func(t *target) {
		for _, p := range t.Problems {
			if p.Fatal == fatal && (t.o.Files || !p.Elsewhere) {
				t.found(p.Pos, p.What, p.Cure)
			}
		}
	}
}

// indentedInclude finds an @INCLUDE that is no command, since it does not stand
// at the beginning of its line.
func indentedInclude(t *target) {
	look := func(s *fbconf.Section) {
		for _, p := range s.Props {
			if p.Key == "@include" {
				t.foundf(p.Pos, "write it at the beginning of the line", "@INCLUDE %s is indented: Fluent Bit takes it for a key of the section above, and does not read the file", p.Raw)
			}
		}
	}
	look(&t.Service)
	for _, s := range t.Sections {
		look(s)
	}
}

// sizes finds numbers of bytes that Fluent Bit refuses, or takes for something
// else.
func sizes(t *target) {
	const cure = "write a number and right behind it K, M or G, such as 10G (they are decimal)"
	look := func(s *fbconf.Section, key, harm string) {
		v := s.Last(key)
		if _, ok := size(v); v != "" && !ok && !(key == totalLimitKey && slices.Contains(unlimited, strings.ToLower(v))) {
			t.foundf(s.At(key), cure, "%s %q is no size for Fluent Bit: %s", key, v, harm)
		}
	}
	const refused, huge = "it does not start", "it becomes the largest number there is"
	for _, s := range t.Of(fbconf.Output) {
		look(s, totalLimitKey, refused)
	}
	for _, s := range t.Of(fbconf.Input) {
		look(s, "mem_buf_limit", refused)
		if s.Name() == "tail" {
			look(s, "buffer_chunk_size", huge)
			look(s, "buffer_max_size", huge)
		}
	}
}

func hotReload(t *target) {
	if t.Service.On("hot_reload", false) {
		t.found(t.Service.At("hot_reload"), "hot_reload is on: with workers set, Fluent Bit dies after a few reloads of a Go output", "write hot_reload off, and restart instead: with storage.type filesystem nothing is lost")
	}
}

// defaultGrace is Fluent Bit's, in seconds.
const defaultGrace = 5

func graceTime(t *target) {
	grace := float64(defaultGrace)
	if v, ok := seconds(t.Service.Last("grace")); ok {
		grace = v
	}
	for _, o := range t.ours {
		if flush := o.cfg.FlushTimeout.Seconds(); flush >= grace {
			t.foundf(t.Service.At("grace"), fmt.Sprintf("write grace %d, or a smaller flush_timeout", int(flush)+1),
				"grace is %g s, flush_timeout of the output at %s is %g s: Fluent Bit cannot end in the middle of a flush", grace, o.Pos, flush)
		}
	}
}

func storagePath(t *target) {
	if t.Service.Last("storage.path") != "" {
		return
	}
	for _, in := range t.inputs {
		if t.onDisk(in) {
			t.found(t.Service.Pos, fmt.Sprintf("no storage.path, but the input at %s has storage.type filesystem: Fluent Bit does not start", in.Pos),
				"write storage.path /var/lib/zimbraloki/storage in the service section")
			return
		}
	}
}

// onDisk reports whether the chunks of an input are on the disk.
func (t *target) onDisk(in *input) bool {
	kind := in.Last("storage.type")
	if kind == "" {
		kind = t.Service.Last("storage.type")
	}
	return strings.EqualFold(kind, "filesystem")
}

func checksum(t *target) {
	if t.Service.On("storage.checksum", false) {
		t.found(t.Service.At("storage.checksum"), "storage.checksum is on: after a crash Fluent Bit takes the chunk that it was writing for damaged and never reads it again",
			"write storage.checksum off: the plugin notices damage itself, and delivers what is whole")
	}
}

func irrecoverable(t *target) {
	if t.Service.On("storage.delete_irrecoverable_chunks", false) {
		t.found(t.Service.At("storage.delete_irrecoverable_chunks"), "storage.delete_irrecoverable_chunks is on: what Fluent Bit cannot read is deleted at start",
			"take it out: such files can be looked at, and sent by hand")
	}
}

// goStack is what Go wants of the stack of a flush, in bytes (runtime/cgocall.go).
const goStack = 32 << 10

func coroStack(t *target) {
	v := t.Service.Last("coro_stack_size")
	n := leadingInt(v) // K and M are not for it
	switch {
	case v == "":
		t.found(t.Service.Pos, "no coro_stack_size: Fluent Bit below 5.1 gives a flush 24 KiB of stack, Go wants more and the process can crash", "write coro_stack_size 131072 in the service section")
	case n < goStack:
		t.foundf(t.Service.At("coro_stack_size"), "write coro_stack_size 131072", "coro_stack_size %s is %d bytes for Fluent Bit: Go wants more than 32 KiB, the process can crash", v, n)
	}
}

func daemon(t *target) {
	if t.Service.On("daemon", false) {
		t.found(t.Service.At("daemon"), "daemon is on: Fluent Bit forks after it has loaded the plugin, and Go does not survive a fork; the plugin refuses to start", "write daemon off, and let systemd or the container run it")
	}
}

// longCap is a wait between two tries, in seconds, that nobody wants after Loki
// is back.
const longCap = 300

func retryWait(t *target) {
	v, ok := seconds(t.Service.Last("scheduler.cap"))
	if !ok {
		t.found(t.Service.Pos, "no scheduler.cap: after a long outage of Loki a chunk waits up to 2000 seconds for its next try", "write scheduler.base 2 and scheduler.cap 30 in the service section")
	} else if v > longCap {
		t.foundf(t.Service.At("scheduler.cap"), "write scheduler.cap 30", "scheduler.cap is %g: so many seconds a chunk may wait for its next try", v)
	}
}

func httpServer(t *target) {
	listen := t.Service.Last("http_listen")
	if t.Service.On("http_server", false) && listen == "" {
		t.foundf(t.Service.At("http_server"), "write http_listen 127.0.0.1, or the address that it is meant for", "http_server listens on all addresses, without any authentication")
	}
}

func loopback(host string) bool {
	return strings.HasPrefix(host, "127.") || host == "localhost" || host == "::1"
}

func orText(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

func serviceLogLevel(t *target) {
	switch level := strings.ToLower(t.Service.Last("log_level")); level {
	case "debug", "trace":
		t.foundf(t.Service.At("log_level"), "write log_level info", "log_level is %s: Fluent Bit writes many lines for each chunk", level)
	case "off":
		t.found(t.Service.At("log_level"), "log_level is off: Fluent Bit does not say that a chunk could not be delivered or that it drops one", "write log_level info")
	}
}

func flushInterval(t *target) {
	if v, ok := seconds(t.Service.Last("flush")); ok && v > 10 {
		t.foundf(t.Service.At("flush"), "write flush 1", "flush is %g seconds: lines are seen so much later, and so much more waits in memory", v)
	}
}

// unsetEnv names variables that are not set where the check runs.
func unsetEnv(t *target) {
	seen := map[string]bool{}
	look := func(s *fbconf.Section) {
		for _, p := range s.Props {
			for _, name := range p.Unset {
				if !seen[name] {
					seen[name] = true
					t.foundf(p.Pos, "set it for Fluent Bit (EnvironmentFile of the unit), and here with --env or --env-file",
						"%s takes ${%s}, which is not set here: an empty value counts as not written", p.Written, name)
				}
			}
		}
	}
	look(&t.Service)
	for _, s := range t.Sections {
		look(s)
	}
}

// readAll are keys of the service section that may be there several times:
// Fluent Bit reads each file as it comes to its line (flb_config_set_property).
var readAll = []string{"parsers_file", "plugins_file"}

// serviceTwice: of a repeated key of the service section the last one counts.
func serviceTwice(t *target) {
	var seen []string
	for _, p := range t.Service.Props {
		if slices.Contains(seen, p.Key) && !slices.Contains(readAll, p.Key) {
			t.foundf(p.Pos, "leave one out", "%s is there twice; the last one counts", p.Written)
		}
		seen = append(seen, p.Key)
	}
}
