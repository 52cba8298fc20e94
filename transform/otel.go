package transform

import (
	"github.com/zimbraloki/zimbraloki/chunk"
)

// fromOTel takes what Fluent Bit's input opentelemetry says beside the record,
// to be called after the record was unwrapped. A text body stands under "log"
// (logs_body_key), a map body is the record itself; the record's time is that
// of the program, not of the arrival. Severity, identifiers and attributes are
// under "otlp" of the event's metadata; resource and scope in the group's body
// (Fluent Bit v5.1.1, plugins/in_opentelemetry/opentelemetry_logs.c).
func (r *reader) fromOTel(ev *chunk.Event, p *payload) {
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
func (p *payload) otlpAttributes() (chunk.Map, bool) {
	v, _ := p.otlp.Get("attributes")
	m, ok := v.Map()
	return m, ok && m.Len() > 0
}

// otlpResource are the attributes of the resource.
func (p *payload) otlpResource() (chunk.Map, bool) {
	m, ok := otlpMember(p.group, "resource", "attributes")
	return m, ok && m.Len() > 0
}
