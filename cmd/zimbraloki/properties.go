package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// propertyFlags are the plugin's properties on the command line. A flag wins
// over --property, that over the file of --config.
type propertyFlags struct {
	file, section         string // the output section of a file of Fluent Bit's
	url, tenant, timezone string
	labels, properties    []string

	values  map[string]string // of the file, later of defaults
	loadErr error             // of the file
}

func (p *propertyFlags) add(f *pflag.FlagSet) {
	f.StringVar(&p.file, "config", "", "configuration `file` of Fluent Bit, YAML or classic, whose output zimbraloki has the properties")
	f.StringVar(&p.section, "output-section", "", "which output zimbraloki of --config, by its `alias` or its number from 1; needed if there are several")
	f.StringVar(&p.url, "url", "", "`address` of Loki")
	f.StringVar(&p.tenant, "tenant", "", "`name` of the tenant (X-Scope-OrgID)")
	f.StringVar(&p.timezone, "timezone", "", "zone of times without one, as an IANA `name` (default: local)")
	f.StringArrayVar(&p.labels, "label", nil, "label of every stream, `key=value`; may repeat")
	f.StringArrayVarP(&p.properties, "property", "p", nil, "property of the plugin, `key=value`; may repeat")
}

// load reads the file once.
func (p *propertyFlags) load() error {
	if p.values == nil {
		p.values = map[string]string{}
		p.loadErr = p.readFile()
	}
	return p.loadErr
}

func (p *propertyFlags) readFile() error {
	if p.file == "" {
		if p.section != "" {
			return errors.New("is missing; --output-section names an output of that file")
		}
		return nil
	}
	s, err := fbconf.ReadOutput(p.file, p.section, nil)
	if err != nil {
		return err
	}
	for _, prop := range s.Props {
		if len(prop.Unset) > 0 {
			logger(false).Warn("variables of the environment are not set, as they may be for Fluent Bit; "+prop.Written+" is read without them",
				"where", prop.Pos.String(), "variables", strings.Join(prop.Unset, ", "))
		}
	}
	p.values = s.PluginProperties()
	return nil
}

// set sets a property; as a default it gives way to what is written.
func (p *propertyFlags) set(key, value string, byDefault bool) {
	if byDefault && p.get(key) != "" {
		return
	}
	p.values[key] = value
}

// patient makes the default timeouts those of a command behind which no Fluent
// Bit waits.
func (p *propertyFlags) patient() {
	p.set("flush_timeout", "60s", true)
	p.set("request_timeout", "30s", true)
}

// get looks a property up, as Fluent Bit does without regard to case.
func (p *propertyFlags) get(key string) string {
	if err := p.load(); err != nil {
		return ""
	}
	flag := map[string]string{"url": p.url, "tenant_id": p.tenant, "timezone": p.timezone}[key]
	if flag != "" {
		return flag
	}
	own := ""
	for _, kv := range p.properties {
		if k, v, _ := strings.Cut(kv, "="); own == "" && strings.EqualFold(k, key) {
			own = v
		}
	}
	if own == "" {
		own = p.values[key]
	}
	if key == "labels" {
		return p.allLabels(own)
	}
	return own
}

// allLabels joins --label to the property labels.
func (p *propertyFlags) allLabels(own string) string {
	list := []string{}
	if own != "" {
		list = append(list, own)
	}
	for _, l := range p.labels {
		if k, v, ok := strings.Cut(l, "="); ok && strings.ContainsAny(v, `,"`) {
			l = k + `="` + strings.ReplaceAll(v, `"`, `\"`) + `"`
		}
		list = append(list, l)
	}
	return strings.Join(list, ", ")
}

// config makes a checked configuration.
func (p *propertyFlags) config() (*config.Config, error) {
	if err := p.load(); err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	for _, kv := range append(p.properties, p.labels...) {
		if !strings.Contains(kv, "=") {
			return nil, fmt.Errorf("%q: must be key=value", kv)
		}
	}
	return config.ParseValues(p.get)
}

// logger writes to standard error: what goes wrong, with verbose all of it.
func logger(verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
