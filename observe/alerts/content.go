package alerts

func content() Group {
	return Group{Name: "zimbra-content", Title: "Spam and viruses", Interval: "1m", Alerts: []Alert{{
		Name: "ZimbraVirusFound",
		Expr: logql(`sum by (virus, client_ip) (count_over_time({job="zimbra", service_name="amavis"} | virus!="" [15m])) > 0`),
		For:  "0s", Severity: Info, Dashboard: "zimbra-content",
		Summary:     "{{ $labels.virus }} in mail from {{ $labels.client_ip }}",
		Description: "amavis found a virus in the last 15 minutes. It blocked the mail unless configured otherwise.",
	}, {
		Name: "ZimbraVirusSent",
		Expr: logql(`sum by (virus, from, client_ip) (count_over_time({job="zimbra", service_name="amavis"} | virus!="" | policy_bank=~".*(ORIGINATING|MYNETS).*" [15m])) > 0`),
		For:  "0s", Severity: Critical, Dashboard: "zimbra-content",
		Summary:     "{{ $labels.from }} sends {{ $labels.virus }} from {{ $labels.client_ip }}",
		Description: "amavis found a virus in mail that a logged-in user, or a host of our own networks, sent in the last 15 minutes.",
		Meaning:     "A computer of your own, or an account, is infected or taken over.",
		Action:      "Isolate the computer at this address, change the user's password.",
	}, {
		Name: "ZimbraScannerDown",
		Expr: logql("sum by (host) (count_over_time({job=\"zimbra\", service_name=~\"amavis|postfix\"} |~ `ALL VIRUS SCANNERS FAILED|connect to [^ ]*clam[^ ]* failed|connect to 127[.]0[.]0[.]1[^ ]*:100(24|26|32): Connection refused` [5m])) > 0"),
		For:  "2m", Severity: Critical, Dashboard: "zimbra-content",
		Summary:     "{{ $labels.host }}: the virus scanner does not answer",
		Description: "amavis could not reach clamd, or Postfix could not reach amavis, in the last 5 minutes.",
	}}}
}
