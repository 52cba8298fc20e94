package ship

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/logs/deliver"
)

// Rate bounds what is sent in a second; zero fields bound nothing.
type Rate struct {
	Lines, Bytes float64
}

// ParseRate reads "20000" (lines a second), "500KB", "2MiB" (bytes of lines).
func ParseRate(s string) (r Rate, err error) {
	if s == "" {
		return r, nil
	}
	text := strings.ToLower(strings.TrimSuffix(strings.ReplaceAll(s, " ", ""), "/s"))
	units := []struct {
		name string
		size float64
	}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"b", 1}, {"lines", 0}, {"", 0}}
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(digits, 64)
		if err != nil || n <= 0 || n > 1e12 {
			break
		}
		if u.size == 0 {
			return Rate{Lines: n}, nil
		}
		return Rate{Bytes: n * u.size}, nil
	}
	return r, fmt.Errorf("rate %q: write lines or bytes a second, like 20000 or 2MiB", s)
}

// bucket lets chunks pass at a Rate, all lanes together.
type bucket struct {
	rate Rate
	mu   sync.Mutex
	next time.Time // when the next chunk may pass
}

func newBucket(r Rate) *bucket { return &bucket{rate: r} }

// take waits until a chunk may pass.
func (b *bucket) take(ctx context.Context, lines int, bytes int64) error {
	cost := 0.0
	if b.rate.Lines > 0 {
		cost = float64(lines) / b.rate.Lines
	}
	if b.rate.Bytes > 0 {
		cost = max(cost, float64(bytes)/b.rate.Bytes)
	}
	if cost == 0 {
		return ctx.Err()
	}
	b.mu.Lock()
	now := time.Now()
	if b.next.Before(now) {
		b.next = now
	}
	wait := b.next.Sub(now)
	b.next = b.next.Add(time.Duration(cost * float64(time.Second)))
	b.mu.Unlock()
	return deliver.Sleep(ctx, wait)
}
