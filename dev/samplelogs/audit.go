package samplelogs

import (
	"fmt"
	"time"
)

// logins is audit.log: people come and go, some mistype their password, an
// administrator changes accounts.
func (w *world) logins() {
	w.every(6*time.Second, func(t time.Time) {
		if w.storeIsDown(t) {
			return
		}
		user := w.pick(users)
		switch n := w.IntN(100); {
		case n < 80:
			w.webLogin(t, user, w.client(), true)
		case n < 88:
			w.webLogin(t, user, w.client(), false)
		case n < 95:
			w.audit(t, "WARN", fmt.Sprintf("Pop3SSLServer-%d", w.IntN(90)), fmt.Sprintf("ip=%s;oip=%s;", proxyIP, w.client()),
				"cmd=Auth; account=%s; protocol=pop3; error=authentication failed for [%[1]s], invalid password;", user)
		default:
			w.audit(t, "INFO", "qtp1286783232-31:https://"+store+":7071/service/admin/soap/ModifyAccountRequest",
				"name=admin@example.com;mid=13;ip=192.0.2.9;port=50022;ua=ZimbraWebClient - GC142 (Win);soapId="+w.hex(8)+";",
				"cmd=ModifyAccount; name=%s; zimbraPrefMailForwardingAddress=archive@example.net;", user)
		}
	})
}

func (w *world) audit(t time.Time, level, thread, context, format string, args ...any) {
	w.log4j("audit", Line{Time: t}, level, thread, context, "security", format, args...)
}

// webLogin is a login by the web client.
func (w *world) webLogin(t time.Time, user, ip string, ok bool) {
	thread, context := w.thread("AuthRequest"), w.soapContext(user, ip)
	w.httpRequest(t, 30*time.Millisecond, ip, "", "POST", "/service/soap/AuthRequest", map[bool]int{true: 200, false: 500}[ok])
	if ok {
		w.audit(t, "INFO", thread, context, "cmd=Auth; account=%s; protocol=soap;", user)
		return
	}
	w.audit(t, "WARN", thread, context, "cmd=Auth; account=%s; protocol=soap; error=authentication failed for [%[1]s], invalid password;", user)
}

func (w *world) imapContext(ip string) string {
	return fmt.Sprintf("ip=%s;oip=%s;via=%s(nginx/1.24.0);ua=Zimbra/%s;cid=%d;", proxyIP, ip, proxyIP, build, w.IntN(9999))
}

// imapLogin is a login by IMAP, at the mailstore and at the proxy.
func (w *world) imapLogin(t time.Time, user, ip string) {
	w.audit(t, "INFO", fmt.Sprintf("ImapSSLServer-%d", w.IntN(200)), w.imapContext(ip), "cmd=Auth; account=%s; protocol=imap;", user)
	w.nginx(t.Add(4*time.Millisecond), "info", "*%d client logged in, client: %s:%d, server: 0.0.0.0:993, login: \"%s\", upstream: %s:7993, [%s:40100-%s:993] <=> [%s:40200-%s:7993]",
		w.IntN(99999), ip, 1024+w.IntN(60000), user, storeIP, ip, proxyIP, proxyIP, storeIP)
}

func (w *world) imapFails(t time.Time, user, ip string) {
	w.audit(t, "WARN", fmt.Sprintf("ImapSSLServer-%d", w.IntN(200)), w.imapContext(ip),
		"cmd=Auth; account=%s; protocol=imap; error=authentication failed for [%[1]s], invalid password;", user)
	w.nginx(t.Add(4*time.Millisecond), "info", "*%d client login failed: \"LOGIN failed\" while in http auth state, client: %s:%d, server: 0.0.0.0:993, login: \"%s\"",
		w.IntN(99999), ip, 1024+w.IntN(60000), user)
}

// smtpFails is a wrong password at the submission port.
func (w *world) smtpFails(t time.Time, user, ip string) {
	const program = "postfix/submission/smtpd"
	pid := w.proc(program, t, t.Add(4*time.Second))
	w.mtaLine(t, program, pid, "connect from unknown[%s]", ip)
	w.smtpAuth(Line{Time: t.Add(300 * time.Millisecond)}, user, ip, false, "invalid password")
	w.mtaLine(t.Add(2*time.Second), program, pid, "warning: unknown[%s]: SASL LOGIN authentication failed: authentication failure, sasl_username=%s", ip, user)
	w.mtaLine(t.Add(2100*time.Millisecond), program, pid, "lost connection after AUTH from unknown[%s]", ip)
	w.mtaLine(t.Add(2101*time.Millisecond), program, pid, "disconnect from unknown[%s] ehlo=1 auth=0/1 commands=1/2", ip)
}

// syncWork is sync.log, of ActiveSync.
func (w *world) syncWork() {
	w.every(20*time.Second, func(t time.Time) {
		if w.storeIsDown(t) {
			return
		}
		user, cmd, ip := w.pick(users), w.pick([]string{"Ping", "Sync", "FolderSync", "Search"}), w.client()
		device := fmt.Sprintf("DEV%d", 400+mailboxID(user))
		path := fmt.Sprintf("/Microsoft-Server-ActiveSync?User=%s&DeviceId=%s&DeviceType=iPhone&Cmd=%s", user, device, cmd)
		w.log4j("sync", Line{Time: t}, "INFO", fmt.Sprintf("qtp1286783232-%d:https://%s:443%s", 20+w.IntN(99), store, path),
			fmt.Sprintf("name=%s;mid=%d;ip=%s;Cmd=%s;DeviceID=%s;Version=14.1;", user, mailboxID(user), ip, cmd, device), "sync", "%s completed", cmd)
		w.httpRequest(t, 40*time.Millisecond, ip, user, "POST", path, 200)
	})
}
