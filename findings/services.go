package findings

var services = []Finding{{
	Name: "fatal", Topic: "services", Severity: Critical, Min: 1, Alert: "ZimbraFatal",
	LogQL:   `{job="zimbra", level="fatal"}`,
	By:      []string{"host", "service_name"},
	Title:   Text{"A service wrote FATAL", "Служба записала FATAL"},
	Meaning: Text{"The service ends, or has ended.", "Служба завершается или уже завершилась."},
	Action: Text{
		"Read it: `{job=\"zimbra\", level=\"fatal\"}`. See that the service is back (`zmcontrol status`).",
		"Прочитайте строку: `{job=\"zimbra\", level=\"fatal\"}`. Убедитесь, что служба снова работает (`zmcontrol status`).",
	},
}, {
	Name: "service-stopped", Topic: "services", Severity: Critical, Min: 1, Alert: "ZimbraServiceStopped",
	LogQL:   `{job="zimbra", service_name=~"zimbramon|zimbra-zmconfigd"} | action=~"status|status_change" | status=~"(?i)stopped"`,
	By:      []string{"server", "target"},
	Title:   Text{"A service is stopped", "Служба остановлена"},
	Meaning: Text{"A service died or was stopped by hand.", "Служба упала или остановлена вручную."},
	Action: Text{
		"`zmcontrol status` on the server, then that service's log.",
		"`zmcontrol status` на сервере, затем журнал этой службы.",
	},
}, {
	Name: "mailbox-start", Topic: "services", Severity: Warning, Min: 1,
	LogQL:   "{job=\"zimbra\", log=\"mailbox\"} | component=\"misc\" |= `version=` |= `builddate=`",
	By:      []string{"host"},
	Title:   Text{"mailboxd was started", "mailboxd запускался"},
	Meaning: Text{"A planned restart, or it died and was started again.", "Плановый перезапуск — или он упал и был запущен снова."},
	Action: Text{
		"If nobody restarted it: read the FATAL or the last ERROR before the start, and zmmailboxd.out.",
		"Если никто его не перезапускал: прочитайте FATAL или последний ERROR перед запуском и zmmailboxd.out.",
	},
}, {
	Name: "out-of-memory", Topic: "services", Severity: Critical, Min: 1, Alert: "ZimbraOutOfMemory",
	LogQL:   "{job=\"zimbra\"} |~ `java[.]lang[.]OutOfMemoryError|Out of memory: Kill`",
	By:      []string{"host", "service_name"},
	Title:   Text{"Out of memory", "Не хватило памяти"},
	Meaning: Text{"mailboxd is not to be trusted after an OutOfMemoryError, even where it goes on.", "После OutOfMemoryError mailboxd нельзя доверять, даже если он продолжает работать."},
	Action: Text{
		"Restart it. If it comes again: heap size (`mailboxd_java_heap_size`), large searches, imports.",
		"Перезапустите его. Если повторяется: размер кучи (`mailboxd_java_heap_size`), большие поиски, импорт.",
	},
}, {
	Name: "open-files", Topic: "services", Severity: Critical, Min: 1, Alert: "ZimbraTooManyOpenFiles",
	LogQL:   "{job=\"zimbra\"} |= `Too many open files`",
	By:      []string{"host"},
	Title:   Text{"Too many open files", "Слишком много открытых файлов"},
	Meaning: Text{"The limit of open files is reached: too low, or something does not close them.", "Достигнут предел открытых файлов: он мал, или что-то их не закрывает."},
	Action: Text{
		"`ls /proc/PID/fd | wc -l` against `/proc/PID/limits`; raise the limit of user zimbra; restart.",
		"Сравните `ls /proc/PID/fd | wc -l` с `/proc/PID/limits`; поднимите предел пользователю zimbra; перезапустите.",
	},
}, {
	Name: "disk-full", Topic: "services", Severity: Critical, Min: 1, Alert: "ZimbraDiskFull",
	LogQL:   "{job=\"zimbra\"} |~ `No space left on device|Insufficient system storage|not enough free space in mail queue`",
	By:      []string{"host", "service_name"},
	Title:   Text{"A disk is full", "Диск заполнен"},
	Meaning: Text{"Mail is refused, the database and indexes may be damaged.", "Почта не принимается, база данных и индексы могут быть повреждены."},
	Action: Text{
		"`df -h` and `df -i`. Old logs, backups and amavis' quarantine go first.",
		"`df -h` и `df -i`. В первую очередь удаляют старые журналы, копии и карантин amavis.",
	},
}, {
	Name: "disk-warning", Topic: "services", Severity: Warning, Min: 1,
	LogQL:   `{job="zimbra"} |= "Disk warning"`,
	By:      []string{"host"},
	Title:   Text{"A disk fills up", "Диск заполняется"},
	Meaning: Text{"Zimbra warns before mail is refused.", "Zimbra предупреждает до того, как перестанет принимать почту."},
	Action:  Text{"Make room now: `df -h`, old logs and backups.", "Освободите место сейчас: `df -h`, старые журналы и копии."},
}, {
	Name: "ldap-down", Topic: "services", Severity: Critical, Min: 1, Alert: "ZimbraLDAPDown",
	LogQL:   "{job=\"zimbra\"} |~ `Can't contact LDAP server|LDAPException[(]resultCode=(52|81|91) |attempting to connect to server [^ ]+:(389|636)`",
	By:      []string{"host", "service_name"},
	Title:   Text{"LDAP cannot be reached", "LDAP недоступен"},
	Meaning: Text{"Nobody can log in, Postfix defers mail: all accounts are in LDAP.", "Никто не может войти, Postfix откладывает почту: все учётные записи хранятся в LDAP."},
	Action: Text{
		"`ldap status` on the LDAP server, its certificate, the network between. A replica in `ldap_url` keeps the system alive.",
		"`ldap status` на сервере LDAP, его сертификат, сеть между ними. Реплика в `ldap_url` сохраняет систему работающей.",
	},
}, {
	Name: "database-down", Topic: "services", Severity: Critical, Min: 1,
	LogQL:   `{job="zimbra"} |= "Could not establish a connection to the database"`,
	By:      []string{"host"},
	Title:   Text{"The database does not answer", "База данных не отвечает"},
	Meaning: Text{"No mailbox can be opened.", "Ни один почтовый ящик не открывается."},
	Action: Text{
		"`mysql.server status` as zimbra, its error log, the disk.",
		"`mysql.server status` от имени zimbra, журнал ошибок базы, диск.",
	},
}, {
	Name: "database-locks", Topic: "services", Severity: Warning, Min: 3, Alert: "ZimbraDatabaseContention",
	LogQL:   "{job=\"zimbra\"} |~ `Deadlock found when trying to get lock|Lock wait timeout exceeded`",
	By:      []string{"host"},
	Title:   Text{"Requests wait for locks of the database", "Запросы ждут блокировок базы данных"},
	Meaning: Text{"Requests wait for one another and fail.", "Запросы ждут друг друга и завершаются ошибкой."},
	Action: Text{
		"myslow.log names the statements (`{job=\"zimbra\", log=\"myslow\"}`); a mailbox that is moved, or reindexed, is the usual cause.",
		"myslow.log называет запросы (`{job=\"zimbra\", log=\"myslow\"}`); обычная причина — перенос или переиндексация ящика.",
	},
}, {
	Name: "certificate", Topic: "services", Severity: Warning, Min: 1, Alert: "ZimbraCertificateExpires",
	LogQL:   "{job=\"zimbra\", service_name!=\"postfix\"} |~ `(?i)certificate.{0,120}(will expire|expires in|has expired)|CertificateExpiredException`",
	By:      []string{"host", "service_name"},
	Title:   Text{"A certificate expires or has expired", "Сертификат истекает или истёк"},
	Meaning: Text{"Clients, and the services among themselves, refuse connections after that day.", "После этого дня клиенты и сами службы не соединяются."},
	Action:  Text{"`zmcertmgr viewdeployedcrt`; renew, deploy, restart.", "`zmcertmgr viewdeployedcrt`; выпустите новый, установите, перезапустите."},
}, {
	Name: "exceptions", Topic: "services", Severity: Warning, Min: 1,
	LogQL:   `{job="zimbra", log="mailbox"} | exception!=""`,
	By:      []string{"exception", Place, "action"},
	Title:   Text{"Java exceptions", "Исключения Java"},
	Meaning: Text{"A request or a background task failed. Some classes are ordinary: NoSuchItemException is an item that is gone.", "Запрос или фоновая задача завершились ошибкой. Некоторые классы обычны: NoSuchItemException — элемент уже удалён."},
	Action:  Text{"Look at the classes that are new since the last update, then at the most frequent.", "Смотрите классы, которых не было до последнего обновления, затем самые частые."},
}, {
	Name: "slow-requests", Topic: "services", Severity: Warning, Min: 5,
	LogQL:   `{job="zimbra", log="mailbox"} | component="soap" | action!~"NoOpRequest|(Admin)?(Create)?WaitSetRequest" | duration_ms > 8000`,
	By:      []string{"action", "user"},
	Title:   Text{"Requests take longer than 8 seconds", "Запросы длятся дольше 8 секунд"},
	Meaning: Text{"Users wait.", "Пользователи ждут."},
	Action: Text{
		"Searches: index or disk. All kinds of requests: garbage collection, database, LDAP.",
		"Поиск: индекс или диск. Все виды запросов: сборка мусора, база данных, LDAP.",
	},
}}
