// Package expand puts values in place of the variables in the queries of
// dashboards, as Grafana does before it asks, so that tests can ask too.
package expand

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Values says what stands for what.
type Values struct {
	Interval  time.Duration     // distance of the points: $__interval, $__auto, $__rate_interval
	Range     time.Duration     // of the dashboard: $__range
	Variables map[string]string // of the dashboard, by name
}

// reference is $name, ${name} or ${name:format}.
var reference = regexp.MustCompile(`\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?\})`)

// Names returns the variables of a text, with their formats, as written.
func Names(text string) []string {
	var out []string
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+m[2])
	}
	return out
}

// Expand returns the query that Grafana would send. A variable without a value
// and an unknown format are errors.
func Expand(text string, v Values) (string, error) {
	var first error
	out := reference.ReplaceAllStringFunc(text, func(whole string) string {
		m := reference.FindStringSubmatch(whole)
		s, err := v.value(m[1]+m[2], m[3])
		if err != nil && first == nil {
			first = fmt.Errorf("%s in %q: %w", whole, text, err)
		}
		return s
	})
	return out, first
}

func (v Values) value(name, format string) (string, error) {
	switch name {
	case "__interval", "__auto", "__rate_interval":
		return Duration(v.Interval), nil
	case "__range":
		return Duration(v.Range), nil
	}
	s, ok := v.Variables[name]
	if !ok {
		return "", fmt.Errorf("no variable %q", name)
	}
	switch format {
	case "", "raw":
		return s, nil
	case "regex":
		return regexEscape(s), nil
	}
	return "", fmt.Errorf("unknown format %q", format)
}

// regexEscape does what Grafana's format regex does (escapeRegex of
// @grafana/data): less than regexp.QuoteMeta.
func regexEscape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\^$*+?.()|[]{}/`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Duration writes a time as Loki and Prometheus read it, in whole
// milliseconds or seconds.
func Duration(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}
