package format

import (
	"encoding/hex"
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// SetOTel sets what an event of OpenTelemetry has beside its body: trace, span,
// severity, scope. It is to be called before the line's own parser, which may
// know better.
func (in *Input) SetOTel(d *Draft) {
	m := d.Head.OTLP
	if m == nil && d.Head.Group == nil {
		return
	}
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		switch key {
		case "trace_id":
			d.Set(FieldTraceID, in.hexID(v))
		case "span_id":
			d.Set(FieldSpanID, in.hexID(v))
		case "severity_text":
			s, _ := v.Str()
			d.Set(FieldSeverityText, s)
			if d.Level == LevelUnknown {
				d.Level = WordLevel(s)
			}
		case "severity_number":
			if n, ok := v.Int(); ok && n >= 1 && n <= 24 {
				d.Level = Level((n-1)/4) + LevelTrace
			}
		case "event_name":
			s, _ := v.Str()
			d.Set(FieldAction, s)
		}
	}
	if scope, _ := d.Head.Group.Get("scope"); scope.Kind() == chunk.KindMap {
		m, _ := scope.Map()
		name, _ := m.Get("name")
		s, _ := name.Str()
		d.Set(FieldScopeName, s)
	}
	d.Service = scan.OrElse(d.Service, d.Head.Service)
}

// hexID writes an identifier, which the input keeps as bytes, in hexadecimal.
// All zeros stand for none.
func (in *Input) hexID(v chunk.Value) string {
	s, ok := v.Str()
	if !ok || len(s) > 64 {
		return ""
	}
	if v.Kind() == chunk.KindStr && scan.IsHex(s) {
		if strings.Trim(s, "0") == "" {
			return ""
		}
		return s
	}
	zero := true
	for i := 0; i < len(s); i++ {
		zero = zero && s[i] == 0
	}
	if zero {
		return ""
	}
	return in.Arena.Commit(hex.AppendEncode(in.Arena.Alloc(2*len(s)), []byte(s)))
}
