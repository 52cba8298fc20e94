package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/zimbraloki/zimbraloki/internal/metrics"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

const metricsIntro = `<!-- Generated from pipeline/metrics.go by "go run ./dev/gen"; edit that. -->

# Metrics and health

With ` + "`metrics_listen 127.0.0.1:2112`" + ` in its section, an output serves

| path | answer |
|---|---|
| ` + "`/metrics`" + ` | the counters below, as Prometheus reads them |
| ` + "`/health`" + ` | 200 as long as the process answers |
| ` + "`/ready`" + ` | 200 if the last push ended well, or, before the first one, if something answers at the address of Loki; else 503 and why |
| ` + "`/debug/pprof/`" + ` | with ` + "`pprof on`" + `: profiles for ` + "`go tool pprof`" + ` |

Each output section needs an address of its own; if two have the same one, Fluent Bit does not start, and the log names
it. There is no password and no TLS: keep the address on this host, or in a network that only Prometheus reaches.

` + "```yaml" + `
scrape_configs:
  - job_name: zimbraloki
    static_configs:
      - targets: ['mail.example.com:2112']
` + "```" + `

Fluent Bit serves its own counters (chunks waiting, retries, drops for a full disk) at ` + "`/api/v2/metrics/prometheus`" + ` with
` + "`http_server on`" + `; a chunk that Fluent Bit gave up is only counted there, as ` + "`fluentbit_output_dropped_records_total`" + `. Why
the plugin's counters are not among them: [decision 10](decisions/0010-metrics-listener.md).

A retried chunk is counted once in lines, entries and outcomes: when it is acknowledged.

## What to watch

| question | query |
|---|---|
| Is anything lost? | ` + "`increase(zimbraloki_dropped_total[1h]) > 0`" + ` |
| Does Loki refuse entries? | ` + "`increase(zimbraloki_dead_letters_total[1h]) > 0`" + ` |
| Is Loki down? | ` + "`time() - zimbraloki_last_success_timestamp_seconds > 300 and on(instance) rate(zimbraloki_chunks_total{result=\"retry\"}[5m]) > 0`" + ` |
| Has a log fallen silent? | ` + "`time() - zimbraloki_newest_timestamp_seconds{log=\"mailbox\"} > 900`" + ` |
| Is there a format that no parser knows? | ` + "`rate(zimbraloki_entries_total{format=\"unparsed\"}[15m]) / ignoring(format) sum without(format) (rate(zimbraloki_entries_total[15m])) > 0.01`" + ` |
| Has a label too many values? | ` + "`rate(zimbraloki_label_overflow_total[15m]) > 0`" + ` |
| How fast does Loki answer? | ` + "`histogram_quantile(0.95, rate(zimbraloki_push_duration_seconds_bucket[5m]))`" + ` |

`

// metricsMarkdown lists the metrics, from the table that writes them.
func metricsMarkdown(string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(metricsIntro)
	b.WriteString("## All metrics\n\n| metric | type | meaning |\n|---|---|---|\n")
	for _, m := range pipeline.Metrics() {
		help := m.Help
		if m.Values != nil {
			help += ". " + m.Labels[0] + ": `" + strings.Join(m.Values, "`, `") + "`"
		}
		writeMetric(&b, m.Desc, help)
	}
	b.WriteString("\nFor the process as a whole, the same in every section:\n\n| metric | type | meaning |\n|---|---|---|\n")
	for _, d := range metrics.ProcessDescs() {
		writeMetric(&b, d, d.Help)
	}
	return b.Bytes(), nil
}

func writeMetric(b *bytes.Buffer, d metrics.Desc, help string) {
	name := d.Name
	if len(d.Labels) > 0 {
		name += "{" + strings.Join(d.Labels, ", ") + "}"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, d.Kind, help)
}
