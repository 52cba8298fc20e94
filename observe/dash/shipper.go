package dash

// prom is a panel of metrics.
func prom(p Panel) Panel {
	p.Source = Prometheus
	return p
}

const chosen = `instance=~"$instance"`

// rate is the rate of a counter by a label, the eight greatest: of 30 formats
// most say nothing.
func rate(name, label string) []Query {
	return by(label, "topk(8, sum by ("+label+") (rate("+name+"{"+chosen+"}[$__rate_interval])) > 0)")
}

// refused is the same of what should not be: where nothing was, the graph says so
// instead of "No data".
func refused(q []Query) []Query {
	return by("reason", q[0].Expr+` or on() label_replace(vector(0), "reason", "nothing", "", "")`)
}

// increase is what a counter grew by in the chosen time.
func increase(name string) string { return "sum(increase(" + name + "{" + chosen + "}[$__range]))" }

func shipper() Dashboard {
	mini := func(p Panel) Panel { p.W = 3; return p }
	latency := func(p string) string {
		return "histogram_quantile(" + p + ", sum by (le) (rate(zimbraloki_push_duration_seconds_bucket{" + chosen + "}[$__rate_interval])))"
	}
	return Dashboard{
		UID: "zimbra-shipper", Title: "Zimbra · Shipper", Prometheus: true,
		Help: "Does every line arrive? What zimbraloki, Fluent Bit and Loki say of themselves, and what of the logs can be seen from their contents.",
		Variables: []Variable{
			host,
			{Name: "instance", Label: "Shipper", Help: "Listeners of zimbraloki", Stream: "zimbraloki_build_info", Of: "instance"},
		},
		Panels: []Panel{
			mini(prom(number("Shippers", "Listeners that Prometheus reaches.", "short", `count(up{job="zimbraloki", `+chosen+`} == 1)`))),
			mini(prom(number("Lines", "Lines that came in.", "short", increase("zimbraloki_lines_total")))),
			mini(prom(number("Entries", "What was made of them: a stack trace is one entry.", "short", increase("zimbraloki_entries_total")))),
			mini(number("Not understood", "Share of the lines whose form no parser knows; they are stored as they are.", "percentunit", share(zimbra+` | format="unparsed"`, zimbra), Step{0.01, orange}, Step{0.1, red})),
			mini(prom(number("Dropped", "Entries that Loki refused for good.", "short", increase("zimbraloki_dropped_total"), Step{1, red}))),
			mini(prom(number("Late", "Lines that came too late for their stream and were stored in one of their own.", "short", increase("zimbraloki_late_total"), Step{1, orange}))),
			mini(prom(number("Retries", "Flushes that had to be tried again.", "short", increase("zimbraloki_retried_chunks_total"), Step{10, orange}, Step{1000, red}))),
			mini(prom(number("Streams", "Label sets made since the start, by all shippers.", "short", `sum(zimbraloki_streams{`+chosen+`})`, Step{1000, orange}, Step{5000, red}))),
			prom(Panel{Kind: Stack, Title: "Entries by format", Help: "By the parser that read them, the eight greatest.", Unit: aSecond, W: 12, H: 8, Queries: rate("zimbraloki_entries_total", "format")}),
			prom(Panel{
				Kind: Series, Title: "Age of the newest line", Help: "How far each shipper is behind. A line that rises by the clock is a shipper to which nothing comes.", Unit: "s", W: 12, H: 8, Steps: []Step{{900, orange}},
				Queries: by("instance", `time() - max by (instance) (zimbraloki_newest_timestamp_seconds{`+chosen+`} > 0)`),
			}),
			prom(Panel{Kind: Series, Title: "Duration of a push", Help: "From the request to Loki's answer.", Unit: "s", W: 8, H: 8, Log: true, Queries: []Query{{latency("0.5"), "median"}, {latency("0.95"), "95 %"}, {latency("0.99"), "99 %"}}}),
			prom(Panel{Kind: Stack, Title: "Pushes by answer", Help: "Requests by what Loki said.", Unit: aSecond, W: 8, H: 8, Queries: rate("zimbraloki_push_total", "result")}),
			prom(Panel{Kind: Stack, Title: "Flushes", Help: "Chunks by what Fluent Bit was told.", Unit: aSecond, W: 8, H: 8, Queries: rate("zimbraloki_chunks_total", "result")}),
			prom(Panel{
				Kind: Table, Title: "Logs that stand still", Help: "The age of the newest line of each log, the oldest first. Some logs are rare by nature.", Unit: "s", W: 12, H: 8,
				Queries: q(`topk(25, time() - max by (instance, log) (zimbraloki_newest_timestamp_seconds{` + chosen + `} > 0))`), Fields: []string{"instance", "log"}, Count: "Age",
			}),
			ranking("Which are not understood", "Lines whose form no parser knows, by log; they are stored as they are. `partly`: only the head of the line was understood.", 12, "host, log, format", "Lines", zimbra+` | format!=""`),
			row("What was refused"),
			prom(Panel{Kind: Stack, Title: "Dropped by reason", Help: "Entries that Loki refused for good.", Unit: aSecond, W: 8, H: 8, Queries: refused(rate("zimbraloki_dropped_total", "reason"))}),
			prom(Panel{Kind: Stack, Title: "Dead letters", Help: "Entries and chunks that went to the dead-letter file.", Unit: aSecond, W: 8, H: 8, Queries: refused(rate("zimbraloki_dead_letters_total", "reason"))}),
			prom(Panel{Kind: Stack, Title: "Refused by Loki", Help: "Lines that Loki discarded, of all clients, by reason.", Unit: aSecond, W: 8, H: 8, Queries: refused(by("reason", `sum by (reason) (rate(loki_discarded_samples_total[$__rate_interval])) > 0`))}),
			row("What it costs"),
			prom(Panel{
				Kind: Bars, Title: "Values of labels", Help: "How many values each label has; label_value_limit (100) bounds them.", Unit: "short", W: 8, H: 8, Max: 100, Steps: []Step{{80, orange}, {100, red}},
				Queries: by("label", `sort_desc(max by (label) (zimbraloki_label_values{`+chosen+`}))`),
			}),
			prom(Panel{Kind: Series, Title: "Memory", Help: "Live memory of the plugin inside of Fluent Bit.", Unit: "bytes", W: 8, H: 8, Queries: by("instance", `sum by (instance) (go_memstats_heap_alloc_bytes{job="zimbraloki", `+chosen+`})`)}),
			prom(Panel{Kind: Series, Title: "Bytes to Loki", Help: "Bodies, before compression and as sent.", Unit: "Bps", W: 8, H: 8, Queries: by("kind", `sum by (kind) (rate(zimbraloki_pushed_bytes_total{`+chosen+`}[$__rate_interval]))`)}),
			prom(Panel{Kind: Stack, Title: "Outcomes", Help: "Entries whose line says how something ended: logins, deliveries, scans.", Unit: aSecond, W: 8, H: 8, Queries: rate("zimbraloki_outcomes_total", "outcome")}),
			prom(Panel{
				Kind: Series, Title: "Fluent Bit: retries and errors", Help: "Chunks of the output that were tried again or given up.", Unit: aSecond, W: 8, H: 8,
				Queries: []Query{{`sum(rate(fluentbit_output_retries_total[$__rate_interval]))`, "retries"}, {`sum(rate(fluentbit_output_dropped_records_total[$__rate_interval]))`, "dropped records"}, {`sum(rate(fluentbit_output_errors_total[$__rate_interval]))`, "errors"}},
			}),
			prom(Panel{Kind: Table, Title: "Versions", Help: "Which version runs where.", Unit: "short", W: 8, H: 8, Queries: q(`max by (instance, version) (zimbraloki_build_info{` + chosen + `})`), Fields: []string{"instance", "version"}, Count: "Running"}),
			row("Seen in Loki"),
			{Kind: Stack, Title: "Lines by log", Help: "What arrived, by log.", Unit: "short", W: 8, H: 8, Queries: by("log", per("log", zimbra))},
			{Kind: Stack, Title: "Lines by service", Help: "How much each service writes. A gap is a service, or a host, that is silent.", Unit: "short", W: 8, H: 8, Queries: by("service_name", per("service_name", zimbra))},
			{Kind: Series, Title: "Bytes by host", Help: "Size of the lines that arrived.", Unit: "bytes", W: 8, H: 8, Queries: by("host", "sum by (host) (bytes_over_time("+zimbra+" [$__interval]))")},
			ranking("Times that were not used", "Lines without a time of their own, or with one that cannot be right: the time of arrival was taken.", 12, "host, log, time_source", "Lines", zimbra+` | time_source!=""`),
			{Kind: Logs, Title: "Lines that no parser knows", Help: "Newest first. `zimbraloki explain` shows what is made of a line.", Unit: "short", W: 12, H: 8, Queries: q(zimbra + ` | format="unparsed"`)},
		},
	}
}
