package questions

var planR = Topic{
	EN: `PLAN-R`, RU: `PLAN-R`,
	Platform: "planr",
	Lead:     "`user_login` of its documentation is `user` here, `command_name` is `action`, `duration` is `duration_ms`.",
	Questions: []Question{
		{
			Name:   "planr-request",
			EN:     `One request through all containers`,
			RU:     `Один запрос через все контейнеры`,
			Params: []Param{{"trace", `7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968`}},
			Query: `{job="planr"} | trace_id="${trace}"
  | line_format "{{.service_name}}: {{.action}} {{.duration_ms}} {{.error}}"`,
			Answer: `main: report.build 4210
worker: report.collect
worker: report.render 3120
worker: report.store  bucket quota exceeded`,
		},
		{
			Name:   "planr-person",
			EN:     `What did a person do in PLAN-R?`,
			RU:     `Что делал человек?`,
			Params: []Param{{"user", `petrova@example.org`}},
			Query:  `{job="planr"} | user="${user}"`,
		},
		{
			Name:  "planr-slow-requests",
			EN:    `Which requests took more than two seconds?`,
			RU:    `Какие запросы длились больше двух секунд?`,
			Query: `{job="planr"} | duration_ms > 2000 | line_format "{{.action}} {{.user}} {{.duration_ms}} ms"`,
			Answer: `report.build a.meyer@example.com 5681 ms
report.build kuznetsova@example.org 3046 ms
task.update ivanov@example.org 3402 ms`,
		},
		{
			Name:  "planr-slow-commands",
			EN:    `Which commands are slow?`,
			RU:    `Какие команды медленные?`,
			Note:  `PLAN-R logs a duration above 500 ms only:`,
			Query: `topk(5, sum by (action) (count_over_time({job="planr"} | duration_ms > 500 [$__range])))`,
		},
		{
			Name:  "planr-command-times",
			EN:    `How long does each command take?`,
			RU:    `Сколько длится каждая команда?`,
			Query: `quantile_over_time(0.95, {job="planr"} | duration_ms!="" | unwrap duration_ms [$__range]) by (action)`,
			Answer: `    6233  action=project.get
    6015  action=report.build
    5980  action=space.list`,
		},
		{
			Name:  "planr-errors",
			EN:    `Which services of PLAN-R have errors?`,
			RU:    `Ошибки по службам`,
			Query: `sum by (service_name) (count_over_time({job="planr"} | detected_level="error" [$__range]))`,
			Answer: `      32  service_name=main
       1  service_name=worker`,
		},
		{
			Name:  "planr-failed-logins",
			EN:    `Who failed to log in to PLAN-R?`,
			RU:    `Неудачные входы`,
			Query: `sum by (user, client_ip) (count_over_time({job="planr"} | action=~"auth.*" | outcome="failure"${?user} [$__range]))`,
		},
	},
}

var visiology = Topic{
	EN: `Visiology`, RU: `Visiology`,
	Platform: "visiology",
	Lead:     `The queries of its documentation work as they are:`,
	Questions: []Question{
		{
			Name:   "visiology-failed",
			EN:     `What failed?`,
			RU:     `События со статусом Failed`,
			Query:  `{exporter="OTLP"} |= "OperationStatus:Failed" | json | line_format "{{.body}}"`,
			Answer: `OperationName:Login with AccessType:Read on ObjectType: Global completed by User:ivanov with OperationStatus:Failed, ErrorMessage:Invalid user name or password`,
		},
		{
			Name:  "visiology-dashboard-created",
			EN:    `Who created a dashboard?`,
			RU:    `Создание дашборда`,
			Query: `{exporter="OTLP"} |= "OperationName:CreateDashboard" | json | line_format "{{.body}}"`,
		},
		{
			Name:  "visiology-theme-deleted",
			EN:    `Who deleted a theme?`,
			RU:    `Удаление темы`,
			Query: `{exporter="OTLP"} |= "OperationName:DeleteTheme" | json | line_format "{{.body}}"`,
		},
		{
			Name:   "visiology-person-text",
			EN:     `Lines with the name of a person`,
			RU:     `Записи с именем пользователя`,
			Params: []Param{{"user", `ivanov`}},
			Query:  `{exporter="OTLP"} |= "${user}"`,
		},
		{
			Name:   "visiology-person-failed",
			EN:     `What failed for exactly that person?`,
			RU:     `Неудачные действия одного пользователя`,
			Note:   "`|= \"ivanov\"` also finds petrovivanov, and is case-sensitive. Exactly that person:",
			Params: []Param{{"user", `ivanov`}},
			Query:  `{exporter="OTLP"} | user="${user}" | operation_status="Failed" | json | line_format "{{.body}}"`,
		},
		{
			Name:   "visiology-deleted",
			EN:     `Who deleted something?`,
			RU:     `Кто что-то удалил?`,
			Query:  `{exporter="OTLP"} | access_type="Delete" | line_format "{{.action}} {{.object_type}} {{.object_id}} by {{.user}}: {{.operation_status}}"`,
			Answer: `DeleteTheme Theme a3fdabc63969a5fe9aa9733d2becbc32 by admin: Success`,
		},
		{
			Name:  "visiology-changes",
			EN:    `Who changes most?`,
			RU:    `Кто меняет больше всех?`,
			Query: `sum by (user) (count_over_time({exporter="OTLP"} | access_type=~"Delete|Write|Create" [$__range]))`,
		},
		{
			Name:  "visiology-failures",
			EN:    `What fails?`,
			RU:    `Что не удаётся?`,
			Query: `sum by (user, action) (count_over_time({exporter="OTLP"} | operation_status="Failed" [$__range]))`,
			Answer: `       6  action=Login  user=ivanov
       4  action=GetWidgetData  user=meyer`,
		},
	},
}

var arrival = Topic{
	EN: `Do all logs arrive?`, RU: `Все ли логи приходят?`,
	Tail: "Lines that no parser knew are `{job=\"zimbra\"} | format=\"unparsed\"`; of the sample logs there are none. What the plugin counts itself: [metrics](metrics.md#what-to-watch).",
	Questions: []Question{
		{
			Name:  "arrival",
			EN:    `Do all logs arrive?`,
			RU:    `Все ли логи приходят?`,
			Query: `sum by (host, log) (count_over_time({job=~".+"} [$__range]))`,
		},
	},
}
