package transform

import "testing"

// TestOutcomes: what a line says of its end, and no more.
func TestOutcomes(t *testing.T) {
	f := func(path, line string, wants ...string) {
		t.Helper()
		list := faultEntries(t, path, "UTC", line, true)
		if len(list) != 1 {
			t.Fatalf("%d entries of %s", len(list), line)
		}
		list[0].hold(t, wants...)
	}
	mailbox := func(text string, wants ...string) {
		t.Helper()
		f(mailboxPath, "2026-10-26 18:00:50,123 INFO  [qtp1-2] [] "+text, wants...)
	}
	mailbox("SoapEngine - handler exception: no such account: a@example.com", "outcome=failure", "error=no such account: a@example.com")
	mailbox("SoapEngine - no valid authtoken present: cannot dispatch request", "outcome=failure")
	mailbox("SoapEngine - auth credentials have expired: handler exception", "outcome=failure")
	mailbox("SoapEngine - cannot dispatch request", "outcome=failure")
	mailbox("SoapEngine - dispatching is ready", "!outcome", "!error")
	mailbox("lmtp - rejecting address nobody@example.com: no account|mailbox", "outcome=rejected", "to=nobody@example.com")
	mailbox("lmtp - try again for address ann@example.com: account status maintenance", "outcome=deferred")
	mailbox("lmtp - rejecting message from=a@example.net,to=b@example.com: overquota", "outcome=rejected", "error=overquota")
	mailbox("lmtp - S: 550 5.1.1 No such user here (RCPT TO:<x@example.com>)", "outcome=rejected", "status=550")
	mailbox("lmtp - S: 452 4.2.2 Over quota", "outcome=deferred", "status=452")
	mailbox("filter - Refusing delivery of a message: go away", "outcome=rejected")

	audit := func(text string, wants ...string) {
		t.Helper()
		f("/opt/zimbra/log/audit.log", "2026-10-26 18:00:50,123 INFO  [qtp1-2] [] security - "+text, wants...)
	}
	audit("cmd=ChangePassword; account=a@example.com;", "outcome=success", "user=a@example.com")
	audit("cmd=SetPassword; name=a@example.com;", "outcome=admin_change")
	audit("cmd=ChangePrimaryEmail; name=a@example.com;", "outcome=admin_change")
	audit("cmd=AdminAuth; account=a@example.com;", "outcome=attempt")
	audit("cmd=Auth; account=a@example.com; protocol=soap; error=account lockout due to too many failed logins;", "outcome=lockout")
	audit("cmd=Auth; account=a@example.com; protocol=soap; error=authentication failed for [a@example.com], account lockout;", "outcome=failure")

	syslog := func(text string, wants ...string) {
		t.Helper()
		f(mailLog, "Oct 26 18:00:50 mx1 "+text, wants...)
	}
	syslog("slapd[9]: conn=1 op=1 RESULT tag=111 err=5 text=", "outcome=success", "status=5", "!error")
	syslog("slapd[9]: conn=1 op=1 RESULT tag=111 err=6 text=", "outcome=success", "status=6")
	syslog("slapd[9]: conn=1 op=1 SEARCH RESULT tag=101 err=10 nentries=0 text=", "!outcome", "status=10")
	syslog("slapd[9]: conn=1 op=0 RESULT tag=97 err=49 text=", "outcome=failure", "status=49")
	syslog("slapd[9]: conn=1 op=0 RESULT tag=97 err=14 text=", "!outcome")
	syslog("opendkim[9]: 5B1B2C3D4E9: can't determine message sender; accepting", "!outcome", "error~accepting")
	syslog("opendkim[9]: 5B1B2C3D4E9: key data is not secure", "!outcome")
	syslog("opendkim[9]: 5B1B2C3D4E9: can't parse From: header", "outcome=failure")
	syslog(`sogod[9]: 192.0.2.7 "GET /SOGo/x HTTP/1.1" 200 1234/0 0.012 - - 4K`, "outcome=success", "status=200")
	syslog(`sogod[9]: 192.0.2.7 "GET /SOGo/x HTTP/1.1" 304 0/0 0.012 - - 4K`, "outcome=success")
	syslog(`sogod[9]: 192.0.2.7 "GET /SOGo/x HTTP/1.1" 401 0/0 0.012 - - 4K`, "outcome=failure")
	syslog(`sogod[9]: 192.0.2.7 "GET /SOGo/x HTTP/1.1" 502 0/0 0.012 - - 4K`, "outcome=failure")
	syslog("postfix/smtp[9]: 4A1B2C3D4E5: to=<a@example.net>, relay=none, delay=900.1, delays=900/0/0.1/0, dsn=4.4.1, status=deferred (x)", "delay=900.1s", "outcome=deferred")
}
