package alerts

import (
	"bytes"
	"fmt"
)

// Markdown writes docs/alerts.md.
func Markdown() []byte {
	var b bytes.Buffer
	b.WriteString(`# Alerts

Generated from the code by ` + "`make generate`" + `.

One list, three forms: rules for [Loki's ruler](../conf/loki/rules/fake/alerts.yaml), rules for [Prometheus](../conf/prometheus/rules/zimbraloki.yaml) (what the plugin, Fluent Bit and Loki count about themselves), and [both for Grafana](../conf/grafana/provisioning/alerting/zimbra.yaml). Use Loki's and Prometheus' with an Alertmanager, or Grafana's; not both, or each alert comes twice.

An expression returns one sample for each thing that is wrong. Thresholds are for some hundred to some thousand mailboxes; adapt them to what is usual for you. **critical**: look now; **warning**: today; **info**: when there is time.

| alert | severity | what |
|---|---|---|
`)
	for _, g := range Groups() {
		for _, a := range g.Alerts {
			fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", a.Name, anchor(a.Name), a.Severity, a.Description)
		}
	}
	for _, g := range Groups() {
		fmt.Fprintf(&b, "\n## %s\n\nEvaluated every %s.\n", g.Title, g.Interval)
		for _, a := range g.Alerts {
			a.markdown(&b)
		}
	}
	b.WriteString("\n## Recording rules\n\nSeries that [Loki's ruler](../conf/loki/rules/fake/recording.yaml) writes to Prometheus, for questions over months, longer than logs are kept.\n\n| series | meaning |\n|---|---|\n")
	for _, r := range Recordings() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.Record, r.Meaning)
	}
	return b.Bytes()
}

func (a Alert) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n### %s\n\n**%s.** %s", a.Name, a.Severity, a.Description)
	if a.For != "0s" {
		fmt.Fprintf(b, " It must hold for %s.", a.For)
	}
	fmt.Fprintf(b, "\n\nMeaning: %s\n\nWhat to do: %s", a.Meaning, a.Action)
	if a.Dashboard != "" {
		fmt.Fprintf(b, " Dashboard: [%s](../conf/grafana/dashboards/%[1]s.json).", a.Dashboard)
	}
	fmt.Fprintf(b, "\n\n```text\n%s\n```\n", a.Expr)
}
