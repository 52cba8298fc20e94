package fbconf

import "strings"

// Of returns the sections of a kind, in their order.
func (c *Config) Of(kind Kind) []*Section {
	var list []*Section
	for _, s := range c.Sections {
		if s.Kind == kind {
			list = append(list, s)
		}
	}
	return list
}

// Name is the name of the plugin that a section makes an instance of, in lower
// case.
func (s *Section) Name() string { return strings.ToLower(s.Last("name")) }

// All returns the properties of a key, in any case.
func (s *Section) All(key string) []Property {
	var list []Property
	for _, p := range s.Props {
		if strings.EqualFold(p.Key, key) {
			list = append(list, p)
		}
	}
	return list
}

// First returns the first value of key, "" for none: what a Go plugin gets.
func (s *Section) First(key string) string {
	if all := s.All(key); len(all) > 0 {
		return all[0].Text
	}
	return ""
}

// Last returns the last value of key, "" for none: what Fluent Bit itself
// works with.
func (s *Section) Last(key string) string {
	if all := s.All(key); len(all) > 0 {
		return all[len(all)-1].Text
	}
	return ""
}

// Has reports whether key is there, with whatever value.
func (s *Section) Has(key string) bool { return len(s.All(key)) > 0 }

// At is the place of the last value of key, that of the section if there is
// none.
func (s *Section) At(key string) Pos {
	if all := s.All(key); len(all) > 0 {
		return all[len(all)-1].Pos
	}
	return s.Pos
}

// Values returns key as lower-case name to value pairs of a section that is as
// Fluent Bit sees it, for comparing two of them.
func (s *Section) Values() map[string]string {
	m := make(map[string]string)
	for _, p := range s.Props {
		if have, ok := m[p.Key]; ok {
			m[p.Key] = have + "\n" + p.Text
			continue
		}
		m[p.Key] = p.Text
	}
	return m
}

// fluentBool are the words that Fluent Bit takes for true (src/flb_utils.c,
// flb_utils_bool); everything else is false.
var fluentBool = map[string]bool{"on": true, "true": true, "yes": true}

// On reports whether key is turned on; byDefault is what Fluent Bit does
// without it.
func (s *Section) On(key string, byDefault bool) bool {
	v := s.Last(key)
	if v == "" {
		return byDefault
	}
	return fluentBool[strings.ToLower(v)]
}
