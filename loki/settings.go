package loki

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Settings are those of Loki's that decide what it takes.
type Settings struct {
	Metadata  bool          // allow_structured_metadata
	MaxLine   int64         // max_line_size, bytes; 0 if any is taken
	Truncate  bool          // max_line_size_truncate
	BurstMB   float64       // ingestion_burst_size_mb; 0 if it is not told
	RejectOld bool          // reject_old_samples
	MaxAge    time.Duration // reject_old_samples_max_age
	Schema    int           // version of the newest period; 0 if it is not told
	ChunkAge  time.Duration // max_chunk_age; 0 if it is not told
}

// DefaultSettings are Loki's own (v3.7.8 pkg/validation/limits.go).
var DefaultSettings = Settings{Metadata: true, MaxLine: 256 << 10, BurstMB: 6, RejectOld: true, MaxAge: 7 * 24 * time.Hour, Schema: 13}

// Settings asks Loki's /config, which is open to whoever may reach it unless a
// gateway keeps it. Overrides of one tenant do not stand there.
func (c *Client) Settings(ctx context.Context) (*Settings, error) {
	resp, body, err := c.Ask(ctx, "/config", nil)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/config of %s cannot be read: status %d: %s", c.shown, resp.StatusCode, c.quote(string(body)))
	}
	s, err := parseSettings(body)
	if err != nil {
		return nil, fmt.Errorf("/config of %s cannot be read: %w", c.shown, err)
	}
	return s, nil
}

func parseSettings(data []byte) (*Settings, error) {
	var file struct {
		Limits *struct {
			// Left out if false.
			Metadata  bool    `yaml:"allow_structured_metadata"`
			MaxLine   string  `yaml:"max_line_size"`
			Truncate  bool    `yaml:"max_line_size_truncate"`
			BurstMB   float64 `yaml:"ingestion_burst_size_mb"`
			RejectOld *bool   `yaml:"reject_old_samples"`
			MaxAge    string  `yaml:"reject_old_samples_max_age"`
		} `yaml:"limits_config"`
		Ingester struct {
			ChunkAge string `yaml:"max_chunk_age"`
		} `yaml:"ingester"`
		Schema struct {
			Configs []struct {
				Schema string `yaml:"schema"`
			} `yaml:"configs"`
		} `yaml:"schema_config"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	if file.Limits == nil {
		return nil, errors.New("it has no limits_config")
	}
	l := file.Limits
	s := &Settings{
		Metadata: l.Metadata, MaxLine: parseSize(l.MaxLine), Truncate: l.Truncate, BurstMB: l.BurstMB,
		RejectOld: DefaultSettings.RejectOld, MaxAge: DefaultSettings.MaxAge,
	}
	if l.RejectOld != nil {
		s.RejectOld = *l.RejectOld
	}
	if d, err := parseAge(l.MaxAge); err == nil && l.MaxAge != "" {
		s.MaxAge = d
	}
	s.ChunkAge, _ = parseAge(file.Ingester.ChunkAge) // else 0, "not told"
	if n := len(file.Schema.Configs); n > 0 {
		s.Schema, _ = strconv.Atoi(strings.TrimPrefix(file.Schema.Configs[n-1].Schema, "v")) // else 0, "not told"
	}
	return s, nil
}

// Oldest is the time before which Loki takes no entry, ns; 0 if it takes all.
func (s *Settings) Oldest(now time.Time) int64 {
	if !s.RejectOld || s.MaxAge == 0 {
		return 0
	}
	return now.Add(-s.MaxAge).UnixNano()
}

// Age is MaxAge for people: "7 days", "36h0m0s".
func (s *Settings) Age() string {
	const day = 24 * time.Hour
	if s.MaxAge > day && s.MaxAge%day == 0 {
		return fmt.Sprintf("%d days", s.MaxAge/day)
	}
	return s.MaxAge.String()
}

// parseAge reads Prometheus' durations as Loki writes them: "1w", "2d12h".
func parseAge(s string) (sum time.Duration, err error) {
	for s != "" {
		i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 {
			return 0, fmt.Errorf("duration %q", s)
		}
		end := i + strings.IndexAny(s[i:]+"0", "0123456789")
		unit := map[string]string{"w": "168h", "d": "24h", "y": "8760h"}[s[i:end]]
		if unit == "" {
			unit = "1" + s[i:end]
		}
		d, err := time.ParseDuration(unit)
		if err != nil {
			return 0, err
		}
		n := 0
		for _, c := range s[:i] {
			n = n*10 + int(c-'0')
		}
		sum += d * time.Duration(n)
		s = s[end:]
	}
	return sum, nil
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
