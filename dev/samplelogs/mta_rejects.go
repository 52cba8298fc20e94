package samplelogs

import (
	"fmt"
	"time"
)

// reject is what an unwelcome client hears; %[1]s is the client, %[2]s the
// recipient, %[3]s the sender.
type reject struct {
	code, reason string
	to           string
}

var rejections = []reject{
	{"550 5.1.1", "<%[2]s>: Recipient address rejected: example.com", "nobody%d@example.com"},
	{"554 5.7.1", "<%[2]s>: Relay access denied", "victim%d@elsewhere.example.net"},
	{"450 4.7.1", "<%[2]s>: Recipient address rejected: Greylisted", "info@example.com"},
	{"504 5.5.2", "<localhost>: Helo command rejected: need fully-qualified hostname", "sales@example.com"},
	{"450 4.7.25", "Client host rejected: cannot find your hostname, [%[1]s]", "sales@example.com"},
	{"550 5.7.23", "<%[2]s>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.open-spf.org/Why?s=mfrom;id=%[3]s;ip=%[1]s;r=example.com", "admin@example.com"},
}

// rejects are the clients that do not get as far as a mail.
func (w *world) rejects() {
	w.every(25*time.Second, func(t time.Time) {
		ip := fmt.Sprintf("198.51.100.%d", 30+w.IntN(60))
		if w.IntN(2) == 0 {
			w.blocklisted(t, ip)
		} else {
			w.rejected(t, ip, rejections[w.IntN(len(rejections))])
		}
	})
	w.every(3*time.Minute, func(t time.Time) { w.greylist(t) })
}

func (w *world) mtaLine(t time.Time, program string, pid int, format string, args ...any) {
	w.syslog("zimbra", mta, Line{Time: t}, program, pid, format, args...)
}

// blocklisted is a client that postscreen and dnsblog keep out.
func (w *world) blocklisted(t time.Time, ip string) {
	from := fmt.Sprintf("[%s]:%d", ip, 1024+w.IntN(60000))
	ms := func(n int) time.Time { return t.Add(time.Duration(n) * time.Millisecond) }
	const screen = "postfix/postscreen"
	pid := w.always(screen)
	w.mtaLine(t, screen, pid, "CONNECT from %s to [%s]:25", from, mtaIP)
	w.mtaLine(ms(40), "postfix/dnsblog", w.proc("postfix/dnsblog", t, ms(900)), "addr %s listed by domain dnsbl.example.net as 127.0.0.%d", ip, 2+w.IntN(9))
	if w.IntN(3) == 0 {
		w.mtaLine(ms(110), screen, pid, `PREGREET 14 after 0.11 from %s: EHLO ylmf-pc\r\n`, from)
	}
	w.mtaLine(ms(6010), screen, pid, "DNSBL rank 4 for %s", from)
	w.mtaLine(ms(6800), screen, pid, "NOQUEUE: reject: RCPT from %s: 550 5.7.1 Service unavailable; client [%s] blocked using dnsbl.example.net; from=<offer%d@bulk.example.net>, to=<%s>, proto=ESMTP, helo=<ylmf-pc>",
		from, ip, w.IntN(900), w.pick(users))
	w.mtaLine(ms(6990), screen, pid, "DISCONNECT %s", from)
}

// rejected is a client whose recipient smtpd does not take.
func (w *world) rejected(t time.Time, ip string, r reject) {
	const smtpd = "postfix/smtpd"
	pid := w.proc(smtpd, t, t.Add(3*time.Second))
	from, rcpt := fmt.Sprintf("offer%d@bulk.example.net", w.IntN(900)), r.to
	if r.to[0] == 'n' || r.to[0] == 'v' {
		rcpt = fmt.Sprintf(r.to, w.IntN(99))
	}
	w.mtaLine(t, smtpd, pid, "connect from unknown[%s]", ip)
	reason := fmt.Sprintf(r.reason+"%[4]s", ip, rcpt, from, "")
	w.mtaLine(t.Add(300*time.Millisecond), smtpd, pid, "NOQUEUE: reject: RCPT from unknown[%s]: %s %s; from=<%s> to=<%s> proto=ESMTP helo=<friendly.example.net>",
		ip, r.code, reason, from, rcpt)
	if w.IntN(3) == 0 {
		w.mtaLine(t.Add(800*time.Millisecond), smtpd, pid, "lost connection after RCPT from unknown[%s]", ip)
	}
	w.mtaLine(t.Add(820*time.Millisecond), smtpd, pid, "disconnect from unknown[%s] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4", ip)
}

// greylist is cbpolicyd's word by syslog.
func (w *world) greylist(t time.Time) {
	w.mtaLine(t, "cbpolicyd", w.always("cbpolicyd"), "module=Greylisting, action=defer, host=198.51.100.%d, helo=mail.first.example.net, from=hello@first.example.net, to=%s, reason=greylisted",
		30+w.IntN(60), w.pick(users))
}
