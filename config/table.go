package config

import "time"

// The headings of the documentation, in its order.
const (
	sectionLoki    = "Loki"
	sectionLabels  = "Labels"
	sectionLines   = "Lines"
	sectionMails   = "Following mails"
	sectionPrivacy = "Secrets and persons"
	sectionAuth    = "Authentication"
	sectionTLS     = "TLS"
	sectionSending = "Sending"
	sectionRefused = "What Loki refuses"
	sectionMetrics = "Metrics"
	sectionLog     = "The plugin's own log"
	sectionFile    = "A file of its own"
)

// MinRequest is the shortest time for which a request is worth starting: a
// flush with less of its budget left hands the chunk back to Fluent Bit.
const MinRequest = 250 * time.Millisecond

// grace is Fluent Bit's default for the time between SIGTERM and its end
// (FLB_CONFIG_DEFAULT grace in include/fluent-bit/flb_config.h).
const grace = 5 * time.Second

// lokiMaxLine is Loki's default limits_config.max_line_size (256KB, counted as
// 256·1024).
const lokiMaxLine = 256 << 10

// DefaultDeadLetterPath is in /var/lib because what Loki refused exists
// nowhere else any more: it has to outlive a restart, which /tmp and /run do
// not, and no log rotation may remove it, which happens in /var/log. Fluent
// Bit's packages and its image run as root, so the directory can be made.
const DefaultDeadLetterPath = "/var/lib/zimbraloki/dead-letter.jsonl"

// deadLetterOff is the value of dead_letter_path that turns it off.
const deadLetterOff = "off"

var fields = []Field{
	{
		Name: "url", Kind: KindURL, Section: sectionLoki,
		Default: "http://127.0.0.1:3100/loki/api/v1/push", Example: "https://loki.example.com",
		Doc:  "Address of Loki. Without a path, `/loki/api/v1/push` is added. A name and password in it (`https://name:password@…`) are used like `http_user` and `http_passwd`. Fluent Bit keeps `host`, `port` and `tls` for itself: they do not reach this plugin.",
		bind: func(c *Config) any { return &c.URL },
	},
	{
		Name: "tenant_id", Kind: KindString, Section: sectionLoki, Aliases: []string{"tenantid"},
		Example: "mail", Unit: "at most 150 letters, digits and !-_.*'()",
		Doc:  "Tenant to write to, sent as `X-Scope-OrgID`. Leave it out for a Loki with one tenant.",
		bind: func(c *Config) any { return &c.TenantID },
	},
	{
		Name: "tenant_id_key", Kind: KindString, Section: sectionLoki,
		Example: "tenant",
		Doc:     "Key of the record whose value is the tenant. Records without it go to `tenant_id`. One push never holds entries of two tenants.",
		bind:    func(c *Config) any { return &c.TenantIDKey },
	},
	{
		Name: "labels", Kind: KindPairs, Section: sectionLabels,
		Example: `job=zimbra, host=$HOSTNAME, env=prod`,
		Doc:     "Fixed labels of every stream, beside those made from each line: `job` (`zimbra`, or `container`, `planr`), `host` (the one the line names, else the name of the machine), `service_name`, `log`, `level`, and `container`. A fixed label of the same name takes the place of one, `level` excepted. `$HOSTNAME` is the name of the machine. A value with a comma stands in double quotes. Loki takes 15 labels of one entry; with `late` and `late_hour` for entries that came too late for their stream, 7 are free for this and `label_keys`.",
		bind:    func(c *Config) any { return &c.Labels },
	},
	{
		Name: "label_keys", Kind: KindList, Section: sectionLabels, Aliases: []string{"labelkeys"},
		Example: "protocol, $outcome", Unit: "comma list of names, a `$` in front is allowed",
		Doc:  "Keys of the structured metadata (docs/fields.md) or of the record that become labels too. Take only keys with few values: each combination of values is a stream in Loki.",
		bind: func(c *Config) any { return &c.LabelKeys },
	},
	{
		Name: "label_value_limit", Kind: KindInt, Section: sectionLabels,
		Default: "100", Min: 1, Max: 10000, Unit: "distinct values of one label",
		Doc:  "A label that has more values goes on as `__other__`, its true value in the structured metadata; the log names it once.",
		bind: func(c *Config) any { return &c.LabelValueLimit },
	},
	{
		Name: "timezone", Kind: KindZone, Section: sectionLines,
		Default: "local", Example: "Europe/Berlin", Unit: "IANA name, or local",
		Doc:  "Time zone of log times that do not name one, as in mailbox.log. `local` is the zone of the machine; in a container that is mostly UTC, so write the zone of the mailstore there.",
		bind: func(c *Config) any { return &c.Location },
	},
	{
		Name: "path_key", Kind: KindString, Section: sectionLines,
		DefaultText: "the first of `path`, `filename`, `file`, `log_file`, `filepath`, `file_path` that looks like the path of a log", Example: "filename",
		Doc:  "Key of the record that holds the file a line was read from: the `path_key` of the tail input. The name of the file tells which log it is.",
		bind: func(c *Config) any { return &c.PathKey },
	},
	{
		Name: "field_names", Kind: KindEnum, Section: sectionLabels,
		Default: "zimbraloki", Allowed: []string{"zimbraloki", "cim"},
		Doc:  "The names of the metadata. `cim` gives those of Splunk's Common Information Model where it has one ([table](fields.md#names-of-the-common-information-model)): `src` for `client_ip`, `action` for `outcome`. The dashboards, the alerts and the queries of this documentation need `zimbraloki`. `label_keys` and `tenant_id_key` take the names of `zimbraloki` always; `trace --loki` has to be given the property too.",
		bind: func(c *Config) any { return &c.FieldNames },
	},
	{
		Name: "payload_key", Kind: KindString, Section: sectionLines,
		DefaultText: "the first of `log`, `MESSAGE`, `message`", Example: "msg",
		Doc:  "Key of the record that holds the text of the line, looked at before the usual ones.",
		bind: func(c *Config) any { return &c.PayloadKey },
	},
	{
		Name: "max_line_bytes", Kind: KindSize, Section: sectionLines,
		Default: "256KiB", Min: 1 << 10, Max: 4 << 20, Unit: "bytes",
		Doc:  "Loki's `max_line_size`. What is longer is cut between two characters and marked with `truncated` in the metadata. Above 256KiB Loki has to be told as well.",
		bind: func(c *Config) any { return &c.MaxLineBytes },
	},
	{
		Name: "multiline_max_lines", Kind: KindInt, Section: sectionLines,
		Default: "1000", Min: 1, Max: 1e6, Unit: "lines",
		Doc:  "Lines that one entry holds at most: a head with its stack trace, say. More lines begin a further entry, marked with `continued`.",
		bind: func(c *Config) any { return &c.MultilineMaxLines },
	},
	{
		Name: "multiline_max_bytes", Kind: KindSize, Section: sectionLines,
		DefaultText: "as `max_line_bytes`", Min: 1 << 10, Max: 4 << 20, Unit: "bytes",
		Doc:  "Bytes that an entry of several lines holds at most. Not more than `max_line_bytes`.",
		bind: func(c *Config) any { return &c.MultilineMaxBytes },
	},
	{
		Name: "mail_trace", Kind: KindBool, Section: sectionMails,
		Default: "on",
		Doc:     "Whether mails are followed through Postfix, amavis and opendkim: every line of a mail gets its `message_id`, the lines that say what became of it get `user`, `client_ip` and `from` (docs/trace-a-mail.md), and lines of mailbox.log that have only the number of a mailbox get its `user`.",
		bind:    func(c *Config) any { return &c.MailTrace },
	},
	{
		Name: "mail_trace_entries", Kind: KindInt, Section: sectionMails,
		Default: "100000", Min: 1000, Max: 10_000_000, Unit: "mails, sessions and mailboxes",
		Doc:  "How many are remembered. They take 600 bytes each at most, 60 MB with the default. When there are more, or they take more, the one longest unused is forgotten; lines are delivered all the same.",
		bind: func(c *Config) any { return &c.MailTraceEntries },
	},
	{
		Name: "mail_trace_age", Kind: KindDuration, Section: sectionMails,
		Default: "5d", Min: int64(time.Minute), Max: int64(60 * 24 * time.Hour), Unit: "seconds",
		Doc:  "How long a mail is remembered after its last line. Postfix tries for five days (`maximal_queue_lifetime`). A queue id that Postfix gives to another mail is told apart, however soon.",
		bind: func(c *Config) any { return &c.MailTraceAge },
	},
	{
		Name: "redact", Kind: KindBool, Section: sectionPrivacy,
		Default: "on",
		Doc:     "Passwords, tokens, cookies, session identifiers and private keys are replaced by `***`, in the line and in the metadata. docs/security.md says what counts as one.",
		bind:    func(c *Config) any { return &c.Redact },
	},
	{
		Name: "pseudonymize", Kind: KindBool, Section: sectionPrivacy,
		Default: "off",
		Doc:     "Names and mail addresses of persons are replaced by keyed hashes: `ivanov@example.com` by `p_0123456789abcdef@example.com`, `ivanov` by the same without the domain. Needs `pseudonymize_key_file`. `zimbraloki pseudonym` prints the hash of a known name.",
		bind:    func(c *Config) any { return &c.Pseudonymize },
	},
	{
		Name: "pseudonymize_key_file", Kind: KindPath, Section: sectionPrivacy,
		Example: "/etc/zimbraloki/pseudonym.key",
		Doc:     "File that holds the key of the hashes, at least 16 bytes; white space around it does not count. Every host needs the same one. `openssl rand -hex 32` makes one.",
		bind:    func(c *Config) any { return &c.PseudonymizeKeyFile },
	},
	{
		Name: "pseudonymize_logs", Kind: KindList, Section: sectionPrivacy,
		Example: "mailbox, audit, zimbra", Unit: "comma list of values of the labels `log` and `service_name`", DefaultText: "all logs",
		Doc:  "Logs whose persons are replaced; the others keep them.",
		bind: func(c *Config) any { return &c.PseudonymizeLogs },
	},
	{
		Name: "http_user", Kind: KindString, Section: sectionAuth,
		Example: "fluent-bit",
		Doc:     "Name for basic authentication.",
		bind:    func(c *Config) any { return &c.HTTPUser },
	},
	{
		Name: "http_passwd", Kind: KindSecret, Secret: true, Section: sectionAuth, Aliases: []string{"http_password"},
		Example: "${LOKI_PASSWORD}",
		Doc:     "Password for basic authentication. Better taken from the environment or from a file than written here.",
		bind:    func(c *Config) any { return &c.HTTPPasswd },
	},
	{
		Name: "http_passwd_file", Kind: KindPath, Section: sectionAuth, Aliases: []string{"http_password_file"},
		Example: "/run/secrets/loki-password",
		Doc:     "File that holds the password. White space around it does not count. It is read again when Loki answers 401.",
		bind:    func(c *Config) any { return &c.HTTPPasswdFile },
	},
	{
		Name: "bearer_token", Kind: KindSecret, Secret: true, Section: sectionAuth,
		Example: "${LOKI_TOKEN}",
		Doc:     "Token sent as `Authorization: Bearer …`.",
		bind:    func(c *Config) any { return &c.BearerToken },
	},
	{
		Name: "bearer_token_file", Kind: KindPath, Section: sectionAuth,
		Example: "/run/secrets/loki-token",
		Doc:     "File that holds the token. It is read again when Loki answers 401.",
		bind:    func(c *Config) any { return &c.BearerTokenFile },
	},
	{
		Name: "header", Kind: KindHeader, Secret: true, Section: sectionAuth,
		Aliases: []string{"header_1", "header_2", "header_3", "header_4", "header_5", "header_6", "header_7", "header_8", "header_9"},
		Example: "X-Gateway-Key: ${GATEWAY_KEY}", Unit: "`Name: value`, or `Name value`",
		Doc:  "HTTP header sent with every push. Fluent Bit gives a Go plugin only the first of several equal keys, and only the first element of a YAML list: write further headers as `header_1` to `header_9`. Values are not shown in the log.",
		bind: func(c *Config) any { return &c.Headers },
	},
	{
		Name: "tls_ca_file", Kind: KindPath, Section: sectionTLS, Aliases: []string{"ca_file"},
		Example: "/etc/zimbraloki/ca.pem",
		Doc:     "Certificates (PEM) that may sign Loki's certificate, instead of those of the system.",
		bind:    func(c *Config) any { return &c.TLSCAFile },
	},
	{
		Name: "tls_cert_file", Kind: KindPath, Section: sectionTLS, Aliases: []string{"tls_crt_file", "cert_file"},
		Example: "/etc/zimbraloki/client.pem",
		Doc:     "Own certificate (PEM), for a Loki that asks for one. Needs `tls_key_file`.",
		bind:    func(c *Config) any { return &c.TLSCertFile },
	},
	{
		Name: "tls_key_file", Kind: KindPath, Section: sectionTLS, Aliases: []string{"key_file"},
		Example: "/etc/zimbraloki/client.key",
		Doc:     "Key (PEM) of the own certificate.",
		bind:    func(c *Config) any { return &c.TLSKeyFile },
	},
	{
		Name: "tls_server_name", Kind: KindString, Section: sectionTLS,
		DefaultText: "the host in `url`", Example: "loki.example.com",
		Doc:  "Name that Loki's certificate has to hold.",
		bind: func(c *Config) any { return &c.TLSServerName },
	},
	{
		Name: "tls_verify", Kind: KindBool, Section: sectionTLS,
		Default: "on",
		Doc:     "Whether Loki's certificate is checked. `off` lets anyone on the way read and change the logs.",
		bind:    func(c *Config) any { return &c.TLSVerify },
	},
	{
		Name: "compress", Kind: KindEnum, Section: sectionSending, Aliases: []string{"compression"},
		Default: "snappy", Allowed: []string{"snappy", "gzip", "none"},
		Doc:  "How a body is packed. `snappy` is protobuf as Loki's own agents send it, and takes least CPU. `gzip` packs tighter for a slow line. `none` is for looking at what is sent.",
		bind: func(c *Config) any { return &c.Compress },
	},
	{
		Name: "batch_bytes", Kind: KindSize, Section: sectionSending, Aliases: []string{"batchsize", "batch_size"},
		Default: "2MiB", Min: 64 << 10, Max: 3 << 20, Unit: "bytes before compression",
		Doc:  "Size at which a body is sent and the next begun. Loki's parts pass on 4 MiB at most between them. Not less than `max_line_bytes`.",
		bind: func(c *Config) any { return &c.BatchBytes },
	},
	{
		Name: "flush_timeout", Kind: KindDuration, Section: sectionSending,
		Default: "4s", Min: int64(2 * MinRequest), Max: int64(5 * time.Minute), Unit: "seconds",
		Doc:  "Time for one chunk, everything included. What is not sent by then goes back to Fluent Bit, which keeps it and tries again. Stay below `grace` of the [SERVICE] section (5 seconds if not set): Fluent Bit cannot end while a flush runs.",
		bind: func(c *Config) any { return &c.FlushTimeout },
	},
	{
		Name: "request_timeout", Kind: KindDuration, Section: sectionSending, Aliases: []string{"timeout"},
		DefaultText: "as `flush_timeout`", Min: int64(MinRequest), Max: int64(5 * time.Minute), Unit: "seconds",
		Doc:  "Time for one request to Loki. Not more than `flush_timeout`; less leaves time for a second try inside the same flush.",
		bind: func(c *Config) any { return &c.RequestTimeout },
	},
	{
		Name: "dead_letter_path", Kind: KindPath, Section: sectionRefused,
		Default: DefaultDeadLetterPath, Unit: "absolute path, or `off`",
		Doc:  "File for entries that Loki refuses for good, and for damaged chunks: JSON lines that can be read and sent again. Its directory is made if it is missing; if that fails, or the file cannot be written, Fluent Bit does not start. In a container put it on a volume. `off` loses such entries, with a count in the log.",
		bind: func(c *Config) any { return &c.DeadLetterPath },
	},
	{
		Name: "dead_letter_max_bytes", Kind: KindSize, Section: sectionRefused,
		Default: "64MiB", Min: 1 << 20, Unit: "bytes",
		Doc:  "Space that dead letters take on the disk at most. At half of it the file gets `.1` behind its name, in place of the one before, and a new one is begun; the log says what has gone.",
		bind: func(c *Config) any { return &c.DeadLetterMaxBytes },
	},
	{
		Name: "metrics_listen", Kind: KindAddress, Section: sectionMetrics,
		Example: "127.0.0.1:2112", Unit: "host:port",
		Doc:  "Address on which this output section serves its counters to Prometheus (`/metrics`, see [metrics](metrics.md)), and `/health` and `/ready`. Off if it is left out. Each section needs an address of its own. Anyone who reaches it can read it: there is no password.",
		bind: func(c *Config) any { return &c.MetricsListen },
	},
	{
		Name: "pprof", Kind: KindBool, Section: sectionMetrics,
		Default: "off",
		Doc:     "Whether `metrics_listen` serves profiles of the process too, below `/debug/pprof/`. A profile of the heap tells what is in the logs: keep the address to this host.",
		bind:    func(c *Config) any { return &c.Pprof },
	},
	{
		Name: "log_verbosity", Kind: KindEnum, Section: sectionLog, Aliases: []string{"loglevel"},
		Default: "info", Allowed: []string{"error", "warn", "info", "debug"},
		Doc:  "What the plugin itself logs. Fluent Bit keeps `log_level` for itself and does not tell a plugin.",
		bind: func(c *Config) any { return &c.LogVerbosity },
	},
	{
		Name: configFileKey, Kind: KindPath, Section: sectionFile,
		Example: "/etc/zimbraloki/zimbraloki.yaml",
		Doc:     "YAML file with properties of these names, for larger settings: lists and mappings may be written as such, and `${NAME}` and `${NAME:-default}` stand for the environment. What stands in the output section wins. It is read once, at start. [conf/zimbraloki.yaml](../conf/zimbraloki.yaml) has every property; [conf/zimbraloki.schema.json](../conf/zimbraloki.schema.json) lets an editor check it. The [native filter](filter.md) may read the same file.",
		bind:    func(c *Config) any { return &c.ConfigFile },
	},
}
