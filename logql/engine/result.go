package engine

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Type is what kind of answer a Result is, named as in Loki's API.
type Type string

// The types of answers.
const (
	Streams Type = "streams"
	Vector  Type = "vector"
	Matrix  Type = "matrix"
	Scalar  Type = "scalar"
)

// Result is an answer.
type Result struct {
	Type    Type
	Streams []Stream
	Series  []Series // of a matrix, each with its points; of a vector, with one
	Scalar  Point
}

// Stream is one label set with its entries, in the direction of the query.
type Stream struct {
	Labels  []entry.Pair // those of the stream, sorted by name
	All     []entry.Pair // with metadata and what the pipeline set, sorted by name
	Meta    []entry.Pair // structured metadata, sorted by name
	Parsed  []entry.Pair // what the pipeline set, sorted by name
	Entries []Line
	hash    uint64
}

// Line is one entry of a stream.
type Line struct {
	Time int64 // nanoseconds since 1970 UTC
	Text string

	seq int // place in the order of the whole answer
}

// Series is one label set with its points.
type Series struct {
	Labels []entry.Pair // sorted by name
	Points []Point
}

// Point is a value at a time.
type Point struct {
	Time  int64 // milliseconds since 1970 UTC
	Value float64
}

// AppendJSON appends the answer as Loki's API has it in "data". With categorize
// (the header X-Loki-Response-Encoding-Flags: categorize-labels) entries carry
// their structured metadata and parsed labels apart.
func (r *Result) AppendJSON(dst []byte, categorize bool) []byte {
	dst = append(dst, `{"resultType":"`...)
	dst = append(append(dst, r.Type...), '"')
	if categorize && r.Type == Streams {
		dst = append(dst, `,"encodingFlags":["categorize-labels"]`...)
	}
	dst = append(dst, `,"result":`...)
	switch r.Type {
	case Streams:
		dst = appendStreams(dst, r.Streams, categorize)
	case Scalar:
		dst = appendScalar(dst, r.Scalar)
	default:
		dst = appendSeries(dst, r.Series, r.Type == Vector)
	}
	return append(dst, `,"stats":{}}`...)
}

// appendStreams writes label sets with their entries: all labels of an entry,
// or only those of its stream if it carries the others itself.
func appendStreams(dst []byte, streams []Stream, categorize bool) []byte {
	name := func(s *Stream) []entry.Pair { return s.All }
	if categorize {
		name = func(s *Stream) []entry.Pair { return s.Labels }
	}
	dst = append(dst, '[')
	for i, group := range groupStreams(streams, name) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendLabels(append(dst, `{"stream":`...), name(group[0])), `,"values":[`...)
		dst = append(appendEntries(dst, group, categorize), "]}"...)
	}
	return append(dst, ']')
}

// groupStreams puts together what the answer names alike.
func groupStreams(streams []Stream, name func(*Stream) []entry.Pair) (groups [][]*Stream) {
	place := map[string]int{}
	var key []byte
	for i := range streams {
		key = appendKey(key[:0], name(&streams[i]))
		at, ok := place[string(key)]
		if !ok {
			at = len(groups)
			place[string(key)] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], &streams[i])
	}
	return groups
}

// appendEntries writes the entries of several streams in their common order.
func appendEntries(dst []byte, group []*Stream, categorize bool) []byte {
	type place struct {
		line   *Line
		stream *Stream
	}
	var all []place
	for _, s := range group {
		for i := range s.Entries {
			all = append(all, place{&s.Entries[i], s})
		}
	}
	slices.SortFunc(all, func(a, b place) int { return a.line.seq - b.line.seq })
	for i, p := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLine(dst, p.line)
		if categorize {
			dst = appendCategories(dst, p.stream)
		}
		dst = append(dst, ']')
	}
	return dst
}

func appendCategories(dst []byte, s *Stream) []byte {
	dst = append(dst, ",{"...)
	if len(s.Meta) > 0 {
		dst = appendLabels(append(dst, `"structuredMetadata":`...), s.Meta)
	}
	if len(s.Parsed) > 0 {
		if len(s.Meta) > 0 {
			dst = append(dst, ',')
		}
		dst = appendLabels(append(dst, `"parsed":`...), s.Parsed)
	}
	return append(dst, '}')
}

// appendLine leaves the bracket open for what follows the text.
func appendLine(dst []byte, l *Line) []byte {
	dst = append(dst, `["`...)
	dst = strconv.AppendInt(dst, l.Time, 10)
	return appendText(append(dst, `",`...), l.Text)
}

// appendSeries appends a vector, each series with its only point, or a matrix.
func appendSeries(dst []byte, series []Series, vector bool) []byte {
	dst = append(dst, '[')
	for i := range series {
		if i > 0 {
			dst = append(dst, ',')
		}
		s := &series[i]
		dst = appendLabels(append(dst, `{"metric":`...), s.Labels)
		if vector {
			dst = append(appendPoint(append(dst, `,"value":`...), s.Points[0]), '}')
			continue
		}
		dst = append(dst, `,"values":[`...)
		for j, p := range s.Points {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendPoint(dst, p)
		}
		dst = append(dst, "]}"...)
	}
	return append(dst, ']')
}

// appendPoint writes the time in seconds, with three digits behind the point if
// it is no whole one, as Prometheus does.
func appendPoint(dst []byte, p Point) []byte {
	dst = append(dst, '[')
	dst = strconv.AppendInt(dst, p.Time/1000, 10)
	if ms := p.Time % 1000; ms != 0 {
		dst = append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	}
	return appendValue(dst, p.Value)
}

func appendValue(dst []byte, v float64) []byte {
	dst = append(dst, `,"`...)
	switch {
	case math.IsInf(v, 1):
		dst = append(dst, "+Inf"...)
	case math.IsInf(v, -1):
		dst = append(dst, "-Inf"...)
	default:
		dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	return append(dst, `"]`...)
}

// appendScalar writes a number's time as Loki 3.7 does, whose reckoning takes
// the milliseconds for seconds and runs over.
func appendScalar(dst []byte, p Point) []byte {
	overrun := p.Time * 1e9
	dst = strconv.AppendInt(append(dst, '['), overrun/1e6, 10)
	return appendValue(dst, p.Value)
}

func appendLabels(dst []byte, labels []entry.Pair) []byte {
	dst = append(dst, '{')
	for i, l := range labels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(appendText(dst, l.Name), ':'), l.Value)
	}
	return append(dst, '}')
}

// appendText writes a text as JSON. The plain ones, nearly all, need no encoder.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return appendEscaped(dst, s)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

func appendEscaped(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...)
}
