package questions

var mail = Topic{
	EN: `Mail`, RU: `Почта`,
	Platform: "zimbra",
	Questions: []Question{
		{
			Name:   "where-is-mail",
			EN:     `Where is this mail?`,
			RU:     `Где это письмо?`,
			Note:   `More in [trace-a-mail](trace-a-mail.md).`,
			Params: []Param{{"message-id", `<agenda-0815@pc23.example.com>`}},
			Query: `{job="zimbra"} | message_id="${message-id}" | status!="" | outcome!="hop"
  | line_format "{{.from}} to {{.to}}: {{.status}} {{.relay}} {{.error}}"`,
			Answer: `b.rossi@example.com to maria@partner.example.net: deferred mx.partner.example.net[198.51.100.111]:25 host mx.partner.example.net…
b.rossi@example.com to petrova@example.org: sent mail.example.com[192.0.2.41]:7025
b.rossi@example.com to maria@partner.example.net: sent mx.partner.example.net[198.51.100.111]:25`,
		},
		{
			Name:  "mail-outcomes",
			EN:    `How much mail was delivered, deferred, bounced, rejected?`,
			RU:    `Сколько писем доставлено, отложено, возвращено, отклонено?`,
			Query: `sum by (outcome) (count_over_time({job="zimbra", service_name="postfix"} | outcome=~"success|deferred|bounced|rejected" [$__range]))`,
			Answer: `    1425  outcome=success
     430  outcome=deferred
     238  outcome=bounced
     233  outcome=rejected`,
		},
		{
			Name:  "top-senders",
			EN:    `Who sends most?`,
			RU:    `Кто отправляет больше всех?`,
			Query: `topk(3, sum by (user) (count_over_time({job="zimbra", service_name="postfix"} | action="receive" | user!="" [$__range])))`,
			Answer: `     103  user=kuznetsova@example.org
      34  user=sales@example.com
      28  user=a.meyer@example.com`,
		},
		{
			Name:  "deferring-servers",
			EN:    `Which servers defer our mail?`,
			RU:    `Какие серверы откладывают нашу почту?`,
			Query: `topk(3, sum by (relay) (count_over_time({job="zimbra", service_name="postfix"} | status="deferred" [$__range])))`,
			Answer: `     335  relay=mx.bigmail.example.net[198.51.100.102]:25
      44  relay=none
      27  relay=mail.example.com[192.0.2.41]:7025`,
		},
		{
			Name:  "bounce-reasons",
			EN:    `Why does mail bounce?`,
			RU:    `Почему письма возвращаются?`,
			Query: `topk(3, sum by (dsn, error) (count_over_time({job="zimbra", service_name="postfix"} | status="bounced" [$__range])))`,
			Answer: `     160  dsn=5.7.1  error=host mx.bigmail.example.net[198.51.100.102] said: 554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using …
       5  dsn=5.1.1  error=host mx.bigmail.example.net[198.51.100.102] said: 550 5.1.1 <lena@bigmail.example.net>: Recipient address rejected: …`,
		},
		{
			Name:   "delivery-time",
			EN:     `How long does delivery take?`,
			RU:     `Сколько длится доставка?`,
			Note:   `Seconds that 95 of 100 deliveries take at most:`,
			Query:  `quantile_over_time(0.95, {job="zimbra", service_name="postfix"} | status="sent" | outcome!="hop" | delay!="" | unwrap duration_seconds(delay) [$__range]) by (host)`,
			Answer: `     301  host=mta1.example.com`,
		},
		{
			Name:  "long-deliveries",
			EN:    `Which deliveries waited longer than five minutes?`,
			RU:    `Какие доставки ждали дольше пяти минут?`,
			Note:  "`delay` is a duration; [fields](fields.md#numbers) has how each number is compared.",
			Query: `{job="zimbra", service_name="postfix"} | delay > 5m | line_format "{{.delay}} {{.status}} {{.to}} {{.error}}"`,
		},
		{
			Name:  "rejected-clients",
			EN:    `Whom do we reject on connection?`,
			RU:    `Кого мы отклоняем при подключении?`,
			Query: `topk(3, sum by (client_ip) (count_over_time({job="zimbra", service_name="postfix"} | outcome="rejected" [$__range])))`,
			Answer: `      10  client_ip=198.51.100.63
       8  client_ip=198.51.100.57
       7  client_ip=198.51.100.49`,
		},
		{
			Name:   "mail-encryption",
			EN:     `Is mail encrypted in transit?`,
			RU:     `Шифруется ли почта при передаче?`,
			Query:  `sum by (tls_version) (count_over_time({job="zimbra", service_name="postfix"} | tls_version!="" [$__range]))`,
			Answer: `    1166  tls_version=TLSv1.3`,
		},
	},
}

var logins = Topic{
	EN: `Logins`, RU: `Входы`,
	Platform: "zimbra",
	Tail:     `More in [investigations](investigations.md).`,
	Questions: []Question{
		{
			Name:  "failed-logins",
			EN:    `Who typed a wrong password?`,
			RU:    `Кто вводил неверный пароль?`,
			Note:  "What `grep \"invalid password\" audit.log` was for, on all hosts at once:",
			Query: `topk(5, sum by (user, client_ip) (count_over_time({job="zimbra", log="audit"} |= "invalid password"${?user}${?client-ip} [$__range])))`,
			Answer: `      43  client_ip=198.51.100.23  user=ivanov@example.org
      23  client_ip=198.51.100.23  user=kuznetsova@example.org
       9  client_ip=198.51.100.24  user=ivanov@example.org`,
		},
		{
			Name:   "locked-accounts",
			EN:     `Which accounts were locked?`,
			RU:     `Какие учётные записи заблокированы?`,
			Query:  `{job="zimbra", log="audit"} | outcome="lockout"${?user} | line_format "{{.user}} {{.client_ip}} {{.error}}"`,
			Answer: `ivanov@example.org 198.51.100.23 account lockout due to too many failed logins`,
		},
		{
			Name:  "login-protocols",
			EN:    `By which protocols do people log in?`,
			RU:    `По каким протоколам входят?`,
			Query: `sum by (protocol) (count_over_time({job="zimbra", log="audit"} | outcome="success"${?user} [$__range]))`,
			Answer: `     905  protocol=soap
     285  protocol=smtp
     234  protocol=imap`,
		},
		{
			Name:  "login-programs",
			EN:    `With which programs?`,
			RU:    `С какими программами входят?`,
			Query: `topk(3, sum by (user_agent) (count_over_time({job="zimbra", log="audit"} | action="Auth" | user_agent!="" [$__range])))`,
			Answer: `     284  user_agent=Zimbra/10.1.9_GA_4735
     269  user_agent=ZimbraWebClient - GC142 (Win)/10.1.9_GA_4735
     260  user_agent=ZimbraWebClient - FF140 (Linux)/10.1.9_GA_4735`,
		},
		{
			Name:  "admin-changes",
			EN:    `What did administrators change?`,
			RU:    `Что изменили администраторы?`,
			Query: `{job="zimbra", log="audit"} | outcome="admin_change"${?user} | line_format "{{.user}} {{.action}} {{.target}} from {{.client_ip}}"`,
			Answer: `admin@example.com ModifyAccount c.dubois@example.com from 192.0.2.9
admin@example.com ModifyAccount helpdesk@example.org from 192.0.2.9`,
		},
	},
}
