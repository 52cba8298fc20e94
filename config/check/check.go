// Package check finds mistakes in configurations of Fluent Bit that use
// zimbraloki: those that Fluent Bit's own dry run does not see, because it does
// not ask a Go plugin, and those that lose lines although everything starts.
//
// In: a configuration as config/fbconf reads it. Out: findings, each with its
// place, what is wrong and the cure. One rule is one small function; the table
// in rules.go names them all, and docs/check.md is generated from it.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// Severity says how bad a finding is.
type Severity uint8

// The severities. An error is what keeps Fluent Bit from starting, or loses or
// hides lines in ordinary operation (an outage of Loki, a restart, a rotation).
// A warning loses or doubles lines in rare cases, or costs. A hint is worth
// knowing.
const (
	Hint Severity = iota
	Warning
	Error
)

// String is the word that reports use.
func (s Severity) String() string { return [...]string{"hint", "warning", "error"}[s] }

// Finding is one thing that is wrong.
type Finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Severity string `json:"severity"`
	Rule     string `json:"rule"`
	What     string `json:"what"`
	Cure     string `json:"cure"`

	severity Severity
}

// Level is Severity as a number that can be compared.
func (f *Finding) Level() Severity { return f.severity }

// Where is the place, file:line.
func (f *Finding) Where() string { return fbconf.Pos{File: f.File, Line: f.Line}.String() }

// Text is what is wrong, the cure and the rule.
func (f *Finding) Text() string { return fmt.Sprintf("%s; %s [%s]", f.What, f.Cure, f.Rule) }

// String is the finding in one line.
func (f *Finding) String() string { return f.Where() + ": " + f.Severity + ": " + f.Text() }

// Options say what may be looked at.
type Options struct {
	Env   fbconf.Env // os.LookupEnv if nil
	Files bool       // files that the configuration names are looked for on this machine
}

// File checks one main configuration file with all that it includes.
func File(path string, o Options) []Finding {
	return look(fbconf.Read(path, o.Env), o)
}

// Text checks a configuration that came from elsewhere, such as standard input;
// name stands for it in the findings.
func Text(name string, text []byte, o Options) []Finding {
	return look(fbconf.ReadText(name, text, o.Env), o)
}

func look(c *fbconf.Config, o Options) []Finding {
	t := newTarget(c, o)
	for i := range rules {
		if c.Foreign && rules[i].Name != "read" {
			continue // all else would be said of a file that has nothing of it
		}
		if t.rule = &rules[i]; len(t.ours) > 0 || strangers[t.rule.Name] {
			t.rule.find(t)
		}
	}
	slices.SortStableFunc(t.findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, int(b.severity)-int(a.severity))
	})
	return t.findings
}

// strangers are the rules for a configuration that does not use this plugin.
var strangers = map[string]bool{
	"read": true, "read-odd": true, "include": true, "size": true, "part": true, "no-output": true, "output-name": true,
	"filter-missing": true, "filter-property": true,
}

const pluginName = fbconf.PluginName

// output is one output section of ours, with what config makes of it.
type output struct {
	*fbconf.Section
	cfg  *config.Config // with defaults in place of what is wrong
	errs []*config.Error
}

// target is the configuration that is checked.
type target struct {
	*fbconf.Config
	o        Options
	rule     *rule
	ours     []*output
	filters  []*fbconf.Section // native filters of ours, and processors
	inputs   []*input
	findings []Finding
}

func newTarget(c *fbconf.Config, o Options) *target {
	t := &target{Config: c, o: o}
	for _, s := range c.Ours() {
		t.ours = append(t.ours, t.parse(s))
	}
	t.inputs = inputsOf(c)
	t.filters = t.nativeFilters()
	return t
}

// parse reads an output section as the plugin will.
func (t *target) parse(s *fbconf.Section) *output {
	out := &output{Section: s}
	var err error
	out.cfg, err = config.ParseValues(func(key string) string {
		if config.IsReserved(key) || !t.filesHere(key, s) {
			return ""
		}
		return filled(s, key)
	})
	out.errs = flatten(err)
	return out
}

// filesHere is false for a config_file that may be on another machine.
func (t *target) filesHere(key string, s *fbconf.Section) bool {
	return key != "config_file" || t.o.Files || exists(s.First(key))
}

// filled are the values in which a variable that is not set here counts as some
// text: where Fluent Bit runs it will have one.
func filled(s *fbconf.Section, key string) string {
	all := s.All(key)
	switch {
	case len(all) == 0:
		return ""
	case key == "http_user", key == "http_passwd", key == "bearer_token", key == "url" && strings.HasPrefix(all[0].Raw, "http"):
		return all[0].Filled
	}
	return all[0].Text
}

// notHere reports whether a file of the service section is not on this machine:
// what it defines is not known.
func (t *target) notHere(key string) bool {
	return slices.ContainsFunc(t.Problems, func(p fbconf.Problem) bool {
		return p.Elsewhere && slices.ContainsFunc(t.Service.All(key), func(q fbconf.Property) bool { return q.Pos == p.Pos })
	})
}

// flatten lists the errors that errors.Join has put together.
func flatten(err error) []*config.Error {
	var list []*config.Error
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			list = append(list, flatten(e)...)
		}
		return list
	}
	if one, ok := errors.AsType[*config.Error](err); ok {
		list = append(list, one)
	}
	return list
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// found reports a finding of the rule that runs.
func (t *target) found(at fbconf.Pos, what, cure string) {
	t.findings = append(t.findings, Finding{
		File: at.File, Line: at.Line, Severity: t.rule.severity.String(), Rule: t.rule.Name, What: what, Cure: cure, severity: t.rule.severity,
	})
}

// foundf is found with a format for what.
func (t *target) foundf(at fbconf.Pos, cure, format string, args ...any) {
	t.found(at, fmt.Sprintf(format, args...), cure)
}
