package pipeline_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// Everything that the plugin does with a chunk is one call. The properties are
// those of its [OUTPUT] section.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path, r.Header.Get("Content-Type"))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()

	properties := map[string]string{"url": server.URL, "timezone": "Europe/Berlin", "dead_letter_path": "off"}
	cfg, err := config.Parse(func(key string) string { return properties[key] })
	if err != nil {
		fmt.Println(err) // each mistake with its cure
		return
	}
	p, err := pipeline.Open(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close(context.Background())

	var b chunk.Builder
	b.Line(time.Now().UnixNano(), "log", "2026-08-02 16:49:04,242 INFO  [Index-1] [] index - Batch complete processed 4 in 286 ms")
	if p.Flush(context.Background(), "zimbra.mailbox", b.Bytes()) == pipeline.OK {
		_, sent := p.Stats()
		fmt.Println("Loki has it:", sent.Accepted.Load())
	}
	// Output:
	// POST /loki/api/v1/push application/x-protobuf
	// Loki has it: 1
}
