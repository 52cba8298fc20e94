package envelope

import "github.com/zimbraloki/zimbraloki/chunk"

// FromOTel takes what Fluent Bit's input opentelemetry says beside the record,
// to be called after the record was unwrapped. A text body stands under "log"
// (logs_body_key), a map body is the record itself; the record's time is that
// of the program, not of the arrival. Severity, identifiers and attributes are
// under "otlp" of the event's metadata; resource and scope in the group's body
// (Fluent Bit v5.1.1, plugins/in_opentelemetry/opentelemetry_logs.c).
func (r *Reader) FromOTel(ev *chunk.Event, p *Payload) {
	v, ok := ev.Meta.Get("otlp")
	schema, _ := ev.Group.Meta.Get("schema")
	name, _ := schema.Str()
	if !ok && name != "otlp" {
		return
	}
	p.OTLP, _ = v.Map()
	p.Group = ev.Group.Body
	p.Time = ev.Time
	p.resources()
}

// resources takes the attributes of the resource that p.Group has.
func (p *Payload) resources() {
	attrs, ok := otlpMember(p.Group, "resource", "attributes")
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
func (p *Payload) resource(key, v string) {
	switch key {
	case "service.name":
		p.Service = v
	case "host.name":
		p.Host = v
	case "container.name", "k8s.container.name":
		p.Container, p.IsContainer = CleanName(v), true
	case "container.id":
		p.ContainerID, p.IsContainer = v, true
	case "k8s.pod.name":
		p.Pod = v
	case "k8s.namespace.name":
		p.Namespace = v
	case "k8s.node.name":
		p.Node = v
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

// OTLPAttributes are the attributes of the event; false if there are none.
func (p *Payload) OTLPAttributes() (chunk.Map, bool) {
	v, _ := p.OTLP.Get("attributes")
	m, ok := v.Map()
	return m, ok && m.Len() > 0
}

// OTLPResource are the attributes of the resource.
func (p *Payload) OTLPResource() (chunk.Map, bool) {
	m, ok := otlpMember(p.Group, "resource", "attributes")
	return m, ok && m.Len() > 0
}
