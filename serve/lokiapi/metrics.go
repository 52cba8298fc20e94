package lokiapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/metrics"
	"github.com/zimbraloki/zimbraloki/serve/push"
)

// requestCounts are the requests by route and status.
type requestCounts struct {
	tails atomic.Int64
	mu    sync.Mutex
	by    map[routeStatus]*routeCount
}

type routeStatus struct {
	route  string
	status int
}

type routeCount struct {
	n    int64
	took time.Duration
}

func (c *requestCounts) add(route string, status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[routeStatus]*routeCount{}
	}
	k := routeStatus{route, status}
	if c.by[k] == nil {
		c.by[k] = new(routeCount)
	}
	c.by[k].n++
	c.by[k].took += took
}

// page writes all metrics.
func (a *API) page(w *metrics.Writer) {
	s := a.o.Store.Stats()
	one := func(name string, kind metrics.Kind, help string, v int64) {
		w.Begin(metrics.Desc{Name: "zimbraloki_serve_" + name, Kind: kind, Help: help})
		w.Int(v)
	}
	one("entries_total", metrics.Counter, "Entries that were stored", s.Entries)
	one("duplicate_entries_total", metrics.Counter, "Entries that came again and were not stored again", s.Doubles)
	one("late_lookups_total", metrics.Counter, "Entries that were looked for in blocks, since they are older than others", s.Late)
	one("streams", metrics.Gauge, "Streams in the store", s.Streams)
	one("waiting_bytes", metrics.Gauge, "Memory of entries that are in the log of pushes and not yet in blocks", s.Waiting)
	one("log_bytes", metrics.Gauge, "Log of pushes on disk", s.LogBytes)
	one("disk_bytes", metrics.Gauge, "Files of the days on disk", s.DiskBytes)
	one("tails", metrics.Gauge, "Clients that follow new entries", a.counts.tails.Load())
	a.counts.write(w)
	metrics.Process(w)
	w.Begin(metrics.Desc{Name: "zimbraloki_serve_build_info", Kind: metrics.Gauge, Help: "Version of the program", Labels: []string{"version"}})
	w.Int(1, a.o.Version)
}

func (c *requestCounts) write(w *metrics.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(c.by), func(a, b routeStatus) int {
		if a.route != b.route {
			if a.route < b.route {
				return -1
			}
			return 1
		}
		return a.status - b.status
	})
	w.Begin(metrics.Desc{Name: "zimbraloki_serve_requests_total", Kind: metrics.Counter, Help: "Requests by route and status", Labels: []string{"route", "status"}})
	for _, k := range keys {
		w.Int(c.by[k].n, k.route, strconv.Itoa(k.status))
	}
	w.Begin(metrics.Desc{Name: "zimbraloki_serve_request_seconds_total", Kind: metrics.Counter, Help: "Time that requests took, by route and status", Labels: []string{"route", "status"}})
	for _, k := range keys {
		w.Value(c.by[k].took.Seconds(), k.route, strconv.Itoa(k.status))
	}
}

// config tells what `zimbraloki doctor` reads of a Loki's configuration: the
// limits of pushes.
func (a *API) config(w http.ResponseWriter, _ *http.Request) {
	age := a.o.Push.MaxAge
	writeText(w, http.StatusOK, fmt.Sprintf(`# What of Loki's configuration holds here.
limits_config:
  allow_structured_metadata: true
  max_line_size: 256KiB
  ingestion_burst_size_mb: %d
  reject_old_samples: %t
  reject_old_samples_max_age: %s
  max_entries_limit_per_query: %d
  discover_service_name: %t
  discover_log_levels: %t
schema_config:
  configs:
    - {from: "1970-01-01", store: zimbraloki, schema: v13}
`, push.MaxRaw>>20, age > 0, age, a.o.MaxEntries, a.o.Push.ServiceName, a.o.Push.Level))
}
