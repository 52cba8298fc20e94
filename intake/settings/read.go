package settings

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// read sets the variable from its value, or its default.
func (v Variable) read(s *Settings, values map[string]string) error {
	value := strings.TrimSpace(values[v.Name])
	if file := values[v.Name+"_FILE"]; v.inFile() && value == "" && file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("setting %s_FILE: %w", v.Name, err)
		}
		value = strings.TrimSpace(string(data))
	}
	if value == "" {
		value = v.Default
	}
	if value == "" {
		return nil
	}
	if err := v.set(v.bind(s), value); err != nil {
		shown := value
		if v.Kind == kindSecret || v.Kind == kindURL {
			shown = hidden(value)
		}
		return fmt.Errorf("setting %s %q: %w", v.Name, shown, err)
	}
	return nil
}

// inFile tells whether the value can lie in a file that NAME_FILE names.
func (v Variable) inFile() bool { return v.Kind == kindSecret || v.Secret }

// hidden is a value without what may be a secret.
func hidden(value string) string {
	if u, err := url.Parse(value); err == nil && u.Host != "" {
		return u.Redacted()
	}
	return "…"
}

func (v Variable) set(dest any, value string) (err error) {
	switch d := dest.(type) {
	case *string:
		return v.setText(d, value)
	case *[]byte:
		*d = []byte(value)
	case *bool:
		*d, err = parseBool(value)
	case *int:
		*d, err = v.parseInt(value)
	case *int64:
		*d, err = parseSize(value)
		if err == nil && *d < v.Min {
			err = fmt.Errorf("allowed: %d bytes at least", v.Min)
		}
	case *time.Duration:
		*d, err = parseDuration(value)
		if err == nil && v.Min > 0 && *d <= 0 {
			err = fmt.Errorf("allowed: more than 0")
		}
	case *[]string:
		*d = splitList(value)
	case **url.URL:
		*d, err = v.parseURL(value)
	case **time.Location:
		if *d, err = time.LoadLocation(value); err != nil {
			err = fmt.Errorf("no such time zone; allowed: a name like Europe/Moscow, or UTC")
		}
	case *[]netip.Prefix:
		*d, err = parseNets(value)
	case ownOnly:
		*d.dest = value == "own"
		err = v.choose(value)
	default:
		err = fmt.Errorf("a destination of type %T is not known", dest)
	}
	return err
}

func (v Variable) setText(dest *string, value string) error {
	*dest = value
	switch v.Kind {
	case kindEnum:
		return v.choose(value)
	case kindURL:
		_, err := v.parseURL(value)
		return err
	case kindAddress:
		if _, port, err := net.SplitHostPort(value); err != nil || !isPort(port) {
			return fmt.Errorf("allowed: host:port, 0.0.0.0:8000 or [::]:8000")
		}
	}
	return nil
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 65535
}

func (v Variable) choose(value string) error {
	if slices.Contains(v.Choices, value) {
		return nil
	}
	return fmt.Errorf("allowed: %s; did you mean %s?", strings.Join(v.Choices, ", "), nearest(value, v.Choices))
}

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "on", "t", "y":
		return true, nil
	case "false", "0", "no", "off", "f", "n":
		return false, nil
	}
	return false, fmt.Errorf("allowed: true or false")
}

func (v Variable) parseInt(s string) (int, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < v.Min || n > v.Max {
		return 0, fmt.Errorf("allowed: a whole number from %d to %d", v.Min, v.Max)
	}
	return int(n), nil
}

// units are those of sizes; without one a number is bytes.
var units = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10},
	{"mib", 1 << 20},
	{"gib", 1 << 30},
	{"tib", 1 << 40},
	{"kb", 1e3},
	{"mb", 1e6},
	{"gb", 1e9},
	{"tb", 1e12},
	{"k", 1 << 10},
	{"m", 1 << 20},
	{"g", 1 << 30},
	{"t", 1 << 40},
	{"b", 1},
	{"", 1},
}

func parseSize(s string) (int64, error) {
	lower := strings.ToLower(s)
	for _, u := range units {
		number, ok := strings.CutSuffix(lower, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n < 0 || n*u.bytes >= math.MaxInt64 || math.IsNaN(n) {
			break
		}
		return int64(n * u.bytes), nil
	}
	return 0, fmt.Errorf("allowed: a number with B, KiB, MiB, GiB, TiB (or KB, MB, GB, TB of 1000), 20GiB")
}

func parseDuration(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err == nil && n >= 0 && n <= 36500 {
			return time.Duration(n * 24 * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("allowed: a number with s, m, h or d, 36h or 30d")
	}
	return d, nil
}

func splitList(s string) (list []string) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		list = append(list, part)
	}
	return list
}

func (v Variable) parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || !slices.Contains(v.Schemes, u.Scheme) {
		return nil, fmt.Errorf("allowed: a URL that begins with %s://", strings.Join(v.Schemes, ":// or "))
	}
	if u.Host == "" && u.Scheme != "sqlite" && !(strings.HasPrefix(u.Scheme, "p") && u.Query().Has("host")) {
		return nil, fmt.Errorf("no host; allowed: %s://host…", u.Scheme)
	}
	return u, nil
}

func parseNets(s string) (list []netip.Prefix, err error) {
	for _, part := range splitList(s) {
		p, err := netip.ParsePrefix(part)
		if err != nil {
			a, err := netip.ParseAddr(part)
			if err != nil {
				return nil, fmt.Errorf("%q is no network; allowed: 10.0.0.0/8 or an address", part)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// nearest is the candidate with the fewest changes from s.
func nearest(s string, candidates []string) (best string) {
	least := math.MaxInt
	for _, c := range candidates {
		if d := distance(strings.ToUpper(s), strings.ToUpper(c)); d < least {
			least, best = d, c
		}
	}
	return best
}

// distance is how many letters have to be put in, left out or changed.
func distance(a, b string) int {
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		diagonal := last[0]
		last[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = last[j+1]
			last[j+1] = min(cost, last[j]+1, last[j+1]+1)
		}
	}
	return last[len(b)]
}
