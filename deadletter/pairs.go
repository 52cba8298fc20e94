package deadletter

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/zimbraloki/zimbraloki/entry"
)

// pairs is a JSON object of strings that keeps the order of its keys.
type pairs []entry.Pair

// UnmarshalJSON implements json.Unmarshaler.
func (p *pairs) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t == nil { // null
		return nil
	}
	if t != json.Delim('{') {
		return fmt.Errorf("want an object of strings, got %.40q", b)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		value, err := d.Token()
		if err != nil {
			return err
		}
		v, ok := value.(string)
		if !ok {
			return fmt.Errorf("value of %q is no string", name)
		}
		*p = append(*p, entry.Pair{Name: name.(string), Value: v})
	}
	return nil
}
