package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// notAgain says what becomes of lines that an input has handed on, and that are
// lost before they are delivered.
func notAgain(in *input) string {
	switch in.Name() {
	case "tail", "systemd":
		return "the position of the input is behind it"
	case "syslog", "tcp", "udp":
		return "who sent it does not send it again"
	}
	if slices.Contains(tagBySender, in.Name()) {
		return "who sent it does not send it again"
	}
	return "it cannot be read again"
}

func storageType(t *target) {
	for _, in := range t.feeds() {
		if !t.onDisk(in) && in.Name() != "dummy" {
			t.foundf(in.At("storage.type"), "write storage.type filesystem", "storage.type is %s: what waits for Loki is lost when Fluent Bit ends: %s", orText(in.Last("storage.type"), "memory"), notAgain(in))
		}
	}
}

func memLimit(t *target) {
	for _, in := range t.feeds() {
		if t.onDisk(in) && in.Has("mem_buf_limit") {
			t.found(in.At("mem_buf_limit"), "mem_buf_limit has no effect with storage.type filesystem", "take it out; storage.max_chunks_up of the service section bounds the memory")
		}
	}
}

func systemdDB(t *target) {
	for _, in := range t.feeds() {
		if in.Name() == "systemd" && in.Last("db") == "" {
			t.found(in.Pos, "no db: after a restart the journal is read from its end, and what came meanwhile is left out", "write db /var/lib/zimbraloki/systemd.db")
		}
	}
}

// keepsLine are parsers of Fluent Bit or of the configuration that leave the
// whole message in the record.
func (t *target) keepsLine(name string) bool {
	for _, p := range t.Of(fbconf.Parser) {
		if strings.EqualFold(p.Last("name"), name) {
			return strings.EqualFold(p.Last("format"), "regex") && wholeLine.MatchString(p.Last("regex"))
		}
	}
	return false
}

// wholeLine is the expression of a parser that takes anything as one field
// that the plugin reads.
var wholeLine = regexp.MustCompile(`^\^?(\(\?m[^)]*\))?\(\?<(log|message)>\.[*+]\)\$?$`)

func syslogParser(t *target) {
	for _, in := range t.feeds() {
		if in.Name() == "syslog" && !t.keepsLine(in.Last("parser")) && !(in.Has("parser") && t.notHere("parsers_file")) {
			t.foundf(in.At("parser"), "write a parser with format regex and regex ^(?<log>.*)$, as in conf/fluent-bit/aggregator.yaml",
				"parser %s takes the header off, so that host and program are lost, and drops every message that it cannot read", orText(in.Last("parser"), "syslog-rfc5424 (the default)"))
		}
	}
}

// openForward finds a forward input that takes logs from anyone.
func openForward(t *target) {
	for _, in := range t.feeds() {
		if in.Name() == "forward" && !loopback(in.Last("listen")) && in.Last("unix_path") == "" && in.Last("shared_key") == "" && !in.On("tls.verify_client_cert", false) {
			t.foundf(in.At("listen"), "write listen 127.0.0.1, or shared_key ${FORWARD_KEY} with tls", "forward listens on %s and takes logs from anyone", orText(in.Last("listen"), "all addresses"))
		}
	}
}

func ownLogs(t *target) {
	for _, in := range t.feeds() {
		if in.Name() == "fluentbit_logs" {
			t.found(in.Pos, "Fluent Bit's own log goes to Loki by this output: when Loki is away each failure makes lines that fail too", "give it a tag that the match of this output does not take")
		}
	}
}

func ownMetrics(t *target) {
	for _, in := range t.inputs {
		if !in.metrics {
			continue
		}
		for _, o := range t.ours {
			if takes(o.Section, in) {
				t.foundf(in.At("tag"), "give the metrics an output of their own, such as prometheus_exporter, and this output a narrower match", "the output at %s matches metrics, and takes logs only", o.Pos)
			}
		}
	}
}

func eachStep(names ...string) func(f func(t *target, s *fbconf.Section)) func(t *target) {
	return func(f func(t *target, s *fbconf.Section)) func(t *target) {
		return func(t *target) {
			for _, s := range t.steps() {
				if slices.Contains(names, s.Name()) {
					f(t, s)
				}
			}
		}
	}
}

func filterMultiline(t *target, s *fbconf.Section) {
	t.found(s.Pos, "the multiline filter joins lines before the plugin sees them: heads and times of their own get lost in it, and what it holds in memory is lost at the end", "take it out: the plugin joins stack traces and cut lines itself")
}

func filterParser(t *target, s *fbconf.Section) {
	if s.On("reserve_data", false) && s.On("preserve_key", false) {
		return
	}
	t.foundf(s.Pos, "take it out; for another output, let it work on a copy with a tag of its own (rewrite_tag)", "the parser filter (%s) takes the line apart before the plugin sees it", orText(s.Last("parser"), "no parser"))
}

func filterDrops(t *target, s *fbconf.Section) {
	t.foundf(s.Pos, "take it out if Loki is to have every line", "the filter %s drops records", s.Name())
}

func rewriteTag(t *target, s *fbconf.Section) {
	if !strings.EqualFold(s.Last("emitter_storage.type"), "filesystem") {
		t.found(s.At("emitter_storage.type"), "rewrite_tag keeps what it emits in memory: it is lost when Fluent Bit ends", "write emitter_storage.type filesystem")
	}
}

// mergeLog finds what makes of a line that is JSON something else.
func mergeLog(t *target, s *fbconf.Section) {
	if s.On("merge_log", false) && !s.On("keep_log", true) {
		t.found(s.At("keep_log"), "keep_log is off: the line itself is taken out of the record, and written again from what was read of it", "write merge_log off: the plugin reads JSON lines itself")
	}
}

// unknownParser finds parsers that are named and are nowhere; Fluent Bit logs
// that and goes on without.
func unknownParser(t *target) {
	known := map[string]bool{}
	for _, p := range t.Of(fbconf.Parser) {
		known[strings.ToLower(p.Last("name"))] = true
	}
	for _, in := range t.feeds() {
		name := in.Last("parser")
		if in.Name() != "tail" && name != "" && !t.notHere("parsers_file") && !known[strings.ToLower(name)] {
			t.foundf(in.At("parser"), "define it below parsers:, or name its file in parsers_file of the service section", "there is no parser %s", fmt.Sprintf("%q", name))
		}
	}
}
