package transform

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

const mailLog = "/var/log/zimbra.log"

// faultEntry is an entry as the tables of faults look at it.
type faultEntry struct {
	line   string
	values map[string]string // labels, metadata, "time"
}

// faultEntries runs a log through a Transform of its own.
func faultEntries(t *testing.T, path, zone, in string, noMails bool) (list []faultEntry) {
	t.Helper()
	var b chunk.Builder
	at := testtime.Instant(t, "2026-10-26T18:30:00Z")
	for line := range strings.SplitSeq(in, "\n") {
		b.Record(at, "log", line, "path", path)
		at += 1000
	}
	tr := New(Options{Host: "this", Location: testtime.Location(t, zone), NoMails: noMails})
	transformChunk(tr, "test", b.Bytes(), func(e *entry.Entry) {
		f := faultEntry{line: strings.Clone(e.Line), values: map[string]string{}}
		for _, p := range e.Labels.Pairs {
			f.values[p.Name] = strings.Clone(p.Value)
		}
		for _, p := range e.Meta {
			f.values[strings.Clone(p.Name)] = strings.Clone(p.Value)
		}
		f.values["time"] = time.Unix(0, e.Time).UTC().Format(time.RFC3339Nano)
		list = append(list, f)
	})
	return list
}

// hold compares an entry with "name=value", "name~part of the value" and
// "!name", which it must not have.
func (f *faultEntry) hold(t *testing.T, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if name, ok := strings.CutPrefix(w, "!"); ok {
			if v, has := f.values[name]; has {
				t.Errorf("%s is %q, want none, of %s", name, v, f.line)
			}
			continue
		}
		i := strings.IndexAny(w, "=~")
		got := f.values[w[:i]]
		if w[i] == '=' && got != w[i+1:] || w[i] == '~' && !strings.Contains(got, w[i+1:]) {
			t.Errorf("%s is %q, want %s, of %s", w[:i], got, w, f.line)
		}
	}
}

// TestFaultsMTA: kinds of lines of the mail transport that were once read
// wrongly or not, each with its variations.
func TestFaultsMTA(t *testing.T) {
	postfix := func(service, message string, wants ...string) {
		t.Helper()
		for _, header := range []string{"Oct 26 18:00:50 mx1 ", "<22>2026-10-26T18:00:50.123456+00:00 mx1 "} {
			list := faultEntries(t, mailLog, "UTC", header+"postfix/"+service+"[101]: "+message, true)
			if len(list) != 1 {
				t.Fatalf("%d entries of %s", len(list), message)
			}
			list[0].hold(t, append(wants, "service_name=postfix", "host=mx1", "!format")...)
		}
	}

	// pickup names the queue id that the mail had.
	postfix("pickup", "5883D2F802C: uid=108 from=<anna@example.com> orig_id=04AC42F8058", "from=anna@example.com", "orig_queue_id=04AC42F8058", "uid=108", "queue_id=5883D2F802C", "action=receive")
	postfix("pickup", "4CFHFD4n0nz2ZbZh: uid=0 from=<> orig_id=4CFHFD4n0nz2ZbZb", "from=<>", "orig_queue_id=4CFHFD4n0nz2ZbZb")
	postfix("pickup", "5883D2F802C: uid=0 from=<root>", "from=root", "!orig_queue_id")

	// Logins that fail: placeholders, no reason, the client's port.
	for _, client := range []struct{ text, ip, port, host string }{
		{"unknown[192.0.2.7]", "192.0.2.7", "", ""},
		{"host.example.net[192.0.2.7]:40122", "192.0.2.7", "40122", "host.example.net"},
		{"unknown[2001:db8::7]:40122", "2001:db8::7", "40122", ""},
	} {
		who := []string{"action=Auth", "outcome=failure", "protocol=smtp", "level=warn", "client_ip=" + client.ip}
		for name, v := range map[string]string{"port": client.port, "client_host": client.host} {
			if v == "" {
				who = append(who, "!"+name)
			} else {
				who = append(who, name+"="+v)
			}
		}
		f := func(message string, wants ...string) {
			t.Helper()
			postfix("submission/smtpd", "warning: "+client.text+": SASL "+message, append(wants, append(who, "instance=submission")...)...)
		}
		f("LOGIN authentication failed: (reason unavailable), sasl_username=(unavailable)", "!user", "mechanism=LOGIN", "error=authentication failed")
		f("PLAIN authentication failed: authentication failure, sasl_username=(unavailable)", "!user", "error=authentication failure")
		f("PLAIN authentication failed: (reason unavailable), sasl_username=anna@example.com", "user=anna@example.com", "error=authentication failed")
		f("CRAM-MD5 authentication failed: no such user: x, sasl_username=a, b", "user=a, b", "error=no such user: x", "mechanism=CRAM-MD5")
		f("LOGIN authentication failed:", "!user", "error=authentication failed")
		f("LOGIN authentication failed: ", "!user", "error=authentication failed")
		f("PLAIN authentication aborted", "!user", "error=authentication aborted", "mechanism=PLAIN")
		f("LOGIN authentication failed: UGFzc3dvcmQ6", "!user", "error=UGFzc3dvcmQ6")
	}
	postfix("smtpd", "warning: host.example.net[192.0.2.7]:40122: request longer than 2048: GET from [192.0.2.99]...", "client_ip=192.0.2.7", "port=40122", "action=length_limit", "outcome=rejected")
	postfix("smtpd", "warning: TLS problem from unknown[192.0.2.7]:40122", "client_ip=192.0.2.7", "port=40122")

	// What smtp says of a server.
	postfix("smtp", "4A1B2C3D4E8: lost connection with mx.example.org[198.51.100.5] while sending RCPT TO", "error=lost connection while sending RCPT TO", "relay=mx.example.org[198.51.100.5]", "queue_id=4A1B2C3D4E8", "outcome=failure")
	postfix("lmtp", "4A1B2C3D4E8: lost connection with store1.example.org[2001:db8::5] while receiving the initial server greeting", "error=lost connection while receiving the initial server greeting", "relay=store1.example.org[2001:db8::5]")
	postfix("smtp", "4A1B2C3D4E8: conversation with mx.example.org[198.51.100.5] timed out while sending RCPT TO", "error=timed out while sending RCPT TO")
	postfix("smtp", "SSL_connect error to mx.example.org[198.51.100.5]:25: Connection reset by peer", "action=tls", "outcome=failure", "relay=mx.example.org[198.51.100.5]:25", "error~Connection reset by peer", "!client_ip")
	postfix("lmtp", "SSL_connect error to store1.example.org[2001:db8::5]:7025: -1", "relay=store1.example.org[2001:db8::5]:7025", "error=-1")
	postfix("smtp", "certificate verification failed for mx.example.org[198.51.100.5]:25: untrusted issuer /CN=Example CA", "relay=mx.example.org[198.51.100.5]:25", "error~untrusted issuer /CN=Example CA")
	postfix("smtp", "warning: certificate verification failed for mx.example.org[198.51.100.5]:25: self-signed certificate", "relay=mx.example.org[198.51.100.5]:25", "error=self-signed certificate")
	postfix("smtpd", "certificate verification failed for pc.example.org[198.51.100.5]: certificate has expired", "client_ip=198.51.100.5", "!relay", "error=certificate has expired")
	postfix("smtp", "4A1B2C3D4E7: TLS is required, but was not offered by host mx.example.org[198.51.100.5]", "queue_id=4A1B2C3D4E7", "relay=mx.example.org[198.51.100.5]", "error~TLS is required, but was not offered", "outcome=failure", "action=tls")
	postfix("smtp", "4A1B2C3D4E7: SASL authentication failed; server relay.example.org[198.51.100.6] said: 535 5.7.8 Error: authentication failed: bad credentials", "queue_id=4A1B2C3D4E7", "action=try", "outcome=failure", "relay=relay.example.org[198.51.100.6]", "dsn=5.7.8", "error~authentication failed: bad credentials", "!status")
	postfix("smtp", "warning: SASL authentication failed; server relay.example.org[2001:db8::6] said: 454 4.7.0 Temporary failure", "!queue_id", "outcome=failure", "relay=relay.example.org[2001:db8::6]", "dsn=4.7.0", "error=Temporary failure", "!client_ip")
	postfix("smtp", "4A1B2C3D4E7: SASL authentication failed; cannot authenticate to server relay.example.org[198.51.100.6]: no mechanism available", "relay=relay.example.org[198.51.100.6]", "error=no mechanism available")

	postfix("smtp", "4A1B2C3D4E7: TLS is required, but host mx.example.org[2001:db8::5] refused to start TLS: 454 4.7.0 TLS not available", "relay=mx.example.org[2001:db8::5]", "dsn=4.7.0", "action=tls", "outcome=failure", "error~TLS is required", "!status")
	postfix("smtp", "server certificate verification failed for mx.example.org[198.51.100.5]:25: certificate not trusted", "relay=mx.example.org[198.51.100.5]:25", "error=certificate not trusted", "action=tls")
	postfix("smtp", "4A1B2C3D4E7: enabling PIX workarounds: disable_esmtp delay_dotcrlf for mx.example.org[198.51.100.5]:25", "relay=mx.example.org[198.51.100.5]:25", "action=try", "!outcome")
	postfix("smtp", "warning: TLS library problem: error:14094410:SSL routines:x:", "error=error:14094410:SSL routines:x:", "level=warn")

	// Replies of several lines.
	postfix("smtp", "4A1B2C3D4E7: host mx.example.org[198.51.100.5] said: 421-4.7.28 Our system has detected 421 4.7.28 later. (in reply to end of DATA command)", "dsn=4.7.28", "error=Our system has detected 421 4.7.28 later. (in reply to end of DATA command)", "relay=mx.example.org[198.51.100.5]", "outcome=failure")
	postfix("lmtp", "4A1B2C3D4E7: host s1.example.org[2001:db8::5] said: 550-No such user 550-5.1.1 here 550 5.1.1 bye (in reply to RCPT TO command)", "dsn=5.1.1", "error~No such user 550-5.1.1 here")
	postfix("smtp", "4A1B2C3D4E7: host mx.example.org[198.51.100.5] refused to talk to me: 554-mx.example.org 554 see https://example.org/554", "!dsn", "error=mx.example.org 554 see https://example.org/554")

	// Queue ids of 64-bit inodes; a word of 22 digits is none.
	postfix("qmgr", "ED06590130AA1C9D6D862: from=<anna@example.com>, size=5360, nrcpt=1 (queue active)", "queue_id=ED06590130AA1C9D6D862", "from=anna@example.com", "size=5360", "recipients=1")
	postfix("qmgr", "ED06590130AA1C9D6D862: removed", "queue_id=ED06590130AA1C9D6D862", "action=removed")
	postfix("smtp", "ED06590130AA1C9D6D862: to=<bob@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as FD06590130AA1C9D6D862)", "queued_as=FD06590130AA1C9D6D862", "outcome=hop")

	// Trouble of one mail.
	postfix("cleanup", "warning: 9BECF3F19D: sender_canonical_maps map lookup problem for anna@example.com -- message not accepted, try again later", "queue_id=9BECF3F19D", "level=warn", "error=sender_canonical_maps map lookup problem for anna@example.com -- message not accepted, try again later")
	postfix("trivial-rewrite", "warning: 4CFHFD4n0nz2ZbZh: virtual_alias_maps lookup error", "queue_id=4CFHFD4n0nz2ZbZh", "error=virtual_alias_maps lookup error")
	postfix("smtpd", "error: 9BECF3F19D: queue file write error", "queue_id=9BECF3F19D", "level=error", "error=queue file write error")

	// Milters and their checks of headers.
	for verb, outcome := range map[string]string{"redirect": "", "hold": "held", "reject": "rejected", "discard": "discarded", "warning": ""} {
		wants := []string{"queue_id=4104E3D0A1", "client_ip=2001:db8::7", "client_host=host.example.net", "from=a@example.net", "to=b@example.com", "helo=h.example.net", "stage=header"}
		switch {
		case outcome != "":
			wants = append(wants, "outcome="+outcome, "action="+verb)
		case verb == "warning":
			wants = append(wants, "!outcome", "action=warn")
		default:
			wants = append(wants, "!outcome", "action=redirect", "reason=why not")
		}
		postfix("cleanup", "4104E3D0A1: milter-header-"+verb+": header X-Spam-Status: Yes from me from host.example.net[2001:db8::7]; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<h.example.net>: why not", wants...)
	}

	// smtpd's limits and what is no SMTP.
	for _, limit := range []string{"Connection rate", "Connection concurrency", "Message delivery request rate", "Recipient address rate", "New TLS session rate"} {
		postfix("smtpd", "warning: "+limit+" limit exceeded: 61 from pc.example.net[2001:db8::8]:4012 for service smtp", "client_ip=2001:db8::8", "client_host=pc.example.net", "port=4012", "action=rate_limit", "outcome=rejected", "error="+limit+" limit exceeded", "count=61")
	}
	postfix("submission/smtpd", "warning: AUTH command rate limit exceeded: 11 from unknown[192.0.2.8] for service submission/smtpd", "action=Auth", "outcome=rejected", "client_ip=192.0.2.8", "!user")
	postfix("smtpd", "warning: non-SMTP command from unknown[192.0.2.8]: GET from x[192.0.2.9] HTTP/1.1", "action=non_smtp_command", "client_ip=192.0.2.8")
	postfix("smtpd", "warning: Illegal address syntax from unknown[192.0.2.8] in MAIL command: <anna@>", "stage=MAIL", "client_ip=192.0.2.8", "action=illegal_address", "outcome=rejected")
	postfix("smtpd", "warning: Illegal address syntax from unknown[192.0.2.8] in RCPT command: <x> in MAIL command", "stage=RCPT")
	postfix("smtpd", "warning: bare <LF> received after CONNECT from unknown[192.0.2.8]", "action=bare_newline", "stage=CONNECT", "client_ip=192.0.2.8")
	postfix("smtpd", "bare <LF> received after DATA from host.example.net[2001:db8::8]:4012", "action=bare_newline", "port=4012", "client_ip=2001:db8::8")
	postfix("smtpd", "NOQUEUE: reject: bare <LF> received after DATA from unknown[192.0.2.8]", "action=bare_newline", "outcome=rejected", "client_ip=192.0.2.8")
	postfix("smtpd", "NOQUEUE: reject: Unsupported thing", "action=reject", "outcome=rejected", "error=Unsupported thing", "!stage")
	postfix("smtpd", "NOQUEUE: reject: CONNECT from unknown[192.0.2.8]: 554 5.7.1 Blocked; proto=SMTP", "stage=CONNECT", "error=Blocked", "dsn=5.7.1")

	// Postfix 2.
	postfix("smtpd", "warning: 192.0.2.9: hostname mail.example.net verification failed: Name or service not known", "client_ip=192.0.2.9", "client_host=mail.example.net", "error~Name or service not known", "action=resolve")
	postfix("smtpd", "warning: 2001:db8::9: address not listed for hostname mail.example.net", "client_ip=2001:db8::9", "client_host=mail.example.net", "error~address not listed")
	postfix("smtpd", "warning: hostname mail.example.net does not resolve to address 2001:db8::9: No address associated", "client_ip=2001:db8::9", "client_host=mail.example.net", "error=No address associated")
	postfix("smtpd", "warning: SASL authentication failure: cannot connect to saslauthd server: No such file or directory", "error~cannot connect to saslauthd server", "!outcome")
	postfix("smtpd", "warning: SASL authentication problem: unknown password verifier", "error=unknown password verifier")

	// Services of Postfix that cannot work.
	for _, text := range []string{"connect to Milter service inet:localhost:8465: Connection refused", "milter inet:localhost:8465: can't read SMFIC_MAIL reply packet header: Application error", "problem talking to server 127.0.0.1:10031: Connection refused", "connect to transport private/smtp-amavis: Connection refused", "proxy:ldap:/opt/zimbra/conf/ldap-transport.cf: table lookup problem", "dict_ldap_lookup: Search error 80: Internal error"} {
		postfix("smtpd", "warning: "+text, "error="+text, "level=warn", "!client_ip", "!action")
	}
	postfix("master", "warning: process /opt/zimbra/common/libexec/smtpd pid 2107 killed by signal 9", "action=exit", "outcome=failure", "error~killed by signal 9")
	postfix("master", "warning: /opt/zimbra/common/libexec/smtpd: bad command startup -- throttling", "action=exit", "outcome=failure")
	postfix("smtpd", "warning: permit_tls_clientcerts is requested, but \"smtpd_tls_ask_ccert = no\"", "!error", "!action")

	// postscreen and postsuper.
	postfix("postscreen", "COMMAND TIME LIMIT from [192.0.2.8]:5555 after RCPT", "stage=RCPT", "action=time_limit", "client_ip=192.0.2.8", "port=5555")
	postfix("postscreen", "NON-SMTP COMMAND from [2001:db8::8]:5555 after CONNECT: GET after DATA", "stage=CONNECT", "action=non_smtp_command")
	postfix("postscreen", "HANGUP after 1.2 from [192.0.2.8]:5555 in tests before SMTP handshake", "!stage", "action=hangup")
	postfix("postscreen", "CONNECT from [192.0.2.8]:5555 to [192.0.2.1]:25", "server=192.0.2.1:25", "client_ip=192.0.2.8", "port=5555")
	postfix("postscreen", "CONNECT from [2001:db8::8]:5555 to [2001:db8::1]:25", "server=[2001:db8::1]:25")
	postfix("anvil", "statistics: max connection rate 41/60s for (smtpd:192.0.2.7) at Oct 26 18:00:50", "action=statistics", "client_ip=192.0.2.7")
	postfix("anvil", "statistics: max connection count 1 for (127.0.0.1:2525:2001:db8::7) at Oct 26 18:00:50", "client_ip=2001:db8::7")
	postfix("anvil", "statistics: max cache size 1 at Oct 26 18:00:50", "!client_ip")
	postfix("postsuper", "4A1B2C3D4E7: released from hold", "action=release", "queue_id=4A1B2C3D4E7")
	postfix("postsuper", "4A1B2C3D4E7: placed on hold", "action=hold")
	postfix("postsuper", "4A1B2C3D4E7: requeued", "action=requeue")
	postfix("postsuper", "4A1B2C3D4E7: removed", "action=removed")
	postfix("postsuper", "Requeued: 3 messages", "action=postsuper", "!queue_id")

	// tls= of deliveries.
	postfix("smtp", "4A1B2C3D4E7: to=<bob@example.org>, relay=mx.example.org[2001:db8::5]:25, delay=3.6, delays=0.1/0/0.9/0.1, tls=dane/requiretls?, dsn=2.1.5, status=sent (250 2.0.0 Ok: queued as 153053D)", "tls_policy=dane/requiretls?", "dsn=2.1.5", "delays=0.1/0/0.9/0.1", "outcome=success", "relay=mx.example.org[2001:db8::5]:25", "!tls")
}

// TestFaultsDaemons: the same of the programs beside Postfix.
func TestFaultsDaemons(t *testing.T) {
	f := func(program, message string, wants ...string) {
		t.Helper()
		list := faultEntries(t, mailLog, "UTC", "Oct 26 18:00:50 mx1 "+program+"[1999]: "+message, true)
		if len(list) != 1 {
			t.Fatalf("%d entries of %s", len(list), message)
		}
		list[0].hold(t, append(wants, "host=mx1", "time=2026-10-26T18:00:50Z")...)
	}
	f("saslauthd", "pam_unix(smtp:auth): authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=  user=anna", "component=pam_unix", "action=Auth", "outcome=failure", "user=anna", "protocol=smtp", "!client_ip")
	f("saslauthd", "pam_unix(imap:auth): authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=2001:db8::7", "component=pam_unix", "outcome=failure", "!user", "protocol=imap", "client_ip=2001:db8::7")
	f("saslauthd", "pam_unix(smtp:auth): check pass; user unknown", "component=pam_unix", "action=Auth", "error=user unknown", "!outcome")
	f("saslauthd", "pam_unix(smtp:account): account anna has expired (account expired)", "user=anna", "outcome=failure")
	f("saslauthd", "pam_unix(smtp:session): session opened for user anna(uid=1000) by (uid=0)", "user=anna", "!outcome")
	f("saslauthd", "DEBUG: auth_pam: pam_authenticate failed: Authentication failure", "level=debug", "component=saslauthd", "error=Authentication failure")
	f("saslauthd", "do_auth         : auth failure: [user=a]b@example.com] [service=smtp] [realm=] [mech=pam] [reason=PAM auth error]", "user=a]b@example.com", "outcome=failure", "protocol=smtp", "component=do_auth", "error=PAM auth error")
	f("saslauthd", "size read failed (this is no part: of it)", "!component")
	// The name of the function is blank with Debian's saslauthd.
	f("saslauthd", "                : auth failure: [user=anna@example.com] [service=smtp] [realm=example.com] [mech=ldap] [reason=Unknown]", "user=anna@example.com", "action=Auth", "outcome=failure", "level=warn", "protocol=smtp", "mechanism=ldap", "error=Unknown", "!component")
	f("saslauthd", ": auth success: [user=a: b] [service=imap] [realm=] [mech=pam]", "user=a: b", "action=Auth", "outcome=success", "protocol=imap", "!format")
	f("saslauthd", "                : listening on socket: /run/saslauthd/mux", "!action", "!outcome", "!format")

	f("cbpolicyd", "module=Quotas, mode=update, host=2001:db8::7, helo=h.example.net, from=anna@example.com, to=bob@example.org, reason=quota_update, policy=6, quota=3, limit=4, track=Sender:anna@example.com, counter=MessageCount, quota=1.53/5 (30.5%)", "quota=3", "quota_used=1.53/5 (30.5%)", "action=update", "client_ip=2001:db8::7", "limit=4")
	f("cbpolicyd", "module=Quotas, action=defer, mode=update, host=192.0.2.7, quota=12, counter=MessageCumulativeSize, quota=5.00/5 (100.0%)", "quota=12", "quota_used=5.00/5 (100.0%)", "action=defer", "outcome=deferred")

	f("clamd", "/opt/zimbra/data/amavisd/tmp/p001: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND", "virus=Win.Test.EICAR_HDB-1", "outcome=infected", "scanned=/opt/zimbra/data/amavisd/tmp/p001", "service_name=zimbra-clamd")
	// Dovecot 2.4 says the reason once more in one word; refusals in other words.
	const login = ": user=<anna>, method=PLAIN, rip=192.0.2.2, lip=192.0.2.1, TLS, session=<q4>"
	f("dovecot", "imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 16 secs) (auth_failed)"+login, "action=Auth", "outcome=failure", "user=anna", "error=auth failed, 3 attempts in 16 secs", "client_ip=192.0.2.2")
	f("dovecot", "pop3-login: Login aborted: Connection closed (no auth attempts in 0 secs) (no_auth_attempts): user=<>, rip=2001:db8::2, lip=2001:db8::1", "action=disconnect", "status=Connection closed", "reason=no auth attempts in 0 secs", "!outcome", "client_ip=2001:db8::2")
	for _, verb := range []string{"", "Disconnected: "} {
		f("dovecot", "imap-login: "+verb+"Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)"+login, "action=Auth", "outcome=failure", "error=Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)")
	}
	f("dovecot", "imap-login: proxy(anna): started proxying to imap2.example.org:143"+login, "outcome=success", "upstream=imap2.example.org:143", "user=anna")
	f("dovecot", "imap-login: Login"+login, "outcome=success", "!upstream")
	for _, why := range []string{"Account expired", "Login not permitted to this service", "Password mismatch", "unknown user"} {
		f("dovecot", "auth: pam(anna,192.0.2.2): "+why, "action=Auth", "outcome=failure", "level=warn", "error="+why, "user=anna")
		f("dovecot", "auth: sql(anna,192.0.2.2): "+why+" (SHA1 of given password: 29ed63)", "outcome=failure", "error="+why)
	}
	f("auth", "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=anna rhost=192.0.2.2", "outcome=failure", "user=anna", "!auth_user", "client_ip=192.0.2.2")
	f("auth", "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=anna rhost=192.0.2.2  user=anna", "user=anna", "!auth_user")

	// rspamd, SOGo, fail2ban, opendkim, slapd and logind of themselves.
	f("rspamd", "<def457>; milter; rspamd_milter_process_command: got connection from 198.51.100.11:40001", "action=connect", "client_ip=198.51.100.11", "port=40001")
	f("rspamd", "<def457>; csession; rspamd_controller_accept_socket: accepted connection from 2001:db8::7 port 40001, task ptr: 0x1", "action=connect", "client_ip=2001:db8::7", "port=40001")
	f("rspamd", "<def457>; proxy; proxy_accept_socket: accepted milter connection from 127.0.0.1 port 0", "action=connect", "client_ip=127.0.0.1", "!port")
	f("rspamd", "<x9q1aw>; main; main: rspamd 3.8.4 is starting now", "action=start")
	f("sogod", "version 5.8.0 (build root@example.com 202601011200) -- starting", "action=start")
	f("fail2ban.jail", "INFO Jail 'zimbra-smtp' started", "action=start", "jail=zimbra-smtp", "service_name=fail2ban")
	f("fail2ban.jail", "INFO Jail 'sshd' stopped", "action=stop", "jail=sshd")
	f("fail2ban.server", "INFO Jail sshd reloaded", "action=reload", "!jail")
	f("opendkim", "4A1B2C3D4E7: key retrieval failed (s=sel1, d=example.net): 'sel1._domainkey.example.net' record not found", "dkim=sel1:example.net", "outcome=failure")
	f("slapd", "conn=1011 op=0 do_bind: invalid dn (not-a-dn)", "action=bind", "error=invalid dn (not-a-dn)", "level=warn", "!format")
	f("systemd-logind", "New session 42 of user ops.", "action=session_open", "user=ops")
	f("systemd-logind", "New session c1 of user 'o.ps' with class 'user' and type 'tty'.", "action=session_open", "user=o.ps")
	f("systemd-logind", "Removed session 42.", "action=session_close", "!user")
	f("systemd-logind", "Watching system buttons on /dev/input/event0", "!action")

	// amavis: lists of recipients that are cut, mails of its own, itself.
	const passed = "(02531-02) Passed CLEAN {RelayedOutbound}, MYNETS LOCAL [192.0.2.25]:59580 [192.0.2.25] <anna@example.com> -> "
	f("amavis", passed+"<c1@example.com>,<c2@exam...", "to=c1@example.com", "!recipients", "partial=true", "from=anna@example.com")
	f("amavis", passed+"<c1@example.com>,<c2@example.com>,...", "to=c1@example.com,c2@example.com", "!recipients", "partial=true")
	f("amavis", passed+"<c1@exa...", "!to", "!recipients", "partial=true")
	f("amavis", passed+"<c1@example.com>,<c2@example.com>, Queue-ID: 4A1B2C3D4E5, Message-ID: <l...", "to=c1@example.com,c2@example.com", "recipients=2", "queue_id=4A1B2C3D4E5", "partial=true")
	f("amavis", "(02531-02) taqBRZIQE_Gr(nhdP2RI4-Y6Z) SEND from <admin@example.com> -> <admin@example.com>, ENVID=AM.x 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as E4C67986054", "mail_id=taqBRZIQE_Gr", "parent_mail_id=nhdP2RI4-Y6Z", "queued_as=E4C67986054")
	f("amavis", "(02531-02) nhdP2RI4-Y6Z(nhdP2RI4-Y6Z) SEND from <> -> <virus@example.com>, BODY=7BIT 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as E4C67986054", "mail_id=nhdP2RI4-Y6Z", "!parent_mail_id")
	f("amavis", "(02531-02) local delivery: <\"a -> b\"@example.net> -> spam-quarantine, mbx=/opt/zimbra/data/amavisd/quarantine/spam-7YB3", "action=quarantine", "from=\"a -> b\"@example.net", "quarantine=/opt/zimbra/data/amavisd/quarantine/spam-7YB3", "!format")
	f("amavis", "(02531-02) (!)ClamAV-clamd av-scanner FAILED: run_av error: Too many retries", "level=warn", "error=ClamAV-clamd av-scanner FAILED: run_av error: Too many retries")
	f("amavis", "starting. /opt/zimbra/common/sbin/amavisd at mx1 amavis-2.13.0 (20230106)", "action=start")
	f("amavis", "Net::Server: 2026/10/26-18:00:50 Server closing!", "action=stop")

	f("clamd", "/tmp/a: lstat() failed: No such file or directory. ERROR", "action=scan", "outcome=failure", "level=error", "scanned=/tmp/a", "error=lstat() failed: No such file or directory.")
	f("clamd", "instream(2001:db8::7@4012): Can't allocate memory ERROR", "action=scan", "outcome=failure", "scanned=instream(2001:db8::7@4012)", "error=Can't allocate memory")
	f("clamd", "Not loading PUA signatures.", "!action", "!outcome")
	f("clamd", "Loaded 8705032 signatures.", "action=reload")
	f("clamd", "Listening daemon: PID: 511", "!action")
	f("freshclam", "Loaded freshclam.dat:", "!action", "service_name=zimbra-freshclam")
	f("freshclam", "Update failed for database: daily", "action=update", "outcome=failure", "level=warn", "error=Update failed for database: daily")
	f("freshclam", "Clamd was NOT notified: Can't connect to clamd through /run/clamd.ctl: No such file or directory", "action=notify", "outcome=failure", "level=warn", "error~Can't connect to clamd")
	f("freshclam", "Database update completed successfully.", "action=update", "!outcome")
	f("clamd", "instream(192.0.2.7@4012): Eicar-Test-Signature FOUND", "virus=Eicar-Test-Signature", "scanned=instream(192.0.2.7@4012)", "outcome=infected")
}

// TestFaultsClamFiles: the files of ClamAV, whose lines may have no time.
func TestFaultsClamFiles(t *testing.T) {
	f := func(path, line string, wants ...string) {
		t.Helper()
		list := faultEntries(t, path, "UTC", "--------------------------------------\n"+line+"\nTesting database", true)
		if len(list) != 3 {
			t.Fatalf("%d entries of %s", len(list), line)
		}
		list[1].hold(t, append(wants, "!format")...)
		for _, i := range []int{0, 2} {
			list[i].hold(t, "level=info", "log="+list[1].values["log"], "service_name="+list[1].values["service_name"], "!format")
		}
	}
	fresh := "/opt/zimbra/log/freshclam.log"
	ours := []string{"log=freshclam", "service_name=zimbra-freshclam"}
	f(fresh, "WARNING: Can't query current.cvd.clamav.net", append(ours, "level=warn")...)
	f(fresh, "ERROR: Download failed (28) Timeout was reached", append(ours, "level=error", "error=Download failed (28) Timeout was reached")...)
	f(fresh, "Mon Oct 26 18:00:50 2026 -> WARNING: Download failed (7) Mon Oct 26 18:00:50 2026 -> WARNING:  Message: Couldn't connect to server", append(ours, "level=warn", "outcome=failure", "error=Download failed (7) Message: Couldn't connect to server")...)
	f(fresh, "ClamAV update process started at Mon Oct 26 18:00:50 2026", append(ours, "level=info", "time=2026-10-26T18:00:50Z", "!time_source")...)
	f(fresh, "Mon Oct 26 18:00:50 2026 -> daily.cld updated (version: 27700, sigs: 2063000, f-level: 90, builder: raynman)", append(ours, "level=info", "time=2026-10-26T18:00:50Z", "action=update", "outcome=success")...)
	f(fresh+".1", "main.cvd database is up-to-date (version: 62, sigs: 6647427, f-level: 90, builder: sigmgr)", append(ours, "level=info", "action=update")...)
	f("/opt/zimbra/log/clamd.log", "/tmp/a: b: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND", "log=clamd", "service_name=zimbra-clamd", "virus=Win.Test.EICAR_HDB-1", "outcome=infected", "scanned=/tmp/a: b")
	f("/opt/zimbra/log/clamd.log", "Mon Oct 26 18:00:50 2026 -> instream(local): Eicar FOUND", "log=clamd", "virus=Eicar", "outcome=infected", "scanned=instream(local)")
}

// TestFaultsSession: lines of one smtpd for two clients, of which some are lost.
func TestFaultsSession(t *testing.T) {
	const first = "Oct 26 18:00:50 mx1 postfix/smtpd[101]: 4A1B2C3D4E7: client=pc7.example.net[192.0.2.7]\n"
	f := func(line string, wants ...string) {
		t.Helper()
		list := faultEntries(t, mailLog, "UTC", first+"Oct 26 18:00:52 mx1 postfix/smtpd[101]: "+line, false)
		if len(list) != 2 {
			t.Fatalf("%d entries of %s", len(list), line)
		}
		list[1].hold(t, wants...)
	}
	f("disconnect from pc7.example.net[192.0.2.7] ehlo=1 mail=1", "queue_id=4A1B2C3D4E7")
	f("lost connection after RCPT from pc7.example.net[192.0.2.7]:4012", "queue_id=4A1B2C3D4E7")
	f("disconnect from unknown[192.0.2.8] ehlo=1 mail=1", "!queue_id")
	f("lost connection after RCPT from unknown[2001:db8::8]", "!queue_id")
	f("timeout after DATA from unknown[192.0.2.8]", "!queue_id")
}

// TestFaultsSASLResponse: what a client answered in a login, in a verbose log.
func TestFaultsSASLResponse(t *testing.T) {
	f := func(service, message, want string) {
		t.Helper()
		const header = "Oct 26 18:00:50 mx1 postfix/"
		list := faultEntries(t, mailLog, "UTC", header+service+"[101]: "+message, true)
		if got := list[0].line; got != header+service+"[101]: "+want {
			t.Errorf("%s: %s", message, got)
		}
	}
	f("smtpd", "xsasl_cyrus_server_next: decoded response: Secret1", "xsasl_cyrus_server_next: decoded response: ***")
	f("smtpd", "xsasl_cyrus_server_next: decoded response: two words: and more", "xsasl_cyrus_server_next: decoded response: ***")
	f("submission/smtpd", "xsasl_cyrus_server_first: decoded initial response anna secret", "xsasl_cyrus_server_first: decoded initial response ***")
	f("smtp", "xsasl_cyrus_client_first: uncoded initial reply: anna secret", "xsasl_cyrus_client_first: uncoded initial reply: ***")
	f("smtp", "xsasl_cyrus_client_next: uncoded client response secret", "xsasl_cyrus_client_next: uncoded client response ***")
	f("smtpd", "xsasl_cyrus_server_next: uncoded server challenge: Password:", "xsasl_cyrus_server_next: uncoded server challenge: Password:")
	f("smtpd", "decoded response: 7", "decoded response: 7")
}

// TestFaultsMailHost: what other programs of a mail host write, one that looks
// like a line of log4j too.
func TestFaultsMailHost(t *testing.T) {
	f := func(path, line string, wants ...string) {
		t.Helper()
		list := faultEntries(t, path, "UTC", line, true)
		if len(list) != 1 {
			t.Fatalf("%d entries of %s", len(list), line)
		}
		list[0].hold(t, append(wants, "!format")...)
	}
	f(mailLog, "Oct 26 18:00:50 mx1 fail2ban.filter[812]: INFO [postfix-sasl] Found 2001:db8::9 - 2026-10-26 18:00:49", "service_name=fail2ban", "level=info", "action=found", "client_ip=2001:db8::9", "jail=postfix-sasl", "time=2026-10-26T18:00:50Z")
	f(mailLog, "Oct 26 18:00:50 mx1 fail2ban.actions[812]: ERROR [postfix-sasl] Failed to execute ban", "service_name=fail2ban", "level=error", "error~Failed to execute ban")
	f("/var/log/fail2ban.log", "2026-10-26 18:00:50,123 fail2ban.actions        [812]: NOTICE  [sshd] Unban 192.0.2.9", "log=fail2ban", "action=unban", "client_ip=192.0.2.9", "time=2026-10-26T18:00:50.123Z")
	f(mailLog, "Oct 26 18:00:50 mx1 policyd-spf[9]: prepend Received-SPF: Softfail (mailfrom) identity=mailfrom; client-ip=192.0.2.7; helo=h; envelope-from=a@example.net; receiver=b@example.com", "status=Softfail", "!outcome", "client_ip=192.0.2.7", "level=info")
	f(mailLog, "Oct 26 18:00:50 mx1 policyd-spf[9]: prepend Received-SPF: Fail (mailfrom) identity=mailfrom; client-ip=192.0.2.7; helo=h; envelope-from=a@example.net; receiver=b@example.com", "status=Fail", "outcome=failure")
	for receiver, to := range map[string]string{"b@example.com": "to=b@example.com", "mx1.example.com": "!to", "<UNKNOWN>": "!to", "[192.0.2.1]": "!to"} {
		f(mailLog, "Oct 26 18:00:50 mx1 policyd-spf[9]: : prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.7; helo=h; envelope-from=a@example.net; receiver="+receiver+" ", "status=Pass", "from=a@example.net", to)
	}
	f(mailLog, "Oct 26 18:00:50 mx1 saslauthd[9]: Authentication failed for a/b/example.com: Invalid credentials (49)", "user=a/b", "action=Auth", "error=Invalid credentials (49)", "!component")
}
