package alerts

func security() Group {
	return Group{Name: "zimbra-security", Title: "Security", Interval: "1m", Alerts: []Alert{{
		Name: "ZimbraAuthFailuresFromAddress",
		// One failed login stands in several logs; the greatest count of one log is the number of attempts.
		Expr: logql(`max by (client_ip) (sum by (client_ip, log) (count_over_time(` + failures + ` | client_ip!="" [5m]))) > 20`),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-security",
		Summary:     "{{ $value }} failed logins from {{ $labels.client_ip }} in 5 minutes",
		Description: "More than 20 failed logins from one address in 5 minutes, by any protocol.",
		Meaning:     "Somebody guesses passwords. If the address is your proxy's or a mailstore's, the proxy is missing in zimbraHttpThrottleSafeIPs or trusted-IP settings, and the log does not show the true client.",
		Action:      "Block the address (firewall, fail2ban, zimbraHttpDosFilter). In Security, see which accounts it tried, and whether one of them was entered (ZimbraLoginAfterFailures).",
	}, {
		Name: "ZimbraAccountAttackedFromManyAddresses",
		Expr: logql(`count by (user) (sum by (user, client_ip) (count_over_time(` + failures + ` | user!="" | client_ip!="" [15m]))) > 5`),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-security",
		Summary:     "{{ $labels.user }} fails to log in from {{ $value }} addresses",
		Description: "Logins of one account failed from more than 5 addresses in 15 minutes.",
		Meaning:     "A distributed attack on this account, too slow at each address to be seen there. Or devices that still have an old password.",
		Action:      "See the addresses in Security. Many countries or hosting networks: an attack; see that the password is strong and that two-factor is on. The user's own networks: tell the user to change the password on every device.",
	}, {
		Name: "ZimbraAccountLocked",
		Expr: logql(`sum by (user, client_ip) (count_over_time(` + audit + ` | outcome="lockout" [15m])) > 0`),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-security",
		Summary:     "{{ $labels.user }} is locked out, last attempt from {{ $labels.client_ip }}",
		Description: "Zimbra locked an account for too many failed logins in the last 15 minutes.",
	}, {
		Name: "ZimbraLoginAfterFailures",
		Expr: logql(`sum by (user, client_ip) (count_over_time(` + audit + ` | action=~".*Auth" | outcome="success" | user!="" | client_ip!="" [15m]))
			and on (user, client_ip) sum by (user, client_ip) (count_over_time(` + audit + ` | action=~".*Auth" | outcome="failure" | user!="" | client_ip!="" [15m])) > 10`),
		For: "0s", Severity: Critical, Dashboard: "zimbra-security",
		Summary:     "{{ $labels.user }}: logged in from {{ $labels.client_ip }} after more than 10 failures",
		Description: "The same address failed more than 10 times for this account and logged in, within 15 minutes.",
		Meaning:     "A password was guessed.",
		Action:      "Lock the account, end its sessions (`zmprov ma USER zimbraAuthTokenValidityValue …`), change the password. Look for new forwarding addresses and filters, and for mail that was sent since.",
	}, {
		Name: "ZimbraAdminLoginFailures",
		Expr: logql(`sum by (client_ip) (count_over_time(` + audit + ` | outcome="failure" | admin_port="true" [15m])) > 5`),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-security",
		Summary:     "{{ $value }} failed logins to the admin console from {{ $labels.client_ip }}",
		Description: "More than 5 failed logins by the administration port from one address in 15 minutes.",
	}, {
		Name: "ZimbraOutboundBurst",
		Expr: logql(`max by (user) (sum by (user, log) (count_over_time({job="zimbra", log=~"zimbra|mailbox"}
			| action="send" or (action="receive" and mechanism!="") | user!="" [10m]))) > 100`),
		For: "0s", Severity: Critical, Dashboard: "zimbra-security",
		Summary:     "{{ $labels.user }} sent {{ $value }} mails in 10 minutes",
		Description: "More than 100 mails of one logged-in sender in 10 minutes, by SMTP or by the web client.",
		Meaning:     "A compromised account that sends spam; rarely a newsletter or an application.",
		Action:      "Look at recipients and subjects (Message trace). If it is spam: lock the account, `mailq | grep` and `postsuper -d` what waits, find where the logins came from.",
	}}}
}
