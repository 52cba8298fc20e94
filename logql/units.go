package logql

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// rangeUnits are Prometheus' units of time, longest first.
var rangeUnits = []struct {
	name string
	size time.Duration
	// exact units are written only if nothing is left over.
	exact bool
}{
	{"y", 365 * 24 * time.Hour, true},
	{"w", 7 * 24 * time.Hour, true},
	{"d", 24 * time.Hour, false},
	{"h", time.Hour, false},
	{"m", time.Minute, false},
	{"s", time.Second, false},
	{"ms", time.Millisecond, false},
}

// ParseRange reads a length of time in Prometheus' notation: 5m, 1h30m, 2w;
// units from large to small, whole numbers (prometheus.io/docs, time durations).
func ParseRange(s string) (time.Duration, error) {
	if s == "" {
		return 0, errors.New("empty duration string")
	}
	if s == "0" {
		return 0, nil
	}
	total, last := uint64(0), -1
	for rest := s; rest != ""; {
		digits := span(rest, "0123456789")
		unit := strings.IndexAny(rest[digits:]+"0", "0123456789")
		if digits == 0 || unit == 0 {
			return 0, fmt.Errorf("not a valid duration string: %q", s)
		}
		n, err := strconv.ParseUint(rest[:digits], 10, 64)
		if err != nil {
			return 0, err
		}
		at := rangeUnit(rest[digits : digits+unit])
		if at < 0 {
			return 0, fmt.Errorf("unknown unit %q in duration %q", rest[digits:digits+unit], s)
		}
		if at <= last {
			return 0, fmt.Errorf("not a valid duration string: %q", s)
		}
		size := uint64(rangeUnits[at].size)
		if n > math.MaxInt64/size || total+n*size > math.MaxInt64 {
			return 0, errors.New("duration out of range")
		}
		total, last, rest = total+n*size, at, rest[digits+unit:]
	}
	return time.Duration(total), nil
}

func rangeUnit(name string) int {
	for i, u := range rangeUnits {
		if u.name == name {
			return i
		}
	}
	return -1
}

// FormatRange writes a length of time in Prometheus' notation, to the millisecond.
func FormatRange(d time.Duration) string {
	if d < 0 {
		return "-" + FormatRange(-d)
	}
	d = d.Truncate(time.Millisecond)
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range rangeUnits {
		if n := d / u.size; n > 0 && !(u.exact && d%u.size != 0) {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d -= n * u.size
		}
	}
	return b.String()
}

// byteUnits are the sizes that LogQL knows, in lower case; K is 1000, Ki 1024.
var byteUnits = map[string]float64{
	"": 1, "b": 1,
	"k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
	"p": 1e15, "pb": 1e15, "e": 1e18, "eb": 1e18,
	"ki": 1 << 10, "kib": 1 << 10, "mi": 1 << 20, "mib": 1 << 20, "gi": 1 << 30, "gib": 1 << 30,
	"ti": 1 << 40, "tib": 1 << 40, "pi": 1 << 50, "pib": 1 << 50, "ei": 1 << 60, "eib": 1 << 60,
}

// ParseBytes reads a size as label filters write it: 5KB, 1.5GiB, 42 B; case
// does not count.
func ParseBytes(s string) (uint64, bool) {
	n := span(s, "0123456789.,")
	v, err := strconv.ParseFloat(strings.ReplaceAll(s[:n], ",", ""), 64)
	if err != nil {
		return 0, false
	}
	unit, ok := byteUnits[strings.ToLower(strings.TrimSpace(s[n:]))]
	if v *= unit; !ok || v >= math.MaxUint64 {
		return 0, false
	}
	return uint64(v), true
}

// FormatBytes writes a size as Loki's format_query does: 5.0kB, 12MB, 999B.
func FormatBytes(n uint64) string {
	if n < 10 {
		return fmt.Sprintf("%dB", n)
	}
	const units = "BkMGTPE"
	e := min(int(math.Floor(math.Log(float64(n))/math.Log(1000))), len(units)-1)
	v := math.Floor(float64(n)/math.Pow(1000, float64(e))*10+0.5) / 10
	digits := 0
	if v < 10 {
		digits = 1
	}
	unit := "B"
	if e > 0 {
		unit = units[e:e+1] + "B"
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + unit
}
