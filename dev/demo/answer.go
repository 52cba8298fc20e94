package demo

import (
	"context"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// maxLines bounds what is printed of one answer.
const maxLines = 5

// Ask puts the questions to the server and prints query and answer. An answer
// without data is an error.
func (d *Demo) Ask(ctx context.Context, w io.Writer) error {
	for i, q := range Questions {
		fmt.Fprintf(w, "%d. %s\n   %s\n", i+1, q.Text, q.Query)
		n, err := d.answer(ctx, w, q)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("no answer to %q", q.Query)
		}
		fmt.Fprintln(w)
	}
	return nil
}

func (d *Demo) answer(ctx context.Context, w io.Writer, q Question) (int, error) {
	if q.Metric {
		samples, err := d.Server.Metric(ctx, q.Query, d.End.Add(time.Minute))
		if err != nil {
			return 0, err
		}
		printSamples(w, samples)
		return len(samples), nil
	}
	entries, err := d.Server.Query(ctx, q.Query, d.Start.Add(-time.Minute), d.End.Add(time.Minute), maxLines, "forward")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		fmt.Fprintf(w, "   %s  %s\n", e.Time.Local().Format("15:04:05.000"), shorten(e.Line))
	}
	return len(entries), nil
}

func printSamples(w io.Writer, samples []lokirun.Sample) {
	sort.SliceStable(samples, func(i, j int) bool { return samples[i].Value > samples[j].Value })
	for _, s := range samples {
		var labels []string
		for k, v := range s.Labels {
			labels = append(labels, k+"="+v)
		}
		sort.Strings(labels)
		fmt.Fprintf(w, "   %6.0f  %s\n", s.Value, strings.Join(labels, "  "))
	}
}

// shorten keeps a line readable on a terminal.
func shorten(s string) string {
	s, rest, more := strings.Cut(s, "\n")
	if len(s) > 160 {
		s = s[:157] + "..."
	}
	if more {
		s += fmt.Sprintf(" (+%d lines)", strings.Count(rest, "\n")+1)
	}
	return s
}
