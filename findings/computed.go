package findings

// Names of the Computed.
const (
	NewNetworks  = "new-networks"
	DeferralGrow = "deferrals-grow"
	ClockBack    = "clock-back"
	ClockFuture  = "clock-future"
	ClocksDiffer = "clocks-differ"
)

// Computed are findings that no query of single entries has: reports compare
// entries with one another. Their LogQL shows the entries that were compared, and
// what is told is not their count.
var Computed = []Finding{{
	Name: NewNetworks, Topic: "logins", Severity: Info, Min: 1,
	LogQL:   `{job="zimbra", log="audit"} | action=~".*Auth" | outcome="success"`,
	By:      []string{"user", "network"},
	Title:   Text{"Accounts were entered from networks that are new to them", "Входы в учётные записи из новых для них сетей"},
	Meaning: Text{"The account logged in before, but from this network (/24, of IPv6 /48) only after the first quarter of the time that these logs cover. Telephones, travel and new offices are the usual reason; a guessed password looks the same.", "Пользователь входил и раньше, но из этой сети (/24, для IPv6 /48) — только после первой четверти времени, которое охватывают журналы. Обычно это телефон, поездка или новый офис; так же выглядит и подобранный пароль."},
	Action: Text{
		"Compare with the failed logins before, and ask the user. `zimbraloki export --user USER` keeps the lines.",
		"Сравните с неудачными входами перед этим и спросите пользователя. `zimbraloki export --user USER` сохранит строки.",
	},
}, {
	Name: DeferralGrow, Topic: "mail", Severity: Warning, Min: 1,
	LogQL:   `{job="zimbra", service_name="postfix"} | action="deliver" | outcome="deferred"`,
	By:      []string{"hour"},
	Title:   Text{"Deferrals grow from hour to hour", "Откладываний всё больше с каждым часом"},
	Meaning: Text{"Three hours or more, each with more deferrals than the one before, the last with three times the first: the queue fills faster than it empties.", "Три часа или дольше каждый час откладываний больше, чем в предыдущий, и в последний втрое больше, чем в первый: очередь наполняется быстрее, чем пустеет."},
	Action: Text{
		"`qshape deferred` shows for which domains. One: their server, or a limit on us. All: network, DNS, or a filter that is down.",
		"`qshape deferred` показывает, для каких доменов. Один: их сервер или ограничение для нас. Все: сеть, DNS или неработающий фильтр.",
	},
}, {
	Name: ClockBack, Topic: "services", Severity: Warning, Min: 1,
	LogQL:   `{job=~".+"}`,
	By:      []string{"host", "log"},
	Title:   Text{"Times of a log jump back by hours", "Время в журнале прыгает назад на часы"},
	Meaning: Text{"A line is more than 90 minutes older than the one before: the clock was set, the zone was changed, or logs of two machines were put together. Times of this log are to be doubted.", "Строка старше предыдущей больше чем на 90 минут: перевели часы, сменили часовой пояс или смешали журналы двух машин. Времени в этом журнале верить нельзя."},
	Action:  Text{"`timedatectl` and `chronyc tracking` on the host; `--timezone` where all of it is off by whole hours.", "`timedatectl` и `chronyc tracking` на хосте; `--timezone`, если всё сдвинуто на целые часы."},
}, {
	Name: ClockFuture, Topic: "services", Severity: Warning, Min: 1,
	LogQL:   `{job=~".+"}`,
	By:      []string{"host", "log"},
	Title:   Text{"Times lie in the future", "Время из будущего"},
	Meaning: Text{"Lines are stamped more than an hour after now: a wrong clock, or a zone that is not that of the logs.", "Время строк больше чем на час позже текущего: неверные часы или часовой пояс не тот, что у журналов."},
	Action:  Text{"Give the zone of the logs with `--timezone`, then look at the host's clock.", "Укажите часовой пояс журналов через `--timezone`, затем проверьте часы хоста."},
}, {
	Name: ClocksDiffer, Topic: "services", Severity: Warning, Min: 1,
	LogQL:   `{job="zimbra"} | message_id!="" | action=~"deliver|add"`,
	By:      []string{"hosts"},
	Title:   Text{"Clocks or zones of two hosts differ", "Часы или часовые пояса двух хостов расходятся"},
	Meaning: Text{"The MTA says that it delivered a mail, and the mailstore that it took it, ten minutes or more apart, for half of the mails that both name.", "MTA пишет, что доставил письмо, а хранилище — что приняло его, с разницей от десяти минут — для половины писем, которые есть у обоих."},
	Action:  Text{"Whole hours: the zones differ, read each host's logs with its own `--timezone`. Otherwise: `chronyc tracking` on both.", "Целые часы: разные пояса, читайте журналы каждого хоста со своим `--timezone`. Иначе: `chronyc tracking` на обоих."},
}}

// ComputedBy returns the Computed of a name.
func ComputedBy(name string) Finding {
	for _, f := range Computed {
		if f.Name == name {
			return f
		}
	}
	return Finding{}
}
