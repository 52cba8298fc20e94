package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Loki's default limits on labels (limits_config in Loki 3.x:
// max_label_names_per_series, max_label_name_length, max_label_value_length).
const (
	maxLabels          = 15
	maxLabelNameBytes  = 1024
	maxLabelValueBytes = 2048
)

// lineLabels are the labels that are made from each line. A fixed label of the
// same name takes the place of one.
var lineLabels = []string{"job", "host", "service_name", "log", "level", "container"}

// lateLabels are added to entries that go to Loki once more because they came
// too late for their stream (loki/late.go).
var lateLabels = []string{"late", "late_hour"}

// labelName is Loki's rule for label names (Prometheus data model).
var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// pairsCure shows how labels are written.
const pairsCure = `write name=value, name=value; a value with a comma in double quotes`

// parsePairs reads "job=zimbra, host=$HOSTNAME". A value may stand in double
// quotes, with \" and \\ inside; braces around it all, as LogQL has them, are
// allowed. The order is kept; names are not checked here.
func parsePairs(s string) ([]entry.Pair, *Error) {
	if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
		s = s[1 : len(s)-1]
	}
	var pairs []entry.Pair
	for {
		name, rest, ok := strings.Cut(s, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.Contains(name, ",") {
			return nil, noPair(s)
		}
		value, rest, ok := cutValue(strings.TrimLeft(rest, " \t"))
		if !ok {
			return nil, badValue(pairsCure, "the value of %q does not end where it should", name)
		}
		pairs = append(pairs, entry.Pair{Name: name, Value: value})
		if rest == "" {
			return pairs, nil
		}
		s = rest[1:]
	}
}

// runTogether is a label of which another one has become the value.
var runTogether = regexp.MustCompile(`^(\S*)[ \t;]+([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=`)

// blanksForCommas says that a value holds another name=value, "" if it does
// not, or if it stands in quotes in what was written.
func blanksForCommas(p entry.Pair, written string) string {
	m := runTogether.FindStringSubmatch(p.Value)
	if m == nil || strings.Contains(written, `"`+p.Value) {
		return ""
	}
	return p.Name + "=" + p.Value + " is one label: write " + p.Name + "=" + m[1] + ", " + m[2] + "=… with a comma between two labels"
}

func noPair(s string) *Error {
	first, _, _ := strings.Cut(s, ",")
	first = strings.TrimSpace(first)
	if strings.HasPrefix(first, "$") {
		return badValue("name it in label_keys", "%q takes its value from the record, and labels are fixed", first)
	}
	if first == "" {
		return badValue(pairsCure, "nothing between two commas")
	}
	return badValue(pairsCure, "%q is no name=value", first)
}

// cutValue cuts one value off s. rest is empty or begins with a comma.
func cutValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		i := strings.IndexByte(s, ',')
		if i < 0 {
			i = len(s)
		}
		return strings.TrimSpace(s[:i]), s[i:], true
	}
	value, rest, ok = cutQuoted(s[1:])
	rest = strings.TrimSpace(rest)
	return value, rest, ok && (rest == "" || rest[0] == ',')
}

// cutQuoted reads up to the closing quote of a text whose opening quote is
// already gone.
func cutQuoted(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// formatPairs writes pairs so that parsePairs reads them back.
func formatPairs(pairs []entry.Pair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Name + "=" + quoteValue(p.Value))
	}
	return b.String()
}

func quoteValue(v string) string {
	if v != "" && v == strings.TrimSpace(v) && !strings.ContainsAny(v, `,"{}`) {
		return v
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}

// expandHost puts the name of the machine where a value says $HOSTNAME.
func expandHost(v, host string) string {
	v = strings.ReplaceAll(v, "${HOSTNAME}", host)
	return strings.ReplaceAll(v, "$HOSTNAME", host)
}

// checkLabel reports what Loki, or this plugin, would not take about a fixed
// label.
func checkLabel(p entry.Pair) *Error {
	if err := checkLabelName(p.Name); err != nil {
		return err
	}
	switch {
	case p.Name == "level":
		return badValue("choose another name", "label %q is different for each line", p.Name)
	case p.Value == "":
		return badValue("give it one (an environment variable that is not set is empty), or leave the label out", "label %q has no value", p.Name)
	case strings.HasPrefix(p.Value, "$"):
		return badValue("name the key in label_keys; only $HOSTNAME is replaced here", "label %q takes its value from the record, and labels are fixed", p.Name)
	case !utf8.ValidString(p.Value):
		return badValue("", "the value of label %q is not UTF-8", p.Name)
	case len(p.Value) > maxLabelValueBytes:
		return badValue("", "the value of label %q has %d bytes, Loki takes %d", p.Name, len(p.Value), maxLabelValueBytes)
	}
	return nil
}

func checkLabelName(name string) *Error {
	switch {
	case !labelName.MatchString(name):
		return &Error{Reason: "label name " + strconv.Quote(name) + " must be letters, digits and _, not beginning with a digit", Nearest: nearestLabel(name)}
	case strings.HasPrefix(name, "__"):
		return badValue("", "label name %q begins with __, which Loki keeps for itself", name)
	case len(name) > maxLabelNameBytes:
		return badValue("", "label name of %d bytes, Loki takes %d", len(name), maxLabelNameBytes)
	case slices.Contains(lateLabels, name):
		return badValue("choose another name", "label %q marks entries that came too late for their stream", name)
	}
	return nil
}

// LabelKey is one key of the metadata or the record that becomes a label.
type LabelKey struct {
	Key   string // as it stands in the metadata or the record
	Label string // Key made fit for a label name
}

// parseLabelKeys reads "protocol, $mechanism". The order is kept.
func parseLabelKeys(s string) ([]LabelKey, *Error) {
	var keys []LabelKey
	for _, item := range parseList(s) {
		key := strings.TrimPrefix(item, "$")
		if key == "" {
			return nil, badValue("write key, key", "nothing between two commas")
		}
		if strings.ContainsAny(key, "[]'\"={} \t") {
			return nil, badValue("write the plain name of a key", "%q is no key: keys inside of keys are not followed", item)
		}
		k := LabelKey{Key: key, Label: entry.LabelName(key)}
		if err := checkLabelName(k.Label); err != nil {
			return nil, err
		}
		if slices.Contains(lineLabels, k.Label) {
			return nil, badValue("leave it out", "%q is a label anyway", k.Label)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// nearestLabel is LabelName where that helps.
func nearestLabel(name string) string {
	if n := entry.LabelName(name); !strings.HasPrefix(n, "__") && n != "_" {
		return n
	}
	return ""
}

// parseList cuts s at its commas and trims the parts.
func parseList(s string) []string {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
