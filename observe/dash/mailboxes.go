package dash

func mailboxes() Dashboard {
	user := " | user=~`(?i).*${user:regex}.*` | request_id=~`.*${request_id:regex}.*`"
	work := soap + ` | action!~"NoOpRequest|(Admin)?(Create)?WaitSetRequest"` + user
	return Dashboard{
		UID: "zimbra-mailbox", Title: "Zimbra · Mailbox and protocols", Restarts: true,
		Help: "What mailboxd does for whom, how long it takes, and what breaks.",
		Variables: []Variable{
			host,
			{Name: "user", Label: "User", Help: "Account, whole or in part"},
			{Name: "request_id", Label: "Request", Help: "soapId: one request through all its lines"},
		},
		Panels: []Panel{
			number("SOAP requests", "Of the web client, Outlook, administration.", "short", total(soap+user)),
			number("SOAP, 95 %", "95 of 100 requests took at most so long. Requests that wait by design are left out.", "ms", p95("duration_ms", work), Step{1000, orange}, Step{3000, red}),
			number("Slow requests", "SOAP requests over 3 s.", "short", total(work+` | duration_ms > 3000`), Step{10, orange}, Step{100, red}),
			number("IMAP commands", "By mailbox.log.", "short", total(mailbox+` | component="imap"`+user)),
			number("Local deliveries", "Mails that were put into mailboxes.", "short", total(mailbox+` | component="mailop" | message_id!=""`+user)),
			number("Exceptions", "Lines with a stack trace.", "short", total(mailbox+` | exception!=""`+user), Step{10, orange}, Step{1000, red}),
			{Kind: Stack, Title: "Lines by protocol", Help: "mailbox.log, by the way the client spoke.", Unit: "short", W: 12, H: 8, Queries: by("protocol", per("protocol", mailbox+` | protocol!=""`+user))},
			{Kind: Series, Title: "SOAP, duration", Help: "Requests that wait by design are left out.", Unit: "ms", Log: true, W: 12, H: 8, Queries: quantiles("duration_ms", work)},
			{
				Kind: Table, Title: "SOAP requests by duration", Help: "The 95th percentile of each request.", Unit: "ms", W: 8, H: 8,
				Queries: q(`topk(25, quantile_over_time(0.95, ` + work + ` | unwrap duration_ms [$__range]) by (action))`), Fields: []string{"action"}, Count: "95 %",
			},
			ranking("SOAP requests by number", "What clients ask for.", 8, "action", "Requests", soap+user),
			ranking("Which IMAP commands", "By number.", 8, "action", "Commands", mailbox+` | component="imap" | action!=""`+user),
			ranking("Which exceptions", "By class and Zimbra's code.", 12, "exception, code", "Lines", mailbox+` | exception!=""`+user),
			ranking("Users", "By lines in mailbox.log.", 6, "user", "Lines", mailbox+` | user!=""`+user),
			ranking("Clients", "Programs by how they name themselves.", 6, "user_agent", "Lines", mailbox+` | user_agent!=""`+user),
			ranking("ActiveSync", "Devices and their commands.", 12, "user, device_id, action", "Lines", `{job="zimbra", host=~"$host", log="sync"} | device_id!=""`+user),
			ranking("Proxy", "Requests by status, as nginx answered them.", 12, "host, status", "Requests", proxy+` | status!=""`),
			{
				Kind: Logs, Title: "Slow SOAP requests", Help: "Over 3 s: duration, request, user, address.", Unit: "short", W: 12, H: 9, Composed: true,
				Queries: q(work + ` | duration_ms > 3000 | line_format "{{.duration_ms}} ms  {{.action}}  {{.user}}  {{.client_ip}}"`),
			},
			{Kind: Logs, Title: "Slow queries of the database", Help: "myslow.log. Empty as long as no query is slow.", Unit: "short", W: 12, H: 9, Queries: q(`{job="zimbra", host=~"$host", log="myslow"}`)},
			{Kind: Logs, Title: "Stack traces", Help: "Stack traces, newest first.", Unit: "short", W: 24, H: 10, Queries: q(mailbox + ` | exception!=""` + user)},
		},
	}
}

func platforms() Dashboard {
	planr := `{job="planr", service_name=~"$service"}` + " | user=~`(?i).*${user:regex}.*` | trace_id=~`.*${trace_id:regex}.*`"
	visiology := "{log=\"visiology\"} | user=~`(?i).*${user:regex}.*`"
	return Dashboard{
		UID: "zimbra-platforms", Title: "Platforms · PLAN-R and Visiology",
		Help: "Events of PLAN-R, request by request, and operations of Visiology.",
		Variables: []Variable{
			{Name: "service", Label: "PLAN-R service", Help: "Services of PLAN-R", Stream: `{job="planr"}`, Of: "service_name"},
			{Name: "user", Label: "User", Help: "Login, whole or in part"},
			{Name: "trace_id", Label: "Trace", Help: "PLAN-R: one request through all services"},
		},
		Panels: []Panel{
			number("PLAN-R events", "Events of the chosen services.", "short", total(planr)),
			number("PLAN-R errors", "Events with an error.", "short", total(planr+` | error!=""`), Step{1, orange}, Step{100, red}),
			number("PLAN-R duration, 95 %", "Of the requests over 500 ms; PLAN-R writes no duration of faster ones.", "ms", p95("duration_ms", planr), Step{3000, orange}, Step{10000, red}),
			number("PLAN-R failed logins", "By auth_success.", "short", total(planr+` | action=~"auth[.].*" | outcome="failure"`), Step{20, orange}),
			number("Visiology operations", "Operations of users.", "short", total(visiology)),
			number("Visiology failures", "Operations that failed.", "short", total(visiology+` | outcome="failure"`), Step{1, orange}, Step{50, red}),
			row("PLAN-R"),
			{Kind: Stack, Title: "Events by service", Help: "PLAN-R.", Unit: "short", W: 8, H: 8, Queries: by("service_name", per("service_name", planr))},
			{Kind: Stack, Title: "Errors by service", Help: "PLAN-R.", Unit: "short", W: 8, H: 8, Queries: by("service_name", per("service_name", planr+` | error!=""`))},
			{Kind: Series, Title: "Duration of slow requests", Help: "PLAN-R, requests over 500 ms.", Unit: "ms", Log: true, W: 8, H: 8, Queries: quantiles("duration_ms", planr)},
			ranking("Errors", "By service, command and text. Click through one trace below.", 12, "service_name, action, error", "Events", planr+` | error!=""`),
			{
				Kind: Table, Title: "Slowest requests", Help: "The longest request of each trace: click on it to see its way.", Unit: "ms", W: 12, H: 8,
				Queries: q(`topk(25, max by (trace_id, action, user) (max_over_time(` + planr + ` | unwrap duration_ms [$__range])))`), Fields: []string{"trace_id", "action", "user"}, Count: "Duration",
			},
			ranking("Users", "PLAN-R, by events.", 8, "user", "Events", planr+` | user!=""`),
			ranking("Failed logins", "PLAN-R, by user and address.", 8, "user, client_ip", "Failures", planr+` | action=~"auth[.].*" | outcome="failure"`),
			ranking("Commands", "PLAN-R, by number.", 8, "service_name, action", "Events", planr+` | action!=""`),
			{
				Kind: Logs, Title: "The way of a request", Help: "PLAN-R, newest first: fill in Trace to see one request through all services.", Unit: "short", W: 24, H: 9, Composed: true,
				Queries: q(planr + ` | line_format "{{.service_name}}  {{.action}}  {{.user}}  {{.duration_ms}}  {{.error}}"`),
			},
			row("Visiology"),
			{Kind: Stack, Title: "Operations", Help: "Visiology, by outcome.", Unit: "short", W: 8, H: 8, Queries: by("outcome", per("outcome", visiology+or("outcome", "not said")))},
			ranking("Operations by user", "Visiology.", 8, "user, operation", "Operations", visiology+` | operation!=""`),
			ranking("Failures", "Visiology: what failed for whom.", 8, "user, operation, object_type, object_id", "Failures", visiology+` | outcome="failure"`),
			{Kind: Logs, Title: "Operations of Visiology", Help: "The text of the events, newest first.", Unit: "short", W: 24, H: 8, Composed: true, Queries: q(visiology + ` | json | line_format "{{.body}}"`)},
		},
	}
}
