package check

// rule is one kind of mistake.
type rule struct {
	Name     string // as reports show it
	severity Severity
	Doc      string // what it finds and why that is a mistake
	find     func(t *target)
}

// rules are all of them, in the order of docs/check.md.
var rules = []rule{
	{"read", Error, "What Fluent Bit cannot read: a file that is missing or included twice, an indentation that changes, a key without a value, a YAML section that does not exist.", reading(true)},
	{"read-odd", Warning, "What Fluent Bit reads without a word and does not use: an unknown classic section, an unknown `@` command, `Name` with a capital in YAML.", reading(false)},
	{"unset-variable", Hint, "A variable of the environment that is not set where the check runs.", unsetEnv},

	{"hot-reload", Error, "`hot_reload on`. With `workers`, Fluent Bit up to 5.1 dies after a few reloads of a Go output.", hotReload},
	{"daemon", Error, "`daemon on`. Go does not survive the fork.", daemon},
	{"storage-path", Error, "`storage.type filesystem` without `storage.path`. Fluent Bit does not start.", storagePath},
	{"storage-checksum", Warning, "`storage.checksum on`. After a crash a whole chunk is never read again.", checksum},
	{"storage-delete", Warning, "`storage.delete_irrecoverable_chunks on`.", irrecoverable},
	{"grace", Warning, "A `flush_timeout` that is not below `grace`.", graceTime},
	{"coro-stack", Warning, "`coro_stack_size` missing or too small for Go.", coroStack},
	{"http-server", Warning, "Fluent Bit's HTTP server open to the network.", httpServer},
	{"service-log-level", Warning, "`log_level` debug, trace or off.", serviceLogLevel},
	{"service-twice", Warning, "A key of the service section that is there twice.", serviceTwice},
	{"retry-wait", Hint, "`scheduler.cap` missing or long: a chunk waits half an hour after Loki is back.", retryWait},
	{"flush-interval", Hint, "`flush` above 10 seconds.", flushInterval},

	{"plugin-file", Error, "A shared object that is missing, is none, is for another machine, or does not export what Fluent Bit looks for.", pluginFile},
	{"plugin-missing", Warning, "Nothing loads `zimbraloki.so`.", pluginMissing},
	{"plugin-path", Warning, "A relative path of a plugin.", pluginPath},
	{"plugin-go", Error, "A second plugin written in Go.", twoGo},

	{"part", Hint, "A file without inputs and outputs: only the main file can be checked as a whole.", onlyPart},
	{"no-output", Error, "No output named `zimbraloki`, and no filter with `zimbraloki.wasm`.", noOutput},
	{"output-name", Error, "An output whose name was meant to be `zimbraloki`.", outputName},
	{"property", Error, "A property that is unknown, belongs to another Loki output, or has a value that cannot be used.", properties},
	{"property-odd", Warning, "Properties that work and are probably not wanted.", propertyWarnings},
	{"reserved", Error, "`host`, `port`, `tls`, `oauth2…`: Fluent Bit keeps them and a Go plugin never sees them.", reserved},
	{"reserved-idle", Warning, "`ipv6`, `net.…`: the same, and nothing is lost by leaving them out.", reservedIdle},
	{"output-log-level", Hint, "`log_level` in the output; the plugin has `log_verbosity`.", outputLogLevel},
	{"repeated", Error, "A key that is there several times, or a YAML list: a Go plugin gets the first only.", repeated},
	{"nested", Error, "A YAML mapping as the value of a property.", nested},
	{"workers", Error, "`workers` missing or 0.", workersMissing},
	{"workers-many", Warning, "`workers` above 1.", workersMany},
	{"retry-limit", Error, "A `retry_limit` other than `no_limits`.", retryLimit},
	{"total-limit", Warning, "No `storage.total_limit_size`.", totalLimit},
	{"clear-secret", Warning, "A password or token written into the file.", clearSecret},
	{"no-match", Error, "An output without `match`.", noMatch},
	{"match-nothing", Error, "A `match` that takes none of the inputs.", matchNothing},
	{"match-twice", Warning, "Two outputs that send the same records to the same Loki.", matchTwice},
	{"own-logs", Warning, "Fluent Bit's own log goes into this output.", ownLogs},
	{"own-metrics", Hint, "Metrics are matched by an output for logs.", ownMetrics},
	{"path-key", Warning, "`path_key` of the output is not that of the tail input.", outputPathKey},
	{"readable", Error, "A file with a password, token or certificate that cannot be read, or is none.", readable},
	{"writable", Error, "`dead_letter_path`, `storage.path` or a `db` where this user may not write.", writable},

	{"input-unmatched", Warning, "An input that no output takes.", inputUnmatched},
	{"storage-type", Error, "An input whose chunks are in memory only.", storageType},
	{"volatile", Warning, "A `db`, `storage.path` or `dead_letter_path` in `/tmp` or `/run`.", volatilePaths},
	{"mem-limit", Hint, "`mem_buf_limit` beside `storage.type filesystem`.", memLimit},
	{"tail-path", Error, "A tail input without `path`, or with a relative one.", eachTail(tailPath)},
	{"tail-path-key", Warning, "No `path_key`.", eachTail(tailPathKey)},
	{"tail-db", Error, "No `db`.", eachTail(tailDB)},
	{"tail-db-shared", Error, "Two inputs with one `db`.", tailDBShared},
	{"tail-db-sync", Warning, "`db.sync off`.", eachTail(tailDBSync)},
	{"tail-rotate-wait", Warning, "`rotate_wait` missing or short.", eachTail(tailRotateWait)},
	{"tail-refresh", Hint, "`refresh_interval` of a minute or more.", eachTail(tailRefresh)},
	{"tail-exit", Error, "`exit_on_eof on`.", eachTail(tailExit)},
	{"tail-long-lines", Error, "`skip_long_lines` off: the whole file is given up.", eachTail(tailLongLines)},
	{"tail-buffers", Error, "`buffer_max_size` below `buffer_chunk_size`.", eachTail(tailBuffers)},
	{"tail-small-buffer", Warning, "A `buffer_max_size` that lines of a mailstore exceed.", eachTail(tailSmallBuffer)},
	{"tail-head", Warning, "`read_from_head` off.", eachTail(tailHead)},
	{"tail-new-head", Error, "`read_newly_discovered_files_from_head` off.", eachTail(tailNewHead)},
	{"tail-older", Warning, "`ignore_older`.", eachTail(tailOlder)},
	{"tail-inotify", Hint, "`inotify_watcher` off.", eachTail(tailInotify)},
	{"tail-rotated", Error, "A `path` that takes rotated files too.", eachTail(tailRotated)},
	{"tail-twice", Warning, "A path that two inputs read.", tailTwice},
	{"tail-key", Error, "A `key` that the output does not know.", eachTail(tailKey)},
	{"tail-multiline", Warning, "A multiline parser, `multiline`, `parser_firstline` or `docker_mode` before a plugin that joins itself.", eachTail(tailMultiline)},
	{"tail-parser", Warning, "A parser before a plugin that parses itself.", eachTail(tailParser)},
	{"systemd-db", Error, "A systemd input without `db`.", systemdDB},
	{"syslog-parser", Error, "A syslog input whose parser takes the header off, or drops what it cannot read.", syslogParser},
	{"unknown-parser", Error, "A parser that is defined nowhere.", unknownParser},
	{"open-forward", Warning, "A forward input that takes logs from anyone.", openForward},

	{"filter-multiline", Warning, "The multiline filter before a plugin that joins itself.", eachStep("multiline")(filterMultiline)},
	{"filter-parser", Warning, "The parser filter before a plugin that parses itself.", eachStep("parser")(filterParser)},
	{"filter-drops", Hint, "Filters that drop records.", eachStep("grep", "throttle", "throttle_size", "sampling")(filterDrops)},
	{"filter-merge-log", Warning, "The kubernetes filter with `merge_log on` and `keep_log off`.", eachStep("kubernetes")(mergeLog)},
	{"rewrite-tag", Warning, "rewrite_tag with its emitter in memory.", eachStep("rewrite_tag")(rewriteTag)},
}
