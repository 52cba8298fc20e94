// Package labels tells which streams and label values a configuration makes of
// logs, before Loki has to hold them.
package labels

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// Limits of Loki's, as they are by default (v3.7.8 pkg/validation/limits.go),
// and what its makers advise.
const (
	maxStreams    = 5000 // max_global_streams_per_user, active at once
	maxLabels     = 15   // max_label_names_per_series
	maxLabelBytes = 2048 // max_label_value_length
	manyValues    = 100  // of one label
)

// Forecast is what logs come to.
type Forecast struct {
	Entries       int64   `json:"entries"`
	Streams       int     `json:"streams"`
	Hours         int     `json:"hours"`        // in which there are entries
	MostStreams   int     `json:"most_streams"` // of one hour
	StreamsAnHour float64 `json:"streams_an_hour"`
	Labels        []Label `json:"labels"`
	// Warnings are what Loki would refuse or suffer from, each with its cure.
	Warnings []string `json:"warnings"`
	Partly   bool     `json:"partly"` // some files could not be read
}

// Label is one label over all streams.
type Label struct {
	Name   string  `json:"name"`
	Values int     `json:"values"`
	Top    []Value `json:"top"` // those with the most entries first
}

// Value is one value of a label.
type Value struct {
	Value   string `json:"value"`
	Entries int64  `json:"entries"`
}

// maxTop is how many values of a label are listed.
const maxTop = 8

// counter counts while entries are read.
type counter struct {
	entries int64
	streams map[string]*stream
	hours   map[int64]map[string]bool // streams of an hour
}

type stream struct {
	labels *entry.Labels
	n      int64
}

// Run reads the logs that o names. Nothing is sent.
func Run(ctx context.Context, o logs.Options) (*Forecast, error) {
	c := &counter{streams: map[string]*stream{}, hours: map[int64]map[string]bool{}}
	partly, err := logs.Survey(ctx, o, nil, c.see)
	if err != nil {
		return nil, err
	}
	f := c.forecast()
	f.Partly = partly
	return f, nil
}

func (c *counter) see(_ *rotation.Source, e *entry.Entry) {
	c.entries++
	s := c.streams[e.Labels.Text]
	if s == nil {
		s = &stream{labels: e.Labels}
		c.streams[e.Labels.Text] = s
	}
	s.n++
	h := e.Time / int64(time.Hour)
	if c.hours[h] == nil {
		c.hours[h] = map[string]bool{}
	}
	c.hours[h][e.Labels.Text] = true
}

func (c *counter) forecast() *Forecast {
	f := &Forecast{Entries: c.entries, Streams: len(c.streams), Hours: len(c.hours), Labels: []Label{}, Warnings: []string{}}
	sum := 0
	for _, s := range c.hours {
		sum += len(s)
		f.MostStreams = max(f.MostStreams, len(s))
	}
	if f.Hours > 0 {
		f.StreamsAnHour = float64(sum) / float64(f.Hours)
	}
	values, names := map[string]map[string]int64{}, 0
	for _, s := range c.streams {
		names = max(names, len(s.labels.Pairs))
		for _, p := range s.labels.Pairs {
			if values[p.Name] == nil {
				values[p.Name] = map[string]int64{}
			}
			values[p.Name][p.Value] += s.n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		f.label(name, values[name])
	}
	if names > maxLabels {
		f.warn("a stream has %d labels; Loki refuses more than %d (max_label_names_per_series): take some out of labels or label_keys", names, maxLabels)
	}
	if f.MostStreams > maxStreams {
		f.warn("%d streams in one hour; Loki refuses new ones above %d (max_global_streams_per_user): take the label with the most values out of label_keys", f.MostStreams, maxStreams)
	}
	return f
}

func (f *Forecast) label(name string, values map[string]int64) {
	l := Label{Name: name, Values: len(values)}
	all := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		return cmp.Or(cmp.Compare(values[b], values[a]), strings.Compare(a, b))
	})
	for _, v := range all[:min(len(all), maxTop)] {
		l.Top = append(l.Top, Value{v, values[v]})
	}
	f.Labels = append(f.Labels, l)
	if len(values) > manyValues {
		f.warn("label %s has %d values: each makes streams of its own, and small streams are slow; leave it to the structured metadata", name, len(values))
	}
	for v := range values {
		if len(v) > maxLabelBytes {
			f.warn("label %s has a value of %d bytes; Loki refuses more than %d (max_label_value_length)", name, len(v), maxLabelBytes)
			return
		}
	}
}

func (f *Forecast) warn(text string, args ...any) {
	f.Warnings = append(f.Warnings, fmt.Sprintf(text, args...))
}

// maxShown is how much of a value is shown, in bytes.
const maxShown = 60

// WriteText writes the forecast for people.
func (f *Forecast) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "%s in %s; %s with %.1f of them each, at most %d\n\n", say.Count(f.Entries, "entry", "entries"), say.Count(f.Streams, "stream", "streams"),
		say.Count(f.Hours, "hour", "hours"), f.StreamsAnHour, f.MostStreams)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "label\tvalues\tmost frequent (entries)")
	for _, l := range f.Labels {
		var top []string
		for _, v := range l.Top {
			top = append(top, fmt.Sprintf("%.*s (%d)", maxShown, v.Value, v.Entries))
		}
		if l.Values > len(l.Top) {
			top = append(top, "…")
		}
		fmt.Fprintf(t, "%s\t%d\t%s\n", l.Name, l.Values, strings.Join(top, ", "))
	}
	for i, text := range f.Warnings {
		if i == 0 {
			fmt.Fprintln(t)
		}
		fmt.Fprintln(t, "warning: "+text)
	}
	return t.Flush()
}
