package config

import (
	"math"
	"net"
	"strconv"
	"strings"
	"time"
)

// sizeUnits are the suffixes of a size. One letter, or letter and B, is decimal
// as in Fluent Bit (src/flb_utils.c, flb_utils_size_to_bytes); with an i it is
// binary, as Loki and Docker count.
var sizeUnits = map[string]float64{
	"": 1, "b": 1,
	"k": 1e3, "kb": 1e3, "kib": 1 << 10,
	"m": 1e6, "mb": 1e6, "mib": 1 << 20,
	"g": 1e9, "gb": 1e9, "gib": 1 << 30,
}

// sizeCure shows how a size is written.
const sizeCure = "write bytes (262144), K, M, G (1000, 1000², 1000³) or KiB, MiB, GiB (1024, 1024², 1024³)"

// parseSize reads a number of bytes: "262144", "256KiB", "1.5M".
func parseSize(s string) (int64, *Error) {
	num, unit := splitNumber(s)
	mult, ok := sizeUnits[strings.ToLower(strings.TrimSpace(unit))]
	if num == "" || !ok {
		return 0, badValue(sizeCure, "not a size")
	}
	v, err := strconv.ParseFloat(num, 64)
	if err != nil {
		return 0, badValue(sizeCure, "not a size")
	}
	// From 2^53 on, float64 does not count every byte.
	if v *= mult; v >= 1<<53 {
		return 0, badValue(sizeCure, "too large")
	}
	return int64(v), nil
}

// splitNumber cuts s behind its leading digits and decimal point.
func splitNumber(s string) (num, rest string) {
	i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// durationCure shows how a time is written.
const durationCure = "write seconds (4), or a unit: 500ms, 4s, 2m, 1h30m, 7d"

// parseDuration reads a time: plain seconds; s, m, h, d behind a number in
// either case, as in Fluent Bit (src/flb_utils.c, flb_utils_time_to_seconds);
// or what time.ParseDuration takes, days in front of it allowed.
func parseDuration(s string) (time.Duration, *Error) {
	num, unit := splitNumber(s)
	if num == "" {
		return 0, badValue(durationCure, "not a time")
	}
	var days float64
	if unit != "" && (unit[0] == 'd' || unit[0] == 'D') {
		var err error
		if days, err = strconv.ParseFloat(num, 64); err != nil {
			return 0, badValue(durationCure, "not a time")
		}
		num, unit = splitNumber(unit[1:])
		if num == "" && unit == "" {
			num = "0"
		}
	}
	switch {
	case unit == "":
		unit = "s"
	case len(unit) == 1:
		unit = strings.ToLower(unit)
	}
	rest, err := time.ParseDuration(num + unit)
	if err != nil || rest < 0 {
		return 0, badValue(durationCure, "not a time")
	}
	return addDays(days, rest)
}

func addDays(days float64, rest time.Duration) (time.Duration, *Error) {
	sum := days*float64(24*time.Hour) + float64(rest)
	if sum > math.MaxInt64/2 {
		return 0, badValue(durationCure, "too long")
	}
	return time.Duration(days*float64(24*time.Hour)) + rest, nil
}

// boolWords are the words that Fluent Bit takes (src/flb_utils.c,
// flb_utils_bool), in any case.
var boolWords = []string{"on", "true", "yes", "off", "false", "no"}

func parseBool(s string) (bool, *Error) {
	switch strings.ToLower(s) {
	case "on", "true", "yes":
		return true, nil
	case "off", "false", "no":
		return false, nil
	}
	return false, &Error{Reason: "neither on nor off", Allowed: boolWords}
}

func parseInt(s string) (int64, *Error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, badValue("write digits only", "not a whole number")
	}
	return n, nil
}

// addressCure shows how an address to listen on is written.
const addressCure = "write host:port, as 127.0.0.1:2112, or off"

// parseAddress reads an address to listen on; off is none. Whether it can be
// had shows only when it is opened.
func parseAddress(s string) (string, *Error) {
	if strings.EqualFold(s, "off") {
		return "", nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", badValue(addressCure, "not host:port")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", badValue(addressCure, "port %q is not between 1 and 65535", port)
	}
	if strings.ContainsAny(host, "/ ") {
		return "", badValue(addressCure, "%q is not a host", host)
	}
	return s, nil
}

// parseEnum returns the one of allowed that s is, in any case.
func parseEnum(s string, allowed []string) (string, *Error) {
	for _, a := range allowed {
		if strings.EqualFold(s, a) {
			return a, nil
		}
	}
	return "", &Error{Reason: "unknown value", Allowed: allowed, Nearest: nearest(s, allowed)}
}

// formatSize writes n bytes with the largest binary unit that leaves a whole
// number, or the largest decimal one, or as plain bytes.
func formatSize(n int64) string {
	for _, u := range []struct {
		name string
		mult int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"G", 1e9}, {"M", 1e6}, {"K", 1e3}} {
		if n >= u.mult && n%u.mult == 0 {
			return strconv.FormatInt(n/u.mult, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}
