package template

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
	"github.com/dustin/go-humanize"
)

// fromSprig are the functions that Loki documents and that are sprig's.
var fromSprig = []string{
	"b64enc", "b64dec", "lower", "upper", "title", "trunc", "substr", "contains", "hasPrefix", "hasSuffix",
	"indent", "nindent", "replace", "repeat", "trim", "trimAll", "trimSuffix", "trimPrefix", "int", "float64",
	"add", "sub", "mul", "div", "mod", "addf", "subf", "mulf", "divf", "max", "min", "maxf", "minf",
	"ceil", "floor", "round", "fromJson", "date", "toDate", "now", "unixEpoch", "default",
}

// funcs returns the functions of a template. Each template has its own, since
// some look at its entry.
func (t *Template) funcs() template.FuncMap {
	m := template.FuncMap{
		"__line__":      func() string { return t.line },
		"__timestamp__": func() time.Time { return time.Unix(0, t.time).UTC() },

		"ToLower": strings.ToLower, "ToUpper": strings.ToUpper, "Replace": strings.Replace,
		"Trim": strings.Trim, "TrimLeft": strings.TrimLeft, "TrimRight": strings.TrimRight,
		"TrimPrefix": strings.TrimPrefix, "TrimSuffix": strings.TrimSuffix, "TrimSpace": strings.TrimSpace,
		"alignLeft": alignLeft, "alignRight": alignRight,

		"regexReplaceAll":        t.replaceAll((*regexp.Regexp).ReplaceAllString),
		"regexReplaceAllLiteral": t.replaceAll((*regexp.Regexp).ReplaceAllLiteralString),
		"count":                  t.count,

		"urlencode": url.QueryEscape, "urldecode": url.QueryUnescape,
		"bytes": humanize.ParseBytes, "duration": seconds, "duration_seconds": seconds,

		"unixEpochMillis": func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) },
		"unixEpochNanos":  func(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) },
		"toDateInZone":    toDateInZone, "unixToTime": unixToTime,
	}
	all := sprig.GenericFuncMap()
	for _, name := range fromSprig {
		m[name] = all[name]
	}
	return m
}

// expression compiles a regular expression once.
func (t *Template) expression(text string) (*regexp.Regexp, error) {
	if re := t.regexps[text]; re != nil {
		return re, nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	if t.regexps == nil || len(t.regexps) >= maxRegexps {
		t.regexps = map[string]*regexp.Regexp{}
	}
	t.regexps[text] = re
	return re, nil
}

// maxRegexps bounds the expressions that a template remembers; they may come
// from labels.
const maxRegexps = 64

func (t *Template) replaceAll(how func(*regexp.Regexp, string, string) string) any {
	return func(text, s, with string) (string, error) {
		re, err := t.expression(text)
		if err != nil {
			return "", err
		}
		return how(re, s, with), nil
	}
}

func (t *Template) count(text, s string) (int, error) {
	re, err := t.expression(text)
	if err != nil {
		return 0, err
	}
	return len(re.FindAllStringIndex(s, -1)), nil
}

// alignLeft makes a text as long as n characters: cut, or filled with blanks.
func alignLeft(n int, s string) string {
	if have := utf8.RuneCountInString(s); have < n {
		return s + strings.Repeat(" ", n-have)
	}
	return string([]rune(s)[:max(n, 0)])
}

// alignRight is alignLeft that keeps the end.
func alignRight(n int, s string) string {
	have := utf8.RuneCountInString(s)
	if have < n {
		return strings.Repeat(" ", n-have) + s
	}
	return string([]rune(s)[have-max(n, 0):])
}

func seconds(s string) (float64, error) {
	d, err := time.ParseDuration(s)
	return d.Seconds(), err
}

// toDateInZone reads a time in a zone of the tz database, UTC if there is none
// of that name; what is no time is the zero time.
func toDateInZone(layout, zone, s string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	t, _ := time.ParseInLocation(layout, s, loc)
	return t
}

// unixToTime reads days, seconds, milli-, micro- or nanoseconds since 1970; the
// number of digits says which.
func unixToTime(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("unable to parse time '%v': %w", s, err)
	}
	switch len(s) {
	case len("20417"):
		return time.UnixMilli(n * 24 * time.Hour.Milliseconds()).UTC(), nil
	case len("1795168800"):
		return time.Unix(n, 0).UTC(), nil
	case len("1795168800123"):
		return time.UnixMilli(n).UTC(), nil
	case len("1795168800123456"):
		return time.UnixMicro(n).UTC(), nil
	case len("1795168800123456789"):
		return time.Unix(0, n).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("unable to parse time '%v': %%!w(<nil>)", s)
}
