package lokitest

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/entry"
)

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*`)

// parseLabels reads a label set as strictly as Loki, sorted by name.
func parseLabels(s string) (pairs []entry.Pair, err error) {
	if !utf8.ValidString(s) {
		return nil, errors.New("1:1: parse error: invalid UTF-8 rune")
	}
	s, ok := strings.CutPrefix(s, "{")
	if !ok {
		return nil, fmt.Errorf("1:1: parse error: unexpected %.20q", s)
	}
	for s = strings.TrimLeft(s, " "); !strings.HasPrefix(s, "}"); {
		name := labelName.FindString(s)
		if name == "" {
			return nil, fmt.Errorf("1:2: parse error: unexpected character inside braces: %.20q", s)
		}
		if s, ok = strings.CutPrefix(s[len(name):], "="); !ok {
			return nil, fmt.Errorf("1:3: parse error: unexpected character inside braces: %.20q", s)
		}
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return nil, fmt.Errorf("1:4: parse error: unexpected %.20q in label set, expected string", s)
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, entry.Pair{Name: name, Value: value})
		s = strings.TrimLeft(s[len(quoted):], " ")
		if rest, ok := strings.CutPrefix(s, ","); ok {
			s = strings.TrimLeft(rest, " ")
		} else if !strings.HasPrefix(s, "}") {
			return nil, fmt.Errorf("1:5: parse error: unexpected %.20q in label set", s)
		}
	}
	if s != "}" {
		return nil, fmt.Errorf("1:6: parse error: unexpected %.20q", s)
	}
	sort.SliceStable(pairs, func(i, j int) bool { return pairs[i].Name < pairs[j].Name })
	return pairs, nil
}

// parseText reads a label set that this package has written.
func parseText(s string) []entry.Pair {
	pairs, err := parseLabels(s)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return pairs
}

// labelsText writes a label set, sorted by name, as Loki does.
func labelsText(pairs []entry.Pair) string {
	sort.SliceStable(pairs, func(i, j int) bool { return pairs[i].Name < pairs[j].Name })
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p.Name + "=" + strconv.Quote(p.Value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func lookup(pairs []entry.Pair, name string) string {
	for _, p := range pairs {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}
