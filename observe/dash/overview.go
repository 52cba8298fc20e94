package dash

func overview() Dashboard {
	mini := func(p Panel) Panel { p.W = 3; return p }
	return Dashboard{
		UID: "zimbra-overview", Title: "Zimbra · Overview", Restarts: true,
		Help:      "Is the mail system well? Numbers are of the chosen time.",
		Variables: []Variable{host},
		Panels: []Panel{
			mini(number("Lines", "Lines of all logs.", "short", total(zimbra))),
			mini(number("Errors", "Lines of level ERROR and FATAL.", "short", total(problem), Step{1, orange}, Step{100, red})),
			mini(number("Logins", "Successful logins, by audit.log.", "short", total(audit+` | action=~".*Auth" | outcome="success"`))),
			mini(number("Failed logins", "Logins that failed, by audit.log.", "short", total(audit+` | action=~".*Auth" | outcome="failure"`), Step{50, orange}, Step{500, red})),
			mini(number("Delivered", "Deliveries that the next server, or the mailbox, took.", "short", total(deliver+` | outcome="success"`))),
			mini(number("Bounced", "Share of the deliveries that bounced.", "percentunit", share(deliver+` | outcome="bounced"`, final), Step{0.05, orange}, Step{0.1, red})),
			mini(number("Rejected", "Mails that were refused at the door.", "short", total(postfix+` | outcome="rejected"`))),
			mini(number("Not understood", "Share of the lines whose form no parser knows; they are stored as they are.", "percentunit", share(zimbra+` | format="unparsed"`, zimbra), Step{0.01, orange}, Step{0.1, red})),
			{
				Kind: Stack, Title: "Lines by service", Help: "How much each service writes. A gap is a service, or a host, that is silent.", Unit: "short", W: 12, H: 8,
				Queries: by("service_name", per("service_name", zimbra)),
			},
			{
				Kind: Stack, Title: "Warnings and errors", Help: "Lines of level WARN and above, by level.", Unit: "short", W: 12, H: 8,
				Queries: by("level", per("level", `{job="zimbra", host=~"$host", level=~"warn|error|fatal"}`)),
			},
			{
				Kind: Series, Title: "Lines by host", Help: "A host whose line ends has stopped sending.", Unit: "short", W: 8, H: 8, More: "zimbra-shipper",
				Queries: by("host", per("host", zimbra)),
			},
			{
				Kind: Stack, Title: "Logins", Help: "Logins by outcome, by audit.log.", Unit: "short", W: 8, H: 8, More: "zimbra-security",
				Queries: by("outcome", per("outcome", audit+` | action=~".*Auth" | outcome=~"success|failure"`)),
			},
			{
				Kind: Stack, Title: "Deliveries", Help: "Deliveries by outcome. Steps inside of the mail system are left out.", Unit: "short", W: 8, H: 8, More: "zimbra-mail-flow",
				Queries: by("outcome", per("outcome", final)),
			},
			ranking("Errors by service", "Lines of level ERROR and FATAL.", 8, "host, service_name", "Lines", problem),
			ranking("Failing components", "Which part of a program complains, WARN and above.", 8, "service_name, component", "Lines", `{job="zimbra", host=~"$host", level=~"warn|error|fatal"} | component!=""`),
			ranking("States of services", "What zimbramon and zmconfigd reported.", 8, "server, target, status", "Reports", `{job="zimbra", host=~"$host", service_name=~"zimbramon|zimbra-zmconfigd"} | action=~"status|status_change"`),
			{Kind: Logs, Title: "Errors", Help: "Lines of level ERROR and FATAL, newest first.", Unit: "short", W: 24, H: 10, Queries: q(problem)},
		},
	}
}
