package transform

import "testing"

// TestFaultsSystem: what the programs of a mail host's system say of those who
// come in, of commands, and of what failed.
func TestFaultsSystem(t *testing.T) {
	f := func(tag, message, want string) {
		t.Helper()
		for _, header := range [...]string{"Oct 26 18:00:50 mx1 ", "<86>2026-10-26T18:00:50+00:00 mx1 "} {
			checkLines(t, "/var/log/syslog", "UTC", header+tag+": "+message, want+", time=18:00:50, host=mx1, log=syslog, line="+header+tag+": "+message)
		}
	}
	// sshd: peers that never come to a login.
	f("sshd[5]", "Received disconnect from 192.0.2.7: 11: Bye Bye [preauth]", "action=disconnect, client_ip=192.0.2.7, protocol=ssh, !outcome")
	f("sshd[5]", "Unable to negotiate with 2001:db8::7 port 44: no matching host key type found. [preauth]", "action=connect, outcome=failure, client_ip=2001:db8::7, port=44, level=info")
	f("sshd[5]", "Bad protocol version identification 'x' from 192.0.2.9' from 192.0.2.7 port 44", "action=connect, outcome=rejected, client_ip=192.0.2.7, port=44")
	f("sshd[5]", "banner exchange: Connection from 192.0.2.7 port 44: invalid format", "action=connect, outcome=rejected, client_ip=192.0.2.7, port=44")
	f("sshd-session[5]", "Timeout before authentication for connection from 192.0.2.7 to 192.0.2.1 [pid = 5]", "action=disconnect, outcome=failure, client_ip=192.0.2.7")
	f("sshd[5]", "fatal: Timeout before authentication for 192.0.2.7 port 44", "action=disconnect, client_ip=192.0.2.7, level=fatal")
	f("sshd[5]", "drop connection #10 from [2001:db8::7]:44 on [2001:db8::1]:22 past MaxStartups", "action=connect, outcome=rejected, client_ip=2001:db8::7, port=44")
	f("sshd[5]", "reverse mapping checking getaddrinfo for h.example.net [192.0.2.7] failed - POSSIBLE BREAK-IN ATTEMPT!", "action=resolve, client_ip=192.0.2.7, client_host=h.example.net, !outcome")
	f("sshd[5]", "Did not receive identification string from 192.0.2.7", "action=disconnect, client_ip=192.0.2.7, !outcome")
	f("sshd[5]", "Unable to negotiate with nobody", "!client_ip")
	f("sshd[5]", "refused connect from h.example.net (192.0.2.7)", "action=connect, outcome=rejected, client_ip=192.0.2.7, client_host=h.example.net")
	f("sshd[5]", "refused connect from _x=_@::ffff:192.0.2.7 (::ffff:192.0.2.7)", "client_ip=192.0.2.7, !client_host")
	f("sshd[5]", "Magic value check failed (7) on obfuscated handshake from 192.0.2.7 port 44", "outcome=rejected, client_ip=192.0.2.7, port=44")
	f("sshd[5]", "Connection closed by 192.0.2.7 [preauth]", "action=disconnect, client_ip=192.0.2.7, !outcome")
	f("sshd[5]", "Disconnecting: Too many authentication failures [preauth]", "action=Auth, outcome=failure, error=Disconnecting: Too many authentication failures, !user, !client_host")
	f("sshd[5]", "error: PAM: authentication error for anna from 192.0.2.7 via 192.0.2.1", "action=Auth, outcome=failure, user=anna, client_ip=192.0.2.7")
	// What a client sent does not stand for where it came from.
	f("sshd[5]", "Failed password for anna from 192.0.2.7 port 44 ssh1: ruser b from 198.51.100.9", "user=anna, client_ip=192.0.2.7, port=44")
	f("sshd[5]", "Failed password for invalid user a from 198.51.100.9 port 1 ssh1: ruser b from 192.0.2.7 port 44 ssh2", "user=a from 198.51.100.9 port 1 ssh1: ruser b, client_ip=192.0.2.7, port=44")
	const pam = "pam_unix(auth): authentication failure; logname= uid=0 euid=0 tty=x "
	f("daemon[5]", pam+"ruser=anna rhost=198.51.100.9 rhost=192.0.2.7", "user=anna rhost=198.51.100.9, client_ip=192.0.2.7")
	f("daemon[5]", pam+"ruser= rhost=192.0.2.7  user=anna rhost=198.51.100.9", "user=anna rhost=198.51.100.9, client_ip=192.0.2.7")
	f("daemon[5]", "pam_krb5(auth): authentication failure; logname=anna uid=0 rhost=192.0.2.7", "client_ip=192.0.2.7, !user, outcome=failure")
	f("vsftpd", "pam_unix: authentication failure; logname= uid=0 euid=0 tty=ftp ruser=anna rhost=h.example.net", "user=anna, client_host=h.example.net, outcome=failure")
	f("proftpd", "(pam_unix) authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=192.0.2.7  user=anna", "user=anna, client_ip=192.0.2.7, outcome=failure, !auth_user")
	f("su", "pam_unix(su:auth): authentication failure; logname=anna uid=1000 euid=0 tty=pts/0 ruser=anna rhost=  user=root", "user=root, auth_user=anna, !client_host")
	checkLines(t, "/var/log/syslog", "UTC", "Oct 26 18:00:50 mx1 fail2ban-server[5]: fail2ban.actions        [5]: NOTICE  [zimbra] Ban 192.0.2.7", "action=ban, client_ip=192.0.2.7, component=fail2ban.actions, service_name=fail2ban")
	mysql := func(tag, message, want string) {
		checkLines(t, "/var/log/syslog", "UTC", "Oct 26 18:00:50 mx1 "+tag+": "+message, want+", time=18:00:50, host=mx1, log=mysql_error, service_name=mysql")
	}
	mysql("mysqld[5]", "261026 18:00:51 [Warning] Access denied for user 'anna'@'192.0.2.7' (using password: YES)", "action=Auth, outcome=failure, user=anna, client_ip=192.0.2.7")
	mysql("mariadbd[5]", "2026-10-26 18:00:51 8756 [Warning] Access denied for user 'anna'@'192.0.2.7' (using password: YES)", "outcome=failure, connection_id=8756")
	f("httpd/backend1[5]", "[authz_core:error] [pid 5] [client 192.0.2.7:58585] AH01630: client denied by server configuration: /srv/x", "outcome=rejected, client_ip=192.0.2.7, component=authz_core")
	// su and PAM.
	checkLines(t, "/var/log/syslog", "UTC", "Oct 26 18:00:50 mx1 sudo: pam_tally2(sudo:auth): user anna (4001) tally 6, deny 5", "action=Auth, outcome=failure, user=anna, level=warn")
	f("sshd[5]", "pam_faillock(sshd:auth): Consecutive login failures for user anna account temporarily locked", "action=Auth, outcome=lockout, user=anna, protocol=ssh")
	f("su[5]", "- /dev/pts/0 anna:root", "action=Auth, outcome=failure, user=root, auth_user=anna, level=warn")
	f("su[5]", "+ /dev/pts/0 anna:zimbra", "action=Auth, outcome=success, user=zimbra, auth_user=anna")
	f("su[5]", "- something else: x", "!action, !user")
	f("su[5]", "pam_unix(su:session): session opened for user root(uid=0) by anna(uid=1000)", "action=session_open, user=root, auth_user=anna, !outcome")
	f("CRON[5]", "pam_unix(cron:session): session opened for user zimbra(uid=999) by (uid=0)", "action=session_open, user=zimbra, !auth_user")
	// cron.
	f("CROND[5]", "(zimbra) CMDEND (/opt/zimbra/libexec/zmqueuelog)", "action=cron, user=zimbra, service_name=CROND, !outcome")
	f("cron[5]", "(CRON) error (grandchild #123 failed with exit status 1)", "action=cron, outcome=failure, level=warn, !user")
	f("cron[5]", "(*system*zimbra) WRONG FILE OWNER (/etc/cron.d/zimbra)", "action=cron, outcome=failure, !user")
	f("CRON[5]", "(zimbra) MAIL (mailed 62 bytes of output but got status 0x004b from MTA)", "action=cron_mail, outcome=failure, user=zimbra")
	f("crontab[5]", "(root) REPLACE (zimbra)", "action=crontab_change, user=root, !outcome")
	f("crond[5]", "USER zimbra pid 12 cmd /opt/zimbra/libexec/zmqueuelog", "action=cron, user=zimbra")
	f("cron[5]", "(CRON) INFO (pidfile fd = 3)", "!action, !user")
	f("anacron[5]", "Job `cron.daily' terminated", "action=cron, outcome=success, target=cron.daily")
	f("anacron[5]", "Job `cron.daily' started", "action=cron, !outcome")
	f("anacron[5]", "Job `cron.daily' terminated (exit status: 1) (mailing output)", "action=cron, outcome=failure, level=warn")
	// logrotate and systemd.
	f("logrotate[5]", `error: skipping "/opt/zimbra/log/x.log" because parent directory has insecure permissions`, "action=rotate, outcome=failure, target=/opt/zimbra/log/x.log, level=error")
	f("logrotate[5]", "error: error running shared postrotate script for '/var/log/nginx/*.log '", "action=rotate, outcome=failure, error=error running shared postrotate script for '/var/log/nginx/*.log '")
	f("systemd[1]", "zimbra.service: Start operation timed out. Terminating.", "action=exit, outcome=failure, target=zimbra.service")
	// A JSON object behind the header.
	f("caddy[5]", `{"level":"error","ts":1793037000.5,"logger":"tls.obtain","msg":"no certificate","error":"HTTP 429"}`, "is=json, service_name=caddy, level=error, error=HTTP 429, component=tls.obtain, program=caddy")
	f("unheard-of[5]", `{"level":"warn","msg":"x","user":"anna"}`, "is=json, service_name=other, level=warn, user=anna")
	f("unheard-of[5]", `{"level":"warn"`, "is=syslog, service_name=other")
	// nginx's access log is nginx's behind a header too.
	checkLines(t, "/var/log/zimbra.log", "UTC", `<190>Oct 26 18:00:50 proxy1 nginx: 192.0.2.7 - - [26/Oct/2026:18:00:50 +0000] "GET /x HTTP/1.1" 404 47 "-" "curl/8.5.0"`,
		"host=proxy1, log=nginx.access, service_name=zimbra-proxy, client_ip=192.0.2.7, status=404, path=/x, user_agent=curl/8.5.0")
	// Caddy: seconds in its access log, loggers and fields between tabs.
	checkLines(t, podPath, "UTC", `{"level":"error","ts":1793037650.5,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"192.0.2.9","client_ip":"192.0.2.7","method":"GET","host":"mail.example.com","uri":"/x?y=1"},"duration":0.0123,"status":502}`,
		"is=json, time=18:00:50.5, duration_ms=12.3, client_ip=192.0.2.7, http_host=mail.example.com, status=502, path=/x")
	checkLines(t, podPath, "UTC", `{"level":"info","ts":1793037650.5,"logger":"app","duration":0.0123}`, "!duration_ms")
	checkLines(t, podPath, "UTC", "2026/10/26 18:00:50.500\tERROR\thttp.log.error\tdial tcp 192.0.2.9:8080: refused\t{\"status\": 502}", "component=http.log.error, error=dial tcp 192.0.2.9:8080: refused, level=error")
	checkLines(t, podPath, "UTC", "2026/10/26 18:00:50.500\tINFO\tready\t{\"a\":1}", "!component, level=info")
	checkLines(t, podPath, "UTC", "2026-10-26T18:00:50.5Z error: failed to open", "error=failed to open, level=error, !host")
}

// TestFaultsPHP: the logs of PHP-FPM, an event of several lines among them.
func TestFaultsPHP(t *testing.T) {
	f := func(input string, want ...string) {
		t.Helper()
		checkLines(t, "/var/log/php8.2-fpm.log", "Europe/Moscow", input, want...)
	}
	f(`[26-Oct-2026 21:00:50]  [pool www] pid 12
script_filename = /srv/x.php
[0x00007f1c1a2130e0] sleep() /srv/x.php:3

[26-Oct-2026 21:00:51]  [pool www] pid 13
script_filename = /srv/y.php`,
		"is=php-fpm, time=18:00:50, component=www, pid=12, path=/srv/x.php, action=slow_request, outcome=slow, lines=3",
		"lines=1", "time=18:00:51, pid=13, path=/srv/y.php, lines=2")
	f("[26-Oct-2026 21:00:50] WARNING: [pool a b] child 5, script '/srv/x.php' (request: \"GET /x.php?a=\") exec\") executing too slow (1.5 sec), logging", "pid=5, method=GET, path=/x.php, duration_ms=1500, component=a b")
	f("[26-Oct-2026 18:00:50 UTC] PHP Parse error:  syntax error in /srv/x.php on line 3", "time=18:00:50, level=error, error=syntax error in /srv/x.php on line 3")
	f("[26-Oct-2026 21:00:50 Europe/Moscow] PHP Deprecated:  x in /srv/x.php on line 3", "time=18:00:50, level=info, !error")
	f("[26-Oct-2026 21:00:50] something else", "is=text, time=18:00:50")
}
