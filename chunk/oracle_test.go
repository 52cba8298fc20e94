package chunk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/tinylib/msgp/msgp"
)

// The oracle reads chunks a second time, with tinylib/msgp and without regard
// for speed, and the tests compare.

// node is one decoded value. Floats are kept as bits so that NaN equals itself.
type node struct {
	kind Kind
	text string // content of str and bin; the encoded value of ext
	num  uint64 // bool, integers and floats as bits
	f32  bool
	kids []node // elements, or key, value, key, value …
}

// oracleNode decodes the value at b[0] and returns what follows it.
func oracleNode(b []byte) (node, []byte, error) {
	rest, err := msgp.Skip(b)
	if err != nil {
		return node{}, b, err
	}
	switch t := msgp.NextType(b); t {
	case msgp.StrType:
		s, _, err := msgp.ReadStringBytes(b)
		return node{kind: KindStr, text: s}, rest, err
	case msgp.BinType:
		s, _, err := msgp.ReadBytesZC(b)
		return node{kind: KindBin, text: string(s)}, rest, err
	case msgp.NilType:
		return node{kind: KindNil}, rest, nil
	case msgp.BoolType:
		v, _, err := msgp.ReadBoolBytes(b)
		n := node{kind: KindBool}
		if v {
			n.num = 1
		}
		return n, rest, err
	case msgp.IntType, msgp.UintType:
		n, err := oracleInteger(b)
		return n, rest, err
	case msgp.Float32Type:
		f, _, err := msgp.ReadFloat32Bytes(b)
		return node{kind: KindFloat, num: uint64(math.Float32bits(f)), f32: true}, rest, err
	case msgp.Float64Type:
		f, _, err := msgp.ReadFloat64Bytes(b)
		return node{kind: KindFloat, num: math.Float64bits(f)}, rest, err
	case msgp.ArrayType:
		n, in, err := msgp.ReadArrayHeaderBytes(b)
		return oracleKids(node{kind: KindArray}, in, int(n), err)
	case msgp.MapType:
		n, in, err := msgp.ReadMapHeaderBytes(b)
		return oracleKids(node{kind: KindMap}, in, 2*int(n), err)
	case msgp.ExtensionType, msgp.TimeType, msgp.Complex64Type, msgp.Complex128Type:
		return node{kind: KindExt, text: string(b[:len(b)-len(rest)])}, rest, nil
	default:
		return node{}, b, fmt.Errorf("msgp type %v", t)
	}
}

func oracleInteger(b []byte) (node, error) {
	if u, _, err := msgp.ReadUint64Bytes(b); err == nil {
		return node{kind: KindUint, num: u}, nil
	}
	i, _, err := msgp.ReadInt64Bytes(b)
	return node{kind: KindInt, num: uint64(i)}, err
}

func oracleKids(n node, b []byte, count int, err error) (node, []byte, error) {
	for range count {
		if err != nil {
			break
		}
		var kid node
		kid, b, err = oracleNode(b)
		n.kids = append(n.kids, kid)
	}
	return n, b, err
}

// nodeOf decodes v with this package's own accessors. An integer that is not
// negative counts as unsigned, whatever its form, as oracleInteger has it.
func nodeOf(v Value) node {
	n := node{kind: v.Kind()}
	switch n.kind {
	case KindBool:
		if b, _ := v.Bool(); b {
			n.num = 1
		}
	case KindInt, KindUint:
		if u, ok := v.Uint(); ok {
			return node{kind: KindUint, num: u}
		}
		i, _ := v.Int()
		return node{kind: KindInt, num: uint64(i)}
	case KindFloat:
		f, _ := v.Float()
		n.num = math.Float64bits(f)
		if n.f32 = v.b[0] == 0xca; n.f32 {
			n.num = uint64(binary.BigEndian.Uint32(v.b[1:])) // keeps the payload of a NaN
		}
	case KindStr, KindBin:
		n.text, _ = v.Str()
	case KindExt:
		n.text = string(v.b)
	case KindArray:
		it, _ := v.Items()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			n.kids = append(n.kids, nodeOf(e))
		}
	case KindMap:
		m, _ := v.Map()
		n.kids = fieldsOf(m)
	}
	return n
}

// fieldsOf lists a map's keys and values; the keys are read as values, because
// Fields.Next renders them.
func fieldsOf(m Map) (kids []node) {
	f := m.Fields()
	for f.left > 0 {
		at := f.off
		_, v, _ := f.Next()
		kids = append(kids, nodeOf(Value{f.b[at:next(f.b, at)]}), nodeOf(v))
	}
	return kids
}

// oracleEvent is an event as the oracle sees it.
type oracleEvent struct {
	time                   int64
	meta, body, bare       *node
	groupMeta, groupBody   *node
	offset                 int
	odd, isMarker, hasTime bool
}

// oracleChunk reads a chunk to its end or to the first damage, and returns the
// offset it came to. Rules: docs/chunk-format.md.
func oracleChunk(b []byte) (events []oracleEvent, off int) {
	var last int64
	var group oracleEvent
	for off < len(b) {
		root, rest, err := oracleNode(b[off:])
		if err != nil {
			return events, off
		}
		ev, ok := oracleRecord(root)
		if !ok {
			if len(bytes.Trim(b[off:], "\x00")) == 0 {
				return events, len(b)
			}
			return events, off
		}
		off = len(b) - len(rest)
		switch {
		case ev.isMarker:
			group = ev // of an end marker both are nil
		case ev.hasTime:
			last = ev.time
			fallthrough
		default:
			ev.time, ev.offset = last, off
			ev.groupMeta, ev.groupBody = group.groupMeta, group.groupBody
			events = append(events, ev)
		}
	}
	return events, off
}

func oracleRecord(root node) (ev oracleEvent, ok bool) {
	if root.kind != KindArray || len(root.kids) != 2 {
		return ev, false
	}
	stamp, body := root.kids[0], root.kids[1]
	if stamp.kind == KindArray && len(stamp.kids) > 0 {
		head := stamp.kids
		stamp = head[0]
		ev.odd = len(head) != 2 || head[1].kind != KindMap
		if !ev.odd && len(head[1].kids) > 0 {
			ev.meta = &head[1]
		}
	}
	ns, marker, known := oracleTime(stamp)
	ev.time, ev.hasTime = ns, known
	if marker != 0 {
		ev.isMarker = true
		if marker == -1 {
			ev.groupMeta = ev.meta
			if body.kind == KindMap {
				ev.groupBody = &body
			}
		}
		return ev, true
	}
	if body.kind == KindMap {
		ev.body = &body
	} else {
		ev.bare, ev.odd = &body, true
	}
	ev.odd = ev.odd || !known
	return ev, known || ev.bare == nil
}

// oracleTime returns the time in ns, or -1 or -2 for a marker.
func oracleTime(n node) (ns int64, marker int, known bool) {
	var sec, frac float64
	switch n.kind {
	case KindExt:
		return oracleEventTime(n.text)
	case KindUint:
		if int64(n.num) < 0 { // cast to time_t
			n = node{kind: KindInt, num: n.num}
		} else if n.num >= maxSeconds+1 {
			return 0, 0, false
		} else {
			return int64(n.num) * 1e9, 0, true
		}
		fallthrough
	case KindInt:
		sec = float64(int64(n.num))
	case KindFloat:
		f := math.Float64frombits(n.num)
		if n.f32 {
			f = float64(math.Float32frombits(uint32(n.num)))
		}
		if sec, frac = math.Modf(f); frac != 0 && sec < 0 || math.IsNaN(f) || math.Signbit(f) && f > -1 && f < 0 {
			return 0, 0, false
		}
	default:
		return 0, 0, false
	}
	if sec == -1 || sec == -2 {
		return 0, int(sec), false
	}
	if sec < 0 || sec >= maxSeconds {
		return 0, 0, false
	}
	return int64(sec)*1e9 + int64(frac*1e9), 0, true
}

func oracleEventTime(enc string) (ns int64, marker int, known bool) {
	p, ok := strings.CutPrefix(enc, "\xd7\x00")
	for _, long := range []string{"\xc7\x08\x00", "\xc8\x00\x08\x00", "\xc9\x00\x00\x00\x08\x00"} {
		if !ok {
			p, ok = strings.CutPrefix(enc, long)
		}
	}
	if !ok {
		return 0, 0, false
	}
	sec, nsec := binary.BigEndian.Uint32([]byte(p)), binary.BigEndian.Uint32([]byte(p[4:]))
	switch {
	case sec < math.MaxUint32-1:
		return int64(sec)*1e9 + int64(nsec), 0, true
	case nsec != 0:
		return 0, 0, false
	case sec == math.MaxUint32:
		return 0, -1, false
	}
	return 0, -2, false
}
