package lokirun

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// appendYAML writes t in block style with sorted keys. A scalar is written as JSON, which YAML includes.
func appendYAML(dst []byte, t tree, indent int) ([]byte, error) {
	for _, k := range slices.Sorted(maps.Keys(t)) {
		dst = append(dst, strings.Repeat("  ", indent)...)
		dst = append(append(dst, k...), ':')
		var err error
		if sub, ok := t[k].(tree); ok && len(sub) > 0 {
			dst, err = appendYAML(append(dst, '\n'), sub, indent+1)
		} else {
			dst, err = appendFlow(append(dst, ' '), t[k])
		}
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", k, err)
		}
	}
	return dst, nil
}

// appendFlow writes v, a list or a scalar, as JSON on one line.
func appendFlow(dst []byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append(append(dst, b...), '\n'), nil
}
