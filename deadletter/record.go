// Package deadletter keeps what Loki refuses for good, and what of a chunk
// cannot be read, in a bounded file of JSON lines: people can read it, and it
// can be replayed without losing a nanosecond or a byte.
//
// A file holds one record a line, in the order of writing:
//
//	{"kind":"entry","written":"2026-11-22T08:00:01Z","reason":"line_too_long","detail":"max entry size …",
//	 "tenant":"a","time":"2026-11-22T08:00:00.123456789Z","ns":"1795334400123456789",
//	 "labels":{"job":"zimbra"},"metadata":{"user":"a@example.com"},"line":"…"}
//	{"kind":"chunk","written":"2026-11-22T08:00:01Z","reason":"damaged_chunk","detail":"…","tag":"zimbra.mailbox","raw":"k5P…"}
//
// The keys of metadata stand in the order that Loki was to get them. "ns" is
// exact and rules when replaying; "time" is the same instant for people. A line
// that is not valid UTF-8 is kept in "line_base64" instead of "line".
package deadletter

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	jsoniter "github.com/json-iterator/go"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Kind says what a record holds.
type Kind string

// The kinds of records.
const (
	KindEntry Kind = "entry" // one log entry, ready to be sent again
	KindChunk Kind = "chunk" // bytes of a Fluent Bit chunk that could not be read
)

// Record is one line of a dead-letter file.
type Record struct {
	Kind    Kind
	Written time.Time // when it was put into the file; Append sets it if zero
	Reason  string    // short and from a closed set: line_too_long, …
	Detail  string    // the words of whoever refused it

	// Of KindEntry. The fields mean what those of entry.Entry mean.
	Tenant string
	Time   int64        // nanoseconds since 1970-01-01 UTC
	Labels []entry.Pair // of the stream, sorted by name
	Line   string       // all lines, joined by '\n'
	Meta   []entry.Pair // structured metadata in order

	// Of KindChunk.
	Tag string
	Raw []byte // base64 in the file
}

// appendJSON appends r as one line with its line feed.
func (r *Record) appendJSON(dst []byte) []byte {
	s := jsoniter.NewStream(jsoniter.ConfigDefault, nil, 0)
	s.SetBuffer(dst)
	s.WriteRaw(`{"kind":`)
	s.WriteString(string(r.Kind))
	field(s, "written", r.Written.UTC().Format(time.RFC3339Nano))
	field(s, "reason", valid(r.Reason))
	optional(s, "detail", valid(r.Detail))
	switch r.Kind {
	case KindEntry:
		r.writeEntry(s)
	case KindChunk:
		field(s, "tag", valid(r.Tag))
		field(s, "raw", base64.StdEncoding.EncodeToString(r.Raw))
	}
	s.WriteRaw("}\n")
	return s.Buffer()
}

func (r *Record) writeEntry(s *jsoniter.Stream) {
	optional(s, "tenant", valid(r.Tenant))
	field(s, "time", time.Unix(0, r.Time).UTC().Format(time.RFC3339Nano))
	field(s, "ns", strconv.FormatInt(r.Time, 10))
	writePairs(s, "labels", r.Labels)
	if len(r.Meta) > 0 {
		writePairs(s, "metadata", r.Meta)
	}
	if utf8.ValidString(r.Line) {
		field(s, "line", r.Line)
	} else {
		field(s, "line_base64", base64.StdEncoding.EncodeToString([]byte(r.Line)))
	}
}

// field writes one member of the object, after another.
func field(s *jsoniter.Stream, name, value string) {
	s.WriteMore()
	s.WriteObjectField(name)
	s.WriteString(value)
}

func optional(s *jsoniter.Stream, name, value string) {
	if value != "" {
		field(s, name, value)
	}
}

func writePairs(s *jsoniter.Stream, name string, pairs []entry.Pair) {
	s.WriteMore()
	s.WriteObjectField(name)
	s.WriteObjectStart()
	for i, p := range pairs {
		if i > 0 {
			s.WriteMore()
		}
		s.WriteString(valid(p.Name))
		s.WriteRaw(":")
		s.WriteString(valid(p.Value))
	}
	s.WriteObjectEnd()
}

// valid is s with U+FFFD for what is not UTF-8: JSON cannot hold it.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// parseRecord reads one line of a dead-letter file.
func parseRecord(line []byte) (Record, error) {
	var j struct {
		Kind       Kind      `json:"kind"`
		Written    time.Time `json:"written"`
		Reason     string    `json:"reason"`
		Detail     string    `json:"detail"`
		Tenant     string    `json:"tenant"`
		NS         string    `json:"ns"`
		Labels     pairs     `json:"labels"`
		Metadata   pairs     `json:"metadata"`
		Line       string    `json:"line"`
		LineBase64 []byte    `json:"line_base64"`
		Tag        string    `json:"tag"`
		Raw        []byte    `json:"raw"`
	}
	if err := json.Unmarshal(line, &j); err != nil {
		return Record{}, err
	}
	r := Record{
		Kind: j.Kind, Written: j.Written, Reason: j.Reason, Detail: j.Detail, Tenant: j.Tenant,
		Labels: j.Labels, Meta: j.Metadata, Line: j.Line, Tag: j.Tag, Raw: j.Raw,
	}
	switch j.Kind {
	case KindChunk:
		if r.Raw == nil {
			return Record{}, errors.New("a chunk without its bytes (raw)")
		}
		return r, nil
	case KindEntry:
	default:
		return Record{}, fmt.Errorf("unknown kind %q", j.Kind)
	}
	if j.LineBase64 != nil {
		r.Line = string(j.LineBase64)
	}
	ns, err := strconv.ParseInt(j.NS, 10, 64)
	if err != nil {
		return Record{}, fmt.Errorf("cannot read ns: %w", err)
	}
	r.Time = ns
	return r, nil
}
