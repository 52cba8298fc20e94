package transform

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// BenchmarkRedactOnOff is BenchmarkMailbox with secrets replaced and without.
func BenchmarkRedactOnOff(b *testing.B) {
	lines := mailboxLines(10000)
	data := chunkOf(lines, benchArrival+int64(time.Minute))
	size := len(strings.Join(lines, "\n")) + 1
	for _, c := range []struct {
		name string
		keep bool
	}{{"on", false}, {"off", true}} {
		b.Run(c.name, func(b *testing.B) {
			t := New(Options{Host: "mail", Location: time.UTC, KeepSecrets: c.keep})
			b.SetBytes(int64(size) / int64(len(lines)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%len(lines) == 0 {
					transformChunk(t, "zimbra.mailbox", data, func(*entry.Entry) {})
				}
			}
		})
	}
}
