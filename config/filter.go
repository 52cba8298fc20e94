package config

import (
	"slices"
	"strings"
)

// FilterSetting describes a setting of the filters that the output does not
// have.
type FilterSetting struct {
	Name, Default, Doc string
}

// FilterOwn are the settings that only the filters have, native and WebAssembly.
var FilterOwn = []FilterSetting{
	{"time_key", "time", "Name of the field for the time that the line gives, RFC 3339 in UTC; `off` for none."},
	{"line_key", "message", "Name of the field for the text, all its lines; `off` for none."},
	{"prefix", "", "Put before the names of labels and metadata: `zimbra_` makes `zimbra_user` of `user`."},
	{"keep", "on", "Keep the record's own keys besides ours, except the one that holds the line."},
}

// FilterNative are the settings that only the native filter has.
var FilterNative = []FilterSetting{
	{"time", "off", "Whether the event itself gets the time that the line gives, with the nanoseconds that keep events of one millisecond apart."},
	{"types", "off", "Whether numbers and true or false go out as such (`duration_ms`, `size`, `port`, `tls`, …), not as text."},
}

// needsChunk are properties of the output that only a filter of whole chunks
// has: they bound what is joined.
var needsChunk = []string{"multiline_max_lines", "multiline_max_bytes"}

// needsLoki are properties of how lines are read that mean nothing without Loki.
var needsLoki = []string{"label_value_limit", "max_line_bytes", "tenant_id_key"}

// FilterFields are the properties of the output that a filter has too, with the
// same meaning: what says how lines are read.
func FilterFields(native bool) []Field {
	return slices.DeleteFunc(Fields(), func(f Field) bool {
		return !ofFilter(&f) || !native && slices.Contains(needsChunk, f.Name)
	})
}

// ofFilter reports whether a native filter has the property f.
func ofFilter(f *Field) bool {
	switch f.Section {
	case sectionLabels, sectionLines, sectionMails, sectionPrivacy:
		return !slices.Contains(needsLoki, f.Name)
	}
	return false
}

// ofFilterAlone reports whether key is a setting that the output does not have.
func ofFilterAlone(key string) bool {
	is := func(s FilterSetting) bool { return strings.EqualFold(s.Name, key) }
	return slices.ContainsFunc(FilterOwn, is) || slices.ContainsFunc(FilterNative, is)
}

// FilterNames are the names of all settings of a filter.
func FilterNames(native bool) []string {
	own := FilterOwn
	if native {
		own = slices.Concat(FilterOwn, FilterNative)
	}
	var list []string
	for _, s := range own {
		list = append(list, s.Name)
	}
	for _, f := range FilterFields(native) {
		list = append(list, f.Name)
	}
	if native { // WebAssembly reaches no file but its own
		list = append(list, configFileKey)
	}
	return list
}
