// Package fbconf reads configurations of Fluent Bit, YAML and classic, with all
// that they include, as Fluent Bit 5.1 reads them: keys, order, repetitions,
// environment. It keeps the file and line of everything, and goes on after a
// mistake, so that all of them can be named at once.
package fbconf

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/internal/smallfile"
)

// Pos is a place in a file; Line counts from 1, 0 is the file as a whole.
type Pos struct {
	File string
	Line int
}

// String is file:line.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Kind is what a section is, in the singular of the classic form and in lower
// case.
type Kind string

// The kinds of sections that Fluent Bit knows.
const (
	Service         Kind = "service"
	Input           Kind = "input"
	Filter          Kind = "filter"
	Output          Kind = "output"
	Parser          Kind = "parser"
	MultilineParser Kind = "multiline_parser"
	Custom          Kind = "custom"
	Plugins         Kind = "plugins"
	StreamTask      Kind = "stream_processor"
	Upstream        Kind = "upstream_servers"
	Processor       Kind = "processor"
)

// Property is one key with one value. A list in YAML is one property for each
// element, as Fluent Bit makes it.
type Property struct {
	Pos
	Key     string   // lower case; camelCase of YAML as snake_case
	Written string   // the key as written
	Raw     string   // the value as written
	Text    string   // with the environment put in
	Filled  string   // Text with the word "unset" for each variable in Unset
	Unset   []string // variables that are not set and have no default
	Element int      // of a YAML list, from 0; -1 if it is no list
	Nested  bool     // a mapping; it has no Text
}

// Section is one [SECTION], or one element of a YAML list.
type Section struct {
	Pos
	Kind       Kind
	Props      []Property
	Processors []*Section // of an input or output in YAML
	Routed     bool       // an input that names its outputs itself (routes)
}

// Plugin is the path of a shared object to load.
type Plugin struct {
	Pos
	Path string
}

// Problem is something that Fluent Bit will not read as it is meant. Fatal
// tells that Fluent Bit does not start.
type Problem struct {
	Pos
	Fatal      bool
	What, Cure string
	Elsewhere  bool // a file of the service section is not here, and may be where Fluent Bit runs
}

// Config is everything that one main file and its includes say.
type Config struct {
	Main     string
	YAML     bool
	Foreign  bool    // the main file is of another program, or no text: one problem says so
	Service  Section // all service sections as one
	Sections []*Section
	Plugins  []Plugin
	Problems []Problem
}

// Env looks a variable of the environment up.
type Env func(name string) (value string, set bool)

// Read reads the main file path. env is os.LookupEnv if nil. There is always a
// Config; what is wrong is in its Problems.
func Read(path string, env Env) *Config {
	r := newReader(path, env)
	r.main()
	r.attached()
	return r.c
}

func newReader(path string, env Env) *reader {
	if env == nil {
		env = os.LookupEnv
	}
	r := &reader{c: &Config{Main: path, YAML: isYAML(path)}, root: filepath.Dir(path), env: env, vars: map[string]string{}, seen: map[string]bool{}}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		r.root = filepath.Dir(real)
	}
	r.c.Service = Section{Kind: Service, Pos: Pos{File: path}}
	return r
}

// main reads the main file with its includes.
func (r *reader) main() {
	r.file(r.c.Main, Pos{File: r.c.Main}, r.c.YAML)
	r.services()
	r.expand()
}

func isYAML(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".yaml" || ext == ".yml"
}

// reader collects one Config.
type reader struct {
	c    *Config
	root string // folder of the main file, symbolic links followed
	env  Env
	vars map[string]string // of the configuration itself: env, @SET
	seen map[string]bool   // files

	given []byte // the main file, if it came from elsewhere
}

func (r *reader) problem(at Pos, fatal bool, what, cure string) {
	r.c.Problems = append(r.c.Problems, Problem{Pos: at, Fatal: fatal, What: what, Cure: cure})
}

// file reads one file. from is the place that names it.
func (r *reader) file(path string, from Pos, asYAML bool) {
	if r.seen[path] {
		r.problem(from, true, fmt.Sprintf("includes %q, which is read already", path), "leave it out: Fluent Bit does not start with a file read twice")
		return
	}
	r.seen[path] = true
	data, err := r.given, error(nil)
	if data == nil || path != r.c.Main {
		data, err = smallfile.Read(path)
	}
	if err != nil {
		r.problem(from, true, fmt.Sprintf("cannot read %q (%v)", path, config.FileCause(err)), "correct the path, or let this user read it")
		return
	}
	if what, cure := binary(data); what != "" {
		r.foreign(path, what, cure)
		return
	}
	if asYAML {
		r.yaml(path, data)
		return
	}
	if text := string(data); yamlSection.MatchString(text) && !sectionName.MatchString(text) {
		r.foreign(path, "is YAML, and its name does not end in .yaml: Fluent Bit takes it for the classic form and does not start", "name it .yaml")
		return
	}
	if rest, marked := bytes.CutPrefix(data, []byte(utf8Mark)); marked {
		data = rest
		r.problem(Pos{path, 1}, true, "begins with a byte order mark, which the classic form does not know: Fluent Bit does not start", "save it as UTF-8 without a mark (Notepad: UTF-8, not UTF-8-BOM)")
	}
	r.classic(path, data)
}

// include reads the files of a pattern that a file names, in the form of the
// main file, whatever they are called. dir is where relative paths begin.
func (r *reader) include(pattern, dir string, from Pos) {
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(dir, pattern)
	}
	if !strings.Contains(pattern, "*") {
		r.file(pattern, from, r.c.YAML)
		return
	}
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		r.problem(from, true, fmt.Sprintf("no file for %q", pattern), "Fluent Bit does not start without one: correct the pattern, or put a file there")
	}
	for _, path := range paths {
		r.file(path, from, r.c.YAML)
	}
}

func (r *reader) add(s *Section) { r.c.Sections = append(r.c.Sections, s) }

// services makes one of all service sections.
func (r *reader) services() {
	kept := r.c.Sections[:0]
	for _, s := range r.c.Sections {
		if s.Kind != Service {
			kept = append(kept, s)
			continue
		}
		if r.c.Service.Line == 0 {
			r.c.Service.Pos = s.Pos
		}
		r.c.Service.Props = append(r.c.Service.Props, s.Props...)
	}
	r.c.Sections = kept
}

// expand puts the environment into all values.
func (r *reader) expand() {
	r.expandSection(&r.c.Service)
	for _, s := range r.c.Sections {
		r.expandSection(s)
	}
}

func (r *reader) expandSection(s *Section) {
	for i := range s.Props {
		p := &s.Props[i]
		p.Text = strings.TrimSpace(config.ExpandEnv(p.Raw, func(name string) (string, bool) {
			v, ok := r.variable(name)
			if !ok && !strings.Contains(p.Raw, "${"+name+":-") {
				p.Unset = append(p.Unset, name)
			}
			return v, ok
		}))
		p.Filled = p.Text
		if len(p.Unset) > 0 {
			p.Filled = strings.TrimSpace(config.ExpandEnv(p.Raw, func(name string) (string, bool) {
				if v, ok := r.variable(name); ok || !slices.Contains(p.Unset, name) {
					return v, ok
				}
				return "unset", true
			}))
		}
	}
	for _, sub := range s.Processors {
		r.expandSection(sub)
	}
}

// attached reads the files that the service section names.
func (r *reader) attached() {
	for _, p := range r.c.Service.Props {
		if p.Text == "" || p.Key != "plugins_file" && p.Key != "parsers_file" {
			continue
		}
		path := p.Text
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.root, path)
		}
		n, before := len(r.c.Sections), len(r.c.Problems)
		r.file(path, p.Pos, isYAML(path))
		if _, err := os.Stat(path); err != nil {
			r.c.Problems[before].Elsewhere = true
		}
		for _, s := range r.c.Sections[n:] {
			r.expandSection(s)
		}
	}
	kept := r.c.Sections[:0]
	for _, s := range r.c.Sections {
		if s.Kind != Plugins {
			kept = append(kept, s)
			continue
		}
		for _, p := range s.Props {
			if p.Key == "path" {
				r.c.Plugins = append(r.c.Plugins, Plugin{p.Pos, p.Text})
			}
		}
	}
	r.c.Sections = kept
}
