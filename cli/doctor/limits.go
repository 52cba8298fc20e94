package doctor

import (
	"context"

	"github.com/zimbraloki/zimbraloki/loki"
)

// limits compares Loki's limits with the configuration.
func (d *doctor) limits(ctx context.Context, c *loki.Client) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := c.Settings(ctx)
	if err != nil {
		d.add("limits", Hint, "", "%v: its limits show in its answers only", err)
		return
	}
	before := len(d.found)
	if !s.Metadata {
		d.add("metadata", Error, "set limits_config.allow_structured_metadata: true", "structured metadata is not allowed, so every entry is refused (unless the tenant has an override)")
	}
	if s.Schema > 0 && s.Schema < 13 {
		d.add("metadata", Error, "add a period with schema v13 and store tsdb to schema_config", "the schema of Loki is v%d, which stores no structured metadata", s.Schema)
	}
	if s.MaxLine > 0 && int64(d.Config.MaxLineBytes) > s.MaxLine && !s.Truncate {
		d.add("limits", Warning, "lower max_line_bytes, or raise max_line_size", "max_line_bytes %d is above Loki's max_line_size %d: longer lines are refused", d.Config.MaxLineBytes, s.MaxLine)
	}
	if s.BurstMB > 0 && float64(d.Config.BatchBytes) > s.BurstMB*(1<<20) {
		d.add("rate", Warning, "raise ingestion_burst_size_mb, or lower batch_bytes", "batch_bytes %d is above Loki's burst of %g MB: a full body never passes as it is", d.Config.BatchBytes, s.BurstMB)
	}
	if s.RejectOld {
		d.add("limits", Hint, "set reject_old_samples: false for the tenant before old logs are shipped", "Loki refuses entries older than %s", s.Age())
	}
	if len(d.found) == before {
		d.add("limits", OK, "", "Loki's limits suit the configuration")
	}
}
