package findings

var mail = []Finding{{
	Name: "deferred", Topic: "mail", Severity: Warning, Min: 20,
	LogQL:   `{job="zimbra", service_name="postfix"} | action="deliver" | outcome="deferred"`,
	By:      []string{"relay", "dsn"},
	Title:   Text{"Deliveries are deferred", "Доставка отложена"},
	Meaning: Text{"The other server, or ours, does not take mail now. Postfix tries again for days.", "Чужой или наш сервер сейчас не принимает почту. Postfix повторяет попытки несколько дней."},
	Action: Text{
		"One server, 4.7.x: they limit us, look for spam of ours. Our own mailstore: see Services. All: network or DNS.",
		"Один сервер, 4.7.x: он ограничивает нас, ищите спам от нас. Наше хранилище: см. «Службы». Все: сеть или DNS.",
	},
}, {
	Name: "bounced", Topic: "mail", Severity: Warning, Min: 10,
	LogQL:   `{job="zimbra", service_name="postfix"} | action="deliver" | outcome="bounced"`,
	By:      []string{"dsn", "relay"},
	Title:   Text{"Mail bounces", "Письма возвращаются"},
	Meaning: Text{"The sender gets the mail back. 5.1.1: no such user; 5.7.x: the other server does not want mail of ours.", "Отправитель получает письмо назад. 5.1.1: нет такого пользователя; 5.7.x: сервер не хочет принимать нашу почту."},
	Action: Text{
		"5.7.x with a blocklist: find the account that sends spam, then ask to be delisted. 5.1.1: clean the list.",
		"5.7.x со списком блокировки: найдите учётную запись, рассылающую спам, затем просите исключить вас. 5.1.1: почистите список рассылки.",
	},
}, {
	Name: "rejected", Topic: "mail", Severity: Info, Min: 20,
	LogQL:   `{job="zimbra", service_name="postfix"} | outcome="rejected"`,
	By:      []string{"client_ip", "dsn"},
	Title:   Text{"Mail was refused on connection", "Письма отклонены при подключении"},
	Meaning: Text{"Ordinary: most of it is spam that blocklists and rules stop.", "Обычное дело: в основном это спам, который останавливают списки и правила."},
	Action:  Text{"Look only if a partner complains: search for its address.", "Смотрите, только если жалуется партнёр: ищите его адрес."},
}, {
	Name: "delayed", Topic: "mail", Severity: Warning, Min: 5,
	LogQL:   `{job="zimbra", service_name="postfix"} | action="deliver" | outcome="success" | delay > 15m`,
	By:      []string{"relay", "to"},
	Title:   Text{"Mail came more than 15 minutes late", "Письма опоздали больше чем на 15 минут"},
	Meaning: Text{"It was put off before: greylisting, a busy server, a stopped service.", "Сначала их отложили: greylisting, занятый сервер, остановленная служба."},
	Action:  Text{"Compare the times with stopped services and deferrals.", "Сравните время с остановками служб и отложенной доставкой."},
}, {
	Name: "queue-limits", Topic: "mail", Severity: Warning, Min: 1,
	LogQL:   "{job=\"zimbra\", service_name=\"postfix\"} |~ `has reached its process limit|active queue entries|too many connections| limit exceeded: |queue file write error|connect to transport |mail transport unavailable|premature end-of-input on private/`",
	By:      []string{"program", "host", "client_ip"},
	Title:   Text{"Postfix runs into its limits, or a service of it is missing", "Postfix упирается в свои пределы или его служба недоступна"},
	Meaning: Text{"Mail waits: processes, connections or places of the active queue are used up, or what Postfix hands mail to does not answer.", "Почта ждёт: исчерпаны процессы, соединения или место в активной очереди, либо не отвечает то, чему Postfix передаёт письма."},
	Action: Text{
		"One client: it sends too much, block it or slow it down. `process limit`: the filter behind is slow, or `master.cf` allows too few. One domain fills the active queue: `qshape active`.",
		"Один клиент: он шлёт слишком много, закройте его или замедлите. `process limit`: медленный фильтр или мало процессов в `master.cf`. Один домен занял активную очередь: `qshape active`.",
	},
}}

var content = []Finding{{
	Name: "virus", Topic: "content", Severity: Warning, Min: 1, Alert: "ZimbraVirusFound",
	LogQL:   `{job="zimbra", service_name="amavis"} | virus!=""`,
	By:      []string{"virus", "client_ip"},
	Title:   Text{"A virus in mail", "Вирус в письме"},
	Meaning: Text{"Ordinary once in a while. Many of one name are a campaign, and some variants of it pass.", "Изредка — обычное дело. Много с одним именем — рассылка, и часть её вариантов проходит."},
	Action:  Text{"Its entries, and the dashboard AS/AV, name viruses and recipients. Warn users in a campaign.", "Имена вирусов и получатели — в записях и на панели AS/AV. При рассылке предупредите пользователей."},
}, {
	Name: "scanner-down", Topic: "content", Severity: Critical, Min: 1, Alert: "ZimbraScannerDown",
	LogQL:   "{job=\"zimbra\", service_name=~\"amavis|postfix\"} |~ `ALL VIRUS SCANNERS FAILED|connect to [^ ]*clam[^ ]* failed|connect to 127[.]0[.]0[.]1[^ ]*:100(24|26|32): Connection refused`",
	By:      []string{"host"},
	Title:   Text{"The virus scanner does not answer", "Антивирус не отвечает"},
	Meaning: Text{"Mail waits, or goes through unscanned, as amavis is configured.", "Почта ждёт или проходит без проверки — как настроен amavis."},
	Action: Text{
		"`zmantivirusctl status`, `zmamavisdctl status`; clamd often dies of memory when it loads a new database: see freshclam.log and `kernel: Out of memory`.",
		"`zmantivirusctl status`, `zmamavisdctl status`; clamd часто падает от нехватки памяти при загрузке новой базы: см. freshclam.log и `kernel: Out of memory`.",
	},
}, {
	Name: "spam", Topic: "content", Severity: Info, Min: 10,
	LogQL:   `{job="zimbra", service_name="amavis"} | category="SPAM"`,
	By:      []string{"client_ip", "from"},
	Title:   Text{"Spam was stopped", "Спам остановлен"},
	Meaning: Text{"Ordinary, unless the sender is one of yours.", "Обычное дело, если отправитель не из ваших."},
	Action: Text{
		"A sender of your own domain: the account is compromised, lock it and change its password.",
		"Отправитель из вашего домена: учётная запись взломана, заблокируйте её и смените пароль.",
	},
}, {
	Name: "forged", Topic: "content", Severity: Info, Min: 10,
	LogQL:   `{job="zimbra", service_name=~"opendkim|policyd-spf"} | outcome="failure"`,
	By:      []string{"client_ip", "service_name"},
	Title:   Text{"Senders fail DKIM or SPF", "Отправители не проходят DKIM или SPF"},
	Meaning: Text{"Somebody writes in the name of a domain that does not know him, or a forwarder breaks signatures.", "Кто-то пишет от имени чужого домена, или пересылка портит подписи."},
	Action:  Text{"Many of one address in the name of a bank: warn users.", "Много с одного адреса от имени банка: предупредите пользователей."},
}}

var platforms = []Finding{{
	Name: "planr-errors", Topic: "platforms", Severity: Warning, Min: 1,
	LogQL:   `{job="planr", level="error"}`,
	By:      []string{"service_name", "action"},
	Title:   Text{"PLAN-R writes errors", "Ошибки PLAN-R"},
	Meaning: Text{"A service of PLAN-R, or what it depends on, fails.", "Сбой службы PLAN-R или того, от чего она зависит."},
	Action:  Text{"Follow one `trace_id` through the services.", "Проследите один `trace_id` через службы."},
}, {
	Name: "visiology-failed", Topic: "platforms", Severity: Warning, Min: 1, Alert: "VisiologyOperationsFail",
	LogQL:   `{log="visiology"} | outcome="failure"`,
	By:      []string{"operation", "user"},
	Title:   Text{"Operations of Visiology fail", "Операции Visiology завершаются ошибкой"},
	Meaning: Text{"Missing rights, a broken object, or somebody who tries doors.", "Нет прав, повреждён объект или кто-то пробует двери."},
	Action: Text{
		"Its entries, and the dashboard Platforms, name the objects. Compare with what the same user may do.",
		"Объекты названы в записях и на панели Platforms. Сравните с правами этого пользователя.",
	},
}}
