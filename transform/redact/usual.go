package redact

// usualText is what stands in most lines of logs: of each trigger the filter
// looks for the piece that is rarest in it.
const usualText = `2026-08-02 16:49:04,242 INFO  [qtp1286783232-23427:https://mail.example.com/service/soap/BatchRequest] [name=ivanov@example.com;mid=164;oip=198.51.100.121;port=27987;ua=Mozilla/5.0 (Macintosh;; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36;soapId=21ff2330;] account - Authentication successful for user: ivanov@example.com
2026-08-02 16:49:05,017 INFO  [ImapSSLServer-118] [name=ivanov@example.com;mid=164;ip=192.0.2.10;oip=198.51.100.7;via=192.0.2.10(nginx/1.24.0);ua=Zimbra/9.0.0_GA_4583;cid=8812;] imap - selected folder Inbox elapsed=4
2026-08-02 16:49:06,330 INFO  [LmtpServer-77] [ip=192.0.2.10;] lmtp - Delivering message: size=18211 bytes, nrcpts=1, sender=petrov@example.org, msgid=<20260802134904.4C8A1A0F2D3@mx.example.net>
2026-08-02 16:49:06,340 INFO  [LmtpServer-77] [name=ivanov@example.com;mid=164;ip=192.0.2.10;] mailop - Adding Message: id=33417, Message-ID=<20260802134904.4C8A1A0F2D3@mx.example.net>, parentId=-1, folderId=2, folderName=Inbox acct=a4b0c81e-0e86-4f0c-8f0d-2f5a3b1d9c77.
2026-08-02 16:49:07,100 WARN  [qtp1286783232-23430:https://mail.example.com:7071/service/admin/soap/] [name=admin@example.com;mid=1;ip=192.0.2.10;port=41230;ua=zmprov/9.0.0;soapId=21ff2331;] SoapEngine - handler exception: permission denied
	at com.zimbra.common.service.ServiceException.PERM_DENIED(ServiceException.java:308)
	at org.eclipse.jetty.server.handler.HandlerWrapper.handle(HandlerWrapper.java:127)
Caused by: java.net.SocketTimeoutException: Read timed out
Aug  2 16:49:04 mail postfix/smtpd[4711]: connect from unknown[198.51.100.23]
Aug  2 16:49:04 mail postfix/smtpd[4711]: 4Zk0hT1Wx2z9: client=mx.example.net[198.51.100.23], sasl_method=PLAIN, sasl_username=ivanov@example.com
Aug  2 16:49:04 mail postfix/cleanup[4712]: 4Zk0hT1Wx2z9: message-id=<20260802134904.4C8A1A0F2D3@mx.example.net>
Aug  2 16:49:04 mail postfix/qmgr[1201]: 4Zk0hT1Wx2z9: from=<petrov@example.org>, size=18211, nrcpt=1 (queue active)
Aug  2 16:49:05 mail postfix/smtp[4713]: 4Zk0hT1Wx2z9: to=<ivanov@example.com>, relay=127.0.0.1[127.0.0.1]:10026, conn_use=2, delay=0.4, delays=0.1/0/0/0.3, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10030): 250 2.0.0 Ok: queued as 4Zk0hT2Bq1z9)
Aug  2 16:49:05 mail postfix/smtpd[4711]: NOQUEUE: reject: RCPT from unknown[198.51.100.23]: 554 5.7.1 Service unavailable; Client host blocked; proto=ESMTP helo=<mx.example.net>
Aug  2 16:49:05 mail postfix/smtpd[4711]: disconnect from unknown[198.51.100.23] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7
Aug  2 16:49:05 mail amavis[2301]: (02301-11) Passed CLEAN {RelayedInbound}, [198.51.100.23]:40112 [198.51.100.23] <petrov@example.org> -> <ivanov@example.com>, Queue-ID: 4Zk0hT1Wx2z9, Message-ID: <20260802134904.4C8A1A0F2D3@mx.example.net>, mail_id: kq3Xo1tR7bQe, Hits: -1.9, size: 18203, queued_as: 4Zk0hT2Bq1z9, 812 ms
Aug  2 16:49:06 mail slapd[901]: conn=1201 op=3 SRCH base="" scope=2 deref=0 filter="(&(objectClass=zimbraAccount)(mail=ivanov@example.com))"
Aug  2 16:49:06 mail slapd[901]: conn=1201 op=3 SEARCH RESULT tag=101 err=0 nentries=1 text=
Aug  2 16:49:07 mail zmconfigd[3301]: Fetching All configs took 0.31 seconds
198.51.100.20:51237 - ivanov@example.com [02/Aug/2026:16:49:07 +0300]  "POST https://mail.example.com/service/soap/SearchRequest HTTP/1.1" 200 1024 "https://mail.example.com/modern/email/Inbox" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0" "192.0.2.5:8443" "192.0.2.4:443"
2026-08-02 16:49:08,101 INFO  [qtp1286783232-23431:https://mail.example.com/service/soap/AuthRequest] [name=ivanov@example.com;oip=198.51.100.121;port=27988;ua=ZimbraWebClient - GC126 (Win)/9.0.0_GA_4583;soapId=21ff2332;] security - cmd=Auth; account=ivanov@example.com; protocol=soap;
{"client_ip": "198.51.100.44", "command_name": "report.build", "container_name": "/planr_ru-main-1", "request_source": "main", "time": 1795300000000, "trace_id": "0f8d2c1e-5b7a-4c9d-8e6f-112233445566", "user_id": "7a6b5c4d-3e2f-4a1b-9c8d-665544332211", "user_login": "petrov@example.org", "space_id": "11112222-3333-4444-8555-666677778888"}
{"time":"2026-08-02T16:49:04.123Z","level":"info","logger":"http","caller":"server.go:120","msg":"request completed","method":"GET","path":"/api/v1/documents","status":200,"duration_ms":12,"client_ip":"192.0.2.1","trace_id":"7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968","user_login":"ivanov"}`
