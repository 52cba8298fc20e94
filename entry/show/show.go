// Package show writes entries for people and for tests: the JSON object
// that `zimbraloki explain` prints, and the same as text.
package show

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/entry"
)

// AppendJSON appends e as one JSON object without a line break at its end:
//
//	{"time": RFC 3339 with nanoseconds in UTC, "format": …, "labels": {…},
//	"metadata": {…}, "line": …}
//
// Labels are sorted by name, metadata stands in the order of the wire.
func AppendJSON(dst []byte, e *entry.Entry) []byte {
	dst = append(dst, `{"time":"`...)
	dst = time.Unix(0, e.Time).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000000Z07:00")
	dst = append(dst, `","format":`...)
	dst = appendString(dst, e.Format)
	if e.Tenant != "" {
		dst = append(dst, `,"tenant":`...)
		dst = appendString(dst, e.Tenant)
	}
	dst = append(dst, `,"labels":`...)
	dst = appendPairs(dst, e.Labels.Pairs)
	dst = append(dst, `,"metadata":`...)
	dst = appendPairs(dst, e.Meta)
	dst = append(dst, `,"line":`...)
	dst = appendString(dst, string(e.AppendLine(nil)))
	return append(dst, '}')
}

func appendPairs(dst []byte, pairs []entry.Pair) []byte {
	dst = append(dst, '{')
	for i, p := range pairs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, p.Name)
		dst = append(dst, ':')
		dst = appendString(dst, p.Value)
	}
	return append(dst, '}')
}

const hex = "0123456789abcdef"

// appendString writes a JSON string (RFC 8259 §7) with as few escapes as it
// allows, so that a person can read the line in it.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, "\uFFFD"...)
			} else {
				dst = append(dst, s[i:i+n]...)
			}
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}

// AppendText appends e for people: the time in loc, the labels, the metadata
// one to a line, then the line itself, each of its lines indented.
func AppendText(dst []byte, e *entry.Entry, loc *time.Location) []byte {
	dst = time.Unix(0, e.Time).In(loc).AppendFormat(dst, "2006-01-02 15:04:05.000000000 Z07:00")
	dst = append(dst, "  "...)
	dst = append(dst, e.Format...)
	dst = append(dst, "\n  "...)
	dst = append(dst, e.Labels.Text...)
	dst = append(dst, '\n')
	width := 0
	for _, p := range e.Meta {
		width = max(width, len(p.Name))
	}
	for _, p := range e.Meta {
		dst = append(dst, "    "...)
		dst = append(dst, p.Name...)
		dst = append(dst, strings.Repeat(" ", width-len(p.Name)+2)...)
		dst = append(dst, p.Value...)
		dst = append(dst, '\n')
	}
	for line := range strings.Lines(string(e.AppendLine(nil))) {
		dst = append(dst, "  | "...)
		dst = append(dst, strings.TrimSuffix(line, "\n")...)
		dst = append(dst, '\n')
	}
	return append(dst, '\n')
}
