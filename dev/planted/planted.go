// Package planted holds log lines with marked secrets and persons in them, for
// the tests that look whether one of them gets through.
package planted

import (
	"fmt"
	"strings"
)

// File is a log with planted lines.
type File struct {
	Path  string
	Lines []string
}

// Mark stands in the templates where a marker is put in.
const mark = "§"

// head is the beginning of a line of mailbox.log or audit.log.
func head(level, thread, context, logger string) string {
	return "2026-08-02 16:49:04,242 " + level + " [" + thread + "] [" + context + "] " + logger + " - "
}

var secretLines = []File{
	{"/opt/zimbra/log/audit.log", []string{
		head("INFO ", "qtp1-2:https://mail.example.com:7071/service/admin/soap/ModifyDomainRequest", "name=admin@example.com;ip=192.0.2.10;", "security") +
			"cmd=ModifyDomain; name=example.com; zimbraPreAuthKey=§; zimbraAuthLdapSearchBindPassword=a;; §,b c; description=first kept;",
		head("INFO ", "qtp1-3", "name=admin@example.com;", "security") + "cmd=CreateAccount; name=petrov@example.com; userPassword=§; displayName=Pjotr;",
		head("INFO ", "qtp1-3", "name=admin@example.com;", "security") + "cmd=ModifyConfig; zimbraAuthTokenKey=§; +zimbraLdapPassword=§; note=second kept;",
		head("INFO ", "qtp1-3", "name=admin@example.com;", "security") + "cmd=ModifyDomain; zimbraSSLPrivateKey=-----BEGIN RSA PRIVATE KEY-----",
		"MIIE§", "x§y", "-----END RSA PRIVATE KEY-----; tail=third kept;",
	}},
	{"/opt/zimbra/log/mailbox.log", []string{
		head("WARN ", "qtp1-4:https://mail.example.com/service/preauth?account=a@example.com&preauth=§&timestamp=1", "ip=192.0.2.10;", "SoapEngine") + "fourth kept",
		head("INFO ", "qtp1-5:https://mail.example.com/h/search;jsessionid=§", "authToken=§;ip=192.0.2.10;", "misc") + "fifth kept",
		head("WARN ", "qtp1-6:https://mail.example.com/service/soap/", "ip=192.0.2.10;", "soap") + `unable to parse request: <soap:Body><AuthRequest xmlns="urn:zimbraAccount"><account by="name">kept@example.com</account><password>`,
		"§", `</password><ns2:authToken xmlns="x">§</ns2:authToken><session id="§">§</session></AuthRequest></soap:Body> sixth kept`,
		head("WARN ", "qtp1-7", "", "soap") + `bad json {"Body":{"AuthRequest":{"account":"x","password":{"_content":"§"},"csrfToken":"§"}}} seventh kept`,
		head("DEBUG", "qtp1-8", "", "extensions") + `header Cookie: ZM_AUTH_TOKEN=§; ZM_TEST=true§; JSESSIONID=§`,
		head("TRACE", "ImapServer-1", "ip=192.0.2.10;", "imap") + `C: A001 LOGIN "kept@example.com" "§"`,
		head("TRACE", "Pop3Server-1", "ip=192.0.2.10;", "pop") + `C: PASS §`,
		head("DEBUG", "main", "", "ldap") + `connecting ldap://ldap.example.com bindpw=§ credentials=§ eighth kept`,
		head("WARN ", "main", "", "datasource") + "import failed", `Caused by: java.io.IOException: https://kept:§@pop.example.net/x?zauthtoken=§&y=ninth`,
	}},
	{"/var/log/zimbra.log", []string{
		`Aug  2 16:49:04 mail saslauthd[4711]: zmpost: url='https://mail.example.com:7073/service/admin/soap/?authtoken=§' returned buffer->data='<soap:Envelope><authToken>0_§</authToken><lifetime>1</lifetime></soap:Envelope>', hti->error=''`,
		`Aug  2 16:49:05 mail sudo: zimbra : TTY=pts/0 ; COMMAND=/opt/zimbra/bin/zmprov sp kept@example.com §`,
		`Aug  2 16:49:06 mail CRON[99]: (zimbra) CMD (/opt/zimbra/bin/zmlocalconfig -e ldap_root_password=§)`,
		`Aug  2 16:49:07 mail postfix/smtpd[77]: < client[192.0.2.1]: AUTH PLAIN AGtlcHQAcGFzcw§`,
		`Aug  2 16:49:08 mail CRON[98]: (root) CMD (/opt/zimbra/bin/mysql -u root -p§ -e 'show tenth')`,
	}},
	{"/opt/zimbra/log/nginx.access.log", []string{
		`198.51.100.20:51237 - - [02/Aug/2026:16:49:07 +0300]  "GET https://mail.example.com/home/~/?zauthtoken=§&fmt=ics HTTP/1.1" 200 100 "https://mail.example.com/?authtoken=§" "Mozilla/5.0 eleventh" "10.0.0.5:8443" "10.0.0.4:443"`,
	}},
	{"/opt/zimbra/log/access_log.2026_08_02", []string{
		`192.0.2.5 - - [02/Aug/2026:16:49:11 +0000] "GET /?loginOp=relogin&redirect=%3Fzauthtoken%3D§%26twelfth%3D1 HTTP/1.1" 302 0 "-" "Mozilla/5.0" 9`,
	}},
	{"/opt/zimbra/log/trace_log.2026_08_02", []string{
		`08:29:25.710:qtp1-222:https://mail.example.com/service/soap/AuthRequest?jsessionid=§ REQUEST 192.0.2.5 POST ZM_AUTH_TOKEN=§; a=§; Mozilla/5.0 (X11)`,
	}},
	{"/opt/zimbra/log/zmsetup.20260802.log", []string{"Sun Aug  2 16:49:09 2026 LDAPADMINPASS=§", "Sun Aug  2 16:49:10 2026 LDAPPORT=389"}},
	{"/var/log/containers/planr-main-1.log", []string{
		`{"time":1785678544000,"client_ip":"192.0.2.1","command_name":"auth.login","trace_id":"7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968","user_login":"kept","password":"§\"§","body":"{\"refresh_token\":\"§\",\"kept\":1}"}`,
		`{"time":"2026-08-02T16:49:04Z","level":"info","msg":"dsn amqp://planr:§@rabbit:5672/ thirteenth","headers":{"Authorization":"Bearer §","Cookie":"§","Accept":"*/*"}}`,
		`{"time":"2026-08-02T16:49:05Z","level":"warn","message":"call /x?a\u003d1\u0026zauthtoken\u003d§ failed","html":"\u003cpassword\u003e§\u003c/password\u003e"}`,
		`2026-08-02T16:49:06Z INFO connecting redis://:§@cache:6379/0 as fourteenth`,
		`2026-08-02T16:49:07Z INFO authenticated with eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI§.c2ln§ fifteenth`,
	}},
}

// Secrets returns logs in which every secret is a marker of its own, the
// markers, and words that have to get through.
func Secrets() (files []File, markers, kept []string) {
	for _, f := range secretLines {
		out := File{Path: f.Path}
		for _, line := range f.Lines {
			for strings.Contains(line, mark) {
				m := fmt.Sprintf("mk%02dSeCr3t7", len(markers))
				markers = append(markers, m)
				line = strings.Replace(line, mark, m, 1)
			}
			out.Lines = append(out.Lines, line)
		}
		files = append(files, out)
	}
	kept = strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth kept@example.com LDAPPORT=389 by=\"name\" description=")
	return files, markers, kept
}

// Persons returns logs in which the persons of names appear, also as
// addresses, and texts that have to get through.
func Persons() (files []File, names, kept []string) {
	files = []File{
		{"/opt/zimbra/log/mailbox.log", []string{
			head("INFO ", "qtp1-1:https://mail.example.com/service/soap/SendMsgRequest", "name=ivanov@example.com;aname=sidorova@example.com;mid=3;ip=192.0.2.10;", "mailop") + "Adding Message: id=3, Message-ID=<1.2.JavaMail.zimbra@example.com>, folderName=Inbox.",
			head("INFO ", "LmtpServer-1", "ip=192.0.2.10;", "lmtp") + "Delivering message: size=12 bytes, nrcpts=1, sender=kuznetsova@example.org, msgid=<abc.def@mx.example.net>",
			head("WARN ", "qtp1-2", "name=ivanov@example.com;", "account") + "cannot load", "com.zimbra.cs.account.AccountServiceException: no such account: ivanov@example.com", "Code:account.NO_SUCH_ACCOUNT Arg:(name, STR, \"ivanov\")",
		}},
		{"/opt/zimbra/log/audit.log", []string{
			head("WARN ", "qtp1-3", "ip=192.0.2.10;", "security") + "cmd=Auth; account=ivanov; protocol=soap; error=authentication failed for [ivanov], invalid password;",
			head("INFO ", "qtp1-3", "name=sidorova@example.com;", "security") + "cmd=ModifyAccount; name=Ivanov@Example.COM; displayName=Ivanov Ivan Ivanovich;",
		}},
		{"/var/log/zimbra.log", []string{
			`Aug  2 16:49:04 mail postfix/smtps/smtpd[77]: 4Zk0hT1Wx2z9: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=ivanov`,
			`Aug  2 16:49:04 mail postfix/cleanup[78]: 4Zk0hT1Wx2z9: message-id=<abc.def@mx.example.net>`,
			`Aug  2 16:49:04 mail postfix/qmgr[79]: 4Zk0hT1Wx2z9: from=<Ivanov@Example.COM>, size=1, nrcpt=1 (queue active)`,
			`Aug  2 16:49:05 mail postfix/smtp[80]: 4Zk0hT1Wx2z9: to=<kuznetsova@example.org>, orig_to=<kuznetsova>, relay=127.0.0.1[127.0.0.1]:10026, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok <kuznetsova@example.org>)`,
			`Aug  2 16:49:05 mail postfix/qmgr[79]: 4Zk0hT1Wx2zA: from=<bounces+kuznetsova=example.org@lists.example.net>, size=1, nrcpt=1 (queue active)`,
			`Aug  2 16:49:06 mail amavis[81]: (00081-01) Passed CLEAN {RelayedOutbound}, [192.0.2.1]:55 [192.0.2.1] <ivanov@example.com> -> <kuznetsova@example.org>, Queue-ID: 4Zk0hT1Wx2z9, Message-ID: <abc.def@mx.example.net>, mail_id: abcDEF, Hits: -1, size: 1, queued_as: 4Zk0hT2, 100 ms`,
			`Aug  2 16:49:07 mail saslauthd[82]: auth_zimbra: ivanov auth failed: authentication failed for [ivanov]`,
			`Aug  2 16:49:08 mail slapd[83]: conn=1 op=1 BIND dn="uid=ivanov,ou=people,dc=example,dc=com" method=128`,
			`Aug  2 16:49:09 mail postfix/smtp[80]: 4Zk0hT1Wx2zB: to=<postmaster@example.com>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (x)`,
		}},
		{"/opt/zimbra/log/nginx.access.log", []string{
			`198.51.100.20:51237 - ivanov@example.com [02/Aug/2026:16:49:07 +0300]  "PROPFIND https://mail.example.com/dav/ivanov%40example.com/Calendar HTTP/1.1" 207 100 "-" "Thunderbird" "10.0.0.5:8443" "10.0.0.4:443"`,
		}},
		{"/var/log/containers/planr-main-1.log", []string{
			`{"time":1785678544000,"client_ip":"192.0.2.1","command_name":"report.build","trace_id":"7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968","user_login":"ivanov","full_name":"Ivanov Ivan Ivanovich","text":"for ivanov\u0040example.com"}`,
			`2026-08-02 16:49:04.000 OperationName:CreateDashboard with AccessType:Create on ObjectType: Dashboard completed by User:ivanov with OperationStatus:Success`,
		}},
	}
	return files, []string{"ivanov", "sidorova", "kuznetsova"},
		[]string{"abc.def@mx.example.net", "1.2.JavaMail.zimbra@example.com", "postmaster@example.com", "OperationName:CreateDashboard", "example.org", "status=sent"}
}
