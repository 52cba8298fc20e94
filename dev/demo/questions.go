package demo

import "github.com/zimbraloki/zimbraloki/dev/samplelogs"

// Question is one that people ask of their logs, and the LogQL that answers it.
type Question struct {
	Text  string
	Query string
	// Metric tells a query that counts from one that returns lines.
	Metric bool
}

// Questions are asked at the end of the demo. Each has an answer in the sample logs.
var Questions = []Question{
	{
		"What happened to a mail? (" + samplelogs.Mails[1].What + ")",
		`{job="zimbra"} | message_id="` + samplelogs.Mails[1].ID + `" | status!="" | outcome!="hop" | line_format "{{.user}} from {{.client_ip}} to {{.to}}: {{.status}} {{.relay}} {{.error}}"`, false,
	},
	{
		"Who sends most?",
		`topk(3, sum by (user) (count_over_time({job="zimbra", service_name="postfix"} | action="receive" | user!="" [2h])))`, true,
	},
	{
		"What is deferred, and where?",
		`topk(3, sum by (dsn, relay) (count_over_time({job="zimbra", service_name="postfix"} | status="deferred" [2h])))`, true,
	},
	{
		"What did amavis find?",
		`sum by (category, outcome) (count_over_time({job="zimbra", service_name="amavis"} | verdict!="" [2h]))`, true,
	},
	{
		"Who failed to log in, and from where?",
		`topk(5, sum by (user, client_ip) (count_over_time({job="zimbra", log="audit"} | outcome="failure" [2h])))`, true,
	},
	{
		"By which ways in?",
		`sum by (protocol, service_name) (count_over_time({job="zimbra"} | outcome="failure" | user="` + samplelogs.Victim + `" | client_ip="` + samplelogs.Attacker + `" [2h]))`, true,
	},
	{
		"Which accounts were locked out?",
		`{job="zimbra", log="audit"} | outcome="lockout" | line_format "{{.user}} locked out by {{.client_ip}}: {{.error}}"`, false,
	},
	{
		"Which SOAP requests were slow?",
		`{job="zimbra", log="mailbox"} | component="soap" | duration_ms > 8000 | line_format "{{.duration_ms}} ms {{.action}} {{.user}} {{.client_ip}}"`, false,
	},
	{
		"What broke before the restart?",
		`{job="zimbra", level="fatal"}`, false,
	},
	{
		"What did an administrator change?",
		`topk(3, sum by (action, user, target) (count_over_time({job="zimbra", log="audit"} | outcome="admin_change" [2h])))`, true,
	},
	{
		"One PLAN-R request through all its services",
		`{job="planr"} | trace_id="` + samplelogs.Trace + `" | line_format "{{.service_name}}: {{.action}} {{.user}} {{.duration_ms}} {{.error}}"`, false,
	},
	{
		"What failed in Visiology?",
		`topk(3, sum by (user, action) (count_over_time({exporter="OTLP"} | outcome="failure" [2h])))`, true,
	},
}
