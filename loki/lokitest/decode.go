package lokitest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/VictoriaMetrics/easyproto"
	"github.com/klauspost/compress/s2"

	"github.com/zimbraloki/zimbraloki/entry"
)

// stream is one stream of a push as it came.
type stream struct {
	labels  string
	entries []Entry // without tenant and labels
}

func readBody(r *http.Request) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r.Body, 100<<20))
}

// decode reads a body as Loki's push endpoint does (v3.7.8
// pkg/loghttp/push.parsePushRequestBody). raw is the decompressed body.
func decode(h http.Header, body []byte) (raw []byte, streams []stream, err error) {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return nil, nil, err
	}
	switch enc := h.Get("Content-Encoding"); enc {
	case "", "snappy":
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, nil, err
		}
		if body, err = io.ReadAll(z); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, fmt.Errorf("Content-Encoding %q not supported", enc) // Loki's words
	}
	if kind == "application/json" {
		streams, err = decodeJSON(body)
		return body, streams, err
	}
	if raw, err = s2.Decode(nil, body); err != nil {
		return nil, nil, errors.New("snappy: corrupt input")
	}
	streams, err = decodeProto(raw)
	return raw, streams, err
}

// decodeProto reads a PushRequest.
func decodeProto(msg []byte) (streams []stream, err error) {
	err = fields(msg, func(fc *easyproto.FieldContext) error {
		if fc.FieldNum != 1 {
			return nil
		}
		data, ok := fc.MessageData()
		if !ok {
			return errWire
		}
		var st stream
		err := fields(data, func(fc *easyproto.FieldContext) error { return st.field(fc) })
		streams = append(streams, st)
		return err
	})
	return streams, err
}

var errWire = errors.New("proto: wrong wire type")

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

func (st *stream) field(fc *easyproto.FieldContext) error {
	switch fc.FieldNum {
	case 1:
		s, ok := fc.String()
		st.labels = string([]byte(s)) // a copy: s is a view
		return wire(ok)
	case 2:
		data, ok := fc.MessageData()
		if !ok {
			return errWire
		}
		var e Entry
		err := fields(data, func(fc *easyproto.FieldContext) error { return e.field(fc) })
		st.entries = append(st.entries, e)
		return err
	}
	return nil
}

func (e *Entry) field(fc *easyproto.FieldContext) error {
	switch fc.FieldNum {
	case 1:
		data, ok := fc.MessageData()
		if !ok {
			return errWire
		}
		return fields(data, func(fc *easyproto.FieldContext) error {
			n, ok := fc.Int64()
			if fc.FieldNum == 1 {
				n *= 1e9
			}
			e.Time += n
			return wire(ok)
		})
	case 2:
		s, ok := fc.String()
		e.Line = string([]byte(s))
		return wire(ok)
	case 3:
		data, ok := fc.MessageData()
		if !ok {
			return errWire
		}
		var p entry.Pair
		err := fields(data, func(fc *easyproto.FieldContext) error {
			s, ok := fc.String()
			if fc.FieldNum == 1 {
				p.Name = string([]byte(s))
			} else {
				p.Value = string([]byte(s))
			}
			return wire(ok)
		})
		e.Meta = append(e.Meta, p)
		return err
	}
	return nil
}

func wire(ok bool) error {
	if !ok {
		return errWire
	}
	return nil
}

// decodeJSON reads the JSON form of a push.
func decodeJSON(body []byte) (streams []stream, err error) {
	var req struct {
		Streams []struct {
			Stream map[string]string   `json:"stream"`
			Values [][]json.RawMessage `json:"values"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, err
	}
	for _, js := range req.Streams {
		var labels []entry.Pair
		for name, value := range js.Stream {
			labels = append(labels, entry.Pair{Name: name, Value: value})
		}
		st := stream{labels: labelsText(labels)}
		for _, v := range js.Values {
			e, err := decodeValue(v)
			if err != nil {
				return nil, err
			}
			st.entries = append(st.entries, e)
		}
		streams = append(streams, st)
	}
	return streams, nil
}

func decodeValue(v []json.RawMessage) (e Entry, err error) {
	if len(v) < 2 || len(v) > 3 {
		return e, fmt.Errorf("an entry has %d elements", len(v))
	}
	var ns string
	if err := json.Unmarshal(v[0], &ns); err != nil {
		return e, err
	}
	if e.Time, err = strconv.ParseInt(ns, 10, 64); err != nil {
		return e, err
	}
	if err := json.Unmarshal(v[1], &e.Line); err != nil {
		return e, err
	}
	if len(v) < 3 {
		return e, nil
	}
	var meta map[string]string
	if err := json.Unmarshal(v[2], &meta); err != nil {
		return e, err
	}
	for name, value := range meta {
		e.Meta = append(e.Meta, entry.Pair{Name: name, Value: value})
	}
	return e, nil
}
