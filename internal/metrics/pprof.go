package metrics

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"time"
)

// maxProfile bounds how long a profile may run.
const maxProfile = 2 * time.Minute

// servePprof serves what `go tool pprof` reads. net/http/pprof would do, but it
// serves on the default mux of the whole process by being imported.
func servePprof(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/{$}", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(rw, "profile?seconds=30\ntrace?seconds=5")
		for _, p := range pprof.Profiles() {
			fmt.Fprintln(rw, p.Name())
		}
	})
	mux.HandleFunc("GET /debug/pprof/profile", recording(30*time.Second, func(b *bytes.Buffer) (func(), error) {
		return pprof.StopCPUProfile, pprof.StartCPUProfile(b)
	}))
	mux.HandleFunc("GET /debug/pprof/trace", recording(time.Second, func(b *bytes.Buffer) (func(), error) {
		return trace.Stop, trace.Start(b)
	}))
	mux.HandleFunc("GET /debug/pprof/{name}", func(rw http.ResponseWriter, r *http.Request) {
		p := pprof.Lookup(r.PathValue("name"))
		if p == nil {
			http.NotFound(rw, r)
			return
		}
		if r.FormValue("gc") != "" {
			runtime.GC()
		}
		debug, _ := strconv.Atoi(r.FormValue("debug"))
		if debug != 0 {
			rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		} else {
			rw.Header().Set("Content-Type", "application/octet-stream")
		}
		_ = p.WriteTo(rw, debug) // who went away needs no answer
	})
}

// recording serves what start records for the asked number of seconds.
func recording(seconds time.Duration, start func(*bytes.Buffer) (stop func(), err error)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		d := seconds
		if n, err := strconv.ParseFloat(r.FormValue("seconds"), 64); err == nil && n > 0 {
			d = min(time.Duration(n*float64(time.Second)), maxProfile)
		}
		var b bytes.Buffer
		stop, err := start(&b)
		if err != nil { // another one is under way
			http.Error(rw, err.Error(), http.StatusConflict)
			return
		}
		wait(r.Context(), d)
		stop()
		rw.Header().Set("Content-Type", "application/octet-stream")
		_, _ = rw.Write(b.Bytes()) // who went away needs no answer
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
