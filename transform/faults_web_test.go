package transform

import "testing"

// TestFaultsWeb: what web servers say of clients in forms beside the usual.
func TestFaultsWeb(t *testing.T) {
	f := func(path, line, want string) {
		t.Helper()
		checkLines(t, path, "UTC", line, want)
	}
	// Apache's vhost_combined; a forwarded list is none.
	const request = ` - - [26/Oct/2026:18:00:50 +0000] "GET /a HTTP/1.1" 403 5 "-" "curl/8.5.0"`
	f("/var/log/apache2/other_vhosts_access.log", "www.example.com:443 192.0.2.7"+request, "client_ip=192.0.2.7, http_host=www.example.com:443, status=403, !oip")
	f("/var/log/apache2/other_vhosts_access.log", "www.example.com 2001:db8::7"+request, "client_ip=2001:db8::7, http_host=www.example.com")
	f("/opt/zimbra/log/access_log.2026-10-26", "192.0.2.7, 198.51.100.9"+request, "client_ip=192.0.2.7, !http_host")
	f("/opt/zimbra/log/access_log.2026-10-26", "unknown, 192.0.2.7"+request, "!http_host")
	// Apache's error log.
	const lead = "[Mon Oct 26 18:00:50.880562 2026] "
	f("/var/log/apache2/error.log", lead+"[auth_basic:error] [pid 10:tid 14] [client 192.0.2.7:50229] AH01618: user anna b not found: /x", "client_ip=192.0.2.7, action=Auth, outcome=failure, user=anna b, error=user not found")
	f("/var/log/apache2/error.log", lead+`[auth_basic:error] [pid 10:tid 14] [client 192.0.2.7:50229] AH01617: user anna: authentication failure for "/x": Password Mismatch`, "action=Auth, outcome=failure, user=anna, error=Password Mismatch")
	f("/var/log/apache2/error.log", lead+"[authz_core:error] [pid 10:tid 14] [client 192.0.2.7:50229] AH01630: client denied by server configuration: /srv/x", "outcome=rejected, !user")
	f("/var/log/apache2/error.log", lead+"[ssl:info] [pid 10:tid 14] (70014)End of file found: [client 192.0.2.7:17036] AH02006: SSL handshake stopped: connection was closed", "client_ip=192.0.2.7, port=17036, level=info, !outcome")
	f("/var/log/apache2/error.log", lead+"[core:notice] [pid 10:tid 14] AH00094: Command line: '/usr/sbin/apache2'", "!client_ip, !outcome")
	const old = "[Mon Oct 26 18:00:50 2026] [error] "
	f("/var/log/apache2/error.log", old+"[client 2001:db8::80da:af6b:8b2c] user anna not found: /, referer: https://x.example.com/", "client_ip=2001:db8::80da:af6b:8b2c, !port, user=anna, outcome=failure, referer=https://x.example.com/")
	f("/var/log/apache2/error.log", lead+"[authz_owner:error] [pid 1:tid 2] [client [2001:db8::8b2c]:51548] AH01637: Authorization of user anna to access /x failed, reason: owner", "client_ip=2001:db8::8b2c, port=51548, outcome=rejected")
	f("/var/log/apache2/error.log", lead+"[auth_digest:error] [pid 1:tid 2] [client 192.0.2.7:1] AH01790: user `anna' in realm `x' not found: /x", "user=anna, outcome=failure")
	f("/opt/zimbra/log/nginx.log", `2026/10/26 18:00:50 [error] 86#86: *7 PAM: user 'anna' - not authenticated: Authentication failure, client: 192.0.2.7, server: x, request: "GET / HTTP/2.0"`, "action=Auth, outcome=failure, user=anna, client_ip=192.0.2.7")
	// ModSecurity in nginx's error log, whose quotes are cut.
	const tail = `against variable ` + "`ARGS:foo'" + ` (Value: ` + "`], client: 198.51.100.66, server: x'" + ` ) [file "/etc/r.conf"] [line "79"] [id "930100"] [msg "Path Traversal Attack (/../)"] [data "], client: 198.51.100.66"] [uri "/"] [unique_id "163722446755.059797"] [ref "o8,4"]`
	const pairs = `, client: 192.0.2.7, server: mail.example.com, request: "GET /?foo=../../etc/passwd HTTP/1.1", host: "mail.example.com"`
	f("/opt/zimbra/log/nginx.log", "2026/10/26 18:00:50 [info] 86#86: *1083 ModSecurity: Warning. Matched \"Operator `Rx' with parameter `(?i)(?:%5 (400 characters omitted)' "+tail+pairs,
		"client_ip=192.0.2.7, component=modsecurity, action=match, !outcome, reason=Path Traversal Attack (/../), http_host=mail.example.com, method=GET")
	f("/opt/zimbra/log/nginx.log", "2026/10/26 18:00:50 [error] 86#86: *7 [client 192.0.2.7] ModSecurity: Access denied with code 403 (phase 2). Matched \"Operator `Ge' with parameter `5' "+tail+pairs,
		"client_ip=192.0.2.7, outcome=rejected, level=error")
	f("/opt/zimbra/log/nginx.log", "2026/10/26 18:00:50 [error] 86#86: *7 [client 192.0.2.7] ModSecurity: Access denied with code 403 (phase 2).", "client_ip=192.0.2.7, outcome=rejected")
}
