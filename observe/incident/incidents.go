package incident

import (
	"fmt"
	"time"
)

const m = time.Minute

// All returns one incident for each alert that Loki evaluates.
func All() []Incident {
	return append(append(accounts(), mails()...), servers()...)
}

const attacker = "198.51.100.23"

func wrong(user string) string { return "authentication failed for [" + user + "], invalid password" }

func accounts() []Incident {
	return []Incident{
		{"ZimbraAuthFailuresFromAddress", nil, func(w *writer) {
			w.spread(30, 4*m, func(i int, ago time.Duration) {
				user := fmt.Sprintf("user%d@example.com", i)
				w.login(ago, user, attacker, wrong(user))
			})
		}},
		{"ZimbraAccountAttackedFromManyAddresses", nil, func(w *writer) {
			w.spread(16, 12*m, func(i int, ago time.Duration) {
				w.login(ago, people[0], fmt.Sprintf("198.51.100.%d", 100+i%8), wrong(people[0]))
			})
		}},
		{"ZimbraAccountLocked", nil, func(w *writer) {
			w.log4j(auditLog, 3*m, "INFO", "ImapSSLServer-9", "ip=10.0.0.4;oip="+attacker+";cid=9;", "security", "cmd=Auth; account=%s; error=account lockout due to too many failed logins;", people[1])
		}},
		{"ZimbraLoginAfterFailures", nil, func(w *writer) {
			w.spread(14, 12*m, func(_ int, ago time.Duration) { w.login(ago, people[2], attacker, wrong(people[2])) })
			w.login(30*time.Second, people[2], attacker, "")
		}},
		{"ZimbraAdminLoginFailures", nil, func(w *writer) {
			w.spread(8, 10*m, func(_ int, ago time.Duration) {
				w.log4j(auditLog, ago, "WARN", "qtp1-2:https://mail.example.com:7071/service/admin/soap/AuthRequest", "name=admin@example.com;oip="+attacker+";ua=zclient;", "security",
					"cmd=AdminAuth; account=admin@example.com; error=%s;", wrong("admin@example.com"))
			})
		}},
		{"ZimbraOutboundBurst", nil, func(w *writer) {
			w.spread(130, 8*m, func(_ int, ago time.Duration) { w.submit(ago, people[3]) })
		}},
	}
}

func mails() []Incident {
	remote, local := "mx.example.net[203.0.113.26]:25", "store1.example.com[10.0.0.5]:7025"
	return []Incident{
		{"ZimbraBounceRatioHigh", nil, func(w *writer) {
			w.spread(60, 12*m, func(i int, ago time.Duration) {
				w.mail(ago, 1000+i, people[0], fmt.Sprintf("old%d@example.net", i), "bounced", "5.1.1", remote, "host mx.example.net[203.0.113.26] said: 550 5.1.1 no such user (in reply to RCPT TO command)")
			})
		}},
		{"ZimbraMailDeferred", nil, func(w *writer) {
			w.spread(120, 12*m, func(i int, ago time.Duration) {
				w.mail(ago, 1000+i, people[0], "x@example.net", "deferred", "4.4.1", "none", "connect to mx.example.net[203.0.113.26]:25: Connection timed out")
			})
		}},
		{"ZimbraRejectSpike", nil, func(w *writer) {
			w.spread(150, 8*m, func(i int, ago time.Duration) { w.reject(ago, fmt.Sprintf("198.51.100.%d", i%200)) })
		}},
		{"ZimbraQueueLarge", nil, func(w *writer) {
			w.syslogTo(statsLog, 2*m, mta, "zimbramon", "2101:info: %s, QUEUE: 98000 1410", w.now.Format(time.DateTime))
		}},
		{"ZimbraOverQuota", nil, func(w *writer) {
			w.mail(5*m, 1000, "partner@example.net", people[0], "deferred", "4.2.2", local, "host store1.example.com[10.0.0.5] said: 452 4.2.2 Over quota (in reply to end of DATA command)")
			w.exception(4*m, "handler exception", "com.zimbra.cs.mailbox.MailServiceException: mailbox exceeded quota", "mail.QUOTA_EXCEEDED")
		}},
		{"ZimbraVirusFound", nil, func(w *writer) {
			w.scan(3*m, "Blocked INFECTED (Eicar-Test-Signature) {DiscardedInbound,Quarantined}", "", "198.51.100.66", "v@example.net", people[0])
		}},
		{"ZimbraVirusSent", []string{"ZimbraVirusFound"}, func(w *writer) {
			w.scan(3*m, "Blocked INFECTED (Eicar-Test-Signature) {DiscardedOutbound,Quarantined}", "ORIGINATING LOCAL ", "203.0.113.7", people[0], "x@example.net")
		}},
		{"ZimbraScannerDown", nil, func(w *writer) {
			w.syslog(2*m, mta, "amavis", "(02527-06) (!)connect to /opt/zimbra/data/clamav/clamav.sock failed, attempt #1: Can't connect to a UNIX socket")
			w.syslog(m, mta, "amavis", "(02527-06) (!!)AV: ALL VIRUS SCANNERS FAILED")
		}},
	}
}

func servers() []Incident {
	trouble := func(level, logger, text string) func(*writer) {
		return func(w *writer) { w.log4j(mailboxLog, 2*m, level, "qtp1-9", "", logger, "%s", text) }
	}
	return []Incident{
		{"ZimbraFatal", nil, trouble("FATAL", "system", "cannot go on: database schema is newer than this version")},
		{"ZimbraServiceStopped", nil, func(w *writer) {
			w.syslogTo(statsLog, m, mta, "zimbramon", "2101:err: %s, STATUS: mx1.example.com: antivirus: Stopped", w.now.Format(time.DateTime))
		}},
		{"ZimbraMailboxRestartLoop", nil, func(w *writer) {
			w.spread(3, 20*m, func(_ int, ago time.Duration) {
				w.log4j(mailboxLog, ago, "INFO", "main", "", "misc", "version=10.0.9_GA_4583 release=20240704100000 builddate=20240704-1000 buildhost=build.example.com")
			})
		}},
		{"ZimbraOutOfMemory", []string{"ZimbraFatal"}, trouble("FATAL", "system", "out of memory\njava.lang.OutOfMemoryError: Java heap space\n\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)")},
		{"ZimbraTooManyOpenFiles", nil, trouble("WARN", "TcpServer/7025", "accept loop failed\njava.net.SocketException: Too many open files\n\tat a.b.C.d(C.java:1)")},
		{"ZimbraDatabaseContention", nil, func(w *writer) {
			w.spread(5, 10*m, func(_ int, ago time.Duration) {
				w.log4j(mailboxLog, ago, "WARN", "qtp1-9", "", "mailbox", "deadlock\ncom.zimbra.common.service.ServiceException: system failure: getting mailbox\nCaused by: java.sql.SQLTransactionRollbackException: Deadlock found when trying to get lock; try restarting transaction")
			})
		}},
		{"ZimbraDiskFull", nil, trouble("ERROR", "store", "Unable to write blob\njava.io.IOException: No space left on device\n\tat a.b.C.d(C.java:1)")},
		{"ZimbraLDAPDown", nil, func(w *writer) {
			w.syslog(2*m, mta, "postfix/smtpd", "warning: dict_ldap_lookup: /opt/zimbra/conf/ldap-vam.cf: Unable to bind to server ldap://ldap1.example.com:389 with dn uid=zmpostfix,cn=appaccts,cn=zimbra: -1 (Can't contact LDAP server)")
			trouble("ERROR", "account", "LDAP error\ncom.zimbra.cs.ldap.LdapException: LDAP error\nCaused by: LDAPException(resultCode=91 (connect error), errorMessage='An error occurred while attempting to connect to server ldap1.example.com:389')")(w)
		}},
		{"ZimbraCertificateExpires", nil, trouble("WARN", "system", "SSL certificate of store1.example.com will expire in 10 days")},
		{"ZimbraSlowSOAP", nil, func(w *writer) {
			w.spread(60, 9*m, func(i int, ago time.Duration) { w.soap(ago, people[0], "203.0.113.9", "SearchRequest", 7000+i) })
		}},
		{"PlanrErrors", nil, func(w *writer) {
			w.spread(60, 12*m, func(_ int, ago time.Duration) { w.docker(planrLog, ago, w.planr(people[0], "bucket quota exceeded")) })
		}},
		{"VisiologyOperationsFail", nil, func(w *writer) {
			w.spread(14, 12*m, func(_ int, ago time.Duration) {
				w.docker(visiologyLog, ago, func(time.Time) string { return operation("petrov", "Failed", "no rights") })
			})
		}},
		{"ZimbraHostSilent", nil, func(w *writer) {
			w.spread(20, 60*m, func(i int, ago time.Duration) {
				w.syslog(ago+18*m, "mx9", "postfix/smtpd", "connect from mail.example.net[192.0.2.%d]", i)
			})
		}},
		{"ZimbraLogSilent", nil, func(w *writer) {
			w.spread(20, 55*m, func(i int, ago time.Duration) {
				w.syslog(ago+18*m, "mx8", "postfix/smtpd", "connect from mail.example.net[192.0.2.%d]", i)
			})
			w.spread(20, 60*m, func(_ int, ago time.Duration) {
				w.syslogTo(statsLog, ago, "mx8", "zimbramon", "2101:info: %s, QUEUE: 0 0", w.now.Add(-ago).Format(time.DateTime))
			})
		}},
		{"ZimbraLogsUnparsed", nil, func(w *writer) {
			w.spread(40, 10*m, func(i int, ago time.Duration) {
				w.add(zimbraLog, ago, func(time.Time) string { return fmt.Sprintf("%%%% a form that nobody knows, number %d", i) })
			})
		}},
	}
}
