package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// input is one input section with the tags that its records will have.
type input struct {
	*fbconf.Section
	tags    []string // examples, one for each path of a tail input
	anyTag  bool     // the sender names the tag
	metrics bool     // no logs
}

// tagBySender are inputs whose records bring their tag along.
var tagBySender = []string{"forward", "http", "opentelemetry", "splunk", "elasticsearch", "mqtt"}

// metricInputs are inputs that make metrics only; Fluent Bit hands these to no
// output that takes logs.
var metricInputs = []string{
	"fluentbit_metrics", "node_exporter_metrics", "prometheus_scrape", "prometheus_remote_write", "prometheus_textfile",
	"podman_metrics", "process_exporter_metrics", "windows_exporter_metrics", "statsd_metrics", "gpu_metrics",
}

func inputsOf(c *fbconf.Config) []*input {
	var list []*input
	instances := map[string]int{}
	for _, s := range c.Of(fbconf.Input) {
		name := s.Name()
		in := &input{Section: s, metrics: slices.Contains(metricInputs, name)}
		tag := s.Last("tag")
		switch {
		case tag == "" && slices.Contains(tagBySender, name):
			in.anyTag = true
		case tag == "":
			in.tags = []string{fmt.Sprintf("%s.%d", name, instances[name])}
		default:
			in.tags = tagsOf(s, tag)
		}
		instances[name]++
		list = append(list, in)
	}
	return list
}

// tagsOf puts each path of a tail input in for the * of its tag, as
// plugins/in_tail does.
func tagsOf(s *fbconf.Section, tag string) []string {
	tag = regexp.MustCompile(`<[A-Za-z0-9_]+>`).ReplaceAllString(tag, "x")
	if !strings.Contains(tag, "*") {
		return []string{tag}
	}
	var tags []string
	for _, path := range paths(s, "path") {
		path = strings.NewReplacer("/", ".", "*", "x").Replace(strings.TrimPrefix(path, "/"))
		tags = append(tags, strings.Replace(tag, "*", path, 1))
	}
	if len(tags) == 0 {
		tags = []string{strings.ReplaceAll(tag, "*", "x")}
	}
	return tags
}

// paths splits a comma list of paths.
func paths(s *fbconf.Section, key string) []string {
	var list []string
	for _, p := range s.All(key) {
		for part := range strings.SplitSeq(p.Text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	return list
}

// matches reports whether a section with match or match_regex takes a tag.
func matches(s *fbconf.Section, tag string) bool {
	if m := s.Last("match"); m != "" && wildcard(m, tag) {
		return true
	}
	expr := s.Last("match_regex")
	if expr == "" {
		return false
	}
	re, err := regexp.Compile(expr)
	return err != nil || re.MatchString(tag) // one of Ruby's that Go does not read may match
}

// wildcard matches as src/flb_router.c: * stands for any text.
func wildcard(pattern, tag string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == tag
	}
	if !strings.HasPrefix(tag, before) {
		return false
	}
	for i := len(before); i <= len(tag); i++ {
		if wildcard(after, tag[i:]) {
			return true
		}
	}
	return false
}

// takes reports whether a section takes anything of an input.
func takes(s *fbconf.Section, in *input) bool {
	if in.anyTag || in.Routed {
		return s.Has("match") || s.Has("match_regex") || in.Routed
	}
	return slices.ContainsFunc(in.tags, func(tag string) bool { return matches(s, tag) })
}

// feeds returns the inputs whose logs go to one of our outputs.
func (t *target) feeds() []*input {
	var list []*input
	for _, in := range t.inputs {
		if in.metrics {
			continue
		}
		if slices.ContainsFunc(t.ours, func(o *output) bool { return takes(o.Section, in) }) {
			list = append(list, in)
		}
	}
	return list
}

// tails returns the tail inputs among feeds.
func (t *target) tails() []*input {
	var list []*input
	for _, in := range t.feeds() {
		if in.Name() == "tail" {
			list = append(list, in)
		}
	}
	return list
}

// steps returns the filters that our records pass, and the processors of
// inputs and outputs, which are filters too.
func (t *target) steps() []*fbconf.Section {
	var list []*fbconf.Section
	feeds := t.feeds()
	for _, f := range t.Of(fbconf.Filter) {
		if slices.ContainsFunc(feeds, func(in *input) bool { return takes(f, in) }) {
			list = append(list, f)
		}
	}
	for _, in := range feeds {
		list = append(list, in.Processors...)
	}
	for _, o := range t.ours {
		list = append(list, o.Processors...)
	}
	return list
}

// retagged reports whether records get new tags on the way, which nothing here
// can foresee.
func (t *target) retagged() bool {
	return slices.ContainsFunc(t.Of(fbconf.Filter), func(f *fbconf.Section) bool { return f.Name() == "rewrite_tag" })
}
