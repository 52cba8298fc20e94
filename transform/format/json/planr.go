package json

import (
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Planr is the format planr.
var Planr = format.Spec{
	Name:     "planr",
	Doc:      "PLAN-R event, JSON",
	From:     "PLAN-R's services, to stdout of their containers",
	Log:      "planr",
	Stamp:    format.Stamp{Layout: format.EpochMillis, Line: `{"client_ip":"192.0.2.1","command_name":"space.list","container_name":"/planr_ru-main-1","request_source":"main","time":@,"trace_id":"t","user_login":"a@example.org"}`},
	Fixture:  format.Fixture{File: "planr/events.jsonl", Example: `"command_name"`},
	Question: `{job="planr"} | trace_id="7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968"`,
	Sample:   true,
	Traps:    "`duration` is only written for requests of more than 500 ms.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`auth_success` is true"},
		{Value: "failure", When: "`auth_success` is false, or the event has an `error`"},
	},
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
func planr(in *format.Input, d *format.Draft, o *jsonObject) {
	d.Format, d.Log, d.Job = &Planr, "planr", "planr"
	jsonFields(in, d, o)
	d.Set(format.FieldAction, o.short(slotCommand))
	d.Set(format.FieldCommandName, o.short(slotCommand))
	d.Set(format.FieldUser, scan.OrElse(o.short(slotLogin), o.short(slotUser)))
	d.Set(format.FieldUserLogin, o.short(slotLogin))
	d.Set(format.FieldSpaceID, o.short(slotSpace))
	d.Set(format.FieldRequestSource, o.short(slotSource))
	d.Set(format.FieldAuthSuccess, o.short(slotAuth))
	if v := o.short(slotDuration); scan.IsNumber(v) {
		d.Set(format.FieldDuration, v)
		d.Set(format.FieldDurationMS, v)
	}
	jsonError(d, o)
	planrOutcome(d)
	if level := jsonLevel(d, o); d.Level == format.LevelInfo && level != format.LevelUnknown {
		d.Level = level
	}
	planrContainer(d, o)
}

// planrOutcome tells how the event ended and how severe that is: an error is an
// error, a refused login a warning, everything else information.
func planrOutcome(d *format.Draft) {
	d.Level = format.LevelInfo
	switch d.Get(format.FieldAuthSuccess) {
	case "true":
		d.Set(format.FieldOutcome, "success")
	case "false":
		d.Set(format.FieldOutcome, "failure")
		d.Level = format.LevelWarn
	}
	if d.Has(format.FieldError) {
		d.Set(format.FieldOutcome, "failure")
		d.Level = format.LevelError
	}
}

// planrContainer takes container and service from the container that the event
// itself names ("/planr_ru-main-1"), so that they are the same however the
// event came; only Compose's own label is better.
func planrContainer(d *format.Draft, o *jsonObject) {
	h := d.Head
	d.Container = envelope.CleanName(o.short(slotContainer))
	if d.Container == "" {
		d.Container, d.Service = h.Container, h.Service
		return
	}
	d.Service = envelope.ServiceName(d.Container)
	if h.Service != "" && (h.Container == "" || h.Container == d.Container) {
		d.Service = h.Service
	}
	if h.Container != d.Container {
		d.Set(format.FieldContainerName, h.Container)
	}
}
