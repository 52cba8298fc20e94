package demo

import "github.com/zimbraloki/zimbraloki/internal/samplelogs"

// Question is one that people ask of their logs, and the LogQL that answers it.
type Question struct {
	Text  string
	Query string
	// Metric tells a query that counts from one that returns lines.
	Metric bool
}

// Questions are asked at the end of the demo. Each has an answer in the sample logs.
var Questions = []Question{
	{"Who failed to log in, and from where?",
		`topk(5, sum by (user, client_ip) (count_over_time({job="zimbra", log="audit"} | outcome="failure" [2h])))`, true},
	{"Which accounts were locked out?",
		`{job="zimbra", log="audit"} | outcome="lockout" | line_format "{{.user}} locked out by {{.client_ip}}: {{.error}}"`, false},
	{"Who tries accounts that do not exist? (audit.log does not say)",
		`topk(5, sum by (user, client_ip) (count_over_time({job="zimbra", log="mailbox"} | error=~".*account not found" [2h])))`, true},
	{"Which handler exceptions were there?",
		`sum by (exception, code) (count_over_time({job="zimbra", log="mailbox"} | exception!="" [2h]))`, true},
	{"Which SOAP requests were slow?",
		`{job="zimbra", log="mailbox"} | component="soap" | duration_ms > 8000 | line_format "{{.duration_ms}} ms {{.action}} {{.user}} {{.client_ip}}"`, false},
	{"How slow is each request, 95th percentile in ms?",
		`quantile_over_time(0.95, {job="zimbra", log="mailbox"} | component="soap" | unwrap duration_ms [2h]) by (action)`, true},
	{"What broke before the restart?",
		`{job="zimbra", level="fatal"}`, false},
	{"What did ivanov do?",
		`topk(8, sum by (action, outcome) (count_over_time({job="zimbra"} | user="ivanov@example.org" [2h])))`, true},
	{"What did an administrator change?",
		`topk(3, sum by (action, user, target) (count_over_time({job="zimbra", log="audit"} | outcome="admin_change" [2h])))`, true},
	{"One PLAN-R request through all its services",
		`{job="planr"} | trace_id="` + samplelogs.Trace + `" | line_format "{{.service_name}}: {{.action}} {{.user}} {{.duration_ms}} {{.error}}"`, false},
}
