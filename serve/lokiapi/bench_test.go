package lokiapi_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/serve/lokiapi"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// BenchmarkPush is what the plugin's client and the server take for an entry,
// together: 5000 entries a push, of ten streams, with eight pieces of metadata.
func BenchmarkPush(b *testing.B) {
	srv := newServer(b, lokiapi.Options{})
	c, err := loki.NewClient(loki.Options{URL: srv.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	r := rand.New(rand.NewPCG(1, 2))
	labels := make([]*entry.Labels, 10)
	for i := range labels {
		labels[i] = store.NewLabels([]entry.Pair{{Name: "job", Value: "zimbra"}, {Name: "host", Value: "mail.example.com"}, {Name: "service_name", Value: fmt.Sprint("s", i)}})
	}
	meta := make([]entry.Pair, 8)
	var batch loki.Batch
	t := t0.UnixNano()
	for b.Loop() {
		batch.Reset()
		for range 5000 {
			t += 1000
			for j := range meta {
				meta[j] = entry.Pair{Name: fmt.Sprint("name", j), Value: "value"}
			}
			meta[2].Value, meta[5].Value = fmt.Sprint(r.IntN(1000)), fmt.Sprintf("%016x", r.Uint64())
			batch.Add(&entry.Entry{
				Time: t, Labels: labels[r.IntN(len(labels))], Meta: meta,
				Line: fmt.Sprintf("Aug  2 16:49:04 mail postfix/smtp[%d]: %016x: to=<user%d@example.com>, relay=192.0.2.7[192.0.2.7]:25, delay=0.5, status=sent", r.IntN(9999), r.Uint64(), r.IntN(300)),
			})
		}
		if res := c.Push(b.Context(), &batch); res.Err != nil || res.Accepted != 5000 {
			b.Fatalf("%+v", res)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/5000, "ns/entry")
}
