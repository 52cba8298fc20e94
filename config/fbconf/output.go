package fbconf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
)

// PluginName is what an output section calls this plugin.
const PluginName = "zimbraloki"

// Ours returns the outputs that are this plugin, in their order.
func (c *Config) Ours() []*Section {
	var list []*Section
	for _, s := range c.Of(Output) {
		if s.Name() == PluginName {
			list = append(list, s)
		}
	}
	return list
}

// ReadOutput reads the output zimbraloki of the file path and what it includes.
// Of several, which names one: its alias, or its number from 1. env is
// os.LookupEnv if nil. An error tells every mistake for which Fluent Bit would
// not start, or which outputs there are.
func ReadOutput(path, which string, env Env) (*Section, error) {
	r := newReader(path, env)
	r.main()
	var errs []error
	for _, p := range r.c.Problems {
		if p.Fatal {
			errs = append(errs, fmt.Errorf("%s: %s; %s", p.Pos, p.What, p.Cure))
		}
	}
	ours := r.c.Ours()
	if len(ours) == 0 {
		errs = append(errs, fmt.Errorf("%s: no output named %s; a file of properties alone is the value of the property config_file", path, PluginName))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s, err := choose(ours, which)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range s.Props {
		if p.Nested {
			return nil, fmt.Errorf("%s: %s is a mapping; write one value behind the colon: Fluent Bit does not start", p.Pos, p.Written)
		}
	}
	return s, nil
}

// choose returns the section with the alias which, else that with the number;
// for "" the only one.
func choose(ours []*Section, which string) (*Section, error) {
	var named []*Section
	for _, s := range ours {
		if which == "" || which == s.Last("alias") {
			named = append(named, s)
		}
	}
	if n, err := strconv.Atoi(which); len(named) == 0 && err == nil && n >= 1 && n <= len(ours) {
		return ours[n-1], nil
	}
	switch {
	case len(named) == 1:
		return named[0], nil
	case which == "":
		return nil, fmt.Errorf("%d outputs named %s, say which by its alias or number: %s", len(ours), PluginName, listed(ours))
	case len(named) > 1:
		return nil, fmt.Errorf("%d outputs have the alias %q, say which by its number: %s", len(named), which, listed(ours))
	}
	return nil, fmt.Errorf("no output %s has the alias or number %q; there are %s", PluginName, which, listed(ours))
}

// listed is the outputs with their numbers, places and aliases.
func listed(ours []*Section) string {
	var all []string
	for i, s := range ours {
		text := fmt.Sprintf("%d (%s)", i+1, s.Pos)
		if alias := s.Last("alias"); alias != "" {
			text = fmt.Sprintf("%d (%s, alias %s)", i+1, s.Pos, alias)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// PluginProperties are what Fluent Bit gives a Go plugin of a section: the first
// value of each key, and none of the keys that it reads itself. The keys are in
// lower case.
func (s *Section) PluginProperties() map[string]string {
	m := make(map[string]string)
	for _, p := range s.Props {
		if _, have := m[p.Key]; !have && !config.IsReserved(p.Key) {
			m[p.Key] = p.Text
		}
	}
	return m
}
