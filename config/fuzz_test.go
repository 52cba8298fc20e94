package config

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fluentSize is how Fluent Bit reads a size, for those it takes: digits, one
// of K, M, G, and a B (flb_utils_size_to_bytes).
func fluentSize(s string) (int64, bool) {
	u := strings.TrimSuffix(strings.ToUpper(s), "B")
	mult := int64(1)
	if n := len(u); n > 0 {
		switch u[n-1] {
		case 'K':
			mult, u = 1e3, u[:n-1]
		case 'M':
			mult, u = 1e6, u[:n-1]
		case 'G':
			mult, u = 1e9, u[:n-1]
		}
	}
	n, err := strconv.ParseUint(u, 10, 31)
	return int64(n) * mult, err == nil && int64(n)*mult < 1<<53
}

func FuzzSize(f *testing.F) {
	for _, s := range []string{"1", "10K", "10kb", "1.5MiB", "256KiB", "9e9", "+1", " 1", "1_0", "10B", "007G"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseSize(s)
		if want, ok := fluentSize(s); ok && !strings.HasPrefix(s, "+") && (err != nil || got != want) {
			t.Errorf("parseSize(%q) = %d, %v; Fluent Bit reads %d", s, got, err, want)
		}
		if err != nil {
			return
		}
		if got < 0 || got > 1<<53 {
			t.Errorf("parseSize(%q) = %d", s, got)
		}
		if again, err := parseSize(formatSize(got)); err != nil || again != got {
			t.Errorf("%d is written %q and read %d, %v", got, formatSize(got), again, err)
		}
	})
}

// fluentSeconds is how Fluent Bit reads a time, for those it reads as meant:
// digits and one of s, m, h, d (flb_utils_time_to_seconds).
func fluentSeconds(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	mult := int64(1)
	switch s[len(s)-1] {
	case 's', 'S':
		s = s[:len(s)-1]
	case 'm', 'M':
		mult, s = 60, s[:len(s)-1]
	case 'h', 'H':
		mult, s = 3600, s[:len(s)-1]
	case 'd', 'D':
		mult, s = 86400, s[:len(s)-1]
	}
	n, err := strconv.ParseUint(s, 10, 14)
	return int64(n) * mult, err == nil && !strings.HasPrefix(s, "+")
}

func FuzzDuration(f *testing.F) {
	for _, s := range []string{"1", "4s", "2M", "7d", "1d12h", "500ms", "1h30m", "0d", "1e3", "00", "1.5h", "16383D"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseDuration(s)
		if want, ok := fluentSeconds(s); ok && (err != nil || got != time.Duration(want)*time.Second) {
			t.Errorf("parseDuration(%q) = %v, %v; Fluent Bit reads %d s", s, got, err, want)
		}
		if err != nil {
			return
		}
		if got < 0 || got > math.MaxInt64/2 {
			t.Errorf("parseDuration(%q) = %d", s, got)
		}
		if again, err := parseDuration(formatDuration(got)); err != nil || again != got {
			t.Errorf("%d is written %q and read %d, %v", got, formatDuration(got), again, err)
		}
		// Whatever Go reads as a time of its own is read the same here.
		if want, goErr := time.ParseDuration(s); goErr == nil && want != got {
			t.Errorf("parseDuration(%q) = %v, Go reads %v", s, got, want)
		}
	})
}

func FuzzPairs(f *testing.F) {
	for _, s := range []string{"a=b", "a=b, c=d", `a="b, c"`, `{a="b"}`, `a="\"",b=`, "a==", "a=b,,", `a="}"`, "a={,b=}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pairs, err := parsePairs(s)
		if err != nil {
			return
		}
		if len(pairs) == 0 {
			t.Fatalf("parsePairs(%q) found nothing and did not say so", s)
		}
		for _, p := range pairs {
			if p.Name == "" || strings.ContainsAny(p.Name, ",=") {
				t.Errorf("parsePairs(%q): name %q", s, p.Name)
			}
			if !labelName.MatchString(p.Name) {
				return // refused later; need not be written back
			}
		}
		again, err := parsePairs(formatPairs(pairs))
		if err != nil || !slices.Equal(again, pairs) {
			t.Errorf("%q is written %q and read %q, %v", pairs, formatPairs(pairs), again, err)
		}
	})
}
