package transform

// Planr is the format planr.
var Planr = Spec{
	Name:     "planr",
	Doc:      "PLAN-R event, JSON",
	From:     "PLAN-R's services, to stdout of their containers",
	Log:      "planr",
	Fixture:  Fixture{File: "planr/events.jsonl", Example: `"command_name"`},
	Question: `{job="planr"} | trace_id="7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968"`,
	Sample:   true,
	Traps:    "`duration` is written only for requests of more than 500 ms.",
}

// isPlanr reports whether a JSON object is an event of PLAN-R: client_ip,
// command_name and trace_id are obligatory there (PLAN-R, on-premise
// documentation, "Логирование событий системы").
func isPlanr(o *jsonObject) bool {
	return o.short(slotCommand) != "" && o.text(slotTrace) != "" &&
		(o.text(slotClientIP) != "" || o.short(slotContainer) != "")
}

// planr sets everything that an event of PLAN-R tells. time is in milliseconds
// since 1970, duration in milliseconds and only written above 500. The set of
// events is open.
func (in *Input) planr(d *draft, o *jsonObject) {
	d.format, d.log, d.job = &Planr, "planr", "planr"
	in.jsonFields(d, o)
	d.set(FieldAction, o.short(slotCommand))
	d.set(FieldCommandName, o.short(slotCommand))
	d.set(FieldUser, orElse(o.short(slotLogin), o.short(slotUser)))
	d.set(FieldUserLogin, o.short(slotLogin))
	d.set(FieldSpaceID, o.short(slotSpace))
	d.set(FieldRequestSource, o.short(slotSource))
	d.set(FieldAuthSuccess, o.short(slotAuth))
	if v := o.short(slotDuration); isNumber(v) {
		d.set(FieldDuration, v)
		d.set(FieldDurationMS, v)
	}
	jsonError(d, o)
	planrOutcome(d)
	if level := jsonLevel(d, o); d.level == LevelInfo && level != LevelUnknown {
		d.level = level
	}
	planrContainer(d, o)
}

// planrOutcome tells how the event ended and how severe that is: an error is an
// error, a refused login a warning, everything else information.
func planrOutcome(d *draft) {
	d.level = LevelInfo
	switch d.get(FieldAuthSuccess) {
	case "true":
		d.set(FieldOutcome, "success")
	case "false":
		d.set(FieldOutcome, "failure")
		d.level = LevelWarn
	}
	if d.has(FieldError) {
		d.set(FieldOutcome, "failure")
		d.level = LevelError
	}
}

// planrContainer takes container and service from the container that the event
// itself names ("/planr_ru-main-1"), so that they are the same however the
// event came; only Compose's own label is better.
func planrContainer(d *draft, o *jsonObject) {
	h := &d.head
	d.container = cleanName(o.short(slotContainer))
	if d.container == "" {
		d.container, d.service = h.container, h.service
		return
	}
	d.service = serviceName(d.container)
	if h.service != "" && (h.container == "" || h.container == d.container) {
		d.service = h.service
	}
	if h.container != d.container {
		d.set(FieldContainerName, h.container)
	}
}
