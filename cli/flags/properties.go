package flags

import (
	"errors"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// Properties are the plugin's properties on the command line. A flag wins
// over --property, that over the file of --config.
type Properties struct {
	file, section         string // the output section of a file of Fluent Bit's
	url, tenant, timezone string
	labels, properties    []string

	values  map[string]string // of the file, later of defaults
	loadErr error             // of the file
}

// Add adds the flags of a command that speaks to Loki.
func (p *Properties) Add(f *pflag.FlagSet) {
	p.AddTransform(f)
	f.StringVar(&p.url, "url", "", "`address` of Loki")
	p.addTenant(f)
}

// AddTransform adds those that decide what becomes of lines.
func (p *Properties) AddTransform(f *pflag.FlagSet) {
	p.addBase(f)
	f.StringArrayVar(&p.labels, "label", nil, "label of every stream, `key=value`; may repeat")
}

// AddAsking adds those of a command that asks Loki only if --loki names it.
func (p *Properties) AddAsking(f *pflag.FlagSet) {
	p.addBase(f)
	f.StringVar(&p.url, "loki", "", "ask Loki at this `address` instead of reading files")
	p.addTenant(f)
}

func (p *Properties) addBase(f *pflag.FlagSet) {
	f.StringVar(&p.file, "config", "", "configuration `file` of Fluent Bit, YAML or classic, whose output zimbraloki has the properties")
	f.StringVar(&p.section, "output-section", "", "which output zimbraloki of --config, by its `alias` or its number from 1; needed if there are several")
	f.StringVar(&p.timezone, "timezone", "", "zone of times without one, as an IANA `name` (default: local)")
	f.StringArrayVarP(&p.properties, "property", "p", nil, "property of the plugin, `key=value`; may repeat")
}

func (p *Properties) addTenant(f *pflag.FlagSet) {
	f.StringVar(&p.tenant, "tenant", "", "`name` of the tenant (X-Scope-OrgID)")
}

// URL is what --url or --loki says.
func (p *Properties) URL() string { return p.url }

// load reads the file once.
func (p *Properties) load() error {
	if p.values == nil {
		p.values = map[string]string{}
		p.loadErr = p.readFile()
	}
	return p.loadErr
}

func (p *Properties) readFile() error {
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
			Logger(false).Warn("variables of the environment are not set, as they may be for Fluent Bit; "+prop.Written+" is read without them",
				"where", prop.Pos.String(), "variables", strings.Join(prop.Unset, ", "))
		}
	}
	p.values = s.PluginProperties()
	return nil
}

// Set sets a property; as a default it gives way to what is written.
func (p *Properties) Set(key, value string, byDefault bool) {
	if byDefault && p.Get(key) != "" {
		return
	}
	p.values[key] = value
}

// Patient makes the default timeouts those of a command behind which no Fluent
// Bit waits.
func (p *Properties) Patient() {
	p.Set("flush_timeout", "60s", true)
	p.Set("request_timeout", "30s", true)
}

// Get looks a property up, as Fluent Bit does without regard to case.
func (p *Properties) Get(key string) string {
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
func (p *Properties) allLabels(own string) string {
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

// Config makes a checked configuration. Its error is a UsageError.
func (p *Properties) Config() (*config.Config, error) {
	if err := p.load(); err != nil {
		return nil, Usagef("--config: %w", err)
	}
	for _, kv := range append(p.properties, p.labels...) {
		if !strings.Contains(kv, "=") {
			return nil, Usagef("%q: must be key=value", kv)
		}
	}
	c, err := config.ParseValues(p.Get)
	if err != nil {
		return nil, UsageError{err}
	}
	return c, nil
}

// Logger writes to standard error: what goes wrong, with verbose all of it.
func Logger(verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
