package push

import (
	"errors"
	"slices"

	"github.com/VictoriaMetrics/easyproto"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

var errWire = errors.New("proto: wrong wireType")

// decodeProto reads a PushRequest (Loki v3.7 pkg/push/push.proto). Texts are
// views of msg.
func (r *Reader) decodeProto(msg []byte) (streams []stream, err error) {
	// Of all entries, one piece of memory; a pair takes about as many bytes here
	// as there.
	metas, entries := slices.Grow(r.metas[:0], len(msg)/pairBytes), r.entries[:0]
	defer func() { r.metas, r.entries = metas, entries }()
	err = fields(msg, func(fc *easyproto.FieldContext) error {
		if fc.FieldNum != 1 {
			return nil
		}
		data, ok := fc.MessageData()
		if !ok {
			return errWire
		}
		n := count(data, 2)
		if cap(entries)-len(entries) < n {
			entries = make([]store.Entry, 0, n)
		}
		from := len(entries)
		entries = entries[:from+n]
		st := stream{entries: entries[from:from:len(entries)]}
		err := fields(data, func(fc *easyproto.FieldContext) error { return st.field(fc, &metas) })
		streams = append(streams, st)
		return err
	})
	return streams, err
}

// pairBytes is about how many bytes of a message there are for each pair of
// metadata in it: with its part of the line and the time, more than 32.
const pairBytes = 40

// count returns how often a message has a field. What is wrong with it shows
// when it is read.
func count(msg []byte, field uint32) (n int) {
	var fc easyproto.FieldContext
	var err error
	for len(msg) > 0 {
		if msg, err = fc.NextField(msg); err != nil {
			return n
		}
		if fc.FieldNum == field {
			n++
		}
	}
	return n
}

// fields calls f for each field of a message.
func fields(msg []byte, f func(*easyproto.FieldContext) error) error {
	var fc easyproto.FieldContext
	for len(msg) > 0 {
		var err error
		if msg, err = fc.NextField(msg); err != nil {
			return err
		}
		if err := f(&fc); err != nil {
			return err
		}
	}
	return nil
}

func (st *stream) field(fc *easyproto.FieldContext, metas *[]entry.Pair) error {
	switch fc.FieldNum {
	case 1:
		s, ok := fc.String()
		st.labels = s
		return wire(ok)
	case 2:
		data, ok := fc.MessageData()
		if !ok {
			return errWire
		}
		e, err := decodeEntry(data, metas)
		st.entries = append(st.entries, e)
		return err
	}
	return nil
}

// decodeEntry reads an EntryAdapter. It goes through its fields itself: most of
// the time of a push is spent here.
func decodeEntry(msg []byte, metas *[]entry.Pair) (e store.Entry, err error) {
	var fc easyproto.FieldContext
	from := len(*metas)
	for len(msg) > 0 {
		if msg, err = fc.NextField(msg); err != nil {
			return e, err
		}
		switch fc.FieldNum {
		case 1:
			e.Time, err = decodeTime(&fc)
		case 2:
			s, ok := fc.String()
			e.Line, err = s, wire(ok)
		case 3:
			var p entry.Pair
			p, err = decodePair(&fc)
			*metas = append(*metas, p)
		}
		if err != nil {
			return e, err
		}
	}
	if n := len(*metas); n > from {
		e.Meta = (*metas)[from:n:n]
	}
	return e, nil
}

func decodeTime(fc *easyproto.FieldContext) (ns int64, err error) {
	msg, ok := fc.MessageData()
	if !ok {
		return 0, errWire
	}
	var f easyproto.FieldContext
	for len(msg) > 0 {
		if msg, err = f.NextField(msg); err != nil {
			return 0, err
		}
		n, ok := f.Int64()
		if !ok {
			return 0, errWire
		}
		switch f.FieldNum {
		case 1:
			ns += n * 1e9
		case 2:
			ns += n
		}
	}
	return ns, nil
}

func decodePair(fc *easyproto.FieldContext) (p entry.Pair, err error) {
	msg, ok := fc.MessageData()
	if !ok {
		return p, errWire
	}
	var f easyproto.FieldContext
	for len(msg) > 0 {
		if msg, err = f.NextField(msg); err != nil {
			return p, err
		}
		s, ok := f.String()
		if !ok {
			return p, errWire
		}
		switch f.FieldNum {
		case 1:
			p.Name = s
		case 2:
			p.Value = s
		}
	}
	return p, nil
}

func wire(ok bool) error {
	if !ok {
		return errWire
	}
	return nil
}
