package transform

import (
	"encoding/hex"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// fromOTel takes what Fluent Bit's input opentelemetry says beside the record,
// to be called after the record was unwrapped. A text body stands under "log"
// (logs_body_key), a map body is the record itself; the record's time is that
// of the program, not of the arrival. Severity, identifiers and attributes are
// under "otlp" of the event's metadata; resource and scope in the group's body
// (Fluent Bit v5.1.1, plugins/in_opentelemetry/opentelemetry_logs.c).
func (r *Run) fromOTel(ev *chunk.Event, p *payload) {
	v, ok := ev.Meta.Get("otlp")
	schema, _ := ev.Group.Meta.Get("schema")
	name, _ := schema.Str()
	if !ok && name != "otlp" {
		return
	}
	p.otlp, _ = v.Map()
	p.group = ev.Group.Body
	p.time = ev.Time
	attrs, ok := otlpMember(p.group, "resource", "attributes")
	if !ok {
		return
	}
	f := attrs.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		if s, ok := v.Str(); ok {
			p.resource(key, s)
		}
	}
}

// resource takes one resource attribute (OpenTelemetry semantic conventions,
// resource).
func (p *payload) resource(key, v string) {
	switch key {
	case "service.name":
		p.service = v
	case "host.name":
		p.host = v
	case "container.name", "k8s.container.name":
		p.container, p.isContainer = cleanName(v), true
	case "container.id":
		p.containerID, p.isContainer = v, true
	case "k8s.pod.name":
		p.pod = v
	case "k8s.namespace.name":
		p.namespace = v
	case "k8s.node.name":
		p.node = v
	}
}

func otlpMember(m chunk.Map, outer, inner string) (chunk.Map, bool) {
	v, _ := m.Get(outer)
	o, ok := v.Map()
	if !ok {
		return nil, false
	}
	v, _ = o.Get(inner)
	return v.Map()
}

// otlpAttributes are the attributes of the event; false if there are none.
func otlpAttributes(d *draft) (chunk.Map, bool) {
	v, _ := d.head.otlp.Get("attributes")
	m, ok := v.Map()
	return m, ok && m.Len() > 0
}

// otlpResource are the attributes of the resource.
func otlpResource(d *draft) (chunk.Map, bool) {
	m, ok := otlpMember(d.head.group, "resource", "attributes")
	return m, ok && m.Len() > 0
}

// setOTel sets what an event of OpenTelemetry has beside its body: trace, span,
// severity, scope. It is to be called before the line's own parser, which may
// know better.
func (r *Run) setOTel(d *draft) {
	m := d.head.otlp
	if m == nil && d.head.group == nil {
		return
	}
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		switch key {
		case "trace_id":
			d.set(FieldTraceID, r.hexID(v))
		case "span_id":
			d.set(FieldSpanID, r.hexID(v))
		case "severity_text":
			s, _ := v.Str()
			d.set(FieldSeverityText, s)
			if d.level == LevelUnknown {
				d.level = wordLevel(s)
			}
		case "severity_number":
			if n, ok := v.Int(); ok && n >= 1 && n <= 24 {
				d.level = Level((n-1)/4) + LevelTrace
			}
		case "event_name":
			s, _ := v.Str()
			d.set(FieldAction, s)
		}
	}
	if scope, _ := d.head.group.Get("scope"); scope.Kind() == chunk.KindMap {
		m, _ := scope.Map()
		name, _ := m.Get("name")
		s, _ := name.Str()
		d.set(FieldScopeName, s)
	}
	d.service = orElse(d.service, d.head.service)
}

// hexID writes an identifier, which the input keeps as bytes, in hexadecimal.
// All zeros stand for none.
func (r *Run) hexID(v chunk.Value) string {
	s, ok := v.Str()
	if !ok || len(s) > 64 {
		return ""
	}
	if v.Kind() == chunk.KindStr && isHex(s) {
		return s
	}
	zero := true
	for i := 0; i < len(s); i++ {
		zero = zero && s[i] == 0
	}
	if zero {
		return ""
	}
	return r.a.commit(hex.AppendEncode(r.a.alloc(2*len(s)), []byte(s)))
}

// otlpOverride puts what the attributes of an event of Visiology say in the
// place of what its text does. .NET may have kept the '@' of the template.
func (r *Run) otlpOverride(d *draft, e *visEvent) {
	attrs, ok := otlpAttributes(d)
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
