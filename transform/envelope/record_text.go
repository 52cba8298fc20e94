package envelope

import (
	"io"
	"strconv"
	"strings"

	jsoniter "github.com/json-iterator/go"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// maxRecordDepth is how deep a record written out as JSON may nest, Fluent
// Bit's own limit for MessagePack (lib/msgpack-c, MSGPACK_EMBED_STACK_SIZE).
const maxRecordDepth = 32

// unwrapRecordText replaces p.Text, which is a Fluent Bit record or a json-file
// line written out as JSON (by an output to a file or to Kafka, by another
// shipper), by the line in it. Such an object has the line under log and the
// stream beside it, or it has Kubernetes' metadata; any other object with a key
// log is a program's own. This way is rare and allocates.
func (r *Reader) unwrapRecordText(p *Payload) bool {
	if !mayBeRecord(p.Text) {
		return false
	}
	m, ok := RecordOf(p.Text)
	if !ok || !isRecord(m) {
		return false
	}
	outer := p.Record
	r.Unwrap(m, p)
	p.Record = outer
	return true
}

// mayBeRecord is a quick look for the keys that isRecord asks for. An envelope
// puts its own keys first, so that most objects are told by their first key.
func mayBeRecord(s string) bool {
	return startsAsRecord(s) && (strings.Contains(s, `"kubernetes"`) ||
		strings.Contains(s, `"log"`) && (strings.Contains(s, `"stdout"`) || strings.Contains(s, `"stderr"`)))
}

// startsAsRecord reports whether the first key is log or kubernetes, or the
// first two are others that only envelopes have together.
func startsAsRecord(s string) bool {
	i := 1
	for n := 0; ; n++ {
		i = scan.SkipBlanks(s, i)
		key, k := simpleString(s[i:])
		switch recordKeyOf(key) {
		case keyLog, keyKubernetes:
			return true
		case keyStream, keySource, keyTime, keyContainerID, keyContainerName, keyComposeService, keyAttrs,
			keyPartial, keyPartialID, keyPartialLast, keyLogtag, keyDocker,
			keyIdent, keyPID, keyPriority, keyFacility, keyEnvelope:
		default:
			return false
		}
		if n == 1 {
			return true
		}
		for i += k; i < len(s) && s[i] != '"' && s[i] != ',' && s[i] != '{'; i++ {
		}
		if i < len(s) && s[i] == '"' {
			_, k = anyString(s[i:])
			i += k
		}
		if i = scan.SkipBlanks(s, i); i >= len(s) || s[i] != ',' {
			return i < len(s) && s[i] == '{'
		}
		i++
	}
}

func isRecord(m chunk.Map) bool {
	log, _ := m.Get("log")
	_, hasLog := log.Str()
	for _, key := range [...]string{"stream", "source"} {
		if v, ok := m.Get(key); ok && hasLog {
			if s, _ := v.Str(); isStd(s) {
				return true
			}
		}
	}
	k, _ := m.Get("kubernetes")
	meta, ok := k.Map()
	if !ok {
		return false
	}
	_, ok = meta.Get("pod_name")
	return ok
}

// RecordOf turns a JSON object into a record: keys in their order, integers
// exact.
func RecordOf(s string) (chunk.Map, bool) {
	it := jsoniter.ConfigDefault.BorrowIterator(scan.BytesOf(s))
	defer func() {
		it.ResetBytes(nil) // the chunk may own it
		jsoniter.ConfigDefault.ReturnIterator(it)
	}()
	kv := readFields(it, 0)
	if it.Error != nil && it.Error != io.EOF || it.WhatIsNext() != jsoniter.InvalidValue || it.Error != io.EOF {
		return nil, false
	}
	return chunk.NewMap(kv...), true
}

func readFields(it *jsoniter.Iterator, depth int) chunk.KV {
	kv := chunk.KV{}
	it.ReadMapCB(func(it *jsoniter.Iterator, key string) bool {
		kv = append(kv, key, readAny(it, depth+1))
		return it.Error == nil
	})
	return kv
}

func readAny(it *jsoniter.Iterator, depth int) any {
	if depth > maxRecordDepth {
		it.ReportError("readAny", "nested too deep")
		return nil
	}
	switch it.WhatIsNext() {
	case jsoniter.StringValue:
		return it.ReadString()
	case jsoniter.NumberValue:
		return exactNumber(string(it.ReadNumber()))
	case jsoniter.BoolValue:
		return it.ReadBool()
	case jsoniter.ObjectValue:
		return readFields(it, depth)
	case jsoniter.ArrayValue:
		items := []any{}
		it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
			items = append(items, readAny(it, depth+1))
			return it.Error == nil
		})
		return items
	}
	it.Skip()
	return nil
}

func exactNumber(s string) any {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return u
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}
