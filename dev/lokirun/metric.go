package lokirun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Sample is one series of an instant query.
type Sample struct {
	Labels map[string]string
	Value  float64
}

// Metric evaluates a LogQL metric query at one instant.
func (l *Server) Metric(ctx context.Context, logql string, at time.Time) ([]Sample, error) {
	params := url.Values{"query": {logql}, "time": {strconv.FormatInt(at.UnixNano(), 10)}}
	var vector []struct {
		Metric map[string]string `json:"metric"`
		Value  sampleValue       `json:"value"`
	}
	if err := l.ask(ctx, "/loki/api/v1/query", params, "vector", &vector); err != nil {
		return nil, err
	}
	samples := make([]Sample, len(vector))
	for i, v := range vector {
		samples[i] = Sample{Labels: v.Metric, Value: float64(v.Value)}
	}
	return samples, nil
}

// Count returns how many entries of the selector, which may have filters after it, lie in from ≤ time < to.
// The times must be such that UnixNano is defined for them (years 1678 to 2262).
func (l *Server) Count(ctx context.Context, selector string, from, to time.Time) (int64, error) {
	if !from.Before(to) {
		return 0, nil
	}
	// LogQL's durations have no smaller unit than the millisecond, so what is left over at the start, less than one,
	// is fetched entry by entry.
	whole := to.Sub(from).Truncate(time.Millisecond)
	middle := to.Add(-whole)
	head, err := l.queryAll(ctx, selector, from.UnixNano(), middle.UnixNano(), pageSize)
	if err != nil || whole == 0 {
		return int64(len(head)), err
	}
	// LogQL's range is (at-range, at]; a nanosecond earlier it is [middle, to).
	query := fmt.Sprintf("sum(count_over_time(%s [%dms]))", selector, whole.Milliseconds())
	samples, err := l.Metric(ctx, query, to.Add(-time.Nanosecond))
	if err != nil {
		return 0, err
	}
	n := int64(len(head))
	if len(samples) > 0 { // there is no sample rather than a zero when nothing matches
		n += int64(samples[0].Value)
	}
	return n, nil
}

// sampleValue is [seconds, "value"].
type sampleValue float64

func (v *sampleValue) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) != 2 {
		return errors.New("sample is not a pair of time and value")
	}
	var text string
	if err := json.Unmarshal(parts[1], &text); err != nil {
		return err
	}
	f, err := strconv.ParseFloat(text, 64)
	*v = sampleValue(f)
	return err
}
