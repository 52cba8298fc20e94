package loki

import (
	"fmt"
	"strconv"

	"github.com/VictoriaMetrics/easyproto"
	jsoniter "github.com/json-iterator/go"

	"github.com/zimbraloki/zimbraloki/entry"
)

// plain is an encoded entry read back. Its strings are views into the arena.
type plain struct {
	time int64 // ns
	line string
	meta []entry.Pair
}

// read fills p with entry i. The arena holds what this package wrote itself,
// so an error here is a bug.
func (b *Batch) read(i int32, p *plain) {
	p.time, p.line, p.meta = b.refs[i].time, "", p.meta[:0]
	var fc easyproto.FieldContext
	if _, err := fc.NextField(b.encoded(i)); err != nil {
		panic(fmt.Sprintf("BUG: entry %d: %v", i, err))
	}
	msg, ok := fc.MessageData()
	for ok && len(msg) > 0 {
		var err error
		if msg, err = fc.NextField(msg); err != nil {
			panic(fmt.Sprintf("BUG: entry %d: %v", i, err))
		}
		switch fc.FieldNum {
		case 2:
			p.line, ok = fc.String()
		case 3:
			var pair []byte
			if pair, ok = fc.MessageData(); ok {
				p.meta = append(p.meta, readPair(pair))
			}
		}
	}
	if !ok {
		panic(fmt.Sprintf("BUG: entry %d: a field has the wrong type", i))
	}
}

// readPair reads a LabelPairAdapter.
func readPair(msg []byte) (p entry.Pair) {
	var fc easyproto.FieldContext
	for len(msg) > 0 {
		var err error
		if msg, err = fc.NextField(msg); err != nil {
			panic(fmt.Sprintf("BUG: metadata: %v", err))
		}
		switch fc.FieldNum {
		case 1:
			p.Name, _ = fc.String()
		case 2:
			p.Value, _ = fc.String()
		}
	}
	return p
}

// metaBytes is the size of the metadata as Loki counts it: detected_level is
// left out (v3.7.8 pkg/util/entry_size.go).
func (p *plain) metaBytes() (n int) {
	for i := range p.meta {
		if p.meta[i].Name != "detected_level" {
			n += len(p.meta[i].Name) + len(p.meta[i].Value)
		}
	}
	return n
}

// appendJSON appends the JSON form of the push request,
//
//	{"streams":[{"stream":{"job":"zimbra"},"values":[["1795334400000000000","line",{"user":"a"}]]}]}
func (b *Batch) appendJSON(dst []byte, p piece) []byte {
	s := jsoniter.NewStream(jsoniter.ConfigDefault, nil, 0)
	s.SetBuffer(dst)
	s.WriteRaw(`{"streams":[{"stream":`)
	writePairs(s, b.streams[p.stream].labels.Pairs)
	s.WriteRaw(`,"values":[`)
	var e plain
	for i, r := range p.refs {
		if i > 0 {
			s.WriteMore()
		}
		b.read(r, &e)
		e.writeJSON(s)
	}
	s.WriteRaw("]}]}")
	return s.Buffer()
}

func (p *plain) writeJSON(s *jsoniter.Stream) {
	s.WriteRaw(`["`)
	s.SetBuffer(strconv.AppendInt(s.Buffer(), p.time, 10))
	s.WriteRaw(`",`)
	s.WriteString(p.line)
	if len(p.meta) > 0 {
		s.WriteMore()
		writePairs(s, p.meta)
	}
	s.WriteRaw("]")
}

func writePairs(s *jsoniter.Stream, pairs []entry.Pair) {
	s.WriteObjectStart()
	for i := range pairs {
		if i > 0 {
			s.WriteMore()
		}
		s.WriteString(pairs[i].Name)
		s.WriteRaw(":")
		s.WriteString(pairs[i].Value)
	}
	s.WriteObjectEnd()
}
