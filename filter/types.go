package filter

import (
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// kinds tells, by the names of both vocabularies, what is no text.
var kinds = func() map[string]format.ValueKind {
	m := map[string]format.ValueKind{}
	for f := range format.NumFields {
		if k := f.Kind(); k != format.KindText {
			m[f.String()], m[format.CIMName(f.String())] = k, k
		}
	}
	return m
}()

// appendTyped appends the value of a piece of metadata as a number or a bool, if
// its field is one and the value can be read as one that is written the same:
// nothing is lost on the way.
func appendTyped(dst []byte, p *entry.Pair) []byte {
	v := p.Value
	if v == "" || v[0] > '9' && v[0] != 't' && v[0] != 'f' {
		return chunk.AppendString(dst, v)
	}
	switch kinds[p.Name] {
	case format.KindNumber:
		return appendNumber(dst, v)
	case format.KindBool:
		if v == "true" || v == "false" {
			return chunk.AppendBool(dst, v == "true")
		}
	}
	return chunk.AppendString(dst, v)
}

// appendNumber appends a decimal number: an integer that int64 holds, or one
// with a fraction.
func appendNumber(dst []byte, v string) []byte {
	whole, fraction, broken := strings.Cut(strings.TrimPrefix(v, "-"), ".")
	if !digits(whole) || whole[0] == '0' && len(whole) > 1 || broken && !digits(fraction) {
		return chunk.AppendString(dst, v) // not 0x1p3, 007, 1_000, NaN either
	}
	if !broken {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return chunk.AppendInt(dst, n)
		}
		return chunk.AppendString(dst, v)
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return chunk.AppendString(dst, v)
	}
	return chunk.AppendFloat(dst, f)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
