package loki

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/VictoriaMetrics/easyproto"

	"github.com/zimbraloki/zimbraloki/entry"
)

// mailbox makes n entries as mailbox.log gives them: some 240 bytes a line,
// eight to twelve pieces of metadata, three streams.
func mailbox(n int) []entry.Entry {
	r := rand.New(rand.NewPCG(1, 2))
	sets := []*entry.Labels{
		set("host", "mail.example.com", "job", "zimbra", "level", "info", "log", "mailbox", "service_name", "zimbra-mailbox"),
		set("host", "mail.example.com", "job", "zimbra", "level", "warn", "log", "mailbox", "service_name", "zimbra-mailbox"),
		set("host", "mail.example.com", "job", "zimbra", "level", "error", "log", "mailbox", "service_name", "zimbra-mailbox"),
	}
	ops := []string{"SearchRequest", "GetMsgRequest", "NoOpRequest", "BatchRequest", "SyncRequest"}
	all := make([]entry.Entry, n)
	t := now
	for i := range all {
		t = t.Add(time.Duration(r.IntN(10)) * time.Millisecond)
		op, user := ops[r.IntN(len(ops))], fmt.Sprintf("user%04d@example%d.com", r.IntN(2000), r.IntN(5))
		thread, mid := fmt.Sprintf("qtp1286783232-%d", r.IntN(99999)), fmt.Sprint(r.IntN(4000))
		ip, oip := fmt.Sprintf("192.0.2.%d", r.IntN(256)), fmt.Sprintf("198.51.%d.%d", r.IntN(256), r.IntN(256))
		port, id, took := fmt.Sprint(1024+r.IntN(60000)), fmt.Sprintf("%x", r.Uint32()), fmt.Sprint(r.IntN(300))
		level := 0
		if k := r.IntN(100); k > 95 {
			level = 1 + k%2
		}
		all[i] = entry.Entry{
			Time: t.UnixNano(), Labels: sets[level],
			Line: fmt.Sprintf("%s INFO  [%s:https://mail.example.com/service/soap/%s] [name=%s;mid=%s;ip=%s;port=%s;oip=%s;ua=ZimbraWebClient - GC118 (Win)/9.0.0_GA_4583;soapId=%s;] soap - %s elapsed=%s",
				t.Format("2006-01-02 15:04:05,000"), thread, op, user, mid, ip, port, oip, id, op, took),
			Meta: []entry.Pair{
				{Name: "thread", Value: thread},
				{Name: "user", Value: user},
				{Name: "mailbox_id", Value: mid},
				{Name: "proxy_ip", Value: ip},
				{Name: "port", Value: port},
				{Name: "client_ip", Value: oip},
				{Name: "user_agent", Value: "ZimbraWebClient - GC118 (Win)/9.0.0_GA_4583"},
				{Name: "request_id", Value: id},
				{Name: "component", Value: "soap"},
				{Name: "action", Value: op},
				{Name: "duration_ms", Value: took},
				{Name: "detected_level", Value: "info"},
			}[:8+r.IntN(5)],
		}
	}
	return all
}

// go test -bench 'Add|Bodies' -run '^$' -cpu 1 ./loki
//
// Add is a line with its metadata into the arena. Bodies is the whole way of a
// batch through this package but for the network; MB/s are of log lines.
func BenchmarkAdd(b *testing.B) {
	all := mailbox(2000)
	batch := new(Batch)
	b.SetBytes(lineBytes(all))
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		for i := range all {
			batch.Add(&all[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/entry")
}

func BenchmarkBodies(b *testing.B) {
	all := mailbox(8000)
	for name, c := range map[string]codec{"snappy": codecSnappy, "gzip": codecGzip, "none": codecNone} {
		b.Run(name, func(b *testing.B) {
			batch := new(Batch)
			b.SetBytes(lineBytes(all))
			b.ReportAllocs()
			var raw, sent int
			for b.Loop() {
				batch.Reset()
				for i := range all {
					batch.Add(&all[i])
				}
				batch.chain()
				raw, sent = 0, 0
				for s := range batch.streams {
					refs := batch.entries(int32(s))
					for span := batch.span(refs); len(refs) > 0; {
						n := batch.cut(int32(s), refs, DefaultBatchBytes, span)
						body, size := batch.encode(piece{int32(s), refs[:n]}, c)
						raw, sent, refs = raw+size, sent+len(body), refs[n:]
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/entry")
			b.ReportMetric(float64(raw)/float64(len(all)), "raw-B/entry")
			b.ReportMetric(float64(sent)/float64(len(all)), "sent-B/entry")
		})
	}
}

// BenchmarkEasyproto is Add as it would be with easyproto, which
// docs/decisions/0002-push-encoding.md compares with BenchmarkAdd.
func BenchmarkEasyproto(b *testing.B) {
	all := mailbox(2000)
	var m easyproto.Marshaler
	var arena []byte
	b.SetBytes(lineBytes(all))
	b.ReportAllocs()
	for b.Loop() {
		arena = arena[:0]
		for i := range all {
			m.Reset()
			e := m.MessageMarshaler().AppendMessage(2)
			stamp := e.AppendMessage(1)
			sec, ns := splitTime(all[i].Time)
			stamp.AppendInt64(1, sec)
			stamp.AppendInt32(2, int32(ns))
			e.AppendString(2, all[i].Line)
			for _, p := range all[i].Meta {
				pair := e.AppendMessage(3)
				pair.AppendString(1, p.Name)
				pair.AppendString(2, p.Value)
			}
			arena = m.Marshal(arena)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/entry")
}

func lineBytes(all []entry.Entry) (n int64) {
	for i := range all {
		n += int64(all[i].Size()) + 1
	}
	return n
}
