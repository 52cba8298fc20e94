package main

// formatDoc is what docs/formats.md says of a format besides its line in the
// format table.
type formatDoc struct {
	from    string // which program writes it, to which file
	file    string // fixture below transform/testdata that holds the example
	example string // beginning of its first line, or a part of it
	query   string // one question
	alone   bool   // the fixture mixes programs: no line before it belongs to the example
	sample  bool   // the sample logs answer the query: it is run by the tests
	traps   string
}

// formatDocs are the texts of docs/formats.md by the name of the format.
var formatDocs = map[string]formatDoc{
	"unparsed": {
		"anything", "text/unknown.log", "plain text at", `{job="zimbra"} | format="unparsed"`, false, false,
		"Time and order are those of arrival. A line of a known log that was cut in the middle ends up here too.",
	},
	"mailbox": {
		"mailboxd: /opt/zimbra/log/mailbox.log, sync.log, ews.log, wbxml.log, imapd.log, milter.log, …, and stdout of Carbonio's containers", "mailbox/soap.log", "soap - ",
		`{job="zimbra", log="mailbox"} | component="soap" | duration_ms > 3000`, false, true,
		"For clients behind the proxy, `ip` is the proxy's address: search for `client_ip`. A stack trace is one entry with its head. The time has no zone; see `timezone`.",
	},
	"audit": {
		"mailboxd: /opt/zimbra/log/audit.log; in containers, lines of the logger `security` anywhere", "audit/logins.log", "cmd=Auth",
		`{job="zimbra", log="audit"} | outcome="failure"`, false, true,
		"`AdminAuth` at INFO is an attempt (`outcome=\"attempt\"`), not a success. A login by SMTP shows the proxy's protocol in `oproto`.",
	},
	"cli": {
		"zmprov, zmmailbox and other tools of Zimbra that log with log4j", "text/cli.log", "[main] ", `{job="zimbra"} |= "[main]" | level="error"`, false, false,
		"The thread comes before the level.",
	},
	"planr": {
		"PLAN-R's services, to stdout of their containers", "planr/events.jsonl", `"command_name"`, `{job="planr"} | trace_id="7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968"`, false, true,
		"`duration` is only written for requests of more than 500 ms.",
	},
	"json": {
		"any program that logs JSON objects: logback, pino, zap, slog, Serilog, Monolog, MongoDB, GELF, …", "json/lines.jsonl", "OrderService", `{job="container"} | level="error"`, false, false,
		"Known keys become fields of the vocabulary; the line keeps all of them, so `| json` finds the rest.",
	},
	"continuation": {
		"no program: lines whose head is not in the chunk and not in memory, or nowhere", "mailbox/damaged.log", "", `{job="zimbra"} | continued="true"`, false, false,
		"Labels and time are those of the last head of the same file, if there was one.",
	},
	"text": {
		"programs that nobody told us of", "plaintext/lines.log", "WARN pool", `{job="zimbra", log="other"} | detected_level="warn"`, true, false,
		"Only time and level are read. A time of day without a date is taken to be of the latest possible day.",
	},
	"access_log": {
		"Jetty in mailboxd: /opt/zimbra/log/access_log.*", "accesslog/lines.log", "POST /service/soap", `sum by (status) (count_over_time({log="access_log"} [1h]))`, false, false,
		"Quotes in requests and agents are not escaped; the month follows the JVM's locale. The client is the proxy unless Jetty logs X-Forwarded-For.",
	},
	"nginx-access": {
		"zimbra-proxy: /opt/zimbra/log/nginx.access.log, of 8.0, 8.5 and later", "nginx/lines.log", "POST ", `{log="nginx.access"} | status=~"5.."`, false, false,
		"Before 8.5 the address has no port. `user` comes from the request's parameters, as the client wrote it.",
	},
	"nginx-error": {
		"zimbra-proxy: /opt/zimbra/log/nginx.log, HTTP and the mail proxy (IMAP, POP, SMTP)", "nginxerror/lines.log", "client login failed", `{log="nginx"} | outcome="failure"`, false, false,
		"A login through the proxy is recorded here and, with the same user, in audit.log: count only one of the two.",
	},
	"trace_log": {
		"Jetty's DebugHandler: /opt/zimbra/log/trace_log.*", "jettytrace/lines.log", "REQUEST", `{log="trace_log"} |= "REQUEST"`, false, false,
		"Requests contain whole cookies: each value is replaced by `***`. The lines have no date; the file's name has.",
	},
	"zmmailboxd.out": {
		"mailboxd's standard output: /opt/zimbra/log/zmmailboxd.out", "mailboxdout/lines.log", "DOS ALERT", `{log="zmmailboxd.out"} |= "DOS ALERT"`, false, false,
		"JVM banners, thread dumps and SLF4J's messages have no time of their own.",
	},
	"activity": {
		"mailboxd: /opt/zimbra/log/activity.log", "activity/lines.log", "SendMsg", `{log="activity"} | action="SendMsg"`, false, false,
		"It looks like JSON but is not: quotes inside values are not escaped.",
	},
	"clamd": {
		"ClamAV: clamd.log and freshclam.log of /opt/zimbra/log, and both by syslog", "clamdlog/lines.log", "FOUND", `{log=~"clamd|zimbra"} | virus!=""`, false, false,
		"A find is given the level warn, because ClamAV writes none. amavis writes a line of its own about the same mail.",
	},
	"myslow": {
		"MariaDB: /opt/zimbra/log/myslow.log", "mysqlslow/lines.log", "# Time: ", `{log="myslow"} | duration_ms > 5000`, false, false,
		"Several lines are one event. `# Time:` is left out for a second event in the same second.",
	},
	"zmconfigd": {"zmconfigd: /opt/zimbra/log/zmconfigd.log, and by syslog", "zmconfigdlog/lines.log", "stopped to running", `{log="zmconfigd"} | status="stopped"`, false, false, ""},
	"cbpolicyd": {"cbpolicyd: /opt/zimbra/log/cbpolicyd.log, and by syslog", "cbpolicyd/lines.log", "Greylisting", `{log="cbpolicyd"} | action="defer"`, false, false, ""},
	"zmsetup":   {"the installer: /opt/zimbra/log/zmsetup.log", "zmsetup/lines.log", "Setting defaults", `{log="zmsetup"} |= "failed"`, false, false, ""},
	"spamtrain": {
		"zmtrainsa: /opt/zimbra/log/spamtrain.log", "spamtrain/lines.log", "Learned tokens", `{log="spamtrain"} | learned > 0`, false, false,
		"Most lines have no time.",
	},
	"visiology": {
		"Visiology's services, to stdout or by OTLP", "visiology/lines.log", "OperationName:SaveDashboard", "{exporter=\"OTLP\"} |= \"ivanov\"", false, false,
		"The line is a JSON object; its `body` is the event as it arrived: `| json | line_format \"{{.body}}\"`.",
	},
	"postfix": {
		"Postfix by syslog: /var/log/zimbra.log, carbonio.log", "postfix/delivery.log", "status=sent", `sum by (outcome) (count_over_time({service_name="postfix"} | action="deliver" [1h]))`, false, false,
		"`status=sent` to amavis or a milter is a hop (`outcome=\"hop\"`), not a delivery. `NOQUEUE: filter:` is not a reject. A queue id is only valid on one host and for some time: follow `message_id`.",
	},
	"amavis": {
		"amavisd by syslog: /var/log/zimbra.log", "amavis/passed.log", "Passed CLEAN", `{service_name="amavis"} | verdict="Blocked"`, false, false,
		"Zimbra scans outgoing mail twice: two lines, two queue ids. A line that amavis cut is [one entry](decisions/0008-lines-cut-by-their-writer.md).",
	},
	"opendkim":  {"opendkim by syslog: /var/log/zimbra.log", "zimbra-syslog/daemons.log", "DKIM-Signature field added", `{service_name="opendkim"} | dkim!=""`, false, false, ""},
	"saslauthd": {"saslauthd by syslog: /var/log/zimbra.log", "zimbra-syslog/daemons.log", "saslauthd", `{service_name="saslauthd"} | outcome="failure"`, false, false, "`user` may have no domain. At debug level whole answers of the server with tokens are in the line."},
	"slapd":     {"OpenLDAP by syslog: /var/log/zimbra.log", "zimbra-syslog/daemons.log", "slapd", `{service_name="slapd"} |= "err=49"`, false, false, "An operation is several lines, joined by `connection_id` and `op`."},
	"zimbramon": {"zmstatuslog, zmqueuelog by syslog: /var/log/zimbra-stats.log", "zimbra-stats/stats.log", "Stopped", `{service_name="zimbramon"} | status="Stopped"`, false, false, ""},
	"zmstat": {
		"zmstat by syslog: /var/log/zimbra-stats.log", "zimbra-stats/stats.log", "cpu.csv", `avg_over_time({service_name="zimbramon"} | component="cpu.csv" | unwrap cpu_user [5m])`, false, false,
		"Columns become metadata under their names, at most 40. A row that was cut is [one entry](decisions/0008-lines-cut-by-their-writer.md).",
	},
	"policyd-spf": {"policyd-spf by syslog: /var/log/zimbra.log", "zimbra-syslog/daemons.log", "policyd-spf", `{service_name="policyd-spf"} | status="Fail"`, false, false, ""},
	"syslog":      {"any other program of the host, by syslog", "zimbra-syslog/foreign.log", "sshd", `{service_name="sshd"} | outcome="failure"`, false, false, "The program's name is a label only for programs that are known; else `service_name` is `other` and `program` has it."},
}
