package dash

// stage is one of the four numbers of Postfix's delays=a/b/c/d, in seconds.
func stage(name string) string {
	return "quantile_over_time(0.95, " + final + ` | delays!="" | line_format "{{.delays}}" | pattern "<before>/<queue>/<connect>/<transmit>" | unwrap ` + name + " [$__interval]) by ()"
}

// domain keeps of an address what stands after the at sign.
func domain(field string) string {
	return ` | ` + field + `=~".+@.+" | label_format domain="{{ regexReplaceAll \".*@\" .` + field + ` \"\" }}"`
}

func mailFlow() Dashboard {
	queue := postfix + ` | action="queue"`
	return Dashboard{
		UID: "zimbra-mail-flow", Title: "Zimbra · Mail flow", Restarts: true,
		Help:      "What comes in, what goes out, what waits, and why.",
		Variables: []Variable{host},
		Panels: []Panel{
			number("Received", "Mails that Postfix took from clients and other servers.", "short", total(postfix+` | action="receive"`)),
			number("Delivered", "Deliveries that the next server, or the mailbox, took.", "short", total(deliver+` | outcome="success"`)),
			number("Deferred", "Deliveries that will be tried again.", "short", total(deliver+` | outcome="deferred"`), Step{100, orange}, Step{1000, red}),
			number("Bounced", "Deliveries that failed for good.", "short", total(deliver+` | outcome="bounced"`), Step{50, orange}, Step{500, red}),
			number("Rejected", "Mails that were refused at the door.", "short", total(postfix+` | outcome="rejected"`)),
			number("Delay, 95 %", "95 of 100 deliveries took at most so long, from the arrival of the mail in this queue.", "s", p95("duration_seconds(delay)", deliver+` | outcome="success"`), Step{60, orange}, Step{600, red}),
			{Kind: Stack, Title: "Deliveries by outcome", Help: "Steps inside of the mail system (to amavis and back) are left out.", Unit: "short", W: 12, H: 8, Queries: by("outcome", per("outcome", final))},
			{Kind: Stack, Title: "Deferred by reason", Help: "Enhanced status codes (RFC 3463): 4.4.1 no answer, 4.2.2 mailbox full, 4.7.1 refused for now.", Unit: "short", W: 12, H: 8, Queries: by("dsn", per("dsn", deliver+` | outcome="deferred"`+or("dsn", "no code")))},
			{Kind: Series, Title: "Delay", Help: "From the arrival of a mail in this queue to its delivery.", Unit: "s", Log: true, W: 8, H: 8, Queries: quantiles("duration_seconds(delay)", deliver+` | outcome="success"`)},
			{
				Kind: Series, Title: "Delay by stage, 95 %", Help: "Postfix's four stages: before the queue manager, in the queue, setting up the connection, transmission.", Unit: "s", W: 8, H: 8,
				Queries: []Query{{stage("before"), "before the queue"}, {stage("queue"), "in the queue"}, {stage("connect"), "connecting"}, {stage("transmit"), "transmission"}},
			},
			{
				Kind: Series, Title: "Queue", Help: "Mails in the queue, as zimbramon counts them.", Unit: "short", W: 8, H: 8, Steps: []Step{{1000, orange}},
				Queries: by("host", `max by (host) (max_over_time(`+queued+` | unwrap queue_mails [$__interval]))`),
			},
			row("Who"),
			ranking("Senders", "Envelope senders of mails that entered the queue. After a content filter a mail enters it again.", 8, "from", "Mails", queue+` | from!=""`),
			ranking("Recipients", "Of deliveries.", 8, "to", "Deliveries", final+` | to!=""`),
			ranking("Domains of recipients", "Of deliveries.", 8, "domain, outcome", "Deliveries", final+domain("to")),
			ranking("Next servers", "Where mail was handed to, and how it ended.", 12, "relay, outcome", "Deliveries", final+` | relay!=""`),
			ranking("Sending clients", "Addresses that handed mails to us.", 12, "client_ip, user", "Mails", postfix+` | action="receive" | client_ip!=""`),
			row("Why not"),
			ranking("Why deferred", "Where, with which code.", 12, "dsn, relay", "Deliveries", deliver+` | outcome="deferred"`),
			ranking("Why bounced", "To whom, with which code.", 12, "dsn, to, relay", "Deliveries", deliver+` | outcome="bounced"`),
			ranking("Why rejected", "At which command, with which code.", 12, "stage, dsn, client_ip", "Mails", postfix+` | outcome="rejected"`),
			ranking("TLS", "Connections by protocol and trust, to us and from us.", 12, "component, tls_version, tls_trust", "Connections", postfix+` | action="tls"`),
			{Kind: Series, Title: "Size, 95 %", Help: "95 of 100 mails that entered the queue were at most so large.", Unit: "bytes", W: 8, H: 8, Queries: quantiles("size", queue)},
			{Kind: Logs, Title: "Deferred and bounced", Help: "The deliveries that did not succeed, newest first.", Unit: "short", W: 16, H: 8, Queries: q(deliver + ` | outcome=~"deferred|bounced"`)},
		},
	}
}

// mailFilter is what the text boxes of Message trace leave over.
const mailFilter = " | message_id=~`.*${message_id:regex}.*` | queue_id=~`.*${queue_id:regex}.*` | from=~`(?i).*${sender:regex}.*` | to=~`(?i).*${recipient:regex}.*`"

// step says in one text who did what with a mail, and how it ended: four columns
// would be read on no phone.
const step = ` | label_format step="{{ .service_name }}{{ if .component }}/{{ .component }}{{ end }}{{ if .action }} {{ .action }}{{ end }}{{ if .outcome }}: {{ .outcome }}{{ end }}"`

func messageTrace() Dashboard {
	mail := zimbra + ` | message_id!="" or queue_id!=""` + mailFilter
	known := zimbra + ` | message_id!=""` + mailFilter
	return Dashboard{
		UID: "zimbra-message-trace", Title: "Zimbra · Message trace",
		Help: "Where is my mail? Fill in what is known of it; a part is enough. Without anything, all mails are shown.",
		Variables: []Variable{
			host,
			{Name: "message_id", Label: "Message-ID", Help: "Whole or in part: follows a mail through all hosts"},
			{Name: "queue_id", Label: "Queue ID", Help: "Of one queue on one host"},
			{Name: "sender", Label: "Sender", Help: "Envelope sender, whole or in part"},
			{Name: "recipient", Label: "Recipient", Help: "Whole or in part"},
		},
		Panels: []Panel{
			number("Mails", "Different Message-IDs.", "short", `count(sum by (message_id) (count_over_time(`+known+` [$__range])))`),
			number("Lines", "Lines about these mails.", "short", total(mail)),
			number("Delivered", "Deliveries that succeeded.", "short", total(mail+` | action="deliver" | outcome="success"`)),
			number("Deferred", "Attempts that will be repeated.", "short", total(mail+` | action="deliver" | outcome="deferred"`), Step{1, orange}),
			number("Bounced", "Deliveries that failed for good.", "short", total(mail+` | action="deliver" | outcome="bounced"`), Step{1, red}),
			number("Blocked", "Held back by amavis as spam, virus or banned.", "short", total(mail+` | verdict="Blocked"`), Step{1, orange}),
			{
				Kind: Table, Title: "Which mails", Help: "The newest first. Click on a Message-ID to see that mail alone.", Unit: timeOfDay, W: 10, H: 8, Order: Newest,
				Fields: []string{"from", "message_id"}, Count: "Last seen", Queries: q(newest("from, message_id", known+` | from!=""`)),
			},
			{
				Kind: Table, Title: "Deliveries", Help: "Each attempt, in order of time, without the steps inside of the mail system: to whom, by which server, with which result, after how many seconds.", Unit: timeOfDay, W: 14, H: 8, Order: Oldest,
				Fields: []string{"to", "outcome", "relay", "dsn", "delay", "queue_id"}, Count: "Time", Queries: q(newest("to, outcome, relay, dsn, delay, queue_id", mail+` | action="deliver" | outcome!="hop"`)),
			},
			{
				Kind: Table, Title: "The way of the mail", Help: "From the first step to the last, through smtpd, cleanup, qmgr, amavis, lmtp and the mailbox. Lines that say the same are one row, with the time of the last.", Unit: timeOfDay, W: 24, H: 10, Order: Oldest,
				Fields: []string{"step", "to", "host", "message_id"}, Count: "Time", Queries: q(newest("step, to, host, message_id", mail+step)),
			},
			{Kind: Stack, Title: "Way through the services", Help: "Lines about these mails by service.", Unit: "short", W: 12, H: 8, Queries: by("service_name", per("service_name", mail))},
			ranking("Verdicts", "What amavis took the mails for.", 12, "category, verdict, message_id", "Mails", known+` | verdict!=""`),
			{Kind: Logs, Title: "Every line", Help: "All lines about these mails, newest first.", Unit: "short", W: 24, H: 16, Queries: q(mail)},
		},
	}
}
