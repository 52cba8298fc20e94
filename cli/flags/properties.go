package flags

import (
	"bufio"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/config"
)

// Properties are the plugin's properties on the command line. A flag wins
// over --property, that over the file of --config.
type Properties struct {
	file                  string
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
	f.StringVar(&p.file, "config", "", "`file` of properties as in Fluent Bit's [OUTPUT] section or a YAML list of key: value")
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
		return nil
	}
	f, err := os.Open(p.file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		key, value, ok := property(sc.Text())
		if _, twice := p.values[key]; ok && !twice {
			p.values[key] = os.ExpandEnv(value)
		}
	}
	return sc.Err()
}

// fluentBits are keys of an output section that are Fluent Bit's own.
var fluentBits = map[string]bool{"name": true, "match": true, "match_regex": true, "alias": true, "workers": true,
	"retry_limit": true, "storage.total_limit_size": true, "log_level": true}

// property reads a line "key value", "key: value" or "key=value" of a section.
func property(line string) (key, value string, ok bool) {
	line = strings.TrimPrefix(strings.TrimSpace(line), "- ")
	if line == "" || line[0] == '#' || line[0] == '[' || line[0] == '@' {
		return "", "", false
	}
	i := strings.IndexAny(line, " \t:=")
	if i <= 0 {
		return "", "", false
	}
	key = strings.ToLower(line[:i])
	value = strings.Trim(strings.TrimLeft(line[i:], " \t:="), `'"`)
	return key, value, value != "" && !fluentBits[key]
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
