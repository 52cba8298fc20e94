package samplelogs

import (
	"fmt"
	"time"
)

var requests = []string{"SearchRequest", "GetMsgRequest", "NoOpRequest", "SyncRequest", "ConvActionRequest", "SendMsgRequest", "GetFolderRequest"}

// mailboxWork is mailbox.log but for what mail and logins leave there: requests
// of the web client, IMAP, handler exceptions, indexing.
func (w *world) mailboxWork() {
	w.every(1200*time.Millisecond, func(t time.Time) {
		if w.storeIsDown(t) {
			w.badGateway(t)
			return
		}
		switch n := w.IntN(100); {
		case n < 50:
			w.soap(t, w.pick(requests[:5]), w.pick(users), time.Duration(w.ExpFloat64()*40)*time.Millisecond)
		case n < 92:
			w.imap(t)
		case n < 95:
			w.exception(t)
		case n < 96:
			w.unknownAccount(t, fmt.Sprintf("198.51.100.%d", 30+w.IntN(60)))
		default:
			w.log4j("mailbox", Line{Time: t}, "INFO", fmt.Sprintf("Index-%d", 1+w.IntN(9)), "", "index", "Batch complete processed %d in %d ms", 1+w.IntN(20), w.IntN(200))
		}
	})
}

func (w *world) thread(request string) string {
	return fmt.Sprintf("qtp1286783232-%d:https://%s/service/soap/%s", 20+w.IntN(180), store, request)
}

func (w *world) soapContext(user, ip string) string {
	return fmt.Sprintf("name=%s;mid=%d;ip=%s;port=%d;oip=%s;ua=%s;soapId=%s;", user, mailboxID(user), proxyIP, 1024+w.IntN(60000), ip, w.pick(agents), w.hex(8))
}

// soap is a request of the web client, in mailbox.log, access_log and the
// proxy's log.
func (w *world) soap(t time.Time, request, user string, took time.Duration) {
	ip := w.client()
	w.log4j("mailbox", Line{Time: t.Add(took)}, "INFO", w.thread(request), w.soapContext(user, ip), "soap", "%s elapsed=%d", request, took.Milliseconds())
	w.httpRequest(t, took, ip, user, "POST", "/service/soap/"+request, 200)
}

func (w *world) imap(t time.Time) {
	user, ip := w.pick(users), w.client()
	proxied := fmt.Sprintf("ip=%s;oip=%s;via=%s(nginx/1.24.0);ua=Zimbra/%s;cid=%d;", proxyIP, ip, proxyIP, build, w.IntN(9999))
	context := fmt.Sprintf("name=%s;mid=%d;%s", user, mailboxID(user), proxied)
	thread := fmt.Sprintf("ImapSSLServer-%d", w.IntN(200))
	switch n := w.IntN(10); {
	case n == 0:
		w.log4j("mailbox", Line{Time: t}, "INFO", thread, proxied, "imap", "user %s authenticated, mechanism=PLAIN [TLS]", user)
		w.imapLogin(t, user, ip)
		return
	case n < 5: // the account's name is not always in the context
		context = fmt.Sprintf("mid=%d;%s", mailboxID(user), proxied)
	}
	command := w.pick([]string{"UID FETCH", "NOOP", "SELECT", "IDLE", "UID SEARCH", "STATUS"})
	w.log4j("mailbox", Line{Time: t}, "INFO", thread, context, "imap", "%s elapsed=%d", command, int(w.ExpFloat64()*9))
}

var frames = "\n\tat com.zimbra.cs.mailbox.MailItem.noSuchItem(MailItem.java:1124) ~[zimbrastore.jar:" + build + "]" +
	"\n\tat com.zimbra.cs.mailbox.Mailbox.getItemById(Mailbox.java:2873) ~[zimbrastore.jar:" + build + "]" +
	"\n\tat com.zimbra.soap.SoapEngine.dispatchRequest(SoapEngine.java:646) ~[zimbrastore.jar:" + build + "]" +
	"\n\tat com.zimbra.soap.SoapEngine.dispatch(SoapEngine.java:491) ~[zimbrastore.jar:" + build + "]"

func (w *world) exception(t time.Time) {
	request := w.pick([]string{"GetMsgRequest", "MsgActionRequest", "GetFolderRequest"})
	thread, item, what, code := w.thread(request), 300+w.IntN(9000), "message", "mail.NO_SUCH_MSG"
	if request == "GetFolderRequest" {
		what, code = "folder id", "mail.NO_SUCH_FOLDER"
	}
	w.log4j("mailbox", Line{Time: t}, "WARN", thread, w.soapContext(w.pick(users), w.client()), "SoapEngine",
		"handler exception\ncom.zimbra.cs.mailbox.MailServiceException$NoSuchItemException: no such %s: %d\nExceptionId:%s:%d:%s\nCode:%s Arg:(itemId, IID, \"%d\")%s",
		what, item, thread, t.UnixMilli(), w.hex(16), code, item, frames)
}

// protocolErrors are what IMAP and POP3 now and then fail at.
func (w *world) protocolErrors() {
	w.every(12*time.Minute, func(t time.Time) {
		if w.storeIsDown(t) {
			return
		}
		user, ip := w.pick(users), w.client()
		context := fmt.Sprintf("name=%s;mid=%d;%s", user, mailboxID(user), w.imapContext(ip))
		w.log4j("mailbox", Line{Time: t}, "WARN", fmt.Sprintf("ImapSSLServer-%d", w.IntN(200)), context, "imap",
			"UID COPY failed\ncom.zimbra.cs.mailbox.MailServiceException: mailbox is over quota, mailboxSizeUsed=2147483648, mailboxSizeQuota=2147483648\nExceptionId:ImapSSLServer:%d:%s\nCode:mail.QUOTA_EXCEEDED",
			t.UnixMilli(), w.hex(16))
		w.log4j("mailbox", Line{Time: t.Add(time.Minute)}, "WARN", fmt.Sprintf("Pop3SSLServer-%d", w.IntN(90)), context, "pop",
			"RETR failed\njava.io.IOException: Connection reset by peer")
	})
}

// unknownAccount is what audit.log does not say: a login for an account that
// does not exist is only in mailbox.log.
func (w *world) unknownAccount(t time.Time, ip string) {
	name := w.pick([]string{"root", "test", "backup", "scanner", "postmaster1"}) + "@example.com"
	context := fmt.Sprintf("ip=%s;port=%d;oip=%s;ua=python-requests/2.32;soapId=%s;", proxyIP, 1024+w.IntN(60000), ip, w.hex(8))
	w.log4j("mailbox", Line{Time: t}, "INFO", w.thread("AuthRequest"), context, "SoapEngine", "handler exception: authentication failed for [%s], account not found", name)
}

// mailboxSends is the mailstore's side of a mail from the web client.
func (h *hop) mailboxSends() {
	m := h.m
	rcpts := ""
	for _, r := range m.to {
		rcpts += ", to=" + r.address
	}
	ip := h.world.client()
	l := Line{Time: h.t, Mail: m.id, Link: Named}
	h.log4j("mailbox", l, "INFO", h.thread("SendMsgRequest"), h.soapContext(m.from, ip), "smtp",
		"Sending message to MTA at %s: Message-ID=%s, sender=%s, nrcpts=%d%s", mta, m.id, m.from, len(m.to), rcpts)
	h.httpRequest(h.t, 90*time.Millisecond, ip, m.from, "POST", "/service/soap/SendMsgRequest", 200)
	h.pass(1, 4)
}

// mailboxTakes is the mailstore's side of a delivery by LMTP, for those whose
// result is success; it may refuse others.
func (h *hop) mailboxTakes(to []recipient, results []*outcome) {
	if h.storeIsDown(h.t) {
		return
	}
	m, thread, taken := h.m, fmt.Sprintf("LmtpServer-%d", h.IntN(80)), 0
	for i, r := range to {
		if results[i] == nil {
			taken++
		} else if results[i].dsn == overQuota.dsn {
			h.log4j("mailbox", Line{Time: h.t.Add(-20 * time.Millisecond), Mail: m.id}, "INFO", thread, "ip="+mtaIP+";", "lmtp",
				"try again for address %s: mailbox is over quota", r.address)
		}
	}
	if taken == 0 {
		return
	}
	at := h.t.Add(-18 * time.Millisecond)
	h.log4j("mailbox", Line{Time: at, Mail: m.id, Link: Named}, "INFO", thread, "ip="+mtaIP+";", "lmtp",
		"Delivering message: size=%d bytes, nrcpts=%d, sender=%s, msgid=%s", m.size, taken, m.from, m.id)
	folder := "folderId=2, folderName=Inbox"
	if m.score >= tagScore {
		folder = "folderId=4, folderName=Junk"
	}
	for i, r := range to {
		if results[i] != nil {
			continue
		}
		at = at.Add(3 * time.Millisecond)
		h.log4j("mailbox", Line{Time: at, Mail: m.id, Link: Named}, "INFO", thread, fmt.Sprintf("name=%s;mid=%d;ip=%s;", r.address, mailboxID(r.address), mtaIP), "mailop",
			"Adding Message: id=%d, sender=%s, Message-ID=%s, parentId=-1, %s acct=%s.", 257+h.IntN(9000), m.from, m.id, folder, accountID(r.address))
	}
}
