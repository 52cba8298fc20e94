package pushoracle

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/grafana/loki/pkg/push"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// TestPromtail pushes as Promtail's client does: protobuf, written by Loki's own
// code, in one block of snappy, many streams a body, whose labels are text in the
// order of their names.
func TestPromtail(t *testing.T) {
	runtest.Each(t, lokirun.Options{}, func(t *testing.T, l *lokirun.Server) {
		now := time.Now().UTC()
		var req push.PushRequest
		want := map[string]bool{}
		for s := range 3 {
			st := push.Stream{Labels: fmt.Sprintf(`{filename="/var/log/%d \"x\".log", host="mail1", job="varlogs"}`, s), Hash: uint64(s)}
			for i := range 50 {
				e := push.Entry{Timestamp: now.Add(time.Duration(i-60) * time.Second), Line: fmt.Sprintf("stream %d line %d ünï\x00", s, i)}
				if i%2 > 0 {
					e.StructuredMetadata = push.LabelsAdapter{{Name: "pod", Value: fmt.Sprint(i)}}
				}
				st.Entries = append(st.Entries, e)
				want[text(fmt.Sprintf("/var/log/%d \"x\".log", s), e.Timestamp, e.Line, len(e.StructuredMetadata))] = true
			}
			req.Streams = append(req.Streams, st)
		}
		raw, err := req.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // Promtail sends a batch again whose answer it did not get
			promtail(t, l, snappy.Encode(nil, raw))
		}
		got, err := l.Query(t.Context(), `{job="varlogs", host="mail1"}`, now.Add(-time.Hour), now.Add(time.Hour), 0, lokirun.Forward)
		if err != nil || len(got) != len(want) {
			t.Errorf("%d entries, want %d, %v", len(got), len(want), err)
		}
		for _, e := range got {
			if !want[text(e.Labels["filename"], e.Time, e.Line, len(e.Metadata)-metaOf(l))] {
				t.Errorf("not sent: %+v", e)
			}
		}
	})
}

// metaOf is how much metadata the server adds to each entry: Loki detects levels.
func metaOf(l *lokirun.Server) int {
	if l.Kind() == lokirun.Loki {
		return 1
	}
	return 0
}

func text(filename string, at time.Time, line string, meta int) string {
	return fmt.Sprintf("%s %d %s %d", filename, at.UnixNano(), line, meta)
}

func promtail(t *testing.T, l *lokirun.Server, body []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.URL()+"/loki/api/v1/push", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("User-Agent", "promtail/3.5.0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("status %d", resp.StatusCode)
	}
}
