package transform

import (
	"encoding/hex"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// setOTel sets what an event of OpenTelemetry has beside its body: trace, span,
// severity, scope. It is to be called before the line's own parser, which may
// know better.
func (in *Input) setOTel(d *draft) {
	m := d.head.otlp
	if m == nil && d.head.group == nil {
		return
	}
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		switch key {
		case "trace_id":
			d.set(FieldTraceID, in.hexID(v))
		case "span_id":
			d.set(FieldSpanID, in.hexID(v))
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
func (in *Input) hexID(v chunk.Value) string {
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
	return in.a.commit(hex.AppendEncode(in.a.alloc(2*len(s)), []byte(s)))
}
