package alerts

// Recordings returns the series that Loki's ruler writes to Prometheus: what
// dashboards and reports want over months, longer than logs are kept.
func Recordings() []Recording {
	return []Recording{
		{
			"zimbra:lines:rate5m", `sum by (host, service_name, level) (rate({job="zimbra"} [5m]))`,
			"lines a second by host, service and level",
		},
		{
			"zimbra:mail_deliveries:rate5m", `sum by (host, outcome) (rate(` + deliveries + ` | outcome=~"success|deferred|bounced" [5m]))`,
			"deliveries a second by outcome",
		},
		{
			"zimbra:mail_rejects:rate5m", `sum by (host) (rate(` + postfix + ` | outcome="rejected" [5m]))`,
			"rejected mails a second",
		},
		{
			"zimbra:logins:rate5m", `sum by (host, protocol, outcome) (rate(` + audit + ` | action=~".*Auth" | outcome=~"success|failure" [5m]))`,
			"logins a second by protocol and outcome",
		},
		{
			"zimbra:scanned:rate5m", `sum by (host, category) (rate({job="zimbra", service_name="amavis"} | category!="" [5m]))`,
			"mails that amavis looked at, a second, by category",
		},
		{
			"zimbra:soap_duration_ms:p95_5m", `quantile_over_time(0.95, ` + mailbox + ` | component="soap" | unwrap duration_ms [5m]) by (host)`,
			"95th percentile of the duration of SOAP requests, in milliseconds",
		},
	}
}
