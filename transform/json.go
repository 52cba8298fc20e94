package transform

import (
	"strings"
	"time"
)

// JSON is the format json.
var JSON = Spec{
	Name:     "json",
	Doc:      "any other JSON object",
	From:     "any program that logs JSON objects: logback, pino, zap, slog, Serilog, Monolog, MongoDB, GELF, …",
	Log:      "json",
	Parse:    parseJSON,
	Fixture:  Fixture{File: "json/lines.jsonl", Example: "OrderService"},
	Question: `{job="container"} | level="error"`,
	Traps:    "Keys that are known become the vocabulary's fields; the line keeps all of them, so `| json` finds the rest.",
}

// parseJSON reads a line that is a JSON object: PLAN-R's events, and what other
// programs write under the keys that are usual for it (jsonTopKeys). The line
// itself stays as it is; false means that it is no valid JSON object.
func parseJSON(in *Input, d *draft) bool {
	s := jsonOf.Of(in)
	text := d.head.text
	ok := text != "" && text[0] == '{' && (s.scanPlanr(&in.a, text) || s.read(&in.a, text))
	if ok {
		in.jsonLine(d)
	}
	s.Reset()
	return ok
}

// jsonLine makes the draft of the object that was read.
func (in *Input) jsonLine(d *draft) {
	s := jsonOf.Of(in)
	o := &s.obj
	d.time = in.jsonTime(o, d.head.arrival)
	d.msg = orElse(o.text(slotMessage), o.text(slotGELF))
	if isPlanr(o) {
		in.planr(d, o)
		return
	}
	d.log = "json"
	if d.head.isContainer {
		d.log = "container"
		d.container = d.head.container
	}
	d.service = orElse(o.short(slotService), d.head.service)
	in.jsonFields(d, o)
	jsonError(d, o)
	d.level = jsonLevel(d, o)
	if d.level >= LevelError && d.msg != "" {
		d.setNew(FieldError, firstLine(d.msg))
	}
}

// jsonFields moves what every JSON line may tell to the metadata.
func (in *Input) jsonFields(d *draft, o *jsonObject) {
	d.set(FieldTraceID, o.short(slotTrace))
	d.set(FieldSpanID, o.short(slotSpan))
	d.set(FieldRequestID, o.short(slotRequest))
	d.set(FieldUser, orElse(o.short(slotUser), o.short(slotLogin)))
	d.set(FieldUserID, o.short(slotUserID))
	d.set(FieldUserAgent, o.short(slotUserAgent))
	d.set(FieldClientIP, canonicalIP(&in.a, withoutPort(o.text(slotClientIP))))
	d.set(FieldComponent, orElse(o.short(slotComponent), o.short(slotLogger)))
	if o.text(slotComponent) != "" {
		d.set(FieldLogger, o.short(slotLogger))
	}
	switch v := o.text(slotOutcome); v {
	case "success", "failure":
		d.set(FieldOutcome, v)
	}
	d.set(FieldDurationMS, in.jsonMillis(o))
}

// maxJSONValue bounds a piece of metadata, in bytes, so that an entry stays far
// below the 64 KB that Loki takes (max_structured_metadata_size). The line has
// the whole value.
const maxJSONValue = 1 << 10

// short returns what the line has in a slot, cut to maxJSONValue.
func (o *jsonObject) short(s jsonSlot) string {
	v := o.text(s)
	return v[:cutRunes(v, maxJSONValue)]
}

// withoutPort cuts the port off "192.0.2.1:5000" and "[2001:db8::1]:5000", and
// what follows the first address of a list.
func withoutPort(s string) string {
	s = firstOf(s)
	i := strings.LastIndexByte(s, ':')
	switch {
	case i > 0 && s[i-1] == ']', i > 0 && strings.IndexByte(s, ':') == i:
		return s[:i]
	}
	return s
}

// jsonTime is the line's own time, 0 if it gives none.
func (in *Input) jsonTime(o *jsonObject, arrival int64) int64 {
	v := &o.values[slotTime]
	switch v.kind {
	case jsonNumber:
		t, _ := numberTime(v.text)
		return t
	case jsonText:
		if t, ok := in.clock.isoTime(v.text, arrival); ok {
			return t
		}
		if isDigit(v.text[0]) && strings.IndexByte(v.text, '-') < 0 {
			t, _ := numberTime(v.text)
			return t
		}
	}
	if v := &o.values[slotEpochSecond]; v.kind == jsonNumber {
		t, ok := numberTime(v.text)
		if n, isInt := integer(o.text(slotNano)); ok && isInt && n < 1e9 {
			t += n
		}
		return t
	}
	return 0
}

// jsonLevel is the severity: by its name, by its number, and error for a line
// that says none but has an error.
func jsonLevel(d *draft, o *jsonObject) Level {
	v := &o.values[slotLevel]
	level := wordLevel(v.text)
	if n, ok := integer(v.text); level == LevelUnknown && ok {
		level = levelOfNumber(n, o.values[slotGELF].kind != jsonNone)
	}
	if n, ok := integer(o.text(slotSeverity)); level == LevelUnknown && ok && n >= 1 && n <= 24 {
		level = Level((n-1)/4) + LevelTrace // OpenTelemetry: TRACE 1-4 … FATAL 21-24
	}
	if s := o.text(slotLetter); level == LevelUnknown && len(s) > 0 && len(s) <= 2 {
		level = letterLevel(s[0])
	}
	if level == LevelUnknown && (d.has(FieldError) || d.has(FieldException)) {
		return LevelError
	}
	return level
}

// levelOfNumber reads the numbers of syslog (RFC 5424 section 6.2.1), which
// GELF uses, of pino and bunyan, and of Monolog.
func levelOfNumber(n int64, syslog bool) Level {
	switch {
	case syslog && n >= 0 && n <= 7:
		return [...]Level{LevelFatal, LevelFatal, LevelFatal, LevelError, LevelWarn, LevelInfo, LevelInfo, LevelDebug}[n]
	case n < 100:
		return numberLevel(n)
	}
	switch n {
	case 100:
		return LevelDebug
	case 200, 250:
		return LevelInfo
	case 300:
		return LevelWarn
	case 400:
		return LevelError
	case 500, 550, 600:
		return LevelFatal
	}
	return LevelUnknown
}

// jsonError sets what went wrong: the text of an error, the class of an
// exception, both also from the first line of a Java stack trace and from the
// last of a Python traceback.
func jsonError(d *draft, o *jsonObject) {
	d.set(FieldException, o.short(slotErrorClass))
	stack := o.text(slotStack)
	if strings.HasPrefix(stack, "Traceback ") {
		stack = strings.TrimRight(stack, "\n")
		stack = stack[strings.LastIndexByte(stack, '\n')+1:]
	}
	if class, msg, ok := exceptionClass(stackHead(stack)); ok {
		d.setNew(FieldException, class[:cutRunes(class, maxJSONValue)])
		d.set(FieldError, firstLine(msg))
	}
	if v := &o.values[slotError]; errorText(v) != "" {
		d.set(FieldError, firstLine(v.text))
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
func (in *Input) jsonMillis(o *jsonObject) string {
	if v := o.short(slotMillis); isNumber(v) {
		return v
	}
	if n, ok := integer(o.text(slotNanos)); ok {
		return in.a.millis(n)
	}
	if v := &o.values[slotDuration]; v.kind == jsonText && len(v.text) <= 32 && isDigit(v.text[0]) {
		if n, err := time.ParseDuration(v.text); err == nil {
			return in.a.millis(int64(n))
		}
	}
	return ""
}

// integer reads a decimal number without sign, of at most 18 digits.
func integer(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 || len(number(s)) != len(s) {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		n = n*10 + int64(digit(s[i]))
	}
	return n, true
}

// isNumber reports whether s is a decimal number.
func isNumber(s string) bool {
	i := len(number(s))
	if i > 0 && i+1 < len(s) && s[i] == '.' {
		i += 1 + len(number(s[i+1:]))
	}
	return i > 0 && i == len(s)
}
