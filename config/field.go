package config

import (
	"slices"
	"strings"
)

// Kind says how the text of a property is read.
type Kind string

// The kinds. The string is the word that the documentation uses.
const (
	KindString   Kind = "string"
	KindInt      Kind = "integer"
	KindSize     Kind = "size"
	KindDuration Kind = "duration"
	KindBool     Kind = "boolean"
	KindList     Kind = "list"
	KindPairs    Kind = "pairs"
	KindEnum     Kind = "choice"
	KindURL      Kind = "URL"
	KindZone     Kind = "time zone"
	KindPath     Kind = "path"
	KindSecret   Kind = "secret"
	KindHeader   Kind = "header"
	KindAddress  Kind = "address"
)

// Field declares one property: the only place that knows its name, its default
// and what it means.
type Field struct {
	Name    string // lower case, words joined by _
	Kind    Kind
	Section string // heading in the documentation

	// Default is read like a written value; "" is none. DefaultText says it in
	// words where it depends on something else.
	Default     string
	DefaultText string

	Unit     string   // unit of a plain number, or shape of the text
	Doc      string   // what it does, whole sentences
	Example  string   // a value that can be copied
	Allowed  []string // the values of a choice
	Min, Max int64    // bounds: count, bytes or nanoseconds; Max 0 is none
	Secret   bool     // never printed
	Aliases  []string // other names with the same meaning, lower case

	bind func(*Config) any // pointer to where the value goes
}

// Fields returns the table of all properties, in the order of the
// documentation.
func Fields() []Field { return slices.Clone(fields) }

// Lookup returns the property that is called name, or has it as an alias.
// Case does not matter.
func Lookup(name string) (Field, bool) {
	i, ok := byName[strings.ToLower(name)]
	if !ok {
		return Field{}, false
	}
	return fields[i], true
}

// byName finds a row of fields by name or alias.
var byName = indexFields()

func indexFields() map[string]int {
	m := make(map[string]int)
	for i := range fields {
		m[fields[i].Name] = i
		for _, a := range fields[i].Aliases {
			m[a] = i
		}
	}
	return m
}

// reservedNames are the keys that Fluent Bit takes for itself before an output
// plugin can see them (src/flb_output.c, flb_output_set_property, v5.1.1).
var reservedNames = []string{
	"name", "match", "match_regex", "alias", "log_level", "log_suppress_interval",
	"host", "port", "ipv6", "retry_limit", "tls", "workers", "storage.total_limit_size",
}

// reservedPrefixes begin the keys that Fluent Bit takes for itself.
var reservedPrefixes = []string{"tls.", "net.", "oauth2", "_debug.http."}

// IsReserved reports whether Fluent Bit keeps the key name for itself, so that
// a plugin never sees it.
func IsReserved(name string) bool {
	name = strings.ToLower(name)
	if slices.Contains(reservedNames, name) {
		return true
	}
	return slices.ContainsFunc(reservedPrefixes, func(p string) bool {
		return strings.HasPrefix(name, p)
	})
}
