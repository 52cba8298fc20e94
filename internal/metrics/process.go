package metrics

import (
	"runtime/metrics"
	"time"
)

// started is when the plugin was loaded, at the start of the process.
var started = time.Now()

// runtimeMetrics are what is read of Go's runtime: by its own name, so that
// nothing stops for it, and under the names of Prometheus' client for Go, which
// dashboards know.
var runtimeMetrics = []struct {
	source string
	Desc
}{
	{"/sched/goroutines:goroutines", Desc{"go_goroutines", Gauge, "Goroutines", nil}},
	{"/memory/classes/heap/objects:bytes", Desc{"go_memstats_heap_alloc_bytes", Gauge, "Bytes of live and unswept objects on Go's heap", nil}},
	{"/gc/heap/goal:bytes", Desc{"go_memstats_next_gc_bytes", Gauge, "Size of Go's heap at which the next collection ends", nil}},
	{"/memory/classes/total:bytes", Desc{"go_memstats_sys_bytes", Gauge, "Bytes that Go's runtime has from the system, for all in this process", nil}},
	{"/gc/cycles/total:gc-cycles", Desc{"go_gc_cycles_total", Counter, "Garbage collections since the start", nil}},
}

var startDesc = Desc{"process_start_time_seconds", Gauge, "When the program started; Fluent Bit loads the plugin at its start", nil}

// ProcessDescs declares what Process writes.
func ProcessDescs() []Desc {
	list := []Desc{startDesc}
	for _, m := range runtimeMetrics {
		list = append(list, m.Desc)
	}
	return list
}

// Process writes what concerns the process as a whole.
func Process(w *Writer) {
	w.Begin(startDesc)
	w.Seconds(started)
	samples := make([]metrics.Sample, len(runtimeMetrics))
	for i, m := range runtimeMetrics {
		samples[i].Name = m.source
	}
	metrics.Read(samples)
	for i, m := range runtimeMetrics {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			continue // a Go that no longer has it
		}
		w.Begin(m.Desc)
		w.Value(float64(samples[i].Value.Uint64()))
	}
}
