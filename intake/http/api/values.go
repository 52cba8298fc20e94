package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Number is a ticket's: one that the original could have had is written as a
// number, as it does, any other as a text. Both are read.
type Number string

var original = regexp.MustCompile(`^(0|[1-9][0-9]{0,8}|1[0-9]{9}|20[0-9]{8}|21[0-3][0-9]{7})$`)

// MarshalJSON writes it.
func (n Number) MarshalJSON() ([]byte, error) {
	if original.MatchString(string(n)) {
		return []byte(n), nil
	}
	return json.Marshal(string(n))
}

// UnmarshalJSON reads a number or a text.
func (n *Number) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(n))
	}
	if _, err := strconv.ParseInt(string(data), 10, 64); err != nil {
		return errors.New("a ticket's number is a whole number or a text")
	}
	*n = Number(data)
	return nil
}

// Schema describes it.
func (Number) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeInteger, Format: "int64"}, {Type: huma.TypeString}}, Description: "1488228 or \"SUP-1488\""}
}

// Int is a whole number; a text of digits is read too, as forms have it.
type Int int

// UnmarshalJSON reads either.
func (n *Int) UnmarshalJSON(data []byte) error {
	v, err := strconv.Atoi(strings.Trim(string(data), `"`))
	if err != nil {
		return errors.New("a valid integer is required")
	}
	*n = Int(v)
	return nil
}

// Schema describes it.
func (Int) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeInteger} }

// Bool is true or false; the words that forms have are read too.
type Bool bool

// UnmarshalJSON reads either.
func (b *Bool) UnmarshalJSON(data []byte) error {
	v, ok := truth(strings.Trim(string(data), `"`))
	if !ok {
		return errors.New("must be a valid boolean")
	}
	*b = Bool(v)
	return nil
}

// Schema describes it.
func (Bool) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeBoolean} }

// Moment is a time in a query: as ISO 8601 has it, or, in UTC, as Django reads
// one besides.
type Moment struct{ time.Time }

// UnmarshalText reads it.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if m.Time, err = time.Parse(layout, string(text)); err == nil {
			return nil
		}
	}
	return errors.New("give a time as 2026-11-29T12:00:00Z, or a date")
}

// Schema describes it.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "2026-11-29T12:00:00Z; a date, or a time without a zone, is of UTC"}
}

// Expiry is a time, or null for without end, or not given.
type Expiry struct{ at *time.Time }

// UnmarshalJSON reads either; a form has "" for null.
func (e *Expiry) UnmarshalJSON(data []byte) error {
	e.at = &time.Time{}
	if s := string(data); s == "null" || s == `""` {
		return nil
	}
	return json.Unmarshal(data, e.at)
}

// Schema describes it.
func (Expiry) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

func truth(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1", "on", "yes", "t", "y":
		return true, true
	case "false", "0", "off", "no", "f", "n":
		return false, true
	}
	return false, false
}

// formFormat reads a form as if it were an object of JSON: the original takes
// both.
var formFormat = huma.Format{
	Unmarshal: func(data []byte, v any) error {
		q, err := url.ParseQuery(string(data))
		if err != nil {
			return fmt.Errorf("form: %w", err)
		}
		m := map[string]string{}
		for k := range q {
			m[k] = q.Get(k)
		}
		body, err := json.Marshal(m)
		if err != nil {
			return err
		}
		return json.Unmarshal(body, v)
	},
	Marshal: func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
}
