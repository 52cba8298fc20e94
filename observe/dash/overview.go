package dash

func overview() Dashboard {
	mini := func(p Panel) Panel { p.W = 3; return p }
	return Dashboard{
		UID: "zimbra-overview", Title: "Zimbra · Overview", Restarts: true, Prometheus: true,
		Help:      "Is the mail system well? Numbers are of the chosen time.",
		Variables: []Variable{host},
		Panels: []Panel{
			mini(number("Errors", "Lines of level ERROR and FATAL, without access logs, where a wrong password is an error.", "short", total(problem), Step{1, orange}, Step{100, red})),
			mini(number("Failed logins", "Logins that failed, by audit.log.", "short", total(audit+` | action=~".*Auth" | outcome="failure"`), Step{50, orange}, Step{500, red})),
			mini(number("Locked out", "Accounts that Zimbra locked for too many failures.", "short", total(audit+` | outcome="lockout"`), Step{1, red})),
			mini(number("Queue", "Mails that wait, as zimbramon last counted them, on all hosts.", "short", `sum(last_over_time(`+queued+` | unwrap queue_mails [$__range]) by (host))`, Step{1000, orange}, Step{10000, red})),
			mini(number("Deferred", "Deliveries that will be tried again.", "short", total(deliver+` | outcome="deferred"`), Step{100, orange}, Step{1000, red})),
			mini(number("Bounced", "Share of the deliveries that bounced.", "percentunit", share(deliver+` | outcome="bounced"`, final), Step{0.05, orange}, Step{0.1, red})),
			mini(number("Rejected", "Mails that were refused at the door.", "short", total(postfix+` | outcome="rejected"`))),
			mini(number("Delivered", "Deliveries that the next server, or the mailbox, took.", "short", total(deliver+` | outcome="success"`))),
			{
				Kind: Stack, Title: "Deliveries", Help: "Deliveries by outcome. Steps inside of the mail system are left out.", Unit: "short", W: 12, H: 8, More: "zimbra-mail-flow",
				Queries: by("outcome", per("outcome", final)),
			},
			{
				Kind: Stack, Title: "Logins", Help: "Logins by outcome, by audit.log.", Unit: "short", W: 12, H: 8, More: "zimbra-security",
				Queries: by("outcome", per("outcome", audit+` | action=~".*Auth" | outcome=~"success|failure"`)),
			},
			{
				Kind: Stack, Title: "Warnings and errors", Help: "Lines of level WARN and above, by level, without access logs.", Unit: "short", W: 12, H: 8,
				Queries: by("level", per("level", trouble)),
			},
			{
				Kind: Series, Title: "Lines by host", Help: "A host whose line ends has stopped sending.", Unit: "short", W: 12, H: 8, More: "zimbra-shipper",
				Queries: by("host", per("host", zimbra)),
			},
			{
				Kind: Table, Title: "States of services", Help: "The last state that zimbramon and zmconfigd reported of each service; those that are stopped stand first.", Unit: timeOfDay, W: 10, H: 8,
				Fields: []string{"server", "target", "status"}, Latest: "status", Count: "Reported",
				Queries: q(`max by (server, target, status) (max_over_time({job="zimbra", host=~"$host", service_name=~"zimbramon|zimbra-zmconfigd"} | action=~"status|status_change" | label_format status="{{ .status | lower }}"` + at + `))`),
			},
			ranking("Errors by service", "Lines of level ERROR and FATAL, without access logs.", 7, "host, service_name", "Lines", problem),
			ranking("Failing components", "Which part of a program complains, WARN and above.", 7, "service_name, component", "Lines", trouble+` | component!=""`),
			{Kind: Logs, Title: "Lines of errors", Help: "Lines of level ERROR and FATAL, without access logs, newest first.", Unit: "short", W: 24, H: 10, Queries: q(problem)},
			row("Over weeks: what Loki's recording rules keep in Prometheus", recorded()...),
		},
	}
}

// recorded are panels of the series that conf/loki/rules/fake/recording.yaml
// writes. They cost Loki nothing and are there for longer than lines are kept.
func recorded() []Panel {
	p := func(title, help, unit, label, expr string) Panel {
		kind := Stack
		if label == "host" {
			kind = Series
		}
		return prom(Panel{Kind: kind, Title: title, Help: help, Unit: unit, W: 8, H: 8, Queries: by(label, expr)})
	}
	sum := func(label, name string) string { return "sum by (" + label + `) (` + name + `{host=~"$host"})` }
	return []Panel{
		p("Lines a second", "By service.", aSecond, "service_name", sum("service_name", "zimbra:lines:rate5m")),
		p("Deliveries a second", "By outcome.", aSecond, "outcome", sum("outcome", "zimbra:mail_deliveries:rate5m")),
		p("Rejects a second", "Mails that were refused at the door.", aSecond, "host", sum("host", "zimbra:mail_rejects:rate5m")),
		p("Logins a second", "By outcome.", aSecond, "outcome", sum("outcome", "zimbra:logins:rate5m")),
		p("Scanned mails a second", "By what amavis took them for.", aSecond, "category", sum("category", "zimbra:scanned:rate5m")),
		p("SOAP requests, 95 %", "95 of 100 requests took at most so long.", "ms", "host", `zimbra:soap_duration_ms:p95_5m{host=~"$host"}`),
	}
}
