package dash

func security() Dashboard {
	failed := zimbra + ` | action=~".*Auth" | outcome="failure"` + who
	login := audit + ` | action=~".*Auth" | outcome=~"success|failure"` + who
	return Dashboard{
		UID: "zimbra-security", Title: "Zimbra · Security", Restarts: true,
		Help: "Who tries to get in, who got in, what was changed. A failed login can stand in several logs: audit.log, mailbox.log for unknown accounts, zimbra.log for SMTP.",
		Variables: []Variable{
			host,
			{Name: "user", Label: "User", Help: "Account, whole or in part"},
			{Name: "client_ip", Label: "Address", Help: "Of the client, whole or in part"},
			{Name: "action", Label: "Action", Help: "Of administrators and users, whole or in part: CreateAccount, Auth"},
			{Name: "outcome", Label: "Outcome", Help: "admin_change, failure, lockout, delegate"},
		},
		Panels: []Panel{
			number("Logins", "Successful, by audit.log.", "short", total(audit+` | action=~".*Auth" | outcome="success"`+who)),
			number("Failed", "By audit.log.", "short", total(audit+` | action=~".*Auth" | outcome="failure"`+who), Step{50, orange}, Step{500, red}),
			number("Addresses that failed", "Different addresses with a failed login.", "short", `count(sum by (client_ip) (count_over_time(`+failed+` | client_ip!="" [$__range])))`, Step{20, orange}),
			number("Locked out", "Accounts that Zimbra locked for too many failures.", "short", total(audit+` | outcome="lockout"`+who), Step{1, red}),
			number("Changes", "Changes by administrators to accounts, domains, servers, by audit.log.", "short", total(audit+` | outcome="admin_change"`+who)),
			number("Relay denied", "Attempts to use us for mail to third parties.", "short", total(postfix+` | outcome="rejected" | error=~".*Relay access denied.*"`+who), Step{100, orange}),
			{Kind: Stack, Title: "Logins by outcome", Help: "By audit.log.", Unit: "short", W: 12, H: 8, Queries: by("outcome", per("outcome", login))},
			{Kind: Stack, Title: "Failed logins by protocol", Help: "In all logs.", Unit: "short", W: 12, H: 8, Queries: by("protocol", per("protocol", failed+or("protocol", "other")))},
			row("Who fails"),
			ranking("By address", "Click on an address to see all it did.", 8, "client_ip", "Failures", failed+` | client_ip!=""`),
			ranking("By account", "Click on an account to see all that happened to it.", 8, "user", "Failures", failed+` | user!=""`),
			{
				Kind: Table, Title: "Accounts by number of addresses", Help: "From how many addresses logins of an account failed: a distributed attack fails a little from many.", Unit: "short", W: 8, H: 8,
				Queries: q(`topk(25, count by (user) (sum by (user, client_ip) (count_over_time(` + failed + ` | user!="" | client_ip!="" [$__range]))))`), Fields: []string{"user"}, Count: "Addresses",
			},
			ranking("Account and address", "The pairs that failed most.", 12, "user, client_ip, protocol", "Failures", failed+` | user!="" | client_ip!=""`),
			ranking("Accounts that do not exist", "audit.log does not say these; mailbox.log does.", 12, "user, client_ip", "Attempts", mailbox+` | error=~".*account not found.*"`+who),
			row("Who gets in"),
			ranking("Who got in", "Successful logins by account, address and protocol.", 12, "user, client_ip, protocol", "Logins", audit+` | action=~".*Auth" | outcome="success"`+who),
			ranking("Administration", "What administrators changed.", 12, "action, user, target", "Changes", audit+` | outcome="admin_change"`+who+did),
			row("At the door of the MTA"),
			ranking("Rejected clients", "Refused by Postfix.", 8, "client_ip, dsn", "Rejects", postfix+` | outcome="rejected" | client_ip=~`+"`.*${client_ip:regex}.*`"),
			ranking("Blocklists", "Clients that a DNS blocklist lists.", 8, "dnsbl, client_ip", "Hits", postfix+` | dnsbl!="" | client_ip=~`+"`.*${client_ip:regex}.*`"),
			ranking("SMTP logins that failed", "By address and mechanism.", 8, "client_ip, mechanism", "Failures", postfix+` | action="Auth" | outcome="failure"`+who),
			{Kind: Logs, Title: "Lockouts", Help: "Accounts that were locked, newest first.", Unit: "short", W: 12, H: 8, Queries: q(audit + ` | outcome="lockout"` + who)},
			{Kind: Logs, Title: "Audit", Help: "Lines of audit.log that are more than a successful login, newest first: failures, lockouts, changes. The boxes Action and Outcome choose.", Unit: "short", W: 12, H: 8, Queries: q(audit + ` | outcome!="success"` + who + did)},
		},
	}
}

func content() Dashboard {
	scanned := amavis + ` | action="scan"`
	return Dashboard{
		UID: "zimbra-content", Title: "Zimbra · Spam and viruses",
		Help:      "What amavis, ClamAV, SpamAssassin and OpenDKIM found.",
		Variables: []Variable{host},
		Panels: []Panel{
			number("Scanned", "Mails that amavis looked at.", "short", total(scanned+` | verdict!=""`)),
			number("Blocked", "Share of them that did not pass.", "percentunit", share(scanned+` | verdict="Blocked"`, scanned+` | verdict!=""`)),
			number("Spam", "Taken for spam, passed or blocked.", "short", total(scanned+` | category=~"SPAM.*"`)),
			number("Viruses", "Mails with a virus.", "short", total(scanned+` | virus!=""`), Step{1, orange}, Step{50, red}),
			number("Scan time, 95 %", "95 of 100 mails took at most so long.", "ms", p95("duration_ms", scanned), Step{10000, orange}, Step{30000, red}),
			number("Scanner failures", "Scans that could not be made.", "short", total(amavis+" |~ `ALL VIRUS SCANNERS FAILED|clam[^ ]* failed`"), Step{1, red}),
			{Kind: Stack, Title: "Mails by category", Help: "What amavis took the mails for.", Unit: "short", W: 12, H: 8, Queries: by("category", per("category", scanned+` | category!=""`))},
			{Kind: Series, Title: "Scan time", Help: "From the arrival of a mail at amavis to its verdict.", Unit: "ms", W: 12, H: 8, Queries: quantiles("duration_ms", scanned)},
			{
				Kind: Bars, Title: "Scores", Help: "Mails by SpamAssassin's score, in steps of 5: the bar 5 counts from 5 up to 10.", Unit: "short", W: 8, H: 8, Fields: []string{"from_score"},
				Queries: q(`sum by (from_score) (count_over_time(` + scanned + ` | score=~"-?[0-9.]+" | label_format from_score="{{ mulf (floor (divf .score 5)) 5 }}" [$__range]))`),
			},
			{Kind: Series, Title: "Score over time", Help: "SpamAssassin's score over time.", Unit: "short", W: 8, H: 8, Queries: quantiles("score", scanned+` | score=~"-?[0-9.]+"`)},
			{Kind: Stack, Title: "Disposition", Help: "What was done with the mails.", Unit: "short", W: 8, H: 8, Queries: by("disposition", per("disposition", scanned+` | disposition!=""`))},
			ranking("Which viruses", "By name, sender and recipient.", 12, "virus, from, to", "Mails", scanned+` | virus!=""`),
			ranking("Sources of spam", "Clients whose mail was taken for spam.", 12, "client_ip, category", "Mails", scanned+` | category=~"SPAM.*"`),
			ranking("Quarantine", "Mails that are kept: amavisd-release takes the name in quarantine.", 12, "category, from, to, quarantine", "Mails", scanned+` | quarantine!=""`),
			ranking("DKIM", "Signatures that were made or checked.", 6, "service_name, dkim", "Mails", `{job="zimbra", host=~"$host", service_name=~"amavis|opendkim"} | dkim!=""`),
			ranking("ClamAV", "What clamd and freshclam did.", 6, "service_name, action", "Lines", `{job="zimbra", host=~"$host", service_name=~"zimbra-clamd|zimbra-freshclam"} | action!=""`),
			{Kind: Logs, Title: "Blocked mails", Help: "Mails that amavis did not let pass, newest first.", Unit: "short", W: 12, H: 10, Queries: q(amavis + ` | verdict="Blocked"`)},
			{
				Kind: Logs, Title: "Trouble of the scanners", Help: "Warnings and errors of amavis, ClamAV and OpenDKIM that are not verdicts, newest first.", Unit: "short", W: 12, H: 10,
				Queries: q(`{job="zimbra", host=~"$host", service_name=~"amavis|zimbra-clamd|zimbra-freshclam|opendkim", level=~"warn|error|fatal"} | verdict=""`),
			},
		},
	}
}
