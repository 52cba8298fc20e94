package check

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// totalLimitKey is how much an output keeps on the disk.
const totalLimitKey = "storage.total_limit_size"

// unlimited are words for no limit of storage.total_limit_size (flb_output.c).
var unlimited = []string{"off", "false", "no"}

// size reads a number of bytes as Fluent Bit does (src/flb_utils.c,
// flb_utils_size_to_bytes): a number, and right behind it K, M or G, which are
// decimal, or KB, MB, GB. ok is false for what it refuses.
func size(s string) (n int64, ok bool) {
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, "false") {
		return 0, true
	}
	if s == "" {
		return 0, false
	}
	suffix := ""
	for i := len(s) - 1; i > 0 && (s[i] < '0' || s[i] > '9'); i-- {
		suffix = strings.ToUpper(s[i:])
	}
	mult := map[string]float64{"": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9}[suffix]
	v := leadingFloat(s) * mult
	return int64(v), mult > 0 && v >= 0 && v < math.MaxInt64
}

// leading is the beginning of a text that C's atof and atoi read; what comes
// behind it is ignored.
var leading = regexp.MustCompile(`^\s*[+-]?(\d+\.?\d*|\.\d+)`)

// leadingFloat is atof: 0 for what begins with no number.
func leadingFloat(s string) float64 {
	f, _ := strconv.ParseFloat(strings.TrimSpace(leading.FindString(s)), 64)
	return f
}

// leadingInt is atoi.
func leadingInt(s string) int64 { return int64(leadingFloat(s)) }

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
