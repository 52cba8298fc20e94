package incident

import "time"

// scenery writes what is neither ordinary nor an incident but has a panel: a
// blocklist, a device, a slow query.
func (w *writer) scenery() {
	const ago = 9 * time.Minute
	w.log4j(auditLog, ago, "INFO", "qtp1-31:https://mail.example.com:7071/service/admin/soap/ModifyAccountRequest",
		"name=admin@example.com;mid=1;ip=10.0.0.9;ua=ZimbraWebClient - GC142 (Win);soapId=5f3a;", "security", "cmd=ModifyAccount; name=%s; zimbraAccountStatus=locked;", people[1])
	w.log4j(mailboxLog, ago, "INFO", "qtp1-30:https://mail.example.com/service/soap/AuthRequest", "ip=10.0.0.4;oip="+attacker+";ua=python-requests/2.32;soapId=77;", "SoapEngine",
		"handler exception: authentication failed for [root@example.com], account not found")
	w.log4j(mailboxLog, ago, "INFO", "LmtpServer-4", "name="+people[0]+";mid=4;ip=10.0.0.7;", "mailop", "Adding Message: id=300, Message-ID=<1.%d@example.net>, parentId=-1, folderId=2, folderName=Inbox acct=8d5e2a10-1111-4222-8333-000000000001.", w.now.Unix())
	w.log4j("/opt/zimbra/log/sync.log", ago, "INFO", "qtp1-40:https://mail.example.com/Microsoft-Server-ActiveSync?User=anna&DeviceId=DEV7&DeviceType=iPhone&Cmd=Sync",
		"name="+people[0]+";mid=4;ip=203.0.113.9;Cmd=Sync;DeviceID=DEV7;Version=14.1;", "sync", "Sync completed")
	w.syslog(ago, mta, "postfix/smtpd", "NOQUEUE: reject: RCPT from unknown[198.51.100.10]: 554 5.7.1 Service unavailable; Client host [198.51.100.10] blocked using zen.example.org; https://www.example.org/query/ip/198.51.100.10; from=<a@example.net> to=<%s> proto=ESMTP helo=<x>", people[0])
	w.syslog(ago, mta, "postfix/submission/smtpd", "warning: unknown[198.51.100.9]: SASL PLAIN authentication failed: authentication failure, sasl_username=%s", people[0])
	w.syslog(ago, mta, "postfix/smtp", "Verified TLS connection established to mx.example.org[203.0.113.25]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)")
	w.syslog(ago, mta, "opendkim", "5B1B2C3D4E7: DKIM-Signature field added (s=sel1, d=example.com)")
	w.syslog(ago, mta, "clamd", "/opt/zimbra/data/amavisd/tmp/amavis-1/parts/p002: Eicar-Test-Signature FOUND")
	w.syslog(ago, mta, "amavis", "(02527-02) Blocked INFECTED (Eicar-Test-Signature) {DiscardedInbound,Quarantined}, [198.51.100.66]:41000 [198.51.100.66] <v@example.net> -> <%s>, quarantine: v/virus-SA93AIGegqCY, Queue-ID: 4A1B2C3D501, Message-ID: <q.1@example.net>, mail_id: SA93AIGegqCY, Hits: -, size: 976, 570 ms", people[0])
	w.add("/opt/zimbra/log/nginx.access.log", ago, func(t time.Time) string {
		return `198.51.100.20:51234 - - [` + t.Format("02/Jan/2006:15:04:05 -0700") + `]  "POST https://mail.example.com/service/soap/AuthRequest HTTP/2.0" 200 1042 "https://mail.example.com/" "Mozilla/5.0 (X11; Linux)" "10.0.0.5:8443" "10.0.0.4:443"`
	})
	w.add("/opt/zimbra/log/myslow.log", ago, func(t time.Time) string {
		return "# Time: " + t.Format("060102 15:04:05") + "\n# User@Host: zimbra[zimbra] @ localhost [127.0.0.1]\n# Thread_id: 88  Schema: mboxgroup7  QC_hit: No\n# Query_time: 4.211000  Lock_time: 0.000100  Rows_sent: 1  Rows_examined: 480000\nSELECT * FROM mail_item;"
	})
	w.docker(planrLog, ago, func(t time.Time) string {
		return `{"client_ip":"203.0.113.7","command_name":"auth.local","auth_success":false,"container_name":"/planr_ru-main-1","request_source":"main","time":` +
			ms(t) + `,"trace_id":"42195a9e-17c3-4e2d-9868-ba7f7c253123","user_login":"anna@example.com"}`
	})
}
