package transform

import "testing"

// TestFaultsLog4j: what mailboxd's loggers say besides logins and deliveries.
func TestFaultsLog4j(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		checkLines(t, mailboxPath, "UTC", "2026-10-26 18:00:50,242 "+body, want+", time=18:00:50.242")
	}
	// The milter: the client is the one of the SMTP session.
	f("INFO  [MilterServer-1] [cid=3;] milter - Connection Info {HOSTNAME=h.example.net, ADDRESS=2001:db8::7, PORT=40122, PROTOFAMILY=6}", "client_ip=2001:db8::7, port=40122, client_host=h.example.net, connection_id=3, protocol=milter, !action")
	f("INFO  [MilterServer-1] [ip=192.0.2.1;cid=3;] milter - Connection Info {HOSTNAME=[192.0.2.7], ADDRESS=192.0.2.7, PORT=4, PROTOFAMILY=4}", "client_ip=192.0.2.7, ip=192.0.2.1, port=4, !client_host")
	f("INFO  [MilterServer-1] [ip=192.0.2.1;] milter - Connection Info {HOSTNAME=x, PROTOFAMILY=U}", "client_ip=192.0.2.1, !client_host")
	f("DEBUG [MilterServer-1] [cid=3;] milter - Sender is not allowed to email this distribution list: all@example.com", "action=reject, outcome=rejected, to=all@example.com, error=Sender is not allowed to email this distribution list: all@example.com")
	f("DEBUG [MilterServer-1] [cid=3;] milter - rcpt all@example.com is a list but not a group?", "!action, !outcome")
	f("INFO  [MilterServer-1] [cid=3;] milter - Connection opened", "action=connect, !outcome")
	// LMTP's answers: to whom, which code, and why without the code.
	f("INFO  [LmtpServer-1] [ip=192.0.2.1;] lmtp - S: 550 5.1.1 No such user here (RCPT TO:<x@example.com>)", "action=deliver, outcome=rejected, status=550, dsn=5.1.1, to=x@example.com, error=No such user here")
	f("INFO  [LmtpServer-1] [ip=192.0.2.1;] lmtp - S: 452 4.2.2 Over quota (DATA)", "action=deliver, outcome=deferred, status=452, dsn=4.2.2, error=Over quota, !to")
	f("INFO  [LmtpServer-1] [ip=192.0.2.1;] lmtp - S: 500 Unknown command (FOO)", "outcome=rejected, status=500, error=Unknown command, !action, !dsn")
	f("INFO  [LmtpServer-1] [ip=192.0.2.1;] lmtp - S: 500 Unknown (x) y (FOO (bar))", "error=Unknown (x) y")
	f("INFO  [LmtpServer-1] [ip=192.0.2.1;] lmtp - S: 500 Unknown command (FOO) x", "error=Unknown command (FOO) x")
	f("INFO  [LmtpServer-1] [ip=192.0.2.1;] lmtp - S: 500 5.1 1.2.3.4 x", "outcome=rejected, error=5.1 1.2.3.4 x, !dsn")
	f("INFO  [LmtpServer-1] [] filter - Discarding existing message with id 54479.", "action=discard, item_id=54479, !message_id")
	// Warnings that say what was not done; a trace says it better.
	f("WARN  [main] [] dbconn - Could not establish a connection to the database.  Retrying in 5 seconds.", "action=connect, outcome=failure, error=Could not establish a connection to the database.  Retrying in 5 seconds.")
	f("WARN  [main] [] activity - Update event failed while updating event table", "error=Update event failed while updating event table, level=warn")
	f("WARN  [main] [] store - cannot close\njava.io.IOException: disk full", "error=disk full, exception=java.io.IOException")
	f("WARN  [ImapServer-1] [] imap - IdleTimeout", "!error")
	f("INFO  [main] [] misc - could not matter less", "!error")
	f("INFO  [qtp1-2] [] soap - C: (ParseError:SAX parse error: premature end)\n<x", "outcome=failure, error=SAX parse error: premature end")
	// A login may fail at its second factor, or at the right to administer.
	const auth = "[qtp1-2:https://h:7071/service/admin/soap/AuthRequest] [oip=203.0.113.9;] SoapEngine - "
	f("WARN  "+auth+"handler exception\ncom.zimbra.cs.account.AccountServiceException: two-factor authentication failed\nCode:account.TWO_FACTOR_AUTH_FAILED", "action=Auth, outcome=failure, client_ip=203.0.113.9, error=two-factor authentication failed, code=account.TWO_FACTOR_AUTH_FAILED")
	f("WARN  "+auth+"handler exception\ncom.zimbra.common.service.ServiceException: permission denied: not an admin account\nCode:service.PERM_DENIED", "action=Auth, outcome=failure, error=permission denied: not an admin account")
	f("WARN  "+auth+"handler exception\ncom.zimbra.common.service.ServiceException: system failure: x\nCode:service.FAILURE", "action=AuthRequest, outcome=failure")
	f("INFO  "+auth+"handler exception: must change password", "action=Auth, outcome=failure, error=must change password")
	f("INFO  [qtp1-2] [ip=192.0.2.1;] misc - Access from IP 203.0.113.9 suspended, for repeated failed login.", "action=throttle, outcome=rejected, client_ip=203.0.113.9, ip=192.0.2.1, level=warn")
	f("INFO  [qtp1-2] [] misc - Access to IP 2001:db8::7suspended, for repeated failed login.", "action=throttle, outcome=rejected, client_ip=2001:db8::7")
	f("INFO  [qtp1-2] [] misc - Access from IP 203.0.113.9 granted", "!action, !client_ip")
	// audit.log: texts that are no pairs.
	f("INFO  [main] [] security - Successful login request for ann@example.com", "action=Auth, outcome=success, user=ann@example.com")
	f("INFO  [main] [name=ben@example.com;] security - Successful login request", "action=Auth, outcome=success, user=ben@example.com")
	f("WARN  [main] [] security - GetDomainCert failed\njava.security.KeyStoreException: Uninitialized keystore\n\tat a.b.C.d(C.java:1)", "error=Uninitialized keystore, exception=java.security.KeyStoreException")
	f("WARN  [main] [] security - GetDomainCert failed\nof two lines", "error=GetDomainCert failed")
	// A gateway on the same host has no address: the device's is the client's.
	f("INFO  [qtp1-2] [name=a@example.com;ua=iPhone/1 devip=203.0.113.9 ZPZB/74;] security - cmd=Auth; account=a@example.com; protocol=zsync;", "client_ip=203.0.113.9, user=a@example.com, protocol=zsync")
	f("INFO  [qtp1-2] [name=a@example.com;devip=203.0.113.9;] sync - x", "client_ip=203.0.113.9, devip=203.0.113.9")
	f("INFO  [qtp1-2] [name=a@example.com;oip=198.51.100.4;devip=203.0.113.9;ua=x devip=203.0.113.8 ZPZB/74;] sync - x", "client_ip=198.51.100.4")
	f("INFO  [qtp1-2] [ua=x devip=203.0.113.8 other/74;] sync - x", "!client_ip")
}

// TestFaultsThrottle: Zimbra's throttle module in nginx, and TLS.
func TestFaultsThrottle(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		checkLines(t, "/opt/zimbra/log/nginx.log", "UTC", "2026/10/26 18:00:50 "+body, want+", time=18:00:50")
	}
	f("[notice] 4#0: *8 ip throttle:[2001:db8::7] deny [count:101, limit:100], client: 2001:db8::7, server: 0.0.0.0:993", "action=throttle, outcome=rejected, client_ip=2001:db8::7, count=101, protocol=imap, level=warn")
	f("[info] 4#0: *8 ip throttle:[192.0.2.7] allow [count:3, limit:inf], client: 192.0.2.7:55, server: 0.0.0.0:995", "action=throttle, outcome=passed, client_ip=192.0.2.7, port=55, count=3, protocol=pop3, level=info")
	f("[info] 4#0: check ip throttle:[pop3, 192.0.2.7]", "action=throttle, !outcome, client_ip=192.0.2.7, protocol=pop3")
	f("[info] 4#0: check ip throttle:[192.0.2.7]", "client_ip=192.0.2.7, !outcome, !user")
	f("[info] 4#0: ip throttle:192.0.2.7 counter created and access allowed", "client_ip=192.0.2.7, outcome=passed")
	f("[notice] 4#0: user throttle:anna@example.com deny [count:101,limit:100]", "action=throttle, outcome=rejected, user=anna@example.com, count=101, level=warn")
	f("[info] 4#0: user throttle:a deny [count:9,limit:1] allow [count:1,limit:100]", "outcome=passed, user=a deny [count:9,limit:1], count=1")
	f("[info] 4#0: check user throttle:anna@example.com, check only", "action=throttle, user=anna@example.com, !outcome")
	f("[info] 4#0: user throttle: no alias for user:anna", "user=anna, !outcome")
	f("[error] 4#0: throttle deny since the user name x y is invalid", "outcome=rejected, user=x y, error=throttle deny since the user name x y is invalid")
	f("[error] 4#0: allowing ip 192.0.2.7 login because of internal errorin ip throttle control (generate key for incr)", "outcome=passed, client_ip=192.0.2.7, level=error")
	f("[info] 4#0: counter for 192.0.2.7 not found, create ip throttle counter", "client_ip=192.0.2.7, !outcome")
	f("[error] 4#0: *8 upstream timed out (110: Connection timed out) while connecting to upstream, client: 192.0.2.7:55, server: 0.0.0.0:993, login: \"anna@example.com\", upstream: 192.0.2.9:7993", "protocol=imap, user=anna@example.com, client_ip=192.0.2.7, !action")
	f("[info] 4#0: counter for nothing", "!action, !component")
	f("[crit] 9#0: *3 SSL_do_handshake() failed (SSL: error:0A00006C) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443", "action=tls, outcome=failure, client_ip=203.0.113.9, error=SSL_do_handshake() failed (SSL: error:0A00006C) while SSL handshaking")
	f("[info] 9#0: *3 peer closed connection in SSL handshake while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443", "action=tls, outcome=failure, level=info")
}

// TestFaultsAround: Z-Push, Jetty's files, the installer and zimbramon.
func TestFaultsAround(t *testing.T) {
	f := func(path, line, want string) {
		t.Helper()
		checkLines(t, path, "UTC", line, want)
	}
	const zpush = "/var/log/z-push/z-push.log"
	f(zpush, "26/10/2026 18:00:50 [ 1234] [ INFO] [anna] Version='2.6.4' method='POST' from='2001:db8::7' cmd='Ping' getUser='anna@example.com' devId='APPL1' devType='iPhone'", "action=Ping, method=POST, client_ip=2001:db8::7, user=anna, device_id=APPL1, protocol=activesync, !outcome")
	f(zpush, "26/10/2026 18:00:50 [ 1234] [ INFO] Version='2.6.4' method='OPTIONS' from='192.0.2.7' cmd='' getUser='unknown' devId='' devType=''", "action=OPTIONS, client_ip=192.0.2.7, !device_id")
	f(zpush, "26/10/2026 18:00:50 [ 1234] [ WARN] [anna] IP: 192.0.2.7 failed to authenticate user 'o'neil'", "action=Auth, outcome=failure, client_ip=192.0.2.7, user=o'neil, error=failed to authenticate")
	f(zpush, "26/10/2026 18:00:50 [ 1234] [FATAL] Exception: (AuthenticationRequiredException) - Access denied. Username or password incorrect", "action=Auth, outcome=failure, error=Access denied. Username or password incorrect")
	f(zpush, "26/10/2026 18:00:50 [ 1234] [FATAL] Exception: (AuthenticationRequiredException) - Access denied. Please send authorisation information", "action=Auth, !outcome")
	const trace = "/opt/zimbra/log/trace_log.2026_10_26"
	f(trace, "18:00:50.704:qtp1-2 OPENED HttpConnection@7{l=/192.0.2.13:8443,r=/192.0.2.14:40032,OPEN}", "action=connect, client_ip=192.0.2.14, port=40032")
	f(trace, "18:00:50.704:qtp1-2 CLOSED HttpConnection@7{l=/192.0.2.13:8443,r=/192.0.2.14:40032,CLOSED}", "action=disconnect, client_ip=192.0.2.14")
	f(trace, "18:00:50.704:qtp1-2:https://h/x RESPONSE 500/java.io.IOException: Broken pipe null", "status=500, error=Broken pipe, exception=java.io.IOException, outcome=failure")
	f(trace, "18:00:50.704:qtp1-2:https://h/x RESPONSE 500/java.lang.IllegalStateException text/html; charset=utf-8", "status=500, error=java.lang.IllegalStateException, exception=java.lang.IllegalStateException")
	f(trace, "18:00:50.704:qtp1-2:https://h/x RESPONSE 200 text/xml;charset=utf-8", "status=200, outcome=success, !error")
	f(trace, "18:00:50.704:qtp1-2:https://h/x RESPONSE 404 null", "status=404, outcome=failure, !error")
	const out = "/opt/zimbra/log/zmmailboxd.out"
	f(out, "2026-10-26 18:00:50.942:INFO:oejs.DoSFilter:qtp1-1:: Ignoring malformed remote address 198.51.100.2, 192.0.2.1", "client_ip=198.51.100.2, component=oejs.DoSFilter")
	f(out, "log4j:ERROR Could not read configuration file [x].", "level=error, error=Could not read configuration file [x]., component=log4j")
	f(out, "log4j:WARN No appenders could be found for logger (x).", "level=warn, !error, component=log4j")
	const setup = "/opt/zimbra/log/zmsetup.log"
	f(setup, "Mon Oct 26 18:00:50 2026 ERROR: LDAP: no such object", "level=error, error=LDAP: no such object, time=18:00:50")
	f(setup, "Mon Oct 26 18:00:50 2026 Starting servers...failed.", "level=error, error=Starting servers...failed.")
	f("/var/log/zimbra-stats.log", "Oct 26 18:00:50 mx1 zimbramon[29055]: 29055:err: cannot reach the logger host", "level=error, error=cannot reach the logger host, host=mx1")
	const slow = "# Time: 261026 18:00:50\n# User@Host: zimbra[zimbra] @ localhost [127.0.0.1]  Id:     9\n# Query_time: 2.5  Lock_time: 0.0  Rows_sent: 0  Rows_examined: 3\n"
	f("/opt/zextras/log/myslow.log", slow+"/* mysql-connector-java-5 */ select 1;", "action=SELECT, outcome=slow, duration_ms=2500, time=18:00:50, service_name=carbonio-mysql, log=myslow")
	f("/opt/zimbra/log/myslow.log", slow+"# administrator command: Quit;", "action=QUIT, outcome=slow, service_name=zimbra-mysql")
	f("/var/log/mysql/mysql-slow.log", slow+"/* a comment", "!action, service_name=mysql")
}
