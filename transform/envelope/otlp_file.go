package envelope

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// IsOTLPFile reports whether s looks like a line of the file exporter of
// OpenTelemetry's collector: OTLP/JSON, an object ResourceLogs.
func IsOTLPFile(s string) bool {
	return strings.HasPrefix(s, `{"resourceLogs":[{`) || strings.HasPrefix(s, `{`) && strings.HasPrefix(strings.TrimLeft(s[1:], " "), `"resourceLogs"`)
}

// OTLPFile gives each record of log of p.Text, which IsOTLPFile knows, to each,
// as FromOTel would have it from Fluent Bit's input. It returns how many there
// were: 0 means that p.Text is to be taken as it is. The names are those of
// opentelemetry-proto, logs/v1/logs.proto and common/v1/common.proto, in the
// JSON mapping of Protobuf: 64-bit numbers are texts, or numbers.
func (r *Reader) OTLPFile(p *Payload, each func(*Payload)) (n int) {
	m, ok := RecordOf(p.Text)
	if !ok {
		return 0
	}
	eachMap(m, "resourceLogs", func(outer chunk.Map) {
		resource := chunk.KV{}
		if v, ok := otlpMap(outer, "resource"); ok {
			resource = otlpPairs(v, "attributes")
		}
		eachMap(outer, "scopeLogs", func(scoped chunk.Map) {
			scope := chunk.KV{}
			if v, ok := otlpMap(scoped, "scope"); ok {
				name, _ := v.Get("name")
				scope = chunk.KV{"name", name}
			}
			group := chunk.NewMap("resource", chunk.KV{"attributes", resource}, "scope", scope)
			eachMap(scoped, "logRecords", func(record chunk.Map) {
				q := *p
				r.otlpRecord(&q, record, group)
				each(&q)
				n++
			})
		})
	})
	return n
}

// otlpRecord makes p the payload of one record.
func (r *Reader) otlpRecord(p *Payload, record, group chunk.Map) {
	meta := chunk.KV{}
	for _, k := range [...][2]string{{"traceId", "trace_id"}, {"spanId", "span_id"}, {"severityText", "severity_text"}, {"eventName", "event_name"}} {
		if v, ok := record.Get(k[0]); ok {
			meta = append(meta, k[1], v)
		}
	}
	if n := otlpInt(record, "severityNumber"); n > 0 {
		meta = append(meta, "severity_number", n)
	}
	if attrs := otlpPairs(record, "attributes"); len(attrs) > 0 {
		meta = append(meta, "attributes", attrs)
	}
	p.OTLP, p.Group = chunk.NewMap(meta...), group
	if p.Time = otlpInt(record, "timeUnixNano"); p.Time <= 0 {
		p.Time = otlpInt(record, "observedTimeUnixNano")
	}
	p.resources()
	p.Text, p.Rebuilt = "", false
	if body, ok := otlpMap(record, "body"); ok {
		v := chunk.NewMap("v", otlpValue(body, 0))
		text, _ := v.Get("v")
		s, isStr := text.Str()
		if p.Text = strings.TrimSuffix(s, "\n"); !isStr {
			p.Text, p.Rebuilt = r.Arena.Commit(text.AppendJSON(r.Arena.Alloc(64))), true
		}
	}
}

// eachMap calls f for the objects of the array under key.
func eachMap(m chunk.Map, key string, f func(chunk.Map)) {
	v, _ := m.Get(key)
	items, ok := v.Items()
	if !ok {
		return
	}
	for item, ok := items.Next(); ok; item, ok = items.Next() {
		if inner, ok := item.Map(); ok {
			f(inner)
		}
	}
}

func otlpMap(m chunk.Map, key string) (chunk.Map, bool) {
	v, _ := m.Get(key)
	return v.Map()
}

// otlpInt is a number that may be written as a text; 0 for none.
func otlpInt(m chunk.Map, key string) int64 {
	v, _ := m.Get(key)
	if s, ok := v.Str(); ok {
		n, _ := strconv.ParseInt(s, 10, 64)
		return n
	}
	n, _ := v.Int()
	return n
}

// otlpPairs are the KeyValues of the array under key.
func otlpPairs(m chunk.Map, key string) chunk.KV {
	kv := chunk.KV{}
	eachMap(m, key, func(pair chunk.Map) { kv = appendPair(kv, pair, 0) })
	return kv
}

func appendPair(kv chunk.KV, pair chunk.Map, depth int) chunk.KV {
	k, _ := pair.Get("key")
	name, _ := k.Str()
	if v, ok := otlpMap(pair, "value"); ok && name != "" {
		return append(kv, name, otlpValue(v, depth))
	}
	return kv
}

// otlpValue is the value of an AnyValue.
func otlpValue(m chunk.Map, depth int) any {
	f := m.Fields()
	kind, v, ok := f.Next()
	if !ok || depth > maxRecordDepth {
		return nil
	}
	inner, _ := v.Map()
	switch kind {
	case "intValue":
		return otlpInt(m, kind)
	case "bytesValue":
		s, _ := v.Str()
		if b, err := base64.StdEncoding.DecodeString(s); err == nil {
			return b
		}
	case "arrayValue":
		list := []any{}
		eachMap(inner, "values", func(item chunk.Map) { list = append(list, otlpValue(item, depth+1)) })
		return list
	case "kvlistValue":
		kv := chunk.KV{}
		eachMap(inner, "values", func(pair chunk.Map) { kv = appendPair(kv, pair, depth+1) })
		return kv
	}
	return v
}
