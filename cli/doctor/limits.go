package doctor

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/zimbraloki/zimbraloki/loki"
)

// settings are those of Loki's that matter, as /config shows them (v3.7.8
// pkg/validation/limits.go). Overrides of one tenant do not stand there.
type settings struct {
	Limits struct {
		// Left out if false.
		Metadata  bool     `yaml:"allow_structured_metadata"`
		MaxLine   string   `yaml:"max_line_size"`
		Truncate  bool     `yaml:"max_line_size_truncate"`
		BurstMB   *float64 `yaml:"ingestion_burst_size_mb"`
		RejectOld bool     `yaml:"reject_old_samples"`
		MaxAge    string   `yaml:"reject_old_samples_max_age"`
	} `yaml:"limits_config"`
	Schema struct {
		Configs []struct {
			Schema string `yaml:"schema"`
		} `yaml:"configs"`
	} `yaml:"schema_config"`
}

// limits compares Loki's limits with the configuration.
func (d *doctor) limits(ctx context.Context, c *loki.Client) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	resp, body, err := c.Ask(ctx, "/config", nil)
	var s settings
	if err != nil || resp.StatusCode != http.StatusOK || yaml.Unmarshal(body, &s) != nil || s.Limits.BurstMB == nil {
		d.add("limits", Hint, "", "Loki's /config cannot be read: its limits show in its answers only")
		return
	}
	before := len(d.found)
	if !s.Limits.Metadata {
		d.add("metadata", Error, "set limits_config.allow_structured_metadata: true", "structured metadata is not allowed, so every entry is refused (unless the tenant has an override)")
	}
	if n := len(s.Schema.Configs); n > 0 {
		last := s.Schema.Configs[n-1].Schema
		if v, err := strconv.Atoi(strings.TrimPrefix(last, "v")); err == nil && v < 13 {
			d.add("metadata", Error, "add a period with schema v13 and store tsdb to schema_config", "the schema of Loki is %s, which stores no structured metadata", last)
		}
	}
	if most := parseSize(s.Limits.MaxLine); most > 0 && int64(d.Config.MaxLineBytes) > most && !s.Limits.Truncate {
		d.add("limits", Warning, "lower max_line_bytes, or raise max_line_size", "max_line_bytes %d is above Loki's max_line_size %d: longer lines are refused", d.Config.MaxLineBytes, most)
	}
	if mb := s.Limits.BurstMB; float64(d.Config.BatchBytes) > *mb*(1<<20) {
		d.add("rate", Warning, "raise ingestion_burst_size_mb, or lower batch_bytes", "batch_bytes %d is above Loki's burst of %g MB: a full body never passes as it is", d.Config.BatchBytes, *mb)
	}
	if s.Limits.RejectOld {
		d.add("limits", Hint, "set reject_old_samples: false for the tenant before old logs are shipped", "Loki refuses entries older than %s", s.Limits.MaxAge)
	}
	if len(d.found) == before {
		d.add("limits", OK, "", "Loki's limits suit the configuration")
	}
}

// parseSize reads "256KB" or a number of bytes; 0 for what it cannot read. The
// units are powers of 1024, as Loki's flagext.ByteSize has them.
func parseSize(s string) int64 {
	s = strings.ToUpper(strings.TrimSpace(s))
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	unit := ""
	if end >= 0 {
		s, unit = s[:end], strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(s[end:]), "B"), "I")
	}
	n, err := strconv.ParseFloat(s, 64)
	shift, known := map[string]int{"": 0, "K": 10, "M": 20, "G": 30}[unit]
	if err != nil || !known {
		return 0
	}
	return int64(n * float64(int64(1)<<shift))
}
