package json

import (
	"strings"
	"sync"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scanPlanr fills the slots from an event in exactly the form that PLAN-R
// writes: a flat object of the documented keys, no escapes. Anything else it
// leaves to json-iterator (read), which takes three times as long; what it
// takes, json-iterator reads the same way.
func (c *jsonScratch) scanPlanr(a *scan.Arena, text string) bool {
	if strings.IndexByte(text, '\\') >= 0 {
		return false
	}
	o := &c.obj
	o.arena, o.src, o.buf = a, text, scan.BytesOf(text)
	if c.planr == nil {
		c.planr = planrFields()
	}
	if i := o.planrPairs(text, c.planr); i > 0 && strings.TrimRight(text[i:], " \t\r\n") == "" {
		return true
	}
	c.Reset()
	return false
}

// planrPairs reads the object and returns the index behind it, 0 if it is not
// of the form.
func (o *jsonObject) planrPairs(s string, fields *[12]*jsonField) int {
	i := 1
	for {
		i = scan.SkipBlanks(s, i)
		n := stringLen(s, i)
		if n == 0 {
			return 0
		}
		f := planrField(fields, s[i+1:i+n-1])
		if f == nil {
			return 0
		}
		i = scan.SkipBlanks(s, i+n)
		if i >= len(s) || s[i] != ':' {
			return 0
		}
		if i = o.planrValue(f, s, scan.SkipBlanks(s, i+1)); i == 0 {
			return 0
		}
		i = scan.SkipBlanks(s, i)
		if i >= len(s) {
			return 0
		}
		switch s[i] {
		case ',':
			i++
		case '}':
			return i + 1
		default:
			return 0
		}
	}
}

// planrValue puts the value at s[i:] and returns the index behind it, 0 for one
// that is neither a string, a plain number, nor true, false or null.
func (o *jsonObject) planrValue(f *jsonField, s string, i int) int {
	if i >= len(s) {
		return 0
	}
	switch c := s[i]; {
	case c == '"':
		n := stringLen(s, i)
		if n == 0 {
			return 0
		}
		o.put(f, jsonText, s[i+1:i+n-1])
		return i + n
	case scan.IsDigit(c):
		n := len(scan.Number(s[i:]))
		if i+n < len(s) && (s[i+n] == '.' || s[i+n]|0x20 == 'e') || c == '0' && n > 1 {
			return 0
		}
		o.put(f, jsonNumber, s[i:i+n])
		return i + n
	}
	for _, w := range [...]string{"true", "false"} {
		if strings.HasPrefix(s[i:], w) {
			o.put(f, jsonBool, w)
			return i + len(w)
		}
	}
	if strings.HasPrefix(s[i:], "null") {
		return i + len("null")
	}
	return 0
}

// planrFields are the slots of the documented keys, with the ranks of the table.
var planrFields = sync.OnceValue(func() *[12]*jsonField {
	var list [12]*jsonField
	for i, name := range [...]string{
		"client_ip", "command_name", "container_name", "time", "trace_id", "user_id",
		"user_login", "space_id", "duration", "error", "auth_success", "request_source",
	} {
		list[i] = jsonRoot()[name]
	}
	return &list
})

// planrField returns the field of a documented key, else nil.
func planrField(f *[12]*jsonField, key string) *jsonField {
	switch key {
	case "client_ip":
		return f[0]
	case "command_name":
		return f[1]
	case "container_name":
		return f[2]
	case "time":
		return f[3]
	case "trace_id":
		return f[4]
	case "user_id":
		return f[5]
	case "user_login":
		return f[6]
	case "space_id":
		return f[7]
	case "duration":
		return f[8]
	case "error":
		return f[9]
	case "auth_success":
		return f[10]
	case "request_source":
		return f[11]
	}
	return nil
}
