package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	_ "time/tzdata" // the tests must not depend on the machine's zones

	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// sound is a configuration without a mistake. The tests plant one at a time.
const sound = `service:
  flush: 1
  grace: 5
  log_level: info
  hot_reload: off
  coro_stack_size: 131072
  storage.path: /var/lib/zimbraloki/storage
  storage.checksum: off
  scheduler.cap: 30
plugins:
  - /usr/lib/zimbraloki/zimbraloki.so
pipeline:
  inputs:
    - name: tail
      tag: zimbra.*
      path: /opt/zimbra/log/mailbox.log, /opt/zimbra/log/audit.log
      path_key: filename
      db: /var/lib/zimbraloki/tail.db
      read_from_head: true
      refresh_interval: 10
      rotate_wait: 300
      buffer_chunk_size: 256K
      buffer_max_size: 32M
      skip_long_lines: on
      storage.type: filesystem
  outputs:
    - name: zimbraloki
      match: zimbra.*
      url: https://loki.example.com
      labels: job=zimbra
      path_key: filename
      workers: 1
      retry_limit: no_limits
      storage.total_limit_size: 10G
`

// mistake changes old in sound to new; the finding has to stand in the line
// that holds at.
type mistake struct {
	rule, old, new string
	at             string
	cure           string
}

const (
	tailHeadLine = "- name: tail"
	outLine      = "- name: zimbraloki"
	pathLine     = "      path: /opt/zimbra/log/mailbox.log, /opt/zimbra/log/audit.log\n"
)

// mistakes are what people get wrong, by reading the forums of Fluent Bit, Loki
// and the plugins before this one.
var mistakes = []mistake{
	{"property", "labels: job", "lables: job", "lables", `did you mean "labels"?`},
	{"property", "labels: job=zimbra", "LabelKeys: protocol\n      BatchWait: 1s", "BatchWait", "Fluent Bit's flush"},
	{"property", "labels: job=zimbra", "batchWait: 1s", "batchWait", "Fluent Bit's flush"},
	{"property", "labels: job=zimbra", "uri: /loki/api/v1/push", "uri:", `did you mean "url"?`},
	{"property", "labels: job=zimbra", "line_format: json", "line_format", "the line is always sent as it was written"},
	{"property", "labels: job=zimbra", "labels: job", "labels:", "write name=value"},
	{"property", "labels: job=zimbra", "compress: zstd", "compress", "write one of snappy, gzip, none"},
	{"property", "labels: job=zimbra", "timezone: europe/berlin", "timezone", "Europe/Berlin"},
	{"property", "labels: job=zimbra", "label_keys: level", "label_keys", "leave it out"},
	{"property", "labels: job=zimbra", "http_user: mail", "http_user", "http_passwd_file"},
	{"property-odd", "url: https:", "tls_verify: off\n      url: https:", "tls_verify", "configuration.md"},
	{"reserved", "url: https://loki.example.com", "host: loki.example.com\n      url: https://loki.example.com", "host:", "write url http"},
	{"reserved", "labels: job=zimbra", "tls: on", "tls:", "write url https://"},
	{"reserved", "labels: job=zimbra", "tls.ca_file: /etc/ca.pem", "tls.ca_file", "write tls_ca_file"},
	{"reserved", "labels: job=zimbra", "oauth2.token_url: https://id.example.com", "oauth2", "bearer_token_file"},
	{"reserved-idle", "labels: job=zimbra", "net.connect_timeout: 5", "net.", "flush_timeout"},
	{"output-log-level", "labels: job=zimbra", "log_level: debug", "      log_level: debug", "log_verbosity"},
	{"repeated", "labels: job=zimbra", "labels: job=zimbra\n      labels: env=prod", "env=prod", "with commas"},
	{"repeated", "labels: job=zimbra", "label_keys:\n        - protocol\n        - outcome", "- outcome", "with commas"},
	{"repeated", "labels: job=zimbra", "header: X-A 1\n      header: X-B 2", "X-B", "header_1 to header_9"},
	{"nested", "labels: job=zimbra", "labels:\n        job: zimbra", "labels:", "name=value"},
	{"workers", "      workers: 1\n", "", outLine, "write workers 1"},
	{"workers", "workers: 1", "workers: 0", "workers: 0", "write workers 1"},
	{"workers-many", "workers: 1", "workers: 4", "workers: 4", "write workers 1"},
	{"workers", "workers: 1", "workers: two", "workers: two", "write workers 1"},
	{"workers", "workers: 1", "workers: -1", "workers: -1", "write workers 1"},
	{"size", "_size: 10G", "_size: 10 GB", "10 GB", "such as 10G"},
	{"size", "_size: 10G", "_size: 10GiB", "10GiB", "such as 10G"},
	{"size", "_size: 10G", "_size: ten", "ten", "such as 10G"},
	{"size", "_size: 10G", "_size: -1", "-1", "such as 10G"},
	{"size", "      read_from_head: true\n", "      read_from_head: true\n      mem_buf_limit: 5 MB\n", "5 MB", "such as 10G"},
	{"size", "buffer_max_size: 32M", "buffer_max_size: 32MiB", "32MiB", "such as 10G"},
	{"coro-stack", "coro_stack_size: 131072", "coro_stack_size: 128K", "128K", "131072"},
	{"property", "labels: job=zimbra", "http_passwd_file: /run/secrets/loki", "http_passwd_file", "write http_user"},
	{"property", "labels: job=zimbra", "labels: '{job=\"zimbra\" env=\"prod\"}'", "labels:", "write name=value"},
	{"property-odd", "labels: job=zimbra", "labels: job=zimbra env=prod", "labels:", ""},
	{"property-odd", "labels: job=zimbra", "labels: '{job=zimbra env=prod}'", "labels:", ""},
	{"nested", "labels: job=zimbra", "labels: {job=\"zimbra\"}", "labels:", "name=value"},
	{"clear-secret", "url: https://", "url: https://mail:sesame@", "url:", "http_passwd_file"},
	{"retry-limit", "      retry_limit: no_limits\n", "", outLine, "retry_limit no_limits"},
	{"retry-limit", "retry_limit: no_limits", "retry_limit: 5", "retry_limit", "retry_limit no_limits"},
	{"total-limit", "      storage.total_limit_size: 10G\n", "", outLine, "10G"},
	{"clear-secret", "labels: job=zimbra", "http_user: mail\n      http_passwd: sesame", "http_passwd", "http_passwd_file"},
	{"no-match", "      match: zimbra.*\n", "", outLine, "match *"},
	{"match-nothing", "match: zimbra.*", "match: zimbra", "match: zimbra", "match *"},
	{"match-twice", "  outputs:\n", "  outputs:\n    - {name: zimbraloki, match: '*', url: https://loki.example.com, workers: 1, retry_limit: no_limits, storage.total_limit_size: 1G}\n", "      match: zimbra.*", "leave one out"},
	{"output-name", "name: zimbraloki", "name: zimbra_loki", "zimbra_loki", "write name zimbraloki"},
	{"path-key", "      path_key: filename\n      workers", "      path_key: file\n      workers", "path_key: file\n", "path_key file there too"},
	{"hot-reload", "hot_reload: off", "hot_reload: on", "hot_reload", "hot_reload off"},
	{"grace", "labels: job=zimbra", "flush_timeout: 10s", "grace", "write grace 11"},
	{"daemon", "  flush: 1\n", "  flush: 1\n  daemon: on\n", "daemon", "daemon off"},
	{"storage-path", "  storage.path: /var/lib/zimbraloki/storage\n", "", "service:", "storage.path /var/lib"},
	{"storage-checksum", "checksum: off", "checksum: on", "checksum", "storage.checksum off"},
	{"storage-delete", "  flush: 1\n", "  flush: 1\n  storage.delete_irrecoverable_chunks: on\n", "irrecoverable", "take it out"},
	{"coro-stack", "  coro_stack_size: 131072\n", "", "service:", "131072"},
	{"coro-stack", "coro_stack_size: 131072", "coro_stack_size: 24576", "coro_stack_size", "131072"},
	{"http-server", "  flush: 1\n", "  flush: 1\n  http_server: on\n", "http_server", "127.0.0.1"},
	{"service-log-level", "log_level: info", "log_level: trace", "log_level", "log_level info"},
	{"service-twice", "  grace: 5\n", "  grace: 5\n  Grace: 9\n", "Grace: 9", "leave one out"},
	{"retry-wait", "  scheduler.cap: 30\n", "", "service:", "scheduler.cap 30"},
	{"retry-wait", "cap: 30", "cap: 2000", "scheduler.cap", "scheduler.cap 30"},
	{"flush-interval", "flush: 1", "flush: 60", "flush: 60", "flush 1"},
	{"plugin-missing", "plugins:\n  - /usr/lib/zimbraloki/zimbraloki.so\n", "", "", "plugins:"},
	{"plugin-path", "- /usr/lib/zimbraloki/zimbraloki.so", "- ./zimbraloki.so", "./zimbraloki.so", "from / on"},
	{"part", sound, "service:\n  flush: 1\n", "", "main file"},
	{"no-output", "name: zimbraloki", "name: loki", "", "add an output"},
	{"storage-type", "      storage.type: filesystem\n", "", tailHeadLine, "storage.type filesystem"},
	{"storage-type", "storage.type: filesystem", "storage.type: memory", "storage.type", "storage.type filesystem"},
	{"volatile", "db: /var/lib/zimbraloki/tail.db", "db: /tmp/tail.db", "/tmp/tail.db", "/var/lib/zimbraloki"},
	{"mem-limit", "      read_from_head: true\n", "      read_from_head: true\n      mem_buf_limit: 5M\n", "mem_buf_limit", "max_chunks_up"},
	{"tail-path", pathLine, "", tailHeadLine, "write path"},
	{"tail-path", "path: /opt/zimbra", "path: opt/zimbra", "path: opt", "from / on"},
	{"tail-path-key", "      path_key: filename\n      db", "      db", tailHeadLine, "path_key filename"},
	{"tail-db", "      db: /var/lib/zimbraloki/tail.db\n", "", tailHeadLine, "/var/lib/zimbraloki/NAME.db"},
	{"tail-db-shared", "  inputs:\n", "  inputs:\n    - {name: systemd, tag: zimbra.journal, db: /var/lib/zimbraloki/tail.db, storage.type: filesystem}\n", "      db: /var", "of its own"},
	{"tail-db-sync", "      read_from_head: true\n", "      read_from_head: true\n      db.sync: off\n", "db.sync", "db.sync normal"},
	{"tail-rotate-wait", "      rotate_wait: 300\n", "", tailHeadLine, "rotate_wait 300"},
	{"tail-rotate-wait", "rotate_wait: 300", "rotate_wait: 5", "rotate_wait", "rotate_wait 300"},
	{"tail-refresh", "      refresh_interval: 10\n", "", tailHeadLine, "refresh_interval 10"},
	{"tail-exit", "      read_from_head: true\n", "      read_from_head: true\n      exit_on_eof: on\n", "exit_on_eof", "take it out"},
	{"tail-long-lines", "      skip_long_lines: on\n", "", tailHeadLine, "skip_long_lines on"},
	{"tail-buffers", "buffer_chunk_size: 256K", "buffer_chunk_size: 64M", "buffer_chunk_size", "the larger one"},
	{"tail-small-buffer", "      buffer_chunk_size: 256K\n      buffer_max_size: 32M\n", "", tailHeadLine, "buffer_max_size 32M"},
	{"tail-head", "      read_from_head: true\n", "", tailHeadLine, "read_from_head true"},
	{"tail-new-head", "      read_from_head: true\n", "      read_from_head: true\n      read_newly_discovered_files_from_head: off\n", "read_newly", "take it out"},
	{"tail-older", "      read_from_head: true\n", "      read_from_head: true\n      ignore_older: 1d\n", "ignore_older", "take it out"},
	{"tail-inotify", "      read_from_head: true\n", "      read_from_head: true\n      inotify_watcher: off\n", "inotify_watcher", "take it out"},
	{"tail-rotated", pathLine, "      path: /opt/zimbra/log/*\n", "path: /opt", "exclude_path"},
	{"tail-rotated", pathLine, "      path: /opt/zimbra/log/mailbox.log*\n", "path: /opt", "exclude_path"},
	{"tail-twice", "  inputs:\n", "  inputs:\n    - {name: tail, tag: zimbra.x, path: /opt/zimbra/log/audit.log, path_key: filename, db: /var/lib/zimbraloki/x.db, read_from_head: on, refresh_interval: 5, rotate_wait: 60, buffer_max_size: 1M, skip_long_lines: on, storage.type: filesystem}\n", "      path: /opt", "leave it out of one"},
	{"tail-key", "      read_from_head: true\n", "      read_from_head: true\n      key: message_text\n", "key: message_text", "payload_key message_text"},
	{"tail-multiline", "      read_from_head: true\n", "      read_from_head: true\n      multiline.parser: java\n", "multiline.parser", "joins stack traces itself"},
	{"tail-multiline", "      read_from_head: true\n", "      read_from_head: true\n      docker_mode: on\n", "docker_mode", "joins stack traces itself"},
	{"tail-parser", "      read_from_head: true\n", "      read_from_head: true\n      parser: json\n", "parser: json", "as it was written"},
	{"input-unmatched", "  inputs:\n", "  inputs:\n    - {name: systemd, tag: journal}\n", "journal", "match of an output"},
	{"systemd-db", "  inputs:\n", "  inputs:\n    - {name: systemd, tag: zimbra.journal, storage.type: filesystem}\n", "journal", "systemd.db"},
	{"syslog-parser", "  inputs:\n", "  inputs:\n    - {name: syslog, tag: zimbra.syslog, mode: udp, storage.type: filesystem}\n", "mode: udp", "^(?<log>.*)$"},
	{"unknown-parser", "  inputs:\n", "  inputs:\n    - {name: syslog, tag: zimbra.syslog, mode: udp, parser: nowhere, storage.type: filesystem}\n", "mode: udp", "parsers_file"},
	{"open-forward", "  inputs:\n", "  inputs:\n    - {name: forward, storage.type: filesystem}\n", "name: forward", "shared_key"},
	{"own-logs", "  inputs:\n", "  inputs:\n    - {name: fluentbit_logs, tag: zimbra.self, storage.type: filesystem}\n", "fluentbit_logs", "a tag that the match"},
	{"own-metrics", "  inputs:\n", "  inputs:\n    - {name: fluentbit_metrics, tag: zimbra.metrics}\n", "fluentbit_metrics", "narrower match"},
	{"filter-multiline", "  outputs:\n", "  filters:\n    - {name: multiline, match: '*', multiline.parser: java}\n  outputs:\n", "name: multiline", "take it out"},
	{"filter-parser", "  outputs:\n", "  filters:\n    - {name: parser, match: '*', key_name: log, parser: x}\n  outputs:\n", "name: parser", "take it out"},
	{"filter-parser", "      storage.type: filesystem\n", "      storage.type: filesystem\n      processors:\n        logs:\n          - name: parser\n            key_name: log\n", "name: parser", "take it out"},
	{"filter-drops", "  outputs:\n", "  filters:\n    - {name: throttle, match: '*', rate: 100}\n  outputs:\n", "throttle", "every line"},
	{"filter-merge-log", "  outputs:\n", "  filters:\n    - {name: kubernetes, match: '*', merge_log: on, keep_log: off}\n  outputs:\n", "keep_log", "merge_log off"},
	{"filter-missing", "  outputs:\n", "  filters:\n    - {name: zimbraloki, match: '*'}\n  outputs:\n", "name: zimbraloki, match", "flb-filter_zimbraloki.so"},
	{"filter-missing", "      storage.type: filesystem\n", "      storage.type: filesystem\n      processors:\n        logs:\n          - name: zimbraloki\n", "- name: zimbraloki", "flb-filter_zimbraloki.so"},
	{"filter-property", "  outputs:\n", "  filters:\n    - {name: zimbraloki, match: '*', prefx: z_}\n  outputs:\n", "prefx", "there are time_key"},
	{"filter-property", "  outputs:\n", "  filters:\n    - {name: zimbraloki, match: '*', types: maybe}\n  outputs:\n", "types", "on or off"},
	{"filter-property", "  outputs:\n", "  filters:\n    - {name: zimbraloki, match: '*', timezone: Berlin}\n  outputs:\n", "Berlin", "Europe/Berlin"},
	{"filter-property", "  outputs:\n", "  filters:\n    - name: zimbraloki\n      match: '*'\n      config_file: CONFIG_FILE\n  outputs:\n", "config_file:", `did you mean "labels"?`},
	{"rewrite-tag", "  outputs:\n", "  filters:\n    - {name: rewrite_tag, match: '*', rule: $log x y false}\n  outputs:\n", "rewrite_tag", "emitter_storage.type filesystem"},
	{"read", "  grace: 5\n", "  grace: 5\n\tx: y\n", "\tx: y", "correct it"},
	{"read", "pipeline:", "includes:\n  - nowhere.yaml\npipeline:", "nowhere.yaml", "correct the path"},
	{"read", "pipeline:", "pipelines:", "pipelines:", "the sections are"},
	{"read", "  outputs:", "  output:", "  output:", "inputs, filters and outputs"},
	{"read", "  flush: 1\n", "  flush: &f 1\n", "&f", "does not read these"},
	{"read-odd", "- name: tail", "- Name: tail", "- Name: tail", "write name"},
	{"unset-variable", "https://loki.example.com", "${ZIMBRALOKI_TEST_URL}", "${ZIMBRALOKI_TEST_URL}", "--env"},
	{"property", "labels: job=zimbra", "config_file: CONFIG_FILE", "config_file:", `did you mean "labels"?`},
}

func TestSoundIsSound(t *testing.T) {
	for _, f := range checkText(t, "fluent-bit.yaml", sound) {
		t.Errorf("%s", &f)
	}
}

// TestMistakes plants each mistake and wants it found in its line, with its
// cure.
func TestMistakes(t *testing.T) {
	config := filepath.Join(t.TempDir(), "zimbraloki.yaml")
	if err := os.WriteFile(config, []byte("lables:\n  job: zimbra\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range mistakes {
		if !strings.Contains(sound, m.old) {
			t.Fatalf("%s: %q is not in the sound configuration", m.rule, m.old)
		}
		text := strings.Replace(sound, m.old, strings.Replace(m.new, "CONFIG_FILE", config, 1), 1)
		wantFound(t, checkText(t, "fluent-bit.yaml", text), m, text)
		seen[m.rule] = true
	}
	if len(mistakes) < 40 {
		t.Errorf("only %d mistakes", len(mistakes))
	}
	for _, r := range rules {
		if !seen[r.Name] && !otherwiseTested[r.Name] {
			t.Errorf("no mistake is planted for the rule %s", r.Name)
		}
	}
}

// otherwiseTested are rules that need a file or the classic form.
var otherwiseTested = map[string]bool{"include": true, "plugin-file": true, "plugin-go": true, "readable": true, "writable": true}

func wantFound(t *testing.T, findings []Finding, m mistake, text string) {
	t.Helper()
	line := 0
	if m.at != "" {
		before, _, ok := strings.Cut(text, m.at)
		if !ok {
			t.Fatalf("%s: %q is not in the text", m.rule, m.at)
		}
		line = strings.Count(before, "\n") + 1
	}
	for _, f := range findings {
		if f.Rule == m.rule && f.Line == line && strings.Contains(f.Cure, m.cure) {
			return
		}
	}
	t.Errorf("%s: planted %q, not found in line %d with the cure %q; found:", m.rule, m.new, line, m.cure)
	for _, f := range findings {
		t.Logf("  %s", &f)
	}
}

// checkText writes a configuration and checks it, without the files it names.
func checkText(t *testing.T, name, text string) []Finding {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return File(path, Options{Env: noEnv})
}

var noEnv fbconf.Env = func(string) (string, bool) { return "", false }
