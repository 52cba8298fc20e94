package filter

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/wiring"
	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
)

// Settings say what a Filter adds, and where.
type Settings struct {
	TimeKey string // name of the event's own time, "" for none
	LineKey string // name of the text of the line, "" for none
	Prefix  string // before the names of labels and metadata
	Keep    bool   // keep the record's own fields
	SetTime bool   // the event gets the time that the line gives; Chunks only
	Types   bool   // values are numbers and bools where their field is one; Chunks only

	options transform.Options
}

// defaults are those that the filter has different from the plugin.
var defaults = values{
	"url":                "http://127.0.0.1:3100", // nothing is sent; keeps the parser from warning
	"mail_trace_entries": "20000",                 // 12 MB; what a module has taken it never gives back
}

// values are settings as written.
type values map[string]string

// Parse reads settings: lines "name value", empty ones, and comments that begin
// with #. Of several texts the last that has a name counts. The error names
// each line that is wrong.
func Parse(texts ...string) (*Settings, error) {
	v, known, errs := values{}, config.FilterNames(false), []error(nil)
	for _, text := range texts {
		seen := values{}
		n := 0
		for line := range strings.Lines(text) {
			n++
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			if err := seen.set(line, known); err != nil {
				errs = append(errs, fmt.Errorf("line %d: %w", n, err))
			}
		}
		for name, value := range seen {
			v[name] = value
		}
	}
	s, err := v.settings()
	if err = errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return s, nil
}

func (v values) set(line string, known []string) error {
	name, value := line, ""
	if i := strings.IndexAny(line, " \t="); i >= 0 {
		name, value = line[:i], strings.Trim(line[i:], " \t=")
	}
	name = strings.ToLower(name)
	switch {
	case !slices.Contains(known, name):
		return fmt.Errorf("%q is no setting of the filter; there are %s", name, strings.Join(known, ", "))
	case value == "":
		return fmt.Errorf("%s has no value; leave the line out", name)
	case v[name] != "":
		return fmt.Errorf("%s is there twice; leave one out", name)
	}
	v[name] = value
	return nil
}

// settings reads the values.
func (v values) settings() (*Settings, error) {
	s, cfg, err := v.read(defaults)
	if err != nil {
		return nil, err
	}
	s.options = wiring.Options(cfg, slog.New(slog.DiscardHandler))
	s.unbound()
	return s, nil
}

// read reads the values, those of the plugin among them with other defaults.
func (v values) read(defaults values) (*Settings, *config.Config, error) {
	s := &Settings{Prefix: v["prefix"]}
	s.TimeKey, s.LineKey = v.key("time_key"), v.key("line_key")
	if s.Prefix != "" && entry.LabelName(s.Prefix) != s.Prefix {
		return nil, nil, fmt.Errorf("prefix %q: use letters, digits and _, no digit first", s.Prefix)
	}
	var err error
	for _, b := range []struct {
		name string
		to   *bool
	}{{"keep", &s.Keep}, {"time", &s.SetTime}, {"types", &s.Types}} {
		if *b.to, err = v.bool(b.name); err != nil {
			return nil, nil, err
		}
	}
	if s.TimeKey != "" && s.TimeKey == s.LineKey {
		return nil, nil, fmt.Errorf("time_key and line_key are both %q; they need two names", s.TimeKey)
	}
	cfg, err := config.ParseFilter(func(key string) string {
		if value := v[key]; value != "" {
			return value
		}
		return defaults[key]
	})
	if err == nil {
		err = cfg.CheckPseudonyms()
	}
	if err != nil {
		return nil, nil, err
	}
	return s, cfg, nil
}

// unbound takes away what Loki and a chunk of many records ask for. A record is
// one event to the end, and a WebAssembly module does not know its machine.
func (s *Settings) unbound() {
	o := &s.options
	o.Host = ""
	o.LabelValueLimit = math.MaxInt32
	o.MaxLineBytes, o.MaxEventBytes, o.MaxLines = math.MaxInt32, math.MaxInt32, math.MaxInt32
}

// key is the name of a key, "" for off.
func (v values) key(name string) string {
	value := v.or(name)
	if strings.EqualFold(value, "off") {
		return ""
	}
	return value
}

func (v values) bool(name string) (bool, error) {
	switch strings.ToLower(v.or(name)) {
	case "on", "true", "yes":
		return true, nil
	case "off", "false", "no":
		return false, nil
	}
	return false, fmt.Errorf("%s %q: write on or off", name, v[name])
}

// or is the value of a setting, or its default.
func (v values) or(name string) string {
	if value := v[name]; value != "" {
		return value
	}
	for _, s := range slices.Concat(config.FilterOwn, config.FilterNative) {
		if s.Name == name {
			return s.Default
		}
	}
	return ""
}

// lineKey is the key of the record that its line is from, by the rule of
// package transform: payload_key, log, MESSAGE, message. The texts of a record
// that has none of them are its own; that is told by Entry.Rebuilt.
func (s *Settings) lineKey(m chunk.Map) string {
	filtered := len(m) > 0 && envelope.Filtered(m)
	for _, key := range [...]string{s.options.PayloadKey, "log", "MESSAGE", "message"} {
		if key == "" || key == "log" && filtered {
			continue
		}
		v, ok := m.Get(key)
		if ok && v.Kind() != chunk.KindNil && v.Kind() != chunk.KindMap && v.Kind() != chunk.KindArray {
			return key
		}
	}
	return ""
}
