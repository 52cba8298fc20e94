package pipeline

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/internal/samplelogs"
	"github.com/zimbraloki/zimbraloki/loki"
)

// accept answers every push with 204 without reading more than it must: the
// network and Loki are not what is measured here.
type accept struct{ bytes int64 }

func (a *accept) RoundTrip(r *http.Request) (*http.Response, error) {
	n, err := io.Copy(io.Discard, r.Body)
	a.bytes += n
	r.Body.Close()
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Header: http.Header{}, Request: r}, err
}

// benchChunks makes chunks of Fluent Bit's size of one sample log.
func benchChunks(b *testing.B, name string) (tag string, chunks [][]byte, bytes, records int64) {
	b.Helper()
	files, err := samplelogs.Write(b.TempDir(), time.Now().Add(-2*time.Hour), time.UTC, 1)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if filepath.Base(f.Path) != name {
			continue
		}
		data, err := os.ReadFile(f.Path)
		if err != nil {
			b.Fatal(err)
		}
		var bl chunk.Builder
		for bytes < 8<<20 {
			for line := range strings.Lines(string(data)) {
				line = strings.TrimSuffix(line, "\n")
				bl.Line(time.Now().UnixNano(), "log", line)
				bytes += int64(len(line)) + 1
				records++
				if len(bl.Bytes()) >= 2e6 {
					chunks = append(chunks, append([]byte(nil), bl.Bytes()...))
					bl.Reset()
				}
			}
		}
		return f.Tag, append(chunks, bl.Bytes()), bytes, records
	}
	b.Fatalf("no sample log %s", name)
	return "", nil, 0, 0
}

// BenchmarkFlush measures the whole way from chunk bytes to compressed body,
// HTTP without a network. MB/s count the bytes of the log file.
//
//	go test -run '^$' -bench Flush -cpu 1 ./pipeline
func BenchmarkFlush(b *testing.B) {
	for _, name := range []string{"mailbox.log", "audit.log", "sync.log", "planr-main-json.log"} {
		b.Run(strings.TrimSuffix(name, ".log"), func(b *testing.B) {
			tag, chunks, bytes, records := benchChunks(b, name)
			p := benchPipeline(b)
			b.SetBytes(bytes)
			b.ReportAllocs()
			for b.Loop() {
				for _, c := range chunks {
					if p.Flush(context.Background(), tag, c) != OK {
						b.Fatal("flush did not end well")
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(records), "ns/record")
		})
	}
}

func benchPipeline(b *testing.B) *Pipeline {
	b.Helper()
	cfg, err := config.ParseValues(func(key string) string {
		if key == "dead_letter_path" {
			return "off"
		}
		return ""
	})
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	p := &Pipeline{transform: NewTransform(cfg, log), timeout: time.Minute, log: log}
	p.batches.New = func() any { return new(loki.Batch) }
	o := clientOptions(cfg, nil, log)
	o.Transport = &accept{}
	if p.client, err = loki.NewClient(o); err != nil {
		b.Fatal(err)
	}
	return p
}
