package doctor

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

const (
	askTimeout  = 5 * time.Second
	pushTimeout = 3 * time.Second
)

// Bounds of the difference of two clocks. A Date has seconds only; Loki refuses
// what is more than creation_grace_period, 10 minutes, ahead of it.
const (
	skewNoted = 30 * time.Second
	skewWrong = 9 * time.Minute
)

// loki asks Loki for what it allows, then pushes one entry.
func (d *doctor) loki(ctx context.Context) {
	dir, err := os.MkdirTemp("", "zimbraloki-doctor-")
	if err != nil {
		d.add("loki", Error, "set TMPDIR to a folder that can be written", "%v", err)
		return
	}
	defer os.RemoveAll(dir) //nolint:errcheck // of the system's folder for such
	refused := filepath.Join(dir, "refused")
	dead, err := deadletter.Open(deadletter.Options{Path: refused})
	if err != nil {
		d.add("loki", Error, "set TMPDIR to a folder that can be written", "%v", err)
		return
	}
	defer dead.Close() //nolint:errcheck // removed anyway
	client, err := pipeline.NewClient(d.Config, dead, d.Log)
	if err != nil {
		d.add("loki", Error, "", "%v", err)
		return
	}
	defer client.Close()
	skew, ok := d.reach(ctx, client)
	if !ok {
		return
	}
	d.limits(ctx, client)
	d.push(ctx, client, skew, refused)
}

// reach asks whether anything answers, and what time it has. skew is how far
// this clock is ahead.
func (d *doctor) reach(ctx context.Context, c *loki.Client) (skew time.Duration, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	asked := time.Now()
	resp, _, err := c.Ask(ctx, loki.PushPath, nil)
	if err != nil {
		d.add("reach", Error, "check url, that Loki runs, and the firewall and proxy between", "%v", err)
		return 0, false
	}
	if resp.StatusCode >= http.StatusInternalServerError {
		d.add("reach", Error, "look at the log of Loki, or of the proxy before it", "Loki answers %s", resp.Status)
		return 0, false
	}
	d.add("reach", OK, "", "something answers at %s in %v", d.Config.URL, time.Since(asked).Round(time.Millisecond))
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		d.add("clock", Hint, "", "the answer has no Date: the clocks cannot be compared")
		return 0, true
	}
	between := asked.Add(time.Since(asked) / 2)
	skew = between.Sub(date.Add(time.Second / 2)).Round(time.Second)
	const cure = "let chrony or systemd-timesyncd set both clocks"
	switch {
	case skew.Abs() >= skewWrong:
		d.add("clock", Error, cure, "this clock is %s Loki's: entries ahead by more than creation_grace_period (10 minutes) are refused, others are found at the wrong time", ahead(skew))
	case skew.Abs() >= skewNoted:
		d.add("clock", Warning, cure, "this clock is %s Loki's", ahead(skew))
	default:
		d.add("clock", OK, "", "the clocks agree")
		skew = 0
	}
	return skew, true
}

func ahead(skew time.Duration) string {
	if skew < 0 {
		return (-skew).String() + " behind"
	}
	return skew.String() + " ahead of"
}

// push sends one entry with metadata, at the time that Loki has.
func (d *doctor) push(ctx context.Context, c *loki.Client, skew time.Duration, refused string) {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	var b loki.Batch
	b.Add(&entry.Entry{
		Time: time.Now().Add(-skew).UnixNano(), Line: "zimbraloki doctor asks whether entries are taken",
		Labels: loki.NewLabels([]entry.Pair{{Name: "job", Value: "zimbraloki-doctor"}}), Meta: []entry.Pair{{Name: "probe", Value: "metadata"}},
	})
	r := c.Push(ctx, &b)
	switch {
	case r.Retry:
		d.notDelivered(r.Err)
	case r.Dead > 0:
		d.refused(c, refused)
	default:
		d.add("push", OK, "", `an entry with metadata was stored: {job="zimbraloki-doctor"}`)
	}
}

func (d *doctor) notDelivered(err error) {
	p, ok := errors.AsType[*loki.PushError](err)
	switch {
	case !ok:
		d.add("push", Error, "", "%v", err)
	case p.Status == http.StatusUnauthorized, p.Status == http.StatusForbidden:
		d.add("auth", Error, p.Cure, "Loki does not let us in: status %d %s", p.Status, p.Body)
	case p.Status == http.StatusTooManyRequests:
		d.add("rate", Error, "raise ingestion_rate_mb and ingestion_burst_size_mb, or max_global_streams_per_user, of the tenant (limits_config or overrides); see zimbraloki labels for the streams", "Loki takes no more for now: %s", p.Body)
	default:
		d.add("push", Error, p.Cure, "%v", err)
	}
}

// refused tells why Loki does not take the entry, in its words.
func (d *doctor) refused(c *loki.Client, path string) {
	words := ""
	if f, err := os.Open(path); err == nil {
		defer f.Close() //nolint:errcheck // read only
		for rec, err := range deadletter.Read(f) {
			if err == nil {
				words = rec.Detail
			}
		}
	}
	switch s := c.Stats(); {
	case s.Dead(loki.ReasonMetadata) > 0:
		d.add("metadata", Error, "set limits_config.allow_structured_metadata: true, with schema v13 and store tsdb in schema_config", "Loki takes no structured metadata: %s", words)
	case s.Dead(loki.ReasonTooNew)+s.Dead(loki.ReasonTooOld) > 0:
		d.add("clock", Error, "let chrony or systemd-timesyncd set the clock of this machine and of Loki", "Loki does not take an entry of now: %s", words)
	case s.Dead(loki.ReasonTenant) > 0:
		d.add("auth", Error, "check tenant_id", "this is no tenant: %s", words)
	default:
		d.add("push", Error, "", "Loki refuses an entry: %s", words)
	}
}
