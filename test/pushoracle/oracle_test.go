// Package pushoracle holds what this project writes against what Loki's own
// code reads and writes, and the page of a report against a browser's parser of
// HTML. It is a module of its own: Loki's push package brings gogo/protobuf and
// gRPC, which the plugin does not need.
package pushoracle

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/grafana/loki/pkg/push"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
)

// capture keeps the bodies that a client sends, and accepts them.
type capture struct{ bodies [][]byte }

// RoundTrip implements http.RoundTripper.
func (c *capture) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.bodies = append(c.bodies, body)
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Header: http.Header{}}, nil
}

// pushed returns the bodies of a batch, decompressed by the reference
// implementation of snappy.
func pushed(t *testing.T, all []entry.Entry) (raw [][]byte) {
	t.Helper()
	var c capture
	client, err := loki.NewClient(loki.Options{URL: "http://127.0.0.1:3100", Transport: &c, BatchBytes: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	var b loki.Batch
	for i := range all {
		b.Add(&all[i])
	}
	if r := client.Push(t.Context(), &b); r.Retry {
		t.Fatal(r.Err)
	}
	for _, body := range c.bodies {
		msg, err := snappy.Decode(nil, body)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, msg)
	}
	return raw
}

// check pushes entries of one stream, sorted by time, and has Loki's code read
// the bodies and write them again.
func check(t *testing.T, labels *entry.Labels, all []entry.Entry) {
	t.Helper()
	var got []push.Entry
	for _, raw := range pushed(t, all) {
		var req push.PushRequest
		if err := req.Unmarshal(raw); err != nil {
			t.Fatalf("Loki cannot read %x: %v", raw, err)
		}
		again, err := req.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(raw, again) {
			t.Fatalf("Loki writes it otherwise\nours %x\nits  %x", raw, again)
		}
		if len(req.Streams) != 1 || req.Streams[0].Labels != labels.Text {
			t.Fatalf("streams %+v, want one of %s", req.Streams, labels.Text)
		}
		got = append(got, req.Streams[0].Entries...)
	}
	if len(got) != len(all) {
		t.Fatalf("%d entries, want %d", len(got), len(all))
	}
	for i := range all {
		if !same(&got[i], &all[i]) {
			t.Fatalf("entry %d\n got %+v\nwant %+v", i, got[i], all[i])
		}
	}
}

func same(got *push.Entry, want *entry.Entry) bool {
	if !got.Timestamp.Equal(time.Unix(0, want.Time)) || got.Line != string(want.AppendLine(nil)) || len(got.StructuredMetadata) != len(want.Meta) {
		return false
	}
	for i, p := range want.Meta {
		if got.StructuredMetadata[i] != (push.LabelAdapter{Name: p.Name, Value: p.Value}) {
			return false
		}
	}
	return true
}

func labelsOf(value string) *entry.Labels {
	return &entry.Labels{Pairs: []entry.Pair{{Name: "job", Value: value}}, Text: "{job=" + strconv.Quote(value) + "}"}
}

func TestRandomBatches(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		text := func(most int) string { // often empty, sometimes long
			return strings.Repeat(string(rune('a'+r.IntN(26))), r.IntN(1+r.IntN(1+r.IntN(most))))
		}
		labels := labelsOf(text(100) + "x")
		at := r.Int64N(1 << 61)
		all := make([]entry.Entry, r.IntN(200)+1)
		for i := range all {
			at += r.Int64N(int64(time.Second)) * r.Int64N(2)
			e := entry.Entry{Time: at, Labels: labels, Line: text(3000)}
			for range r.IntN(3) {
				e.More = append(e.More, text(100))
			}
			for range r.IntN(13) {
				e.Meta = append(e.Meta, entry.Pair{Name: text(200), Value: text(300)})
			}
			all[i] = e
		}
		check(t, labels, all)
	}
}

func FuzzEntry(f *testing.F) {
	f.Add(int64(0), "", "", "", "")
	f.Add(int64(-1), "line", "more\n", "name", "value")
	f.Add(int64(1795334400123456789), strings.Repeat("x", 200), "", strings.Repeat("n", 127), "ß\x00\xff")
	f.Fuzz(func(t *testing.T, at int64, line, more, name, value string) {
		labels := labelsOf(value)
		check(t, labels, []entry.Entry{
			{Time: at, Labels: labels, Line: line},
			{Time: at, Labels: labels, Line: line, More: []string{more}, Meta: []entry.Pair{{Name: name, Value: value}, {Name: value}}},
		})
	})
}
