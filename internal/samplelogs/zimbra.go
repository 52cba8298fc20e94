package samplelogs

import (
	"fmt"
	"time"
)

var requests = []string{"SearchRequest", "GetMsgRequest", "NoOpRequest", "SyncRequest", "ConvActionRequest", "SendMsgRequest", "GetFolderRequest"}

// mailbox writes an hour of mailbox.log: ordinary work, handler exceptions,
// slow searches, and after 40 minutes an OutOfMemoryError with a restart.
func (g *generator) mailbox() {
	start := g.now
	crashed := false
	for g.now.Before(start.Add(time.Hour)) {
		g.step(900 * time.Millisecond)
		if !crashed && g.now.After(start.Add(40*time.Minute)) {
			crashed = true
			g.crash()
			continue
		}
		switch n := g.IntN(100); {
		case n < 45:
			g.soap()
		case n < 75:
			g.imap()
		case n < 92:
			g.delivery()
		case n < 95:
			g.exception()
		case n < 97:
			g.unknownAccount()
		default:
			g.log4j("INFO", fmt.Sprintf("Index-%d", 1+g.IntN(9)), "", "index", "Batch complete processed %d in %d ms", 1+g.IntN(20), g.IntN(200))
		}
	}
}

func (g *generator) soapContext(user string) string {
	return fmt.Sprintf("name=%s;mid=%d;ip=10.0.0.4;port=%d;oip=%s;ua=%s;soapId=%x;",
		user, 3+len(user), 1024+g.IntN(60000), g.address(), g.pick(agents), g.Uint32())
}

func (g *generator) soap() {
	request, user := g.pick(requests), g.pick(users)
	ms := int(g.ExpFloat64() * 40)
	if request == "SearchRequest" && g.IntN(12) == 0 {
		ms += 3000 + g.IntN(9000)
	}
	g.log4j("INFO", g.thread(request), g.soapContext(user), "soap", "%s elapsed=%d", request, ms)
	if request == "SendMsgRequest" {
		g.log4j("INFO", g.thread(request), g.soapContext(user), "smtp",
			"Sending message to MTA at mta.example.com: Message-ID=<%d.%d.JavaMail.zimbra@example.com>, sender=%s, nrcpts=1, to=%s",
			g.Uint32(), g.now.UnixMilli(), user, g.pick(users))
	}
}

func (g *generator) imap() {
	user, ip := g.pick(users), g.address()
	context := fmt.Sprintf("name=%s;mid=%d;ip=10.0.0.4;oip=%s;via=10.0.0.4(nginx/1.20.0);ua=Zimbra/10.0.9_GA_4583;cid=%d;", user, 3+len(user), ip, g.IntN(9999))
	thread := fmt.Sprintf("ImapSSLServer-%d", g.IntN(200))
	if g.IntN(10) == 0 {
		g.log4j("INFO", thread, context, "imap", "user %s authenticated, mechanism=PLAIN [TLS]", user)
		return
	}
	command := g.pick([]string{"UID FETCH", "NOOP", "SELECT", "IDLE", "UID SEARCH", "STATUS"})
	g.log4j("INFO", thread, context, "imap", "%s elapsed=%d", command, int(g.ExpFloat64()*9))
}

func (g *generator) delivery() {
	from, to := g.pick(users), g.pick(users)
	id := fmt.Sprintf("<%d.%d@mx.example.net>", g.Uint32(), g.now.UnixMilli())
	thread := fmt.Sprintf("LmtpServer-%d", g.IntN(80))
	g.log4j("INFO", thread, "ip=10.0.0.7;", "lmtp", "Delivering message: size=%d bytes, nrcpts=1, sender=%s, msgid=%s", 900+g.IntN(90000), from, id)
	g.log4j("INFO", thread, fmt.Sprintf("name=%s;mid=%d;ip=10.0.0.7;", to, 3+len(to)), "mailop",
		"Adding Message: id=%d, Message-ID=%s, parentId=-1, folderId=2, folderName=Inbox acct=8d5e2a10-1111-4222-8333-%012d.", 257+g.IntN(9000), id, len(to))
}

func (g *generator) exception() {
	user := g.pick(users)
	request := g.pick([]string{"GetMsgRequest", "MsgActionRequest", "GetFolderRequest"})
	thread := g.thread(request)
	g.log4j("WARN", thread, g.soapContext(user), "SoapEngine", "handler exception")
	item := 300 + g.IntN(9000)
	if request == "GetFolderRequest" {
		g.line("com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException: no such folder id: %d", item)
		g.line("ExceptionId:%s:%d:%016x", thread, g.now.UnixMilli(), g.Uint64())
		g.line("Code:mail.NO_SUCH_FOLDER Arg:(itemId, IID, \"%d\")", item)
	} else {
		g.line("com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException: no such message: %d", item)
		g.line("ExceptionId:%s:%d:%016x", thread, g.now.UnixMilli(), g.Uint64())
		g.line("Code:mail.NO_SUCH_MSG Arg:(itemId, IID, \"%d\")", item)
	}
	for _, f := range []string{"cs.mailbox.MailItem.noSuchItem(MailItem.java:1124)", "cs.mailbox.Mailbox.getItemById(Mailbox.java:2873)",
		"soap.SoapEngine.dispatchRequest(SoapEngine.java:646)", "soap.SoapEngine.dispatch(SoapEngine.java:491)"} {
		g.line("\tat com.zimbra.%s ~[zimbrastore.jar:10.0.9_GA_4583]", f)
	}
}

// unknownAccount is what audit.log does not say: a login for an account that
// does not exist is only in mailbox.log.
func (g *generator) unknownAccount() {
	name := g.pick([]string{"root", "test", "backup", "scanner", "postmaster1"}) + "@example.com"
	context := fmt.Sprintf("ip=10.0.0.4;port=%d;oip=%s;ua=python-requests/2.32;soapId=%x;", 1024+g.IntN(60000), Attacker, g.Uint32())
	g.log4j("INFO", g.thread("AuthRequest"), context, "SoapEngine", "handler exception: authentication failed for [%s], account not found", name)
}

func (g *generator) crash() {
	g.log4j("FATAL", g.thread("SearchRequest"), g.soapContext("sales@example.com"), "system", "out of memory")
	g.line("java.lang.OutOfMemoryError: Java heap space")
	g.line("\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)")
	g.line("\tat org.apache.lucene.index.SegmentReader.norms(SegmentReader.java:1023)")
	g.step(20 * time.Second)
	g.log4j("INFO", "main", "", "misc", "version=10.0.9_GA_4583 release=20240704100000 builddate=20240704-1000 buildhost=build.example.com")
	g.log4j("WARN", "main", "", "extensions", "no Zimbra-Extension-Class found, ignored: /opt/zimbra/lib/ext/mitel")
	g.log4j("INFO", "LmtpServer", "", "TcpServer/7025", "Starting accept loop: 1 core threads, 20 max threads.")
}

// audit writes an hour of audit.log: logins, a brute force on ivanov that ends
// in a lockout, and changes by an administrator.
func (g *generator) audit() {
	start := g.now
	attacked := false
	for g.now.Before(start.Add(time.Hour)) {
		g.step(6 * time.Second)
		if !attacked && g.now.After(start.Add(15*time.Minute)) {
			attacked = true
			g.bruteForce()
		}
		user := g.pick(users)
		switch n := g.IntN(100); {
		case n < 80:
			g.log4j("INFO", g.thread("AuthRequest"), g.soapContext(user), "security", "cmd=Auth; account=%s; protocol=soap;", user)
		case n < 88:
			g.log4j("WARN", g.thread("AuthRequest"), g.soapContext(user), "security",
				"cmd=Auth; account=%s; protocol=soap; error=authentication failed for [%[1]s], invalid password;", user)
		case n < 95:
			g.log4j("WARN", fmt.Sprintf("Pop3SSLServer-%d", g.IntN(90)), fmt.Sprintf("ip=10.0.0.4;oip=%s;", g.address()), "security",
				"cmd=Auth; account=%s; protocol=pop3; error=authentication failed for [%[1]s], invalid password;", user)
		default:
			g.log4j("INFO", "qtp1286783232-31:https://mail.example.com:7071/service/admin/soap/ModifyAccountRequest",
				"name=admin@example.com;mid=1;ip=10.0.0.9;port=50022;ua=ZimbraWebClient - GC142 (Win);soapId=5f3a;", "security",
				"cmd=ModifyAccount; name=%s; zimbraPrefMailForwardingAddress=archive@example.net;", user)
		}
	}
}

func (g *generator) bruteForce() {
	const victim = "ivanov@example.org"
	for i := range 60 {
		g.step(700 * time.Millisecond)
		context := fmt.Sprintf("ip=10.0.0.4;oip=%s;via=10.0.0.4(nginx/1.20.0);ua=Zimbra/10.0.9_GA_4583;cid=%d;", Attacker, 7000+i)
		g.log4j("WARN", fmt.Sprintf("ImapSSLServer-%d", i%40), context, "security",
			"cmd=Auth; account=%s; protocol=imap; error=authentication failed for [%[1]s], invalid password;", victim)
	}
	g.log4j("INFO", "ImapSSLServer-39", fmt.Sprintf("ip=10.0.0.4;oip=%s;cid=7059;", Attacker), "security",
		"cmd=Auth; account=%s; error=account lockout due to too many failed logins;", victim)
}

// sync writes ActiveSync lines.
func (g *generator) sync() {
	start := g.now
	for g.now.Before(start.Add(time.Hour)) {
		g.step(20 * time.Second)
		user, cmd := g.pick(users), g.pick([]string{"Ping", "Sync", "FolderSync", "Search"})
		g.log4j("INFO", fmt.Sprintf("qtp1286783232-%d:https://mail.example.com:443/Microsoft-Server-ActiveSync?User=%s&DeviceId=DEV%d&DeviceType=iPhone&Cmd=%s", 20+g.IntN(99), user, len(user), cmd),
			fmt.Sprintf("name=%s;mid=%d;ip=%s;Cmd=%s;DeviceID=DEV%d;Version=14.1;", user, 3+len(user), g.address(), cmd, len(user)), "sync", "%s completed", cmd)
	}
}
