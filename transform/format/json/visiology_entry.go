package json

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Visiology is the format visiology.
var Visiology = format.Spec{
	Name:     "visiology",
	Doc:      "event of Visiology, wrapped as OpenTelemetry's exporter for Loki did",
	From:     "Visiology's services, to stdout or by OTLP",
	Log:      "visiology",
	Head:     IsVisiologyHead,
	Parse:    parseVisiology,
	Fixture:  format.Fixture{File: "visiology/lines.log", Example: "OperationName:SaveDashboard"},
	Question: "{exporter=\"OTLP\"} |= \"ivanov\"",
	Traps:    "The line is a JSON object; its `body` is the event as it arrived: `| json | line_format \"{{.body}}\"`.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`OperationStatus:Success`"},
		{Value: "failure", When: "`OperationStatus:Failed`"},
	},
}

// parseVisiology reads an event of Visiology wherever in a line it starts, and
// writes the line anew in the shape that OpenTelemetry's exporter for Loki had
// (opentelemetry-collector-contrib, pkg/translator/loki/encode.go), because the
// queries of Visiology's documentation ask for it: {exporter="OTLP"} | json |
// line_format "{{.body}}". Nothing of the line is lost: body is the event word
// for word, prefix what a logger wrote before it.
func parseVisiology(in *format.Input, d *format.Draft) bool {
	text := d.Head.Text[d.Head.Skip:]
	if len(text) > 0 && text[0] == '{' || !IsVisiologyHead(text) {
		return false
	}
	whole := joinLines(in, d)
	var e visEvent
	i := findVisiology(whole, &e)
	if i < 0 {
		return false
	}
	prefix, body := whole[:i], whole[i:]
	if form, n := logtime.PlainStamp(prefix); n > 0 {
		d.Time = in.Clock.PlainTime(form, prefix[:n], d.Head.Arrival)
		d.Level = plain.PlainLevel(prefix[n:], true)
	} else if prefix != "" {
		d.Level = format.LeadingLevel(prefix)
	}
	setVisiology(in, d, &e)
	severity := d.Get(format.FieldSeverityText)
	d.Head.Text = otlpLine(in, d, &e, body, severity, prefix)
	d.Head.Skip, d.More = 0, nil
	return true
}

// VisiologyJSON is parseVisiology for a line that is a JSON object already and
// whose message, which parseJSON left in d.msg, is an event: the exporter's own
// shape stays as it is, any other is put into it.
func VisiologyJSON(in *format.Input, d *format.Draft) bool {
	var e visEvent
	i := findVisiology(d.Msg, &e)
	if i < 0 {
		return false
	}
	level := d.Level
	setVisiology(in, d, &e)
	if d.Get(format.FieldOutcome) != "failure" && level != format.LevelUnknown {
		d.Level = level
	}
	m, ok := envelope.RecordOf(d.Head.Text)
	if !ok {
		return true
	}
	if v, ok := m.Get("body"); ok {
		if _, ok := v.Str(); ok {
			return true
		}
	}
	b := append(in.Arena.Alloc(len(d.Head.Text)+6*len(d.Msg)+32), `{"body":`...)
	b = scan.AppendJSONString(b, d.Msg)
	if rest := strings.TrimLeft(d.Head.Text[1:], " \t\r\n"); rest != "}" {
		b = append(b, ',')
	}
	d.Head.Text = in.Arena.Commit(append(b, d.Head.Text[1:]...))
	return true
}

// joinLines returns the head line and what belongs to it as one text.
func joinLines(in *format.Input, d *format.Draft) string {
	text := strings.TrimRight(d.Head.Text[d.Head.Skip:], "\r")
	if len(d.More) == 0 {
		return text
	}
	n := len(text)
	for _, s := range d.More {
		n += 1 + len(s)
	}
	b := append(in.Arena.Alloc(n), text...)
	for _, s := range d.More {
		b = append(append(b, '\n'), s...)
	}
	return in.Arena.Commit(b)
}

// setVisiology sets metadata and labels. A failed event is an error whatever
// severity its logger gave it. Where OpenTelemetry's attributes say who did
// what, they are believed: a login can be made to look like the fixed words.
func setVisiology(in *format.Input, d *format.Draft, e *visEvent) {
	otlpOverride(d, e)
	d.Log, d.Exporter = "visiology", "OTLP"
	d.Set(format.FieldAction, e.operation)
	d.Set(format.FieldOperation, e.operation)
	d.Set(format.FieldAccessType, e.access)
	d.Set(format.FieldObjectType, strings.Trim(e.objectType, " \t\r\n"))
	d.Set(format.FieldObjectID, e.objectID)
	d.Set(format.FieldWorkspaceID, e.workspaceID)
	d.Set(format.FieldUser, e.user)
	d.Set(format.FieldOperationStatus, e.status)
	d.Set(format.FieldError, scan.FirstLine(e.err))
	switch e.status {
	case "Success":
		d.Set(format.FieldOutcome, "success")
	case "Failed":
		d.Set(format.FieldOutcome, "failure")
		d.Level = max(d.Level, format.LevelError)
	}
	if d.Level == format.LevelUnknown {
		d.Level = format.LevelInfo
	}
	d.Service = scan.OrElse(d.Service, d.Head.Service)
	if d.Head.IsContainer {
		d.Container = d.Head.Container
	}
	d.Job = "visiology"
	if d.Service == "" {
		d.Service = "visiology"
	} else {
		d.Job = in.Arena.Concat("visiology", "/", d.Service)
	}
}

// otlpLine writes the JSON object. Keys and their order are those of the
// exporter; '<', '>' and '&' stay as they are, so that a line filter finds them.
func otlpLine(in *format.Input, d *format.Draft, e *visEvent, body, severity, prefix string) string {
	size := 2*len(body) + len(prefix) + 2*(len(d.Head.OTLP)+len(d.Head.Group)) + 1024
	b := append(in.Arena.Alloc(size), `{"body":`...)
	b = scan.AppendJSONString(b, body)
	b = appendHexMember(b, d, "traceid", format.FieldTraceID)
	b = appendHexMember(b, d, "spanid", format.FieldSpanID)
	if severity == "" {
		severity = levelSeverity(d)
	}
	b = append(scan.AppendJSONString(append(b, `,"severity":`...), severity), `,"attributes":`...)
	if attrs, ok := d.Head.OTLPAttributes(); ok {
		b = attrs.AppendJSON(b)
	} else {
		b = e.appendAttributes(b)
	}
	if resource, ok := d.Head.OTLPResource(); ok {
		b = resource.AppendJSON(append(b, `,"resources":`...))
	} else if d.Head.Service != "" {
		b = append(scan.AppendJSONString(append(b, `,"resources":{"service.name":`...), d.Head.Service), '}')
	}
	if prefix != "" {
		b = scan.AppendJSONString(append(b, `,"prefix":`...), prefix)
	}
	return in.Arena.Commit(append(b, '}'))
}

func appendHexMember(b []byte, d *format.Draft, key string, f format.Field) []byte {
	v := d.Get(f)
	if v == "" {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":`...)
	return scan.AppendJSONString(b, v)
}

// levelSeverity is the severity of a line that names none, in the words of
// .NET, in which Visiology is written.
func levelSeverity(d *format.Draft) string {
	switch d.Level {
	case format.LevelError:
		return "Error"
	case format.LevelWarn:
		return "Warning"
	case format.LevelDebug:
		return "Debug"
	case format.LevelTrace:
		return "Trace"
	case format.LevelFatal:
		return "Critical"
	}
	return "Information"
}

// appendAttributes writes the parameters of the message's template.
func (e *visEvent) appendAttributes(b []byte) []byte {
	b = append(b, '{')
	for i, p := range [...]struct{ key, v string }{
		{"OperationName", e.operation},
		{"AccessType", e.access},
		{"ObjectType", strings.Trim(e.objectType, " \t\r\n")},
		{"ObjectId", e.objectID},
		{"WorkspaceId", e.workspaceID},
		{"User", e.user},
		{"OperationStatus", e.status},
		{"ErrorMessage", e.err},
	} {
		if p.v == "" && p.key != "User" {
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(scan.AppendJSONString(b, p.key), ':')
		b = scan.AppendJSONString(b, p.v)
	}
	return append(b, '}')
}

// otlpOverride puts what the attributes of an event of Visiology say in the
// place of what its text does. .NET may have kept the '@' of the template.
func otlpOverride(d *format.Draft, e *visEvent) {
	attrs, ok := d.Head.OTLPAttributes()
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
