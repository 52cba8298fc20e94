package filter

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/internal/wiring"
)

// Property is one property of a filter section, as written.
type Property struct{ Key, Value string }

// nativeDefaults are those that Chunks have different from the plugin.
var nativeDefaults = values{"url": defaults["url"]}

// ParseProperties reads the properties of a filter that takes whole chunks. The
// error names each that is wrong. Warnings are for log.
func ParseProperties(list []Property, log *slog.Logger) (*Settings, error) {
	v, known, errs := values{}, PropertyNames(), []error(nil)
	for _, p := range list {
		if err := v.take(p, known); err != nil {
			errs = append(errs, err)
		}
	}
	s, cfg, err := v.read(nativeDefaults)
	if err = errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	for _, w := range cfg.Warnings {
		log.Warn(w)
	}
	s.options = wiring.Options(cfg, log)
	s.options.LabelValueLimit, s.options.MaxLineBytes = math.MaxInt32, math.MaxInt32
	return s, nil
}

// PropertyNames are the names that ParseProperties knows.
func PropertyNames() []string { return config.FilterNames(true) }

func (v values) take(p Property, known []string) error {
	name := strings.ToLower(p.Key)
	value := strings.TrimSpace(p.Value)
	switch {
	case name == "active": // Fluent Bit's own, which it leaves among ours
		return nil
	case !slices.Contains(known, name):
		return fmt.Errorf("%q is no setting of the filter; there are %s", p.Key, strings.Join(known, ", "))
	case value == "":
		return nil // a variable of the environment that is not set, say
	case v[name] != "":
		return fmt.Errorf("%s is there twice; leave one out", name)
	}
	v[name] = value
	return nil
}
