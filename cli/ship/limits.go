package ship

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// limits are those of Loki that matter to old logs.
type limits struct {
	rejectOld bool
	maxAge    time.Duration
	known     bool // Loki has said so, else its defaults
}

// defaultLimits are Loki's: limits_config.reject_old_samples and
// reject_old_samples_max_age.
var defaultLimits = limits{rejectOld: true, maxAge: 7 * 24 * time.Hour}

const (
	askTimeout  = 3 * time.Second
	maxSettings = 4 << 20 // bytes of Loki's configuration
)

// askLimits asks Loki's /config, which is open to who may reach it unless a
// gateway keeps it. Overrides of one tenant do not stand there.
func askLimits(ctx context.Context, c *config.Config) limits {
	base, ok := strings.CutSuffix(c.URL, "/loki/api/v1/push")
	if !ok {
		return defaultLimits
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/config", http.NoBody)
	if err != nil {
		return defaultLimits
	}
	for _, h := range c.Headers {
		req.Header.Set(h.Name, h.Value.Reveal())
	}
	authorize(req, c)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return defaultLimits
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxSettings))
	if err != nil || resp.StatusCode != http.StatusOK {
		return defaultLimits
	}
	return parseLimits(data)
}

func authorize(req *http.Request, c *config.Config) {
	secret := func(s config.Secret, file string) string {
		if file == "" {
			return s.Reveal()
		}
		b, _ := os.ReadFile(file) //nolint:errcheck // then Loki says no
		return strings.TrimSpace(string(b))
	}
	if c.HTTPUser != "" {
		req.SetBasicAuth(c.HTTPUser, secret(c.HTTPPasswd, c.HTTPPasswdFile))
	} else if t := secret(c.BearerToken, c.BearerTokenFile); t != "" {
		req.Header.Set("Authorization", "Bearer "+t)
	}
	if c.TenantID != "" {
		req.Header.Set("X-Scope-OrgID", c.TenantID)
	}
}

func parseLimits(data []byte) limits {
	var settings struct {
		Limits struct {
			RejectOld *bool  `yaml:"reject_old_samples"`
			MaxAge    string `yaml:"reject_old_samples_max_age"`
		} `yaml:"limits_config"`
	}
	if yaml.Unmarshal(data, &settings) != nil || settings.Limits.RejectOld == nil {
		return defaultLimits
	}
	l := limits{rejectOld: *settings.Limits.RejectOld, known: true, maxAge: defaultLimits.maxAge}
	if d, err := parseAge(settings.Limits.MaxAge); err == nil {
		l.maxAge = d
	}
	return l
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
		var n time.Duration
		for _, c := range s[:i] {
			n = n*10 + time.Duration(c-'0')
		}
		sum += n * d
		s = s[end:]
	}
	return sum, nil
}

// oldest is the time before which Loki takes no entry, ns; 0 if it takes all.
func (l limits) oldest(now time.Time) int64 {
	if !l.rejectOld || l.maxAge == 0 {
		return 0
	}
	return now.Add(-l.maxAge).UnixNano()
}

// cure says how the limit is lifted.
func (l limits) cure() string {
	what := "Loki's default limit"
	if l.known {
		what = "the limit that Loki has set"
	}
	return fmt.Sprintf("%s is %s; let the tenant take older ones (limits_config or overrides: reject_old_samples: false), or leave them out with --since", what, l.maxAge)
}

// warnOld says before the first push what Loki will not take.
func (r *runner) warnOld(lanes []*rotation.Lane) {
	oldest := r.limits.oldest(time.Now())
	if !r.o.Since.IsZero() {
		oldest = max(oldest-max(r.o.Since.UnixNano(), 0), 0)
		if oldest == 0 {
			return
		}
		oldest += r.o.Since.UnixNano()
	}
	old, all := 0, 0
	for _, l := range lanes {
		for _, s := range l.Sources {
			for _, p := range s.Parts {
				all++
				if p.First != 0 && p.First < oldest {
					old++
				}
			}
		}
	}
	if old > 0 {
		fmt.Fprintf(r.o.Stderr, "warning: %d of %d files begin with entries that are too old for Loki; it will refuse them, and they go to the dead-letter file: %s\n", old, all, r.limits.cure())
	}
}
