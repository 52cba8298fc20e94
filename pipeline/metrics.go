package pipeline

import (
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/internal/metrics"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Metric declares one metric of a pipeline.
type Metric struct {
	metrics.Desc
	// Values are those of its first label where the set is closed: each of
	// them is there from the start, with 0.
	Values []string

	write func(p *Pipeline, w *metrics.Writer)
}

// Metrics returns the table of all metrics of a pipeline, in the order of the
// page.
func Metrics() []Metric { return slices.Clone(metricTable) }

// writeMetrics writes the whole page.
func (p *Pipeline) writeMetrics(w *metrics.Writer) {
	for _, m := range metricTable {
		w.Begin(m.Desc)
		m.write(p, w)
	}
	metrics.Process(w)
}

const (
	counter   = metrics.Counter
	gauge     = metrics.Gauge
	histogram = metrics.HistogramKind
)

// damagedChunk is the reason under which a chunk, or the rest of one, is kept
// or lost; rotatedOut that of dead letters that made room for newer ones.
const (
	damagedChunk = "damaged_chunk"
	rotatedOut   = "rotated_out"
)

func deadReasons() (names []string) {
	for _, r := range loki.Reasons() {
		names = append(names, r.String())
	}
	return append(names, damagedChunk)
}

func formatNames() (names []string) {
	for _, f := range transform.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// resultNames are the names of Result.
var resultNames = [...]string{OK: "ok", Retry: "retry"}

var metricTable = []Metric{
	{
		metrics.Desc{
			Name: "zimbraloki_build_info", Kind: gauge, Labels: []string{"version", "goversion"},
			Help: "1, with the version of the plugin and of the Go it was built with",
		},
		nil,
		func(_ *Pipeline, w *metrics.Writer) { w.Int(1, buildinfo.Version, runtime.Version()) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_lines_total", Kind: counter,
			Help: "Records of Fluent Bit in acknowledged chunks",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Int(p.transform.Stats().Lines.Load()) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_entries_total", Kind: counter, Labels: []string{"format"},
			Help: "Entries made of the lines of acknowledged chunks, by what the line was recognised as",
		},
		formatNames(),
		func(p *Pipeline, w *metrics.Writer) {
			for f, name := range formatNames() {
				w.Int(p.transform.Stats().Entries[f].Load(), name)
			}
		},
	},
	{
		metrics.Desc{
			Name: "zimbraloki_outcomes_total", Kind: counter, Labels: []string{"outcome"},
			Help: "Entries of acknowledged chunks whose line says how something ended",
		},
		transform.Outcomes(),
		func(p *Pipeline, w *metrics.Writer) {
			for _, o := range transform.Outcomes() {
				w.Int(p.transform.Stats().Outcome(o), o)
			}
		},
	},
	{
		metrics.Desc{
			Name: "zimbraloki_truncated_total", Kind: counter,
			Help: "Lines longer than max_line_bytes, sent in pieces",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Int(p.transform.Stats().Truncated.Load()) },
	},
	{metrics.Desc{
		Name: "zimbraloki_newest_timestamp_seconds", Kind: gauge, Labels: []string{"log"},
		Help: "Time of the newest acknowledged entry of a log",
	}, nil, writeNewest},
	{
		metrics.Desc{
			Name: "zimbraloki_streams", Kind: gauge,
			Help: "Label sets made since the start, tenants not counted",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Int(int64(p.transform.Streams())) },
	},
	{metrics.Desc{
		Name: "zimbraloki_label_values", Kind: gauge, Labels: []string{"label"},
		Help: "Values that a label which lines decide on has had, bounded by label_value_limit",
	}, nil, writeLabelValues},
	{
		metrics.Desc{
			Name: "zimbraloki_label_overflow_total", Kind: counter,
			Help: "Label values replaced by __other__, for label_value_limit",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Int(p.transform.Stats().Overflows.Load()) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_trace_entries", Kind: gauge,
			Help: "Queue ids, message-ids and sessions remembered to follow mails",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) {
			n, _ := p.transform.MailMemory()
			w.Int(int64(n))
		},
	},
	{
		metrics.Desc{
			Name: "zimbraloki_trace_bytes", Kind: gauge,
			Help: "Memory that following mails takes, about",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) {
			_, n := p.transform.MailMemory()
			w.Int(int64(n))
		},
	},
	{
		metrics.Desc{
			Name: "zimbraloki_chunks_total", Kind: counter, Labels: []string{"result"},
			Help: "Flushes, by what Fluent Bit was told",
		},
		resultNames[:],
		func(p *Pipeline, w *metrics.Writer) {
			for r, name := range resultNames {
				w.Int(p.stats.results[r].Load(), name)
			}
		},
	},
	{
		metrics.Desc{
			Name: "zimbraloki_retried_chunks_total", Kind: counter,
			Help: "Flushes of a chunk that had come before",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Int(p.transform.Stats().Retries.Load()) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_flush_duration_seconds", Kind: histogram,
			Help: "Time of a flush, from chunk to answer",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Histogram(&p.stats.duration) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_last_success_timestamp_seconds", Kind: gauge,
			Help: "When a chunk was last acknowledged, 0 if none was yet",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Seconds(time.Unix(0, p.stats.lastSuccess.Load())) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_push_total", Kind: counter, Labels: []string{"result"},
			Help: "HTTP requests to Loki, by what the answer means",
		},
		loki.Answers(),
		func(p *Pipeline, w *metrics.Writer) {
			n := p.client.Stats().Answers()
			for _, name := range loki.Answers() {
				w.Int(n[name], name)
			}
		},
	},
	{
		metrics.Desc{
			Name: "zimbraloki_push_duration_seconds", Kind: histogram,
			Help: "Time of one HTTP request to Loki, its answer read",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Histogram(&p.client.Stats().Duration) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_pushed_bytes_total", Kind: counter, Labels: []string{"kind"},
			Help: "Bytes of bodies that Loki took, before compression and as sent",
		},
		[]string{"raw", "wire"},
		func(p *Pipeline, w *metrics.Writer) {
			w.Int(p.client.Stats().RawBytes.Load(), "raw")
			w.Int(p.client.Stats().Bytes.Load(), "wire")
		},
	},
	{
		metrics.Desc{
			Name: "zimbraloki_entries_pushed_total", Kind: counter,
			Help: "Entries that Loki has taken, including those in late streams",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Int(p.client.Stats().Accepted.Load()) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_late_total", Kind: counter,
			Help: "Entries that came too late for their stream and went to a late one",
		},
		nil,
		func(p *Pipeline, w *metrics.Writer) { w.Int(p.client.Stats().Late.Load()) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_dead_letters_total", Kind: counter, Labels: []string{"reason"},
			Help: "Entries in the dead-letter file, by why Loki refused them; of damaged_chunk chunks",
		},
		deadReasons(),
		func(p *Pipeline, w *metrics.Writer) { p.writeRefused(w, p.dead != nil, p.stats.keptChunks.Load()) },
	},
	{
		metrics.Desc{
			Name: "zimbraloki_dropped_total", Kind: counter, Labels: []string{"reason"},
			Help: "Entries that are lost: refused with dead_letter_path off, or deleted from a full file (rotated_out, by all sections that share it); of damaged_chunk chunks",
		},
		append(deadReasons(), rotatedOut),
		func(p *Pipeline, w *metrics.Writer) {
			p.writeRefused(w, p.dead == nil, p.stats.lostChunks.Load())
			var n int64
			if p.dead != nil {
				n = p.dead.Stats().RotatedOut
			}
			w.Int(n, rotatedOut)
		},
	},
}

// writeRefused writes a sample for each reason: what Loki refused if here is
// where it goes, else 0.
func (p *Pipeline) writeRefused(w *metrics.Writer, here bool, chunks int64) {
	for _, r := range loki.Reasons() {
		var n int64
		if here {
			n = p.client.Stats().Dead(r)
		}
		w.Int(n, r.String())
	}
	w.Int(chunks, damagedChunk)
}

func writeNewest(p *Pipeline, w *metrics.Writer) {
	times := p.transform.Stats().Newest()
	for _, log := range slices.Sorted(maps.Keys(times)) {
		w.Seconds(times[log], log)
	}
}

func writeLabelValues(p *Pipeline, w *metrics.Writer) {
	counts := p.transform.LabelValues()
	for _, label := range slices.Sorted(maps.Keys(counts)) {
		w.Int(int64(counts[label]), label)
	}
}

// MetricsAddr is the address that the metrics are served on, "" if they are not.
func (p *Pipeline) MetricsAddr() string {
	if p.metrics == nil {
		return ""
	}
	return p.metrics.Addr()
}
