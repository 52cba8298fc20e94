package alerts

func mail() Group {
	return Group{Name: "zimbra-mail", Title: "Mail flow", Interval: "1m", Alerts: []Alert{{
		Name: "ZimbraBounceRatioHigh",
		Expr: logql(`sum by (host) (count_over_time(` + deliveries + ` | outcome="bounced" [15m]))
			/ sum by (host) (count_over_time(` + deliveries + ` | outcome=~"success|deferred|bounced" [15m])) > 0.1
			and on (host) sum by (host) (count_over_time(` + deliveries + ` | outcome=~"success|deferred|bounced" [15m])) > 50`),
		For: "5m", Severity: Warning, Dashboard: "zimbra-mail-flow",
		Summary:     "{{ $labels.host }}: {{ $value | humanizePercentage }} of deliveries bounce",
		Description: "More than 10 % of the deliveries of the last 15 minutes bounced, out of more than 50.",
		Meaning:     "A sender uses a bad list, an account is abused for spam, or a remote provider blocks this server. Bounces cost reputation.",
		Action:      "Mail flow shows senders and remote servers. See which sender they come from (`| action=\"notify\"`, `| outcome=\"bounced\"`); read `error` of some; look for this host in blocklists; lock an abused account.",
	}, {
		Name: "ZimbraMailDeferred",
		Expr: logql(`topk by (host) (1, sum by (host, relay, dsn) (count_over_time(` + deliveries + ` | outcome="deferred" [15m])))
			and on (host) sum by (host) (count_over_time(` + deliveries + ` | outcome="deferred" [15m])) > 100`),
		For: "15m", Severity: Warning, Dashboard: "zimbra-mail-flow",
		Summary:     "{{ $labels.host }}: mail is deferred, most of it {{ $labels.dsn }} at {{ $labels.relay }}",
		Description: "More than 100 deliveries were deferred in 15 minutes. The value counts those of the most frequent reason, which the labels name.",
		Meaning:     "Mail waits in the queue: a remote server refuses for now, or one of our own services (amavis, LMTP of a mailstore) does not answer.",
		Action:      "If relay is 127.0.0.1 or a mailstore, repair that service: mail comes back by itself. If it is a remote provider, read `error`: greylisting passes, a block does not. `relay=\"none\"` means that no connection was made: DNS, routing, firewall.",
	}, {
		Name: "ZimbraRejectSpike",
		Expr: logql(`(sum by (host) (count_over_time(` + postfix + ` | outcome="rejected" [10m])) > 100)
			unless on (host) (sum by (host) (count_over_time(` + postfix + ` | outcome="rejected" [10m]))
			< 5 * sum by (host) (count_over_time(` + postfix + ` | outcome="rejected" [1h] offset 10m)) / 6)`),
		For: "0s", Severity: Warning, Dashboard: "zimbra-security",
		Summary:     "{{ $labels.host }} rejects {{ $value }} mails in 10 minutes",
		Description: "More than 100 rejects in 10 minutes, and at least five times as many as in the hour before.",
		Meaning:     "A spam run or a dictionary attack on recipients; or a rule, a blocklist or LDAP that suddenly refuses good mail.",
		Action:      "See by `client_ip` and `error` who is refused and why. One address: block it. Many addresses with one reason: check that reason first, it may be ours.",
	}, {
		Name: "ZimbraQueueLarge",
		Expr: logql(`max by (host) (max_over_time({job="zimbra", service_name="zimbramon"} | action="queue" | unwrap queue_mails [15m])) > 1000`),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-mail-flow",
		Summary:     "{{ $labels.host }} has {{ $value }} mails in its queue",
		Description: "zimbramon counted more than 1000 mails in the queue within the last 15 minutes.",
		Meaning:     "More comes in than goes out: a slow or dead next hop, or a burst of outgoing spam.",
		Action:      "`zmqstat` and `mailq` say what waits. ZimbraMailDeferred names the reason, ZimbraOutboundBurst the sender.",
	}, {
		Name: "ZimbraOverQuota",
		Expr: logql(`sum by (user) (count_over_time(` + mailbox + ` | code="mail.QUOTA_EXCEEDED" | user!="" [1h]))
			or sum by (user) (count_over_time(` + postfix + ` | component="lmtp" | dsn=~"[45][.]2[.]2" | label_format user=to [1h])) > 0`),
		For: "0s", Severity: Info, Dashboard: "zimbra-mailbox",
		Summary:     "{{ $labels.user }} is over quota",
		Description: "A mailbox refused mail, or a user's own action failed, because of the quota, in the last hour.",
		Meaning:     "The user gets no mail; senders get delays and then bounces.",
		Action:      "Raise the quota or have the user tidy up. Mail that was deferred comes when the queue is tried again.",
	}}}
}
