package transform

import "strings"

// Visiology is the format visiology.
var Visiology = Spec{
	Name:     "visiology",
	Doc:      "event of Visiology, wrapped as OpenTelemetry's exporter for Loki did",
	From:     "Visiology's services, to stdout or by OTLP",
	Log:      "visiology",
	Head:     isVisiologyHead,
	Parse:    parseVisiology,
	Fixture:  Fixture{File: "visiology/lines.log", Example: "OperationName:SaveDashboard"},
	Question: "{exporter=\"OTLP\"} |= \"ivanov\"",
	Traps:    "The line is a JSON object, the event as it came is its `body`: `| json | line_format \"{{.body}}\"`.",
}

// parseVisiology reads an event of Visiology wherever in a line it starts, and
// writes the line anew in the shape that OpenTelemetry's exporter for Loki had
// (opentelemetry-collector-contrib, pkg/translator/loki/encode.go), because the
// queries of Visiology's documentation ask for it: {exporter="OTLP"} | json |
// line_format "{{.body}}". Nothing of the line is lost: body is the event word
// for word, prefix what a logger wrote before it.
func parseVisiology(in *Input, d *draft) bool {
	text := d.head.text[d.head.skip:]
	if len(text) > 0 && text[0] == '{' || !isVisiologyHead(text) {
		return false
	}
	whole := in.joinLines(d)
	var e visEvent
	i := findVisiology(whole, &e)
	if i < 0 {
		return false
	}
	prefix, body := whole[:i], whole[i:]
	if form, n := plainStamp(prefix); n > 0 {
		d.time = in.clock.plainTime(form, prefix[:n], d.head.arrival)
		d.level = plainLevel(prefix[n:], true)
	} else if prefix != "" {
		d.level = leadingLevel(prefix)
	}
	in.setVisiology(d, &e)
	severity := d.get(FieldSeverityText)
	d.head.text = in.otlpLine(d, &e, body, severity, prefix)
	d.head.skip, d.more, d.head.rebuilt = 0, nil, true
	return true
}

// visiologyJSON is parseVisiology for a line that is a JSON object already and
// whose message, which parseJSON left in d.msg, is an event: the exporter's own
// shape stays as it is, any other is put into it.
func (in *Input) visiologyJSON(d *draft) bool {
	var e visEvent
	i := findVisiology(d.msg, &e)
	if i < 0 {
		return false
	}
	level := d.level
	in.setVisiology(d, &e)
	if d.get(FieldOutcome) != "failure" && level != LevelUnknown {
		d.level = level
	}
	m, ok := recordOf(d.head.text)
	if !ok {
		return true
	}
	if v, ok := m.Get("body"); ok {
		if _, ok := v.Str(); ok {
			return true
		}
	}
	b := append(in.a.alloc(len(d.head.text)+6*len(d.msg)+32), `{"body":`...)
	b = appendJSONString(b, d.msg)
	if rest := strings.TrimLeft(d.head.text[1:], " \t\r\n"); rest != "}" {
		b = append(b, ',')
	}
	d.head.text = in.a.commit(append(b, d.head.text[1:]...))
	d.head.rebuilt = true
	return true
}

// joinLines returns the head line and what belongs to it as one text.
func (in *Input) joinLines(d *draft) string {
	text := strings.TrimRight(d.head.text[d.head.skip:], "\r")
	if len(d.more) == 0 {
		return text
	}
	n := len(text)
	for _, s := range d.more {
		n += 1 + len(s)
	}
	b := append(in.a.alloc(n), text...)
	for _, s := range d.more {
		b = append(append(b, '\n'), s...)
	}
	return in.a.commit(b)
}

// setVisiology sets metadata and labels. A failed event is an error whatever
// severity its logger gave it. Where OpenTelemetry's attributes say who did
// what, they are believed: a login can be made to look like the fixed words.
func (in *Input) setVisiology(d *draft, e *visEvent) {
	otlpOverride(d, e)
	d.log, d.exporter = "visiology", "OTLP"
	d.set(FieldAction, e.operation)
	d.set(FieldOperation, e.operation)
	d.set(FieldAccessType, e.access)
	d.set(FieldObjectType, strings.Trim(e.objectType, " \t\r\n"))
	d.set(FieldObjectID, e.objectID)
	d.set(FieldWorkspaceID, e.workspaceID)
	d.set(FieldUser, e.user)
	d.set(FieldOperationStatus, e.status)
	d.set(FieldError, firstLine(e.err))
	switch e.status {
	case "Success":
		d.set(FieldOutcome, "success")
	case "Failed":
		d.set(FieldOutcome, "failure")
		d.level = max(d.level, LevelError)
	}
	if d.level == LevelUnknown {
		d.level = LevelInfo
	}
	d.service = orElse(d.service, d.head.service)
	if d.head.isContainer {
		d.container = d.head.container
	}
	d.job = "visiology"
	if d.service == "" {
		d.service = "visiology"
	} else {
		d.job = in.a.concat("visiology", "/", d.service)
	}
}

// otlpLine writes the JSON object. Keys and their order are those of the
// exporter; '<', '>' and '&' stay as they are, so that a line filter finds them.
func (in *Input) otlpLine(d *draft, e *visEvent, body, severity, prefix string) string {
	size := 2*len(body) + len(prefix) + 2*(len(d.head.otlp)+len(d.head.group)) + 1024
	b := append(in.a.alloc(size), `{"body":`...)
	b = appendJSONString(b, body)
	b = appendHexMember(b, d, "traceid", FieldTraceID)
	b = appendHexMember(b, d, "spanid", FieldSpanID)
	if severity == "" {
		severity = levelSeverity(d)
	}
	b = append(appendJSONString(append(b, `,"severity":`...), severity), `,"attributes":`...)
	if attrs, ok := d.head.otlpAttributes(); ok {
		b = attrs.AppendJSON(b)
	} else {
		b = e.appendAttributes(b)
	}
	if resource, ok := d.head.otlpResource(); ok {
		b = resource.AppendJSON(append(b, `,"resources":`...))
	} else if d.head.service != "" {
		b = append(appendJSONString(append(b, `,"resources":{"service.name":`...), d.head.service), '}')
	}
	if prefix != "" {
		b = appendJSONString(append(b, `,"prefix":`...), prefix)
	}
	return in.a.commit(append(b, '}'))
}

func appendHexMember(b []byte, d *draft, key string, f Field) []byte {
	v := d.get(f)
	if v == "" {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":`...)
	return appendJSONString(b, v)
}

// levelSeverity is the severity of a line that names none, in the words of
// .NET, in which Visiology is written.
func levelSeverity(d *draft) string {
	switch d.level {
	case LevelError:
		return "Error"
	case LevelWarn:
		return "Warning"
	case LevelDebug:
		return "Debug"
	case LevelTrace:
		return "Trace"
	case LevelFatal:
		return "Critical"
	}
	return "Information"
}

// appendAttributes writes the parameters of the message's template.
func (e *visEvent) appendAttributes(b []byte) []byte {
	b = append(b, '{')
	for i, p := range [...]struct{ key, v string }{
		{"OperationName", e.operation}, {"AccessType", e.access}, {"ObjectType", strings.Trim(e.objectType, " \t\r\n")},
		{"ObjectId", e.objectID}, {"WorkspaceId", e.workspaceID}, {"User", e.user}, {"OperationStatus", e.status},
		{"ErrorMessage", e.err},
	} {
		if p.v == "" && p.key != "User" {
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendJSONString(b, p.key), ':')
		b = appendJSONString(b, p.v)
	}
	return append(b, '}')
}

// otlpOverride puts what the attributes of an event of Visiology say in the
// place of what its text does. .NET may have kept the '@' of the template.
func otlpOverride(d *draft, e *visEvent) {
	attrs, ok := d.head.otlpAttributes()
	if !ok {
		return
	}
	f := attrs.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		s, isText := v.Str()
		if !isText {
			continue
		}
		switch cutAt(key) {
		case "OperationName":
			e.operation = s
		case "AccessType":
			e.access = s
		case "ObjectType":
			e.objectType = s
		case "ObjectId":
			e.objectID = s
		case "WorkspaceId":
			e.workspaceID = s
		case "User":
			e.user = s
		case "OperationStatus":
			e.status = s
		case "ErrorMessage":
			e.err = s
		}
	}
}

func cutAt(key string) string {
	if key != "" && key[0] == '@' {
		return key[1:]
	}
	return key
}
