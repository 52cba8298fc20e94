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
	var num json.Number
	if err := json.Unmarshal(data, &num); err != nil {
		return errors.New("a ticket's number is a number or a text")
	}
	*n = Number(num)
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
