// Package verify counts the entries of logs by stream and hour, and holds the
// counts against Loki's.
package verify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

const hour = int64(time.Hour)

// cell is what is counted: a stream in an hour.
type cell struct {
	stream string // its labels as text, sorted
	hour   int64  // its begin, ns
}

// count is what is in the files.
type count struct {
	files   int64
	sources map[string]bool
}

// Options say which logs are held against which Loki, both by Config.
type Options struct {
	logs.Options
	Stdout io.Writer // the differences
}

// verifier is one Run.
type verifier struct {
	o           Options
	client      *loki.Client
	cells       map[cell]*count
	names       map[string]bool // of labels
	jobs        map[string]bool
	first, last int64 // times of entries, ns
}

// Run counts and compares; differ reports whether any hour differs or a file
// could not be read. The differences are written to o.Stdout.
func Run(ctx context.Context, o Options) (differ bool, err error) {
	v := &verifier{o: o, cells: map[cell]*count{}, names: map[string]bool{}, jobs: map[string]bool{}}
	if v.client, err = pipeline.NewClient(o.Config, nil, o.Log); err != nil {
		return false, err
	}
	defer v.client.Close()
	partly, err := logs.Survey(ctx, o.Options, nil, v.see)
	if err != nil {
		return false, err
	}
	if len(v.cells) == 0 {
		_, err := fmt.Fprintln(o.Stdout, "no entries found")
		return partly, err
	}
	stored := map[cell]int64{}
	hours := map[int64]bool{}
	for c := range v.cells {
		hours[c.hour] = true
	}
	for _, h := range slices.Sorted(maps.Keys(hours)) {
		if err := v.ask(ctx, h, stored); err != nil {
			return false, err
		}
	}
	n, err := v.report(o.Stdout, stored)
	return n > 0 || partly, err
}

func (v *verifier) see(s *rotation.Source, e *entry.Entry) {
	k := cell{e.Labels.Text, e.Time - (e.Time%hour+hour)%hour}
	c := v.cells[k]
	if c == nil {
		c = &count{sources: map[string]bool{}}
		v.cells[k] = c
		for _, p := range e.Labels.Pairs {
			v.names[p.Name] = true
		}
		v.jobs[e.Labels.Get("job")] = true
	}
	c.files++
	c.sources[s.Name] = true
	if v.first == 0 || e.Time < v.first {
		v.first = e.Time
	}
	v.last = max(v.last, e.Time)
}

// ask adds what Loki has in an hour. At the ends of the logs it is a part of
// the hour: Loki may have what comes before and after. Entries that were late
// stand in streams with labels of their own, which the sum leaves out.
func (v *verifier) ask(ctx context.Context, h int64, stored map[cell]int64) error {
	from, to := max(h, v.first), min(h+hour, v.last+1)
	// A range is (t-d, t], and d has milliseconds only.
	ms := (to - from + int64(time.Millisecond) - 1) / int64(time.Millisecond)
	names := slices.Sorted(maps.Keys(v.names))
	query := fmt.Sprintf("sum by (%s) (count_over_time(%s[%dms]))", strings.Join(names, ", "), v.selector(), ms)
	body, err := v.client.Get(ctx, "/loki/api/v1/query", url.Values{"query": {query}, "time": {strconv.FormatInt(to-1, 10)}})
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string  `json:"metric"`
				Value  [2]json.RawMessage `json:"value"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("cannot read Loki's answer to %s: %w", query, err)
	}
	for _, r := range answer.Data.Result {
		var text string
		if err := json.Unmarshal(r.Value[1], &text); err != nil {
			return fmt.Errorf("cannot read Loki's answer to %s: %w", query, err)
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("cannot read Loki's answer to %s: %w", query, err)
		}
		var pairs []entry.Pair
		for name, value := range r.Metric {
			pairs = append(pairs, entry.Pair{Name: name, Value: value})
		}
		stored[cell{loki.NewLabels(pairs).Text, h}] += int64(n)
	}
	return nil
}

// selector selects the streams of the jobs.
func (v *verifier) selector() string {
	var jobs []string
	for _, j := range slices.Sorted(maps.Keys(v.jobs)) {
		jobs = append(jobs, regexp.QuoteMeta(j))
	}
	return "{job=~" + strconv.Quote(strings.Join(jobs, "|")) + "}"
}

// report writes the hours that differ, and returns how many do.
func (v *verifier) report(w io.Writer, stored map[cell]int64) (differ int, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var files, have, missing int64
	cells := slices.SortedFunc(maps.Keys(v.cells), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.stream, b.stream))
	})
	for _, c := range cells {
		n := v.cells[c]
		files += n.files
		have += stored[c]
		if n.files == stored[c] {
			continue
		}
		if differ++; differ == 1 {
			fmt.Fprintln(t, "hour\tfiles\tLoki\tdifference\tsource\tstream")
		}
		missing += max(n.files-stored[c], 0)
		fmt.Fprintf(t, "%s\t%d\t%d\t%+d\t%s\t%s\n", time.Unix(0, c.hour).In(v.o.Config.Location).Format("2006-01-02 15:04"), n.files, stored[c], stored[c]-n.files,
			strings.Join(slices.Sorted(maps.Keys(n.sources)), ", "), c.stream)
	}
	if err := t.Flush(); err != nil {
		return differ, err
	}
	_, err = fmt.Fprintf(w, "%s in the files, %s in Loki; of %s of streams %d differ, %s missing\n", say.Count(files, "entry", "entries"), say.Number(have),
		say.Count(len(cells), "hour", "hours"), differ, say.Count(missing, "entry is", "entries are"))
	return differ, err
}
