package questions

var mailbox = Topic{
	EN: `Mailbox and web client`, RU: `Почтовый ящик и веб-клиент`,
	Platform: "zimbra",
	Questions: []Question{
		{
			Name:   "person",
			EN:     `Everything about one person`,
			RU:     `Всё об одном человеке`,
			Params: []Param{{"user", `ivanov@example.org`}},
			Query:  `{job="zimbra"} | user="${user}"`,
		},
		{
			Name: "slow-requests",
			EN:   `Which requests are slow, and whose?`,
			RU:   `Какие запросы медленные и чьи они?`,
			Query: `{job="zimbra", log="mailbox"} | component="soap" | duration_ms > 8000${?user}
  | line_format "{{.duration_ms}} ms {{.action}} {{.user}}"`,
			Answer: `11096 ms SearchRequest d.novak@example.com
9621 ms SearchRequest d.novak@example.com`,
		},
		{
			Name:  "request-times",
			EN:    `How slow is each kind of request?`,
			RU:    `Насколько медленны запросы каждого вида?`,
			Note:  `Milliseconds, 95th of 100:`,
			Query: `quantile_over_time(0.95, {job="zimbra", log="mailbox"} | component="soap" | duration_ms!="" | unwrap duration_ms [$__range]) by (action)`,
			Answer: `     161  action=SearchRequest
     124  action=ConvActionRequest
     120  action=NoOpRequest`,
		},
		{
			Name:  "exceptions",
			EN:    `Which Java exceptions are there?`,
			RU:    `Какие исключения Java встречаются?`,
			Query: `sum by (exception) (count_over_time({job="zimbra", log="mailbox"} | exception!="" [$__range]))`,
			Answer: `     176  exception=com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException
       8  exception=java.io.IOException
       1  exception=java.lang.OutOfMemoryError`,
		},
		{
			Name:  "handler-exceptions",
			EN:    `Which requests ended with a handler exception?`,
			RU:    `Какие запросы закончились исключением обработчика (handler exception)?`,
			Note:  "What `grep \"handler exception\" mailbox.log` was for. The stack trace is part of an entry: `{job=\"zimbra\", log=\"mailbox\"} |= \"handler exception\"` shows it.",
			Query: `topk(5, sum by (action, exception, code) (count_over_time({job="zimbra", log="mailbox"} |= "handler exception"${?user} [$__range])))`,
		},
		{
			Name: "lmtp-errors",
			EN:   `What went wrong with deliveries to mailboxes (LmtpServer)?`,
			RU:   `Какие ошибки при доставке писем в ящики (LmtpServer)?`,
			Query: `{job="zimbra", log="mailbox"} |= "LmtpServer" | error!=""
  | line_format "{{.level}} {{.to}} {{.error}}"`,
		},
		{
			Name: "imap-errors",
			EN:   `Which errors of IMAP are there (ImapServer)?`,
			RU:   `Какие ошибки IMAP (ImapServer)?`,
			Query: `{job="zimbra", log="mailbox"} |~ "Imap(SSL)?Server" | error!=""${?user}
  | line_format "{{.level}} {{.user}} {{.client_ip}} {{.error}}"`,
		},
		{
			Name: "pop3-errors",
			EN:   `Which errors of POP3 are there (Pop3Server)?`,
			RU:   `Какие ошибки POP3 (Pop3Server)?`,
			Query: `{job="zimbra", log="mailbox"} |~ "Pop3(SSL)?Server" | error!=""${?user}
  | line_format "{{.level}} {{.user}} {{.client_ip}} {{.error}}"`,
		},
		{
			Name:   "fatal",
			EN:     `What was fatal?`,
			RU:     `Что было фатальным?`,
			Query:  `{job="zimbra", level="fatal"}`,
			Answer: `2026-11-23 10:25:59,999 FATAL [qtp1286783232-181:https://mail.example.com/service/soap/SearchRequest] [name=sales@example.com;mid=12;…`,
		},
		{
			Name:  "levels",
			EN:    `How many lines of each level?`,
			RU:    `Сколько строк каждого уровня?`,
			Query: `sum by (level) (count_over_time({job="zimbra", log="mailbox"} [$__range]))`,
			Answer: `    6764  level=info
     194  level=warn
      15  level=error
       1  level=fatal`,
		},
	},
}

var spam = Topic{
	EN: `Spam and viruses`, RU: `Спам и вирусы`,
	Platform: "zimbra",
	Questions: []Question{
		{
			Name:  "scan-verdicts",
			EN:    `What did amavis find?`,
			RU:    `Что нашёл amavis?`,
			Query: `sum by (category, outcome) (count_over_time({job="zimbra", service_name="amavis"} | verdict!="" [$__range]))`,
			Answer: `    1128  category=CLEAN  outcome=passed
      80  category=SPAMMY  outcome=passed
      75  category=SPAM  outcome=discarded
       6  category=BANNED  outcome=discarded
       1  category=INFECTED  outcome=discarded`,
		},
		{
			Name:  "viruses",
			EN:    `Which viruses, for whom?`,
			RU:    `Какие вирусы и кому?`,
			Query: `{job="zimbra"} | category="INFECTED" | line_format "{{.virus}} {{.from}} [{{.client_ip}}] -> {{.to}}"`,
		},
		{
			Name:   "scan-time",
			EN:     `How long does a scan take?`,
			RU:     `Сколько длится проверка?`,
			Note:   `Milliseconds:`,
			Query:  `quantile_over_time(0.95, {job="zimbra", service_name="amavis"} | duration_ms!="" | unwrap duration_ms [$__range]) by (host)`,
			Answer: `     960  host=mta1.example.com`,
		},
		{
			Name:  "forged-senders",
			EN:    `Who forges senders?`,
			RU:    `Кто подделывает отправителей?`,
			Query: `topk(3, sum by (client_ip) (count_over_time({job="zimbra", service_name=~"opendkim|policyd-spf"} | outcome="failure" | client_ip!="" [$__range])))`,
		},
	},
}

var system = Topic{
	EN: `The system`, RU: `Система`,
	Platform: "zimbra",
	Questions: []Question{
		{
			Name:  "service-changes",
			EN:    `Which services stopped or started?`,
			RU:    `Какие службы остановились или запустились?`,
			Query: `{job="zimbra"} |= "Service status change"`,
			Answer: `Nov 23 10:26:20 mta1.example.com zmconfigd[1085]: Service status change: mail.example.com mailboxd changed from running to stopped
Nov 23 10:27:40 mta1.example.com zmconfigd[1085]: Service status change: mail.example.com mailboxd changed from stopped to running`,
		},
		{
			Name:  "proxy-errors",
			EN:    `Did users see errors from the proxy?`,
			RU:    `Видели ли пользователи ошибки прокси?`,
			Query: `sum by (status) (count_over_time({job="zimbra", service_name="zimbra-proxy"} | status=~"5.." [$__range]))`,
			Answer: `     135  status=500
      78  status=502`,
		},
		{
			Name:  "disk-warnings",
			EN:    `Is a disk filling up?`,
			RU:    `Заканчивается ли место на диске?`,
			Query: `{job="zimbra"} |= "Disk warning"`,
		},
	},
}
