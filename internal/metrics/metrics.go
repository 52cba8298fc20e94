// Package metrics shows counters to Prometheus: the text format, and the
// listener it is read from. It keeps no registry: the counters live where they
// are counted, and a table of Families says how to read them.
//
// The format is Prometheus' text exposition 0.0.4
// (prometheus/docs, exposition_formats.md).
package metrics

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is the type of a metric.
type Kind string

// The kinds, as the format names them.
const (
	Counter       Kind = "counter"
	Gauge         Kind = "gauge"
	HistogramKind Kind = "histogram"
)

// Desc declares a metric.
type Desc struct {
	Name   string
	Kind   Kind
	Help   string   // one line, without a period at its end
	Labels []string // names of its labels
}

// Writer writes metrics in the text format. The zero value is ready to use.
type Writer struct {
	buf  []byte
	desc Desc
}

// Begin begins a metric; its samples follow.
func (w *Writer) Begin(d Desc) {
	w.desc = d
	w.buf = append(append(append(append(w.buf, "# HELP "...), d.Name...), ' '), helpEscaper.Replace(d.Help)...)
	w.buf = append(append(append(append(w.buf, "\n# TYPE "...), d.Name...), ' '), d.Kind...)
	w.buf = append(w.buf, '\n')
}

var (
	helpEscaper  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	valueEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// Value writes a sample; labels are the values of the metric's labels.
func (w *Writer) Value(v float64, labels ...string) {
	w.sample("", "", labels, v)
}

// Int is Value for a count.
func (w *Writer) Int(n int64, labels ...string) { w.Value(float64(n), labels...) }

// Seconds is Value for a point in time, in seconds since 1970.
func (w *Writer) Seconds(t time.Time, labels ...string) {
	w.Value(float64(t.UnixMilli())/1e3, labels...)
}

// Histogram writes all samples of h.
func (w *Writer) Histogram(h *Histogram, labels ...string) {
	// The sum is read first: what is counted meanwhile is in the count and not
	// in the sum, never the other way round.
	sum := time.Duration(h.sum.Load())
	var n int64
	for i := range h.buckets {
		n += h.buckets[i].Load()
		le := "+Inf"
		if i < len(bounds) {
			le = formatFloat(bounds[i].Seconds())
		}
		w.sample("_bucket", le, labels, float64(n))
	}
	w.sample("_sum", "", labels, sum.Seconds())
	w.sample("_count", "", labels, float64(n))
}

func (w *Writer) sample(suffix, le string, labels []string, v float64) {
	w.buf = append(append(w.buf, w.desc.Name...), suffix...)
	open := byte('{')
	pair := func(name, value string) {
		w.buf = append(append(append(w.buf, open), name...), `="`...)
		w.buf = append(append(w.buf, valueEscaper.Replace(strings.ToValidUTF8(value, "\uFFFD"))...), '"')
		open = ','
	}
	for i, name := range w.desc.Labels {
		pair(name, labels[i])
	}
	if le != "" {
		pair("le", le)
	}
	if open == ',' {
		w.buf = append(w.buf, '}')
	}
	w.buf = append(append(append(w.buf, ' '), formatFloat(v)...), '\n')
}

// formatFloat writes v without an exponent as far as people can read it.
func formatFloat(v float64) string {
	if a := math.Abs(v); a == 0 || a >= 1e-6 && a < 1<<53 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Bytes returns the page so far. It is valid until w is used again.
func (w *Writer) Bytes() []byte { return w.buf }
