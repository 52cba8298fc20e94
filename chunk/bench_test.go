package chunk

import (
	"strings"
	"testing"
)

const benchTime = 1749112947_148000000

// benchLine has the length of an ordinary mailbox.log line.
var benchLine = "2025-06-05 11:42:27,148 INFO  [qtp1-42:https://mail.example.com/service/soap/SearchRequest] " +
	"[name=user@example.com;mid=7;oip=192.0.2.17;port=40022;soapId=1a2b3c;] soap - SearchRequest elapsed=12"

// benchChunk repeats add until the chunk has the 2 MB that Fluent Bit aims at.
func benchChunk(b *testing.B, style Style, add func(*Builder)) (chunk []byte, records int) {
	b.Helper()
	w := Builder{Style: style}
	for len(w.Bytes()) < 2_000_000 {
		add(&w)
		records++
	}
	return w.Bytes(), records
}

func line(b *Builder) { b.Line(benchTime, "log", benchLine) }

// container is a record of a Kubernetes pod after the parsers.
func container(b *Builder) {
	b.Record(benchTime, "log", strings.Repeat(`{"level":"info","msg":"запрос"}`, 4), "stream", "stdout", "time", "2025-06-05T08:42:27.148Z",
		"kubernetes", KV{"pod_name", "main-7d9f", "namespace_name", "planr", "labels", KV{"app", "main", "tier", "web"}, "container_name", "main"},
		"user_login", "user@example.com", "duration", 612, "ratio", 0.25, "ok", true, "error", nil)
}

func benchReader(b *testing.B, style Style, add func(*Builder), visit func(*Event)) {
	c, n := benchChunk(b, style, add)
	var r Reader
	var ev Event
	b.SetBytes(int64(len(c)))
	b.ReportAllocs()
	for b.Loop() {
		got := 0
		for r.Reset(c); r.Next(&ev); got++ {
			visit(&ev)
		}
		if got != n || r.Err() != nil {
			b.Fatalf("%d records of %d, %v", got, n, r.Err())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
}

func BenchmarkReader(b *testing.B) {
	nothing := func(*Event) {}
	b.Run("line", func(b *testing.B) { benchReader(b, FluentBit5, line, nothing) })
	b.Run("line 3.2", func(b *testing.B) { benchReader(b, FluentBit3, line, nothing) })
	b.Run("line compact", func(b *testing.B) { benchReader(b, Compact, line, nothing) })
	b.Run("container", func(b *testing.B) { benchReader(b, FluentBit5, container, nothing) })
}

func BenchmarkGet(b *testing.B) {
	get := func(ev *Event) {
		if v, ok := ev.Body.Get("log"); !ok || v.Kind() != KindStr {
			b.Fatal("no log")
		}
	}
	b.Run("line", func(b *testing.B) { benchReader(b, FluentBit5, line, get) })
	b.Run("container", func(b *testing.B) { benchReader(b, FluentBit5, container, get) })
}

func BenchmarkFields(b *testing.B) {
	walk := func(ev *Event) {
		f := ev.Body.Fields()
		for k, _, ok := f.Next(); ok; k, _, ok = f.Next() {
			if k == "" {
				b.Fatal("empty key")
			}
		}
	}
	b.Run("line", func(b *testing.B) { benchReader(b, FluentBit5, line, walk) })
	b.Run("container", func(b *testing.B) { benchReader(b, FluentBit5, container, walk) })
}

func BenchmarkAppendJSON(b *testing.B) {
	var buf []byte
	render := func(ev *Event) { buf = ev.Body.AppendJSON(buf[:0]) }
	b.Run("line", func(b *testing.B) { benchReader(b, FluentBit5, line, render) })
	b.Run("container", func(b *testing.B) { benchReader(b, FluentBit5, container, render) })
}

func BenchmarkBuilderLine(b *testing.B) {
	var w Builder
	line(&w)
	b.SetBytes(int64(len(w.Bytes())))
	b.ReportAllocs()
	for b.Loop() {
		w.Reset()
		line(&w)
	}
}
