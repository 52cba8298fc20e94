package stage

import (
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
)

// Conversion is how unwrap reads a value.
type Conversion uint8

// Conversions: | unwrap x, | unwrap duration(x) (or duration_seconds), | unwrap bytes(x).
const (
	ConvertNumber   Conversion = iota
	ConvertDuration            // seconds
	ConvertBytes
)

// Unwrap takes the sample of an entry from a label. It is the last step of the
// pipeline of a metric query, but for label filters that may follow it.
type Unwrap struct {
	Name  string
	parse func(string) (float64, error)
}

// NewUnwrap returns what takes the sample from the label of this name.
func NewUnwrap(name string, c Conversion) *Unwrap {
	return &Unwrap{name, [...]func(string) (float64, error){parseNumber, parseSeconds, parseSize}[c]}
}

// Value returns the sample, or false if the entry has none. A value that can't
// be read gives 0 and the error SampleExtractionErr. Without an error, series
// that are not grouped by names lose the label Name.
func (u *Unwrap) Value(l *Labels) (float64, bool) {
	s, ok := l.Get(u.Name)
	if !ok || s == "" {
		return 0, false
	}
	v, err := u.parse(s)
	if err != nil {
		l.SetErr(ErrSample, err.Error())
		return 0, true
	}
	return v, true
}

func parseNumber(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func parseSeconds(s string) (float64, error) {
	d, err := time.ParseDuration(s)
	return d.Seconds(), err
}

func parseSize(s string) (float64, error) {
	n, err := humanize.ParseBytes(s)
	return float64(n), err
}
