package lokiapi

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Defaults of Loki's API.
const (
	defaultSince  = time.Hour     // of queries
	labelsSince   = 6 * time.Hour // of labels and series
	defaultLimit  = 100
	defaultPoints = 250 // steps of a range, unless one is said
)

// parseTime reads a time: seconds with a point, seconds (at most ten digits),
// nanoseconds, or RFC 3339.
func parseTime(value string, byDefault time.Time) (time.Time, error) {
	if value == "" {
		return byDefault, nil
	}
	if strings.Contains(value, ".") {
		if f, err := strconv.ParseFloat(value, 64); err == nil && math.Abs(f) < 1<<33 {
			s, ns := math.Modf(f)
			ns = math.Round(ns*1000) / 1000
			return time.Unix(int64(s), int64(ns*1e9)), nil
		}
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		if t, err := time.Parse(time.RFC3339Nano, value); err == nil {
			return t, nil
		}
		return time.Time{}, err
	}
	if len(value) <= 10 {
		return time.Unix(n, 0), nil
	}
	return time.Unix(0, n), nil
}

// bounds reads start, end and since.
func (a *API) bounds(r *http.Request, since time.Duration) (start, end time.Time, err error) {
	now := a.o.Now()
	if end, err = parseTime(r.Form.Get("end"), now); err != nil {
		return start, end, badf("could not parse 'end' parameter: %v", err)
	}
	if s := r.Form.Get("since"); s != "" {
		if since, err = logql.ParseRange(s); err != nil {
			return start, end, badf("could not parse 'since' parameter: %v", err)
		}
	}
	from := end
	if end.After(now) {
		from = now
	}
	if start, err = parseTime(r.Form.Get("start"), from.Add(-since)); err != nil {
		return start, end, badf("could not parse 'start' parameter: %v", err)
	}
	return start, end, nil
}

// span is bounds in ns: from <= time < to.
func (a *API) span(r *http.Request, since time.Duration) (from, to int64, err error) {
	start, end, err := a.bounds(r, since)
	if err != nil {
		return 0, 0, err
	}
	if end.Before(start) {
		return 0, 0, badf("end timestamp must not be before or equal to start time")
	}
	return start.UnixNano(), end.UnixNano(), nil
}

// parseSeconds reads a length of time: seconds as a number, or 5m.
func parseSeconds(value string) (time.Duration, error) {
	if f, err := strconv.ParseFloat(value, 64); err == nil {
		ns := f * float64(time.Second)
		if ns > math.MaxInt64 || ns < math.MinInt64 || math.IsNaN(ns) {
			return 0, badf("cannot parse %q to a valid duration. It overflows int64", value)
		}
		return time.Duration(ns), nil
	}
	d, err := logql.ParseRange(value)
	if err != nil {
		return 0, badf("cannot parse %q to a valid duration", value)
	}
	return d, nil
}

// step reads step, or chooses one for the range.
func step(r *http.Request, start, end time.Time) (time.Duration, error) {
	value := r.Form.Get("step")
	if value == "" {
		s := math.Max(math.Floor(end.Sub(start).Seconds()/defaultPoints), 1)
		return time.Duration(s) * time.Second, nil
	}
	d, err := parseSeconds(value)
	if err == nil && d <= 0 {
		err = badf("zero or negative query resolution step widths are not accepted. Try a positive integer")
	}
	return d, err
}

// limit reads a positive number.
func limit(r *http.Request, name string, byDefault int) (int, error) {
	value := r.Form.Get(name)
	if value == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, badf("%v", err)
	}
	if n <= 0 {
		return 0, badf("%s must be a positive value", name)
	}
	return n, nil
}

func direction(r *http.Request) (engine.Direction, error) {
	switch value := r.Form.Get("direction"); strings.ToLower(value) {
	case "", "backward":
		return engine.Backward, nil
	case "forward":
		return engine.Forward, nil
	default:
		return 0, badf("invalid direction '%s'", value)
	}
}

// selector reads a stream selector; "" and {} match all if all says so.
func selector(text string, all bool) ([]*logql.Matcher, error) {
	if text == "" && all {
		return nil, nil
	}
	m, err := logql.ParseMatchers(text)
	if err != nil {
		return nil, badf("%v", err)
	}
	return m, nil
}
