package alerts

func services() Group {
	return Group{Name: "zimbra-services", Title: "Services", Interval: "1m", Alerts: []Alert{{
		Name: "ZimbraFatal",
		Expr: logql(`sum by (host, service_name) (count_over_time({job="zimbra", level="fatal"} [10m])) > 0`),
		For:  "0s", Severity: Critical, Dashboard: "zimbra-overview",
		Summary:     "{{ $labels.service_name }} on {{ $labels.host }} wrote a FATAL",
		Description: "A line of level FATAL, or worse, in the last 10 minutes.",
	}, {
		Name: "ZimbraServiceStopped",
		Expr: logql(`sum by (server, target) (count_over_time({job="zimbra", service_name=~"zimbramon|zimbra-zmconfigd"} | action=~"status|status_change" | status=~"(?i)stopped" [5m])) > 0`),
		For:  "0s", Severity: Critical, Dashboard: "zimbra-overview",
		Summary:     "{{ $labels.target }} on {{ $labels.server }} is stopped",
		Description: "zimbramon or zmconfigd reported the service as stopped in the last 5 minutes.",
	}, {
		Name: "ZimbraMailboxRestartLoop",
		Expr: logql("sum by (host) (count_over_time(" + mailbox + " | component=\"misc\" |= `version=` |= `builddate=` [30m])) > 2"),
		For:  "0s", Severity: Critical, Dashboard: "zimbra-mailbox",
		Summary:     "mailboxd on {{ $labels.host }} started {{ $value }} times in 30 minutes",
		Description: "mailboxd wrote its starting line more than twice in 30 minutes.",
		Meaning:     "It dies and is started again by zmmailboxdmgr; users are thrown out each time.",
		Action:      "Read the FATAL or the last ERROR before each start, and zmmailboxd.out.",
	}, {
		Name: "ZimbraOutOfMemory",
		Expr: logql("sum by (host) (count_over_time({job=\"zimbra\"} |~ `java[.]lang[.]OutOfMemoryError|Out of memory: Kill` [10m])) > 0"),
		For:  "0s", Severity: Critical, Dashboard: "zimbra-mailbox",
		Summary:     "{{ $labels.host }} is out of memory",
		Description: "A Java OutOfMemoryError, or the kernel killed a process, in the last 10 minutes.",
	}, {
		Name: "ZimbraTooManyOpenFiles",
		Expr: logql("sum by (host) (count_over_time({job=\"zimbra\"} |= `Too many open files` [10m])) > 0"),
		For:  "0s", Severity: Critical, Dashboard: "zimbra-mailbox",
		Summary:     "{{ $labels.host }}: too many open files",
		Description: "A service could not open a file or a connection in the last 10 minutes.",
	}, {
		Name: "ZimbraDatabaseContention",
		Expr: logql("sum by (host) (count_over_time({job=\"zimbra\"} |~ `Deadlock found when trying to get lock|Lock wait timeout exceeded` [15m])) > 3"),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-mailbox",
		Summary:     "{{ $labels.host }}: {{ $value }} deadlocks or lock time-outs of the database",
		Description: "More than 3 deadlocks or lock wait time-outs of MariaDB in 15 minutes.",
	}, {
		Name: "ZimbraDiskFull",
		Expr: logql("sum by (host) (count_over_time({job=\"zimbra\"} |~ `No space left on device|Insufficient system storage|not enough free space in mail queue` [10m])) > 0"),
		For:  "0s", Severity: Critical, Dashboard: "zimbra-overview",
		Summary:     "{{ $labels.host }}: a disk is full",
		Description: "A service could not write for lack of space in the last 10 minutes.",
	}, {
		Name: "ZimbraLDAPDown",
		Expr: logql("sum by (host) (count_over_time({job=\"zimbra\"} |~ `Can't contact LDAP server|LDAPException[(]resultCode=(52|81|91) |attempting to connect to server [^ ]+:(389|636)` [5m])) > 0"),
		For:  "2m", Severity: Critical, Dashboard: "zimbra-overview",
		Summary:     "{{ $labels.host }} cannot reach LDAP",
		Description: "A service could not connect to LDAP in the last 5 minutes.",
	}, {
		Name: "ZimbraCertificateExpires",
		// Not Postfix: it also complains about certificates of other people's servers.
		Expr: logql("sum by (host) (count_over_time({job=\"zimbra\", service_name!=\"postfix\"} |~ `(?i)certificate.{0,120}(will expire|expires in|has expired)|CertificateExpiredException` [1h])) > 0"),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-overview",
		Summary:     "{{ $labels.host }}: a certificate expires or has expired",
		Description: "A line of the last hour says that a certificate will expire or has expired.",
	}, {
		Name: "ZimbraSlowSOAP",
		Expr: logql(`quantile_over_time(0.95, ` + mailbox + ` | component="soap" | action!~"NoOpRequest|(Admin)?(Create)?WaitSetRequest" | unwrap duration_ms [10m]) by (host) > 3000
			and on (host) sum by (host) (count_over_time(` + mailbox + ` | component="soap" [10m])) > 20`),
		For: "5m", Severity: Warning, Dashboard: "zimbra-mailbox",
		Summary:     "{{ $labels.host }}: 1 of 20 requests takes longer than {{ $value | printf \"%.0f\" }} ms",
		Description: "The 95th percentile of the duration of SOAP requests over 10 minutes is above 3 s, out of more than 20. Requests that wait by design are left out.",
		Meaning:     "Users wait.",
		Action:      "Mailbox & protocols says which request. Searches: index or disk. All of them: garbage collection, database, LDAP.",
	}}}
}

func platforms() Group {
	return Group{Name: "platforms", Title: "PLAN-R and Visiology", Interval: "1m", Alerts: []Alert{{
		Name: "PlanrErrors",
		Expr: logql(`sum by (service_name) (count_over_time({job="planr", level="error"} [15m]))
			/ sum by (service_name) (count_over_time({job="planr"} [15m])) > 0.3
			and on (service_name) sum by (service_name) (count_over_time({job="planr", level="error"} [15m])) > 10`),
		For: "5m", Severity: Warning, Dashboard: "zimbra-platforms",
		Summary:     "PLAN-R {{ $labels.service_name }}: {{ $value | humanizePercentage }} of the events are errors",
		Description: "More than 30 % of the events of a service in 15 minutes are errors, and more than 10.",
		Meaning:     "A service of PLAN-R, or what it depends on, is broken.",
		Action:      "Platforms shows the errors; follow one `trace_id` through the services.",
	}, {
		Name: "VisiologyOperationsFail",
		Expr: logql(`sum by (operation, user) (count_over_time({log="visiology"} | outcome="failure" [15m])) > 10`),
		For:  "0s", Severity: Warning, Dashboard: "zimbra-platforms",
		Summary:     "Visiology: {{ $labels.operation }} of {{ $labels.user }} failed {{ $value }} times",
		Description: "One operation of one user failed more than 10 times in 15 minutes.",
	}}}
}
