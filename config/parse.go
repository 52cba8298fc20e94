package config

import (
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// parser collects one Config and everything that is wrong with it.
type parser struct {
	get      func(string) string
	layers   layers // what get looks into
	hostname func() (string, error)
	filter   bool // for a filter: what only the output has is left alone in config_file
	cfg      *Config
	errs     []error
	written  map[string]bool // names of properties that have a value
	user     *url.Userinfo   // from url
}

// warn adds a sentence to the warnings.
func (p *parser) warn(format string, args ...any) {
	p.cfg.Warnings = append(p.cfg.Warnings, fmt.Sprintf(format, args...))
}

// fail adds err, which is about the value of key.
func (p *parser) fail(f *Field, key, value string, err *Error) {
	err.Key, err.Value, err.Where = key, value, p.layers.where(key)
	if key != f.Name && f.Kind != KindHeader {
		err.Key = key + " (" + f.Name + ")"
	}
	switch {
	case f.Secret:
		err.Value = mask
	case f.Kind == KindURL:
		err.Value = redactURL(value)
	}
	p.errs = append(p.errs, err)
}

// complain adds an error about a property whose value is fine by itself.
func (p *parser) complain(key, reason, cure string) {
	p.errs = append(p.errs, &Error{Where: p.layers.where(key), Key: key, Reason: reason, Cure: cure})
}

// fields reads every property of the table: its default, then what is written.
func (p *parser) fields() {
	for i := range fields {
		f := &fields[i]
		if f.Default != "" {
			if err := p.assign(f, f.Default); err != nil {
				panic("default of " + f.Name + ": " + err.Error()) // a fault in the table; tested
			}
		}
		p.field(f)
	}
}

// field reads what is written for f, under its name or an alias.
func (p *parser) field(f *Field) {
	first := ""
	for _, key := range append([]string{f.Name}, f.Aliases...) {
		value := strings.TrimSpace(p.get(key))
		if value == "" {
			continue
		}
		if first != "" && f.Kind != KindHeader {
			p.complain(f.Name, fmt.Sprintf("written twice, as %s and as %s", first, key), "leave one out")
			continue
		}
		first = key
		p.written[f.Name] = true
		if err := p.assign(f, value); err != nil {
			p.fail(f, key, value, err)
		}
	}
}

// assign reads value as f wants it and puts it into the Config.
func (p *parser) assign(f *Field, value string) *Error {
	switch f.Kind {
	case KindURL:
		u, user, err := parseURL(value)
		if err != nil {
			return err
		}
		p.cfg.URL, p.user = u.String(), user
		return nil
	case KindPairs:
		return p.assignLabels(value)
	case KindPath:
		return assignPath(f, f.bind(p.cfg).(*string), value)
	case KindAddress:
		return set(f.bind(p.cfg).(*string), value, parseAddress)
	}
	switch to := f.bind(p.cfg).(type) {
	case *string:
		return assignString(f, to, value)
	case *bool:
		return set(to, value, parseBool)
	case *int, *int64, *time.Duration:
		return assignNumber(f, to, value)
	case *Secret:
		*to = NewSecret(value)
		return nil
	case **time.Location:
		return set(to, value, parseZone)
	case *[]string:
		for v := range strings.SplitSeq(value, ",") {
			if v = strings.TrimSpace(v); v != "" {
				*to = append(*to, v)
			}
		}
		return nil
	case *[]LabelKey:
		return set(to, value, parseLabelKeys)
	case *[]Header:
		return appendHeader(to, value)
	case *slog.Level:
		return assignLevel(f, to, value)
	}
	panic("no reader for " + f.Name)
}

// set puts what read makes of value into *to, unless it is wrong.
func set[T any](to *T, value string, read func(string) (T, *Error)) *Error {
	v, err := read(value)
	if err == nil {
		*to = v
	}
	return err
}

func assignString(f *Field, to *string, value string) *Error {
	if f.Kind == KindEnum {
		return set(to, value, func(s string) (string, *Error) { return parseEnum(s, f.Allowed) })
	}
	if f.Name == "tenant_id" {
		if err := checkTenant(value); err != nil {
			return err
		}
	}
	if strings.HasSuffix(f.Name, "_key") {
		value = strings.TrimPrefix(value, "$")
	}
	*to = value
	return nil
}

// checkTenant reports a tenant that Loki would not take (dskit tenant package,
// ValidTenantID).
func checkTenant(s string) *Error {
	const marks = "!-_.*'()"
	bad := strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(marks, r)
	})
	switch {
	case s == "." || s == "..":
		return badValue("", "Loki does not take this name")
	case len(s) > 150:
		return badValue("", "the name has %d bytes, Loki takes 150", len(s))
	case bad >= 0:
		return badValue("use letters, digits and "+marks, "Loki does not take %q in a tenant", []rune(s[bad:])[0])
	}
	return nil
}

// assignNumber reads a count, a size or a time, and holds it against the
// bounds of f.
func assignNumber(f *Field, to any, value string) *Error {
	n, err := readNumber(f.Kind, value)
	if err != nil {
		return err
	}
	if n < f.Min || f.Max > 0 && n > f.Max {
		return &Error{Reason: f.outOfBounds()}
	}
	switch to := to.(type) {
	case *int:
		*to = int(n)
	case *int64:
		*to = n
	case *time.Duration:
		*to = time.Duration(n)
	}
	return nil
}

func readNumber(k Kind, value string) (int64, *Error) {
	switch k {
	case KindSize:
		return parseSize(value)
	case KindDuration:
		d, err := parseDuration(value)
		return int64(d), err
	default:
		return parseInt(value)
	}
}

// outOfBounds says between what f has to be.
func (f *Field) outOfBounds() string {
	if f.Max == 0 {
		return "must be at least " + f.formatNumber(f.Min)
	}
	return "must be between " + f.formatNumber(f.Min) + " and " + f.formatNumber(f.Max)
}

// formatNumber writes n so that it can be read back as a value of f.
func (f *Field) formatNumber(n int64) string {
	switch f.Kind {
	case KindSize:
		return formatSize(n)
	case KindDuration:
		return formatDuration(time.Duration(n))
	}
	return fmt.Sprint(n)
}

func assignPath(f *Field, to *string, value string) *Error {
	if f.Name == "dead_letter_path" && strings.EqualFold(value, deadLetterOff) {
		*to = ""
		return nil
	}
	if !strings.HasPrefix(value, "/") {
		return badValue("write it from / on: where Fluent Bit was started may change", "not an absolute path")
	}
	*to = value
	return nil
}

func appendHeader(to *[]Header, value string) *Error {
	h, err := parseHeader(value)
	if err != nil {
		return err
	}
	if hasHeader(*to, h.Name) {
		return badValue("leave one out", "header %q is there twice", h.Name)
	}
	*to = append(*to, h)
	return nil
}

// levels are the values of log_verbosity.
var levels = map[string]slog.Level{
	"error": slog.LevelError, "warn": slog.LevelWarn, "info": slog.LevelInfo, "debug": slog.LevelDebug,
}

func assignLevel(f *Field, to *slog.Level, value string) *Error {
	word, err := parseEnum(value, f.Allowed)
	if err == nil {
		*to = levels[word]
	}
	return err
}

// assignLabels reads the fixed labels and sorts them.
func (p *parser) assignLabels(value string) *Error {
	pairs, err := parsePairs(value)
	if err != nil {
		return err
	}
	host := ""
	if strings.Contains(value, "HOSTNAME") {
		if host, err = p.host(); err != nil {
			return err
		}
	}
	for i := range pairs {
		pairs[i].Value = expandHost(pairs[i].Value, host)
		if err := checkLabel(pairs[i]); err != nil {
			return err
		}
		if w := blanksForCommas(pairs[i], value); w != "" {
			p.warn("labels: %s", w)
		}
	}
	sortPairs(pairs)
	for i := 1; i < len(pairs); i++ {
		if pairs[i].Name == pairs[i-1].Name {
			return badValue("leave one out", "label %q is there twice", pairs[i].Name)
		}
	}
	p.cfg.Labels = pairs
	return nil
}

// host returns the name of the machine.
func (p *parser) host() (string, *Error) {
	name, err := p.hostname()
	if err != nil || name == "" {
		return "", badValue("write labels host=NAME", "the name of this machine is not known (%v)", err)
	}
	return name, nil
}

func sortPairs(pairs []entry.Pair) {
	slices.SortStableFunc(pairs, func(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) })
}
