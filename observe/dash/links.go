package dash

import "strings"

// link leads from a value in a table to the dashboard that follows it.
type link struct{ title, uid, variable string }

// url hands the value over as a variable, and the time as it is.
func (l link) url() string {
	return "/d/" + l.uid + "?${__url_time_range}&${datasource:queryparam}&var-" + l.variable + "=${__value.raw:percentencode}"
}

// fieldLinks are the links of the columns of all tables.
var fieldLinks = map[string]link{
	"user":       {"Security of this user", "zimbra-security", "user"},
	"client_ip":  {"Security of this address", "zimbra-security", "client_ip"},
	"host":       {"Overview of this host", "zimbra-overview", "host"},
	"message_id": {"Trace this mail", "zimbra-message-trace", "message_id"},
	"queue_id":   {"Trace this mail", "zimbra-message-trace", "queue_id"},
	"from":       {"Mails of this sender", "zimbra-message-trace", "sender"},
	"to":         {"Mails to this recipient", "zimbra-message-trace", "recipient"},
	"request_id": {"Follow this request", "zimbra-mailbox", "request_id"},
	"trace_id":   {"Follow this request", "zimbra-platforms", "trace_id"},
}

// outcomes have the same colour everywhere.
var outcomes = map[string]string{
	"success": "green", "failure": red, "deferred": orange, "bounced": red, "rejected": "purple",
	"error": red, "fatal": "dark-red", "warn": orange, "info": "blue",
}

// meaning reports whether the series of a panel are named by one of outcomes.
func meaning(queries []Query) bool {
	return len(queries) == 1 && (strings.Contains(queries[0].Legend, "{{outcome}}") || strings.Contains(queries[0].Legend, "{{level}}"))
}
