package check

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// filterFile is the name that Fluent Bit tells a native filter by.
const filterFile = "flb-filter_" + pluginName + ".so"

// nativeFilters are the filters of ours, and the processors of inputs and
// outputs that are filters of ours.
func (t *target) nativeFilters() (list []*fbconf.Section) {
	add := func(sections []*fbconf.Section) {
		for _, s := range sections {
			if s.Name() == pluginName {
				list = append(list, s)
			}
		}
	}
	add(t.Of(fbconf.Filter))
	for _, in := range t.Of(fbconf.Input) {
		add(in.Processors)
	}
	for _, out := range t.Of(fbconf.Output) {
		add(out.Processors)
	}
	return list
}

func filterMissing(t *target) {
	loaded := slices.ContainsFunc(t.Plugins, func(p fbconf.Plugin) bool { return filepath.Base(p.Path) == filterFile })
	for _, f := range t.filters {
		if !loaded && !t.notHere("plugins_file") {
			t.found(f.At("name"), "nothing loads "+filterFile+": Fluent Bit knows no filter zimbraloki and does not start", "write plugins: [/usr/lib/zimbraloki/"+filterFile+"], in the classic form plugins_file in [SERVICE]")
		}
	}
}

// filterSwitches are settings of the filter alone that are on or off.
var filterSwitches = []string{"keep", "time", "types"}

// filterIgnored are keys that Fluent Bit takes for itself.
var filterIgnored = []string{"name", "match", "match_regex", "alias", "log_level", "log_suppress_interval", "active", "condition"}

func filterProperties(t *target) {
	known := config.FilterNames(true)
	for _, f := range t.filters {
		var seen []string
		for _, p := range f.Props {
			switch {
			case slices.Contains(filterIgnored, p.Key):
				continue
			case !slices.Contains(known, p.Key):
				t.found(p.Pos, "unknown key "+p.Written, "there are "+strings.Join(known, ", "))
			case slices.Contains(seen, p.Key):
				t.foundf(p.Pos, "leave one out", "%s is there twice", p.Written)
			case slices.Contains(filterSwitches, p.Key) && !isSwitch(f.Last(p.Key)):
				t.foundf(p.Pos, "write on or off", "%s %q is neither on nor off", p.Written, f.Last(p.Key))
			}
			seen = append(seen, p.Key)
		}
		t.filterValues(f, known)
	}
}

func isSwitch(v string) bool {
	return slices.Contains([]string{"", "on", "off", "true", "false", "yes", "no"}, strings.ToLower(v))
}

// filterValues reads the properties that the filter shares with the output.
func (t *target) filterValues(f *fbconf.Section, known []string) {
	_, err := config.ParseFilter(func(key string) string {
		switch {
		case !t.filesHere(key, f):
			return ""
		case key == "url":
			return "http://127.0.0.1:3100" // nothing is sent
		case slices.Contains(known, key):
			return f.First(key)
		}
		return ""
	})
	for _, err := range flatten(err) {
		t.propertyError(&output{Section: f}, err)
	}
}
