package json

import (
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// JSON is the format json.
var JSON = format.Spec{
	Name:     "json",
	Doc:      "any other JSON object",
	From:     "any program that logs JSON objects: logback, pino, zap, slog, Serilog, Monolog, MongoDB, GELF, …",
	Log:      "json",
	Parse:    parseJSON,
	Stamp:    format.Stamp{Layout: "2006-01-02T15:04:05.000Z07:00", Line: `{"timestamp":"@","level":"ERROR","message":"x"}`},
	Fixture:  format.Fixture{File: "json/lines.jsonl", Example: "OrderService"},
	Question: `{job="container"} | level="error"`,
	Traps:    "Known keys become fields of the vocabulary; the line keeps all of them, so `| json` finds the rest.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`event.outcome` (ECS) says so"},
		{Value: "failure", When: "`event.outcome` says so"},
	},
}

// parseJSON reads a line that is a JSON object: PLAN-R's events, and what other
// programs write under the keys that are usual for it (jsonTopKeys). The line
// itself stays as it is; false means that it is no valid JSON object.
func parseJSON(in *format.Input, d *format.Draft) bool {
	s := jsonOf.Of(in)
	text := d.Head.Text[d.Head.Skip:]
	ok := text != "" && text[0] == '{' && (s.scanPlanr(&in.Arena, text) || s.read(&in.Arena, text))
	if ok {
		jsonLine(in, d)
	}
	s.Reset()
	return ok
}

// jsonLine makes the draft of the object that was read.
func jsonLine(in *format.Input, d *format.Draft) {
	s := jsonOf.Of(in)
	o := &s.obj
	d.Time = jsonTime(in, o, d.Head.Arrival)
	d.Msg = scan.OrElse(o.text(slotMessage), o.text(slotGELF))
	if isPlanr(o) {
		planr(in, d, o)
		return
	}
	d.Log = "json"
	if d.Head.IsContainer {
		d.Log = "container"
		d.Container = d.Head.Container
	}
	d.Service = scan.OrElse(o.short(slotService), d.Head.Service)
	jsonFields(in, d, o)
	jsonHTTP(d, o)
	jsonError(d, o)
	if l := jsonLevel(d, o); l != format.LevelUnknown { // else what OpenTelemetry said holds
		d.Level = l
	}
	if d.Level >= format.LevelError && d.Msg != "" {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
}

// jsonFields moves what every JSON line may tell to the metadata.
func jsonFields(in *format.Input, d *format.Draft, o *jsonObject) {
	d.Set(format.FieldTraceID, o.short(slotTrace))
	d.Set(format.FieldSpanID, o.short(slotSpan))
	d.Set(format.FieldRequestID, o.short(slotRequest))
	d.Set(format.FieldUser, scan.OrElse(o.short(slotUser), o.short(slotLogin)))
	d.Set(format.FieldUserID, o.short(slotUserID))
	d.Set(format.FieldUserAgent, o.short(slotUserAgent))
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, withoutPort(o.text(slotClientIP))))
	d.Set(format.FieldComponent, scan.OrElse(o.short(slotComponent), o.short(slotLogger)))
	if o.text(slotComponent) != "" {
		d.Set(format.FieldLogger, o.short(slotLogger))
	}
	switch v := o.text(slotOutcome); v {
	case "success", "failure":
		d.Set(format.FieldOutcome, v)
	}
	d.Set(format.FieldDurationMS, jsonMillis(in, o))
}

// maxJSONValue bounds a piece of metadata, in bytes, so that an entry stays far
// below the 64 KB that Loki takes (max_structured_metadata_size). The line has
// the whole value.
const maxJSONValue = 1 << 10

// short returns what the line has in a slot, cut to maxJSONValue.
func (o *jsonObject) short(s jsonSlot) string {
	v := o.text(s)
	return v[:scan.CutRunes(v, maxJSONValue)]
}

// withoutPort cuts the port off "192.0.2.1:5000" and "[2001:db8::1]:5000", and
// what follows the first address of a list.
func withoutPort(s string) string {
	s = scan.FirstOf(s)
	i := strings.LastIndexByte(s, ':')
	switch {
	case i > 0 && s[i-1] == ']', i > 0 && strings.IndexByte(s, ':') == i:
		return s[:i]
	}
	return s
}

// jsonTime is the line's own time, 0 if it gives none.
func jsonTime(in *format.Input, o *jsonObject, arrival int64) int64 {
	v := &o.values[slotTime]
	switch v.kind {
	case jsonNumber:
		t, _ := logtime.NumberTime(v.text)
		return t
	case jsonText:
		if t, ok := in.Clock.ISOTime(v.text, arrival); ok {
			return t
		}
		if scan.IsDigit(v.text[0]) && strings.IndexByte(v.text, '-') < 0 {
			t, _ := logtime.NumberTime(v.text)
			return t
		}
	}
	if v := &o.values[slotEpochSecond]; v.kind == jsonNumber {
		t, ok := logtime.NumberTime(v.text)
		if n, isInt := scan.Integer(o.text(slotNano)); ok && isInt && n < 1e9 {
			t += n
		}
		return t
	}
	return 0
}

// jsonLevel is the severity: by its name, by its number, and error for a line
// that says none but has an error.
func jsonLevel(d *format.Draft, o *jsonObject) format.Level {
	v := &o.values[slotLevel]
	level := format.WordLevel(v.text)
	if n, ok := scan.Integer(v.text); level == format.LevelUnknown && ok {
		level = format.LevelOfNumber(n, o.values[slotGELF].kind != jsonNone)
	}
	if n, ok := scan.Integer(o.text(slotSeverity)); level == format.LevelUnknown && ok && n >= 1 && n <= 24 {
		level = format.Level((n-1)/4) + format.LevelTrace // OpenTelemetry: TRACE 1-4 … FATAL 21-24
	}
	if s := o.text(slotLetter); level == format.LevelUnknown && len(s) > 0 && len(s) <= 2 {
		level = format.LetterLevel(s[0])
	}
	if level == format.LevelUnknown && (d.Has(format.FieldError) || d.Has(format.FieldException)) {
		return format.LevelError
	}
	return level
}

// jsonError sets what went wrong: the text of an error, the class of an
// exception, both also from the first line of a Java stack trace and from the
// last of a Python traceback.
func jsonError(d *format.Draft, o *jsonObject) {
	d.Set(format.FieldException, o.short(slotErrorClass))
	stack := o.text(slotStack)
	if strings.HasPrefix(stack, "Traceback ") {
		stack = strings.TrimRight(stack, "\n")
		stack = stack[strings.LastIndexByte(stack, '\n')+1:]
	}
	if class, msg, ok := java.ExceptionClass(stackHead(stack)); ok {
		d.SetNew(format.FieldException, class[:scan.CutRunes(class, maxJSONValue)])
		d.Set(format.FieldError, scan.FirstLine(msg))
	}
	if v := &o.values[slotError]; errorText(v) != "" {
		d.Set(format.FieldError, scan.FirstLine(v.text))
	}
}

// stackHead is the line of a stack trace that names the exception.
func stackHead(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r")
}

// errorText is the text of an error; "" for values that say there was none.
func errorText(v *jsonValue) string {
	if v.kind == jsonBool && v.text == "false" || v.kind == jsonNumber && v.text == "0" {
		return ""
	}
	return v.text
}

// jsonMillis is the duration in milliseconds. Keys that name no unit count only
// if the value does ("1.5s", as Go prints it): a bare number is seconds with
// zap, milliseconds with logback and nanoseconds with slog.
func jsonMillis(in *format.Input, o *jsonObject) string {
	if v := o.short(slotMillis); scan.IsNumber(v) {
		return v
	}
	if n, ok := scan.Integer(o.text(slotNanos)); ok {
		return in.Arena.Millis(n)
	}
	v := &o.values[slotDuration]
	// Caddy's is in seconds, unless its duration_format says otherwise; then it
	// has no point, or is text.
	if v.kind == jsonNumber && strings.HasPrefix(o.text(slotLogger), "http.log.access") && strings.IndexByte(v.text, '.') > 0 {
		if n, err := strconv.ParseFloat(v.text, 64); err == nil && n >= 0 && n < 1e6 {
			return in.Arena.Millis(int64(n * 1e9))
		}
	}
	if v.kind == jsonText && len(v.text) <= 32 && scan.IsDigit(v.text[0]) {
		if n, err := time.ParseDuration(v.text); err == nil {
			return in.Arena.Millis(int64(n))
		}
	}
	return ""
}
