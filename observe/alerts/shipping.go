package alerts

func arrival() Group {
	return Group{Name: "zimbra-arrival", Title: "Arrival of logs", Interval: "5m", Alerts: []Alert{{
		Name: "ZimbraHostSilent",
		Expr: logql(`sum by (host) (count_over_time({job="zimbra"} [1h] offset 15m))
			unless on (host) sum by (host) (count_over_time({job="zimbra"} [15m]))`),
		For: "0s", Severity: Critical, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.host }} sends no logs",
		Description: "No line of this host in the last 15 minutes, though it wrote in the hour before. The alert ends by itself an hour later.",
		Meaning:     "The host, its network or its Fluent Bit is down. What it writes meanwhile waits on its disk.",
		Action:      "Is the host up? `systemctl status fluent-bit`, its log; does it reach Loki? A host that was taken out of service on purpose: silence the alert.",
	}, {
		Name: "ZimbraLogSilent",
		Expr: logql(`sum by (host, log) (count_over_time({job="zimbra", log=~"mailbox|zimbra"} [1h] offset 15m))
			unless on (host, log) sum by (host, log) (count_over_time({job="zimbra", log=~"mailbox|zimbra"} [15m]))
			and on (host) sum by (host) (count_over_time({job="zimbra"} [15m]))`),
		For: "0s", Severity: Warning, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.host }} sends nothing from {{ $labels.log }}.log",
		Description: "No line of this log in the last 15 minutes, though the host sends others and this log had lines in the hour before.",
		Meaning:     "The service stands still, syslog does (zimbra.log), or Fluent Bit may no longer read the file.",
		Action:      "Compare with the file on the host. Its owner and mode after rotation are the usual cause.",
	}, {
		Name: "ZimbraLogsUnparsed",
		Expr: logql(`sum by (host) (count_over_time({job="zimbra"} | format="unparsed" [15m]))
			/ sum by (host) (count_over_time({job="zimbra"} [15m])) > 0.01
			and on (host) sum by (host) (count_over_time({job="zimbra"} | format="unparsed" [15m])) > 20`),
		For: "0s", Severity: Info, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.host }}: {{ $value | humanizePercentage }} of the lines are not understood",
		Description: "More than 1 % of the lines of a host in 15 minutes, and more than 20, have a form that no parser knows. They are stored as they are.",
		Meaning:     "A new version writes another form, or the file is not what the configuration takes it for.",
		Action:      "`zimbraloki explain` on some lines of `| format=\"unparsed\"`; report the form.",
	}}}
}

func shipping() Group {
	return Group{Name: "zimbraloki-shipping", Title: "Shipping", Interval: "1m", Alerts: []Alert{{
		Name: "ZimbralokiDown", Source: Prometheus,
		Expr: `up{job="zimbraloki"} < 1`,
		For:  "5m", Severity: Warning, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }}: the metrics of zimbraloki cannot be read",
		Description: "Prometheus did not reach the listener for 5 minutes.",
		Meaning:     "Fluent Bit is down, or metrics_listen is not reachable.",
		Action:      "See ZimbraHostSilent: if the host is silent too, Fluent Bit is down.",
	}, {
		Name: "ZimbralokiDropping", Source: Prometheus,
		Expr: `sum by (instance, reason) (increase(zimbraloki_dropped_total[15m])) > 0`,
		For:  "0s", Severity: Warning, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }} dropped {{ $value | humanize }} entries: {{ $labels.reason }}",
		Description: "Loki refused entries for good in the last 15 minutes. With dead_letter_path they are kept in that file.",
		Meaning:     "A limit of Loki, or times that cannot be right.",
		Action:      "The log of Fluent Bit names the reason once; the dead-letter file has the entries, to be sent again after the cure.",
	}, {
		Name: "ZimbralokiDeadLetters", Source: Prometheus,
		Expr: `sum by (instance, reason) (increase(zimbraloki_dead_letters_total[15m])) > 0`,
		For:  "0s", Severity: Warning, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }} wrote {{ $value | humanize }} dead letters: {{ $labels.reason }}",
		Description: "Entries or chunks went to the dead-letter file in the last 15 minutes.",
		Meaning:     "They are not in Loki.",
		Action:      "Read the file, cure the reason, replay it.",
	}, {
		Name: "ZimbralokiNotDelivering", Source: Prometheus,
		Expr: `time() - (zimbraloki_last_success_timestamp_seconds > 0) > 300 and on (instance) sum by (instance) (increase(zimbraloki_chunks_total{result="retry"}[10m])) > 0`,
		For:  "5m", Severity: Critical, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }} has delivered nothing for {{ $value | humanizeDuration }}",
		Description: "Flushes are tried again and none has succeeded for 5 minutes, for another 5 minutes.",
		Meaning:     "Loki is down, cannot be reached, or limits the rate (429). Logs wait on the disk of the host.",
		Action:      "`/ready` of the listener says why. Watch the disk of the host: storage.total_limit_size bounds what may wait.",
	}, {
		Name: "ZimbralokiMisconfigured", Source: Prometheus,
		Expr: `sum by (instance) (increase(zimbraloki_push_total{result="config"}[10m])) > 0`,
		For:  "5m", Severity: Critical, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }}: Loki, or the gateway before it, refuses the configuration",
		Description: "Answers of the last 10 minutes say that the address, the tenant or the password is wrong (401, 403, 404, …).",
		Meaning:     "Nothing is delivered, and nothing is lost: it waits until the configuration is right.",
		Action:      "The log of Fluent Bit has the answer. Compare url, tenant_id, http_user and the password with the gateway.",
	}, {
		Name: "LokiRateLimits", Source: Prometheus,
		Expr: `sum by (tenant, reason) (increase(loki_discarded_samples_total{reason=~"rate_limited|per_stream_rate_limit|stream_limit"}[10m])) > 0`,
		For:  "5m", Severity: Warning, Dashboard: "zimbra-shipper",
		Summary:     "Loki limits tenant {{ $labels.tenant }}: {{ $labels.reason }}",
		Description: "Loki answered 429 within the last 10 minutes, for 5 minutes.",
		Meaning:     "The tenant sends more than limits_config allows. zimbraloki loses nothing, it tries again; other clients may lose.",
		Action:      "Raise ingestion_rate_mb, per_stream_rate_limit or max_global_streams_per_user; or find what writes so much (Overview, lines by service).",
	}, {
		Name: "ZimbralokiBehind", Source: Prometheus,
		Expr: `time() - max by (instance, log) (zimbraloki_newest_timestamp_seconds > 0) > 1800 and on (instance) (sum by (instance) (increase(zimbraloki_lines_total[10m])) > 0)`,
		For:  "10m", Severity: Warning, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }} is {{ $value | humanizeDuration }} behind in {{ $labels.log }}",
		Description: "The newest line of a log is older than 30 minutes while lines go through.",
		Meaning:     "A backlog is worked off, or this log stands still.",
		Action:      "If the time shrinks, wait. Else compare with the file on the host.",
	}, {
		Name: "ZimbralokiLabelFull", Source: Prometheus,
		Expr: `sum by (instance) (increase(zimbraloki_label_overflow_total[1h])) > 0`,
		For:  "0s", Severity: Info, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }}: a label has more values than label_value_limit allows",
		Description: "Values of a label were replaced by __other__ within the last hour.",
		Meaning:     "The true value is in the structured metadata, under the label's name with _value.",
		Action:      "Raise label_value_limit if the values are right (containers, hosts). Else take the key out of label_keys.",
	}, {
		// Metrics, not logs: a late line is older than any window that ends now.
		Name: "ZimbralokiLate", Source: Prometheus,
		Expr: `sum by (instance) (increase(zimbraloki_late_total[15m])) > 0`,
		For:  "0s", Severity: Info, Dashboard: "zimbra-shipper",
		Summary:     "{{ $labels.instance }}: {{ $value | humanize }} lines came too late for their stream",
		Description: "Loki refused lines for being older than the newest of their stream by more than an hour. They were stored in a stream of their own (labels late and late_hour).",
		Meaning:     "Two sources write one stream, or a clock is wrong.",
		Action:      "`{late!=\"\"}` shows them. Compare clocks (`chronyc tracking`); see that one file is read by one Fluent Bit only.",
	}, {
		Name: "LokiDiscards", Source: Prometheus,
		Expr: `sum by (tenant, reason) (increase(loki_discarded_samples_total{reason!~"rate_limited|per_stream_rate_limit|stream_limit"}[15m])) > 0`,
		For:  "0s", Severity: Warning, Dashboard: "zimbra-shipper",
		Summary:     "Loki discarded {{ $value | humanize }} lines of tenant {{ $labels.tenant }}: {{ $labels.reason }}",
		Description: "Loki itself counted refused lines in the last 15 minutes, whoever sent them.",
		Meaning:     "As ZimbralokiDropping, also for other clients.",
		Action:      "The reason names the limit (docs of Loki, request validation errors).",
	}}}
}
