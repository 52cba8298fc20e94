package samplelogs

import (
	"fmt"
	"time"
)

// mtaServices are the lines of the daemons around the mail.
func (w *world) mtaServices() {
	w.steady(2*time.Minute, func(t time.Time) {
		pid := w.always("zmconfigd")
		w.mtaLine(t, "zmconfigd", pid, "Fetching All configs")
		w.mtaLine(t.Add(900*time.Millisecond), "zmconfigd", pid, "All configs fetched in 0.%02d seconds", 10+w.IntN(80))
		w.mtaLine(t.Add(1200*time.Millisecond), "zmconfigd", pid, "Watchdog: service antivirus status is OK.")
		w.mtaLine(t.Add(1210*time.Millisecond), "zmconfigd", pid, "All rewrite threads completed in 0.00 sec")
	})
	w.steady(10*time.Minute, w.anvil)
	w.every(40*time.Second, w.directory)
}

func (w *world) anvil(t time.Time) {
	pid := w.proc("postfix/anvil", t, t.Add(time.Second))
	ago := t.Add(-200 * time.Second).In(w.Location).Format(time.Stamp)
	w.mtaLine(t, "postfix/anvil", pid, "statistics: max connection rate %d/60s for (smtpd:198.51.100.%d) at %s", 2+w.IntN(9), 30+w.IntN(60), ago)
	w.mtaLine(t, "postfix/anvil", pid, "statistics: max connection count %d for (smtpd:198.51.100.%d) at %s", 1+w.IntN(3), 30+w.IntN(60), ago)
	w.mtaLine(t, "postfix/anvil", pid, "statistics: max cache size %d at %s", 3+w.IntN(9), ago)
}

// directory is a search in LDAP, as slapd logs it with the level "stats".
func (w *world) directory(t time.Time) {
	pid, conn := w.always("slapd"), 1000+w.IntN(800)
	for i, s := range []string{
		fmt.Sprintf("fd=%d ACCEPT from IP=%s:%d (IP=0.0.0.0:389)", 12+w.IntN(40), storeIP, 1024+w.IntN(60000)),
		`op=0 BIND dn="uid=zmpostfix,cn=appaccts,cn=zimbra" method=128`,
		`op=0 RESULT tag=97 err=0 qtime=0.000011 etime=0.000184 text=`,
		fmt.Sprintf(`op=1 SRCH base="ou=people,dc=example,dc=com" scope=2 deref=0 filter="(&(objectClass=zimbraAccount)(mail=%s))"`, w.pick(users)),
		`op=1 SEARCH RESULT tag=101 err=0 qtime=0.000015 etime=0.000188 nentries=1 text=`,
		`op=2 UNBIND`,
	} {
		w.mtaLine(t.Add(time.Duration(i)*time.Millisecond), "slapd", pid, "conn=%d %s", conn, s)
	}
}

// password is a check of a password for SMTP AUTH: saslauthd asks the
// mailstore, which writes it to audit.log.
func (h *hop) password(user, ip string, ok bool) {
	h.smtpAuth(Line{Time: h.t, Mail: h.m.id}, user, ip, ok, "invalid password")
	h.pass(30, 90)
}

func (w *world) smtpAuth(l Line, user, ip string, ok bool, reason string) {
	pid := w.proc("saslauthd", l.Time, l.Time.Add(2*time.Second))
	context := fmt.Sprintf("ip=%s;port=%d;oip=%s;oport=%d;oproto=smtp;soapId=%s;", mtaIP, 1024+w.IntN(60000), ip, 1024+w.IntN(60000), w.hex(8))
	thread := fmt.Sprintf("qtp1286783232-%d:https://%s:7073/service/admin/soap/", 20+w.IntN(180), store)
	a := l
	a.Time = l.Time.Add(20 * time.Millisecond)
	if ok {
		w.log4j("audit", a, "INFO", thread, context, "security", "cmd=Auth; account=%s; protocol=soap;", user)
		l.Time = l.Time.Add(30 * time.Millisecond)
		w.syslog("zimbra", mta, l, "saslauthd", pid, "auth_zimbra: %s auth OK", user)
		return
	}
	w.log4j("audit", a, "WARN", thread, context, "security", "cmd=Auth; account=%s; protocol=soap; error=authentication failed for [%[1]s], %s;", user, reason)
	l.Time = l.Time.Add(30 * time.Millisecond)
	w.syslog("zimbra", mta, l, "saslauthd", pid, "auth_zimbra: %s auth failed: authentication failed for [%[1]s]", user)
}

// Clamd.

func (w *world) clamdPID() int { return w.always("clamd") }

func (w *world) clamLine(log string, t time.Time, format string, args ...any) {
	w.put(log, Line{Time: t, Text: t.In(w.Location).Format(time.ANSIC) + " -> " + fmt.Sprintf(format, args...)})
}

// clamav checks itself each ten minutes and looks for new signatures each two
// hours.
func (w *world) clamav() {
	w.steady(10*time.Minute, func(t time.Time) {
		w.clamLine("clamd", t, "SelfCheck: Database status OK.")
		w.mtaLine(t, "clamd", w.clamdPID(), "SelfCheck: Database status OK.")
	})
	w.steady(2*time.Hour, func(t time.Time) {
		w.clamLine("freshclam", t, "ClamAV update process started at %s", t.In(w.Location).Format(time.ANSIC))
		t = t.Add(2 * time.Second)
		w.clamLine("freshclam", t, "daily.cld updated (version: 27801, sigs: 2076513, f-level: 90, builder: svc.clamav-publisher)")
		w.clamLine("freshclam", t, "main.cvd database is up-to-date (version: 62, sigs: 6647427, f-level: 90, builder: sigmgr)")
		w.clamLine("freshclam", t.Add(time.Second), "Clamd successfully notified about the update.")
	})
}
