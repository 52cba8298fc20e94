package incident

import (
	"fmt"
	"time"
)

var people = []string{"anna@example.com", "boris@example.com", "clara@example.com", "dmitri@example.org"}

const (
	mta   = "mx1"
	store = "store1"
)

// ordinary writes 80 minutes in which some mails bounce and some logins fail,
// as they always do.
func (w *writer) ordinary() {
	w.spread(240, 80*time.Minute, func(i int, ago time.Duration) {
		user, ip := people[i%len(people)], fmt.Sprintf("203.0.113.%d", 1+i%90)
		w.login(ago, user, ip, "")
		w.soap(ago, user, ip, "SearchRequest", 20+i%300)
		w.log4j(mailboxLog, ago, "INFO", "ImapSSLServer-3", "name="+user+";mid=4;ip=10.0.0.4;oip="+ip+";cid=7;", "imap", "UID FETCH elapsed=%d", i%30)
		w.mail(ago, i, "partner@example.net", user, "sent", "2.1.5", "store1.example.com[10.0.0.5]:7025", "250 2.1.5 Delivery OK")
		w.scan(ago, "Passed CLEAN {RelayedInbound}", "", "192.0.2.25", "partner@example.net", user)
		w.docker(planrLog, ago, w.planr(user, ""))
		w.docker(visiologyLog, ago, func(time.Time) string { return operation("ivanov", "Success", "") })
		if i%12 == 0 {
			w.rare(ago, i, user, ip)
		}
	})
}

// rare writes what happens every few minutes.
func (w *writer) rare(ago time.Duration, i int, user, ip string) {
	w.login(ago, user, ip, "authentication failed for ["+user+"], invalid password")
	w.mail(ago, i, user, "gone@example.net", "bounced", "5.1.1", "mx.example.net[203.0.113.26]:25", "host mx.example.net[203.0.113.26] said: 550 5.1.1 no such user (in reply to RCPT TO command)")
	w.mail(ago, i, user, "busy@example.net", "deferred", "4.7.1", "mx.example.net[203.0.113.26]:25", "host mx.example.net[203.0.113.26] said: 450 4.7.1 Greylisted (in reply to RCPT TO command)")
	w.reject(ago, "198.51.100.10")
	w.scan(ago, "Blocked SPAM {DiscardedInbound,Quarantined}", "", "198.51.100.66", "spam@example.net", user)
	w.submit(ago, user)
	w.exception(ago, "handler exception", "com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException: no such message: 300", "mail.NO_SUCH_MSG")
	w.syslogTo(statsLog, ago, mta, "zimbramon", "2101:info: %s, STATUS: mx1.example.com: mta: Running", w.now.Add(-ago).Format(time.DateTime))
	w.syslogTo(statsLog, ago, mta, "zimbramon", "2101:info: %s, QUEUE: 120 4", w.now.Add(-ago).Format(time.DateTime))
}

func (w *writer) login(ago time.Duration, user, ip, failure string) {
	level, end := "INFO", ""
	if failure != "" {
		level, end = "WARN", " error="+failure+";"
	}
	w.log4j(auditLog, ago, level, "ImapSSLServer-3", "ip=10.0.0.4;oip="+ip+";cid=7;", "security", "cmd=Auth; account=%s; protocol=imap;%s", user, end)
}

func (w *writer) soap(ago time.Duration, user, ip, request string, ms int) {
	w.log4j(mailboxLog, ago, "INFO", "qtp1-20:https://mail.example.com/service/soap/"+request,
		fmt.Sprintf("name=%s;mid=4;ip=10.0.0.4;oip=%s;ua=ZimbraWebClient - GC142 (Win)/10.0.9_GA_4583;soapId=%x;", user, ip, ms+int(ago.Milliseconds())), "soap", "%s elapsed=%d", request, ms)
}

// mail writes the way of one mail through Postfix.
func (w *writer) mail(ago time.Duration, i int, from, to, status, dsn, relay, reply string) {
	id := fmt.Sprintf("4A1B2C%05X", i)
	w.syslog(ago, mta, "postfix/smtpd", "%s: client=mail.example.net[192.0.2.25]", id)
	w.syslog(ago, mta, "postfix/cleanup", "%s: message-id=<%d.%d@example.net>", id, i, w.now.Unix())
	w.syslog(ago, mta, "postfix/qmgr", "%s: from=<%s>, size=%d, nrcpt=1 (queue active)", id, from, 2048+i)
	service := "postfix/smtp"
	if dsn == "2.1.5" || dsn == "4.2.2" {
		service = "postfix/lmtp"
	}
	w.syslog(ago, mta, service, "%s: to=<%s>, relay=%s, delay=%.1f, delays=0.1/0.02/0.1/%.1f, dsn=%s, status=%s (%s)", id, to, relay, 0.3+float64(i%7), float64(i%7), dsn, status, reply)
	w.syslog(ago, mta, "postfix/qmgr", "%s: removed", id)
}

func (w *writer) submit(ago time.Duration, user string) {
	w.syslog(ago, mta, "postfix/submission/smtpd", "5A1B2C3D4E5: client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=%s", user)
}

func (w *writer) reject(ago time.Duration, ip string) {
	w.syslog(ago, mta, "postfix/smtpd", "NOQUEUE: reject: RCPT from unknown[%s]: 554 5.7.1 <x@example.org>: Relay access denied; from=<spam@example.net> to=<x@example.org> proto=ESMTP helo=<friendly>", ip)
}

func (w *writer) scan(ago time.Duration, verdict, bank, ip, from, to string) {
	hits := "0.4"
	if verdict[0] == 'B' {
		hits = "17.3"
	}
	w.syslog(ago, mta, "amavis", "(02527-02) %s, %s[%s]:41000 [%s] <%s> -> <%s>, Queue-ID: 4A1B2C3D501, Message-ID: <scan.%d@example.net>, mail_id: SA93AIGegqCY, Hits: %s, size: 976, 570 ms", verdict, bank, ip, ip, from, to, ago.Milliseconds(), hits)
}

func (w *writer) exception(ago time.Duration, message, class, code string) {
	w.log4j(mailboxLog, ago, "WARN", "qtp1-21:https://mail.example.com/service/soap/GetMsgRequest", "name=anna@example.com;mid=4;oip=203.0.113.9;soapId=7f;", "SoapEngine",
		"%s\n%s\nExceptionId:qtp1-21:%d:5b4f\nCode:%s\n\tat com.zimbra.cs.mailbox.MailItem.find(MailItem.java:1)", message, class, w.now.Add(-ago).UnixMilli(), code)
}

func (w *writer) planr(user, failure string) func(time.Time) string {
	return func(t time.Time) string {
		end := ""
		if failure != "" {
			end = `,"error":"` + failure + `"`
		}
		return fmt.Sprintf(`{"client_ip":"203.0.113.7","command_name":"task.update","container_name":"/planr_ru-main-1","request_source":"main","time":%d,"trace_id":"42195a9e-17c3-4e2d-9868-%012d","user_login":"%s","duration":%d%s}`,
			t.UnixMilli(), t.UnixMilli()%1e12, user, 500+t.Second()*20, end)
	}
}

func operation(user, status, failure string) string {
	if failure != "" {
		failure = ", ErrorMessage:" + failure
	}
	return "OperationName:GetWidgetData with AccessType:Read on ObjectType:Dashboard with ObjectId:0123456789abcdef0123456789abcdef completed by User:" + user + " with OperationStatus:" + status + failure
}
