package dash

import (
	"slices"
	"strings"
)

// link leads from a value in a table to the dashboard that follows it.
type link struct{ title, uid, variable string }

// url hands the value over as a variable, and time, data source and hosts as they
// are.
func (l link) url(from Dashboard) string {
	return "/d/" + l.uid + from.kept() + "&var-" + l.variable + "=${__value.raw:percentencode}"
}

// kept are the parameters of a link that leave time, data source and hosts as
// they are on this page.
func (d Dashboard) kept() string {
	out := "?${__url_time_range}&${datasource:queryparam}"
	if slices.ContainsFunc(d.Variables, func(v Variable) bool { return v.Name == host.Name }) {
		out += "&${host:queryparam}"
	}
	return out
}

// link is where a column leads. On the page of the platforms a user is one of
// theirs.
func (d Dashboard) link(field string) (link, bool) {
	if d.UID == "zimbra-platforms" && field != "trace_id" {
		return link{"Events of this user", d.UID, "user"}, field == "user"
	}
	l, ok := fieldLinks[field]
	return l, ok
}

// fieldLinks are the links of the columns of all tables.
var fieldLinks = map[string]link{
	"user":       {"Security of this user", "zimbra-security", "user"},
	"client_ip":  {"Security of this address", "zimbra-security", "client_ip"},
	"host":       {"Overview of this host", "zimbra-overview", "host"},
	"server":     {"Overview of this host", "zimbra-overview", "host"},
	"message_id": {"Trace this mail", "zimbra-message-trace", "message_id"},
	"queue_id":   {"Trace this mail", "zimbra-message-trace", "queue_id"},
	"from":       {"Mails of this sender", "zimbra-message-trace", "sender"},
	"to":         {"Mails to this recipient", "zimbra-message-trace", "recipient"},
	"request_id": {"Follow this request", "zimbra-mailbox", "request_id"},
	"trace_id":   {"Follow this request", "zimbra-platforms", "trace_id"},
}

// colors of values, by the label: the same everywhere, and red only for failure.
var colors = map[string]map[string]string{
	"outcome": {
		"success": "green", "failure": red, "deferred": orange, "bounced": red, "rejected": "purple", "lockout": "dark-red",
		"admin_change": "blue", "delegate": "light-blue", "slow": "yellow", "hop": "text", "blocked": "dark-purple",
		"clean": "green", "spam": orange, "infected": red, "banned": "purple",
		"passed": "light-green", "discarded": "light-orange", "held": "light-yellow",
	},
	"level": {"error": red, "fatal": "dark-red", "warn": orange, "info": "blue", "debug": "text"},
	"category": {
		"CLEAN": "green", "SPAM": orange, "SPAMMY": "yellow", "INFECTED": red, "BANNED": "purple", "BAD-HEADER": "light-blue",
		"UNCHECKED": "text", "OVERSIZED": "blue", "MTA-BLOCKED": "dark-purple",
	},
	"result":   {"ok": "green", "retry": orange, "config": "dark-red", "too_large": "yellow", "refused": red},
	"reason":   {"nothing": "text"},
	"protocol": {"soap": "blue", "imap": "purple", "pop3": "light-orange", "smtp": orange, "zsync": "super-light-blue", "http": "light-blue", "lmtp": "yellow", "other": "text"},
	"disposition": {
		"RelayedInbound": "green", "RelayedOutbound": "light-green", "RelayedInternal": "super-light-green", "RelayedOpenRelay": "yellow",
		"RelayedTaggedInbound": "yellow", "RelayedTaggedOutbound": "light-yellow", "RelayedTaggedInternal": "dark-yellow",
		"DiscardedInbound,Quarantined": "purple", "DiscardedOutbound,Quarantined": "dark-purple", "DiscardedInternal,Quarantined": "light-purple",
		"DiscardedInbound": "light-orange", "DiscardedOutbound": orange, "RejectedInbound": "blue", "BouncedInbound": "light-blue",
	},
	"dsn": {
		"4.0.0": "text", "4.2.0": "yellow", "4.2.1": "light-yellow", "4.2.2": "light-blue", "4.3.0": "light-orange", "4.3.1": orange, "4.3.2": "dark-orange",
		"4.4.1": "purple", "4.4.2": "light-purple", "4.4.3": "dark-purple", "4.7.0": "blue", "4.7.1": "dark-blue", "4.7.25": "super-light-blue", "no code": "super-light-purple",
	},
	// of the legends of quantiles
	"": {"median": "blue", "95 %": "purple", "99 %": "dark-purple"},
	// The greatest services, so that no other is drawn in the red of failures.
	"service_name": {
		"main": "blue", "worker": "purple", // of PLAN-R
		"postfix": "blue", "zimbra-mailbox": "purple", "zimbra-proxy": "yellow", "amavis": "light-blue", "slapd": "light-purple",
		"saslauthd": "super-light-orange", "opendkim": "super-light-purple", "zimbramon": "super-light-blue", "zimbra-zmconfigd": "dark-blue",
		"zimbra-clamd": "dark-yellow", "zimbra-freshclam": "light-yellow", "policyd-spf": "dark-purple", "cbpolicyd": "light-orange",
	},
}

// meaning returns the colours of the series of a panel that are named by one of
// colors, nil for others.
func meaning(queries []Query) map[string]string {
	if queries[0].Legend == "median" {
		return colors[""]
	}
	if len(queries) != 1 {
		return nil
	}
	return colors[strings.Trim(queries[0].Legend, "{}")]
}
