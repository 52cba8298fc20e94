package loki

import (
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// BenchmarkExchange is what one push costs beside its encoding: direct, and
// http.Transport with the write buffers that might help it. cpu-us/op is user
// and system time of this process, in which the server drains the body, so the
// differences count. docs/performance.md has them for whole chunks.
//
//	go test -run '^$' -bench Exchange -benchtime 3s -count 5 ./loki
func BenchmarkExchange(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	body := make([]byte, 100<<10) // as mailbox.log gives them
	f := func(name string, rt http.RoundTripper) {
		b.Run(name, func(b *testing.B) {
			client := &http.Client{Transport: rt}
			defer client.CloseIdleConnections()
			from := processorTime(b)
			for b.Loop() {
				resp, err := postTo(b.Context(), b, client.Transport, server.URL, body)
				if err != nil {
					b.Fatal(err)
				}
				resp.Body.Close()
			}
			b.ReportMetric(float64((processorTime(b)-from).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
	f("direct", newDirect())
	f("net-http-4K", &http.Transport{})
	f("net-http-64K", &http.Transport{WriteBufferSize: 64 << 10})
	f("net-http-256K", &http.Transport{WriteBufferSize: 256 << 10})
}

// processorTime is the user and system time of this process.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
