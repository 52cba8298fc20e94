package check

import (
	"strconv"
	"strings"
)

// size reads a number of bytes as Fluent Bit does (src/flb_utils.c,
// flb_utils_size_to_bytes): K, M and G are decimal. ok is false for what is
// none.
func size(s string) (n int64, ok bool) {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "b")
	mult := 1.0
	if i := strings.IndexAny(s, "kmg"); i >= 0 {
		mult = map[byte]float64{'k': 1e3, 'm': 1e6, 'g': 1e9}[s[i]]
		s = s[:i]
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return int64(f * mult), err == nil
}

// seconds reads a time as Fluent Bit does (flb_utils_time_to_seconds): digits
// with s, m, h or d behind them.
func seconds(s string) (float64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	mult := 1.0
	if s != "" {
		switch s[len(s)-1] {
		case 's':
			s = s[:len(s)-1]
		case 'm':
			s, mult = s[:len(s)-1], 60
		case 'h':
			s, mult = s[:len(s)-1], 3600
		case 'd':
			s, mult = s[:len(s)-1], 86400
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f * mult, err == nil
}
