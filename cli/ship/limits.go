package ship

import (
	"context"
	"fmt"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// limits are those of Loki that matter to old logs.
type limits struct {
	loki.Settings
	known bool // Loki has said so, else its defaults
}

// askTimeout bounds the question: whoever ships waits for it.
const askTimeout = 3 * time.Second

// askLimits asks Loki, as pushes do. That it does not say is no reason not to
// ship.
func (r *runner) askLimits(ctx context.Context) limits {
	client, err := pipeline.NewClient(r.o.Config, nil, r.o.Log)
	if err != nil {
		return limits{Settings: loki.DefaultSettings}
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := client.Settings(ctx)
	if err != nil {
		r.o.Log.Debug("Loki does not tell its limits", "error", err)
		return limits{Settings: loki.DefaultSettings}
	}
	return limits{*s, true}
}

// cure says how the limit is lifted.
func (l *limits) cure() string {
	what := "Loki's default limit"
	if l.known {
		what = "the limit that Loki has set"
	}
	return fmt.Sprintf("%s is %s; let the tenant take older ones (limits_config or overrides: reject_old_samples: false), or leave them out with --since", what, l.Age())
}

// warnOld says before the first push what Loki will not take.
func (r *runner) warnOld(lanes []*rotation.Lane) {
	oldest := r.limits.Oldest(time.Now())
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
		fmt.Fprintf(r.o.Stderr, "warning: %d of %s with entries that are too old for Loki; it will refuse them, and they go to the dead-letter file: %s\n", old, say.Count(all, "file begins", "files begin"), r.limits.cure())
	}
}
