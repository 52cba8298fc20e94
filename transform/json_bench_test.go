package transform

import (
	"testing"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

// benchRun is a Run outside of a chunk.
func benchRun(tb testing.TB, o Options) *Run {
	tb.Helper()
	r := New(o).Begin("test", nil, func(*entry.Entry) {})
	tb.Cleanup(func() { r.Close(true) })
	return r
}

const benchPlanr = `{"client_ip":"198.51.100.44","command_name":"auth.local","container_name":"/planr_ru-main-1",` +
	`"request_source":"main","time":1749112947148,"trace_id":"0f8d2c1e-5b7a-4c9d-8e6f-112233445566",` +
	`"user_id":"7a6b5c4d-3e2f-4a1b-9c8d-665544332211","user_login":"petrova@example.org","space_id":"11112222-3333-4444-8555-666677778888"}`

const benchDocker = `{"log":"{\"client_ip\":\"198.51.100.44\",\"command_name\":\"auth.local\",\"container_name\":\"/planr_ru-main-1\",` +
	`\"request_source\":\"main\",\"time\":1749112947148,\"trace_id\":\"0f8d2c1e-5b7a-4c9d-8e6f-112233445566\",` +
	`\"user_id\":\"7a6b5c4d-3e2f-4a1b-9c8d-665544332211\",\"user_login\":\"petrova@example.org\",\"space_id\":\"11112222-3333-4444-8555-666677778888\"}\n",` +
	`"stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`

func BenchmarkPlanr(b *testing.B) {
	r := benchRun(b, Options{})
	var d draft
	m := chunk.NewMap("log", benchDocker)
	b.Run("unwrap", func(b *testing.B) {
		b.ReportAllocs()
		var p payload
		for b.Loop() {
			p = payload{}
			r.env.unwrap(m, &p)
		}
	})
	two := chunk.NewMap("log", benchDocker, "path", "/opt/zimbra/log/mailbox.log")
	b.Run("unwrapPath", func(b *testing.B) {
		b.ReportAllocs()
		var p payload
		for b.Loop() {
			p = payload{}
			r.env.unwrap(two, &p)
		}
	})
	b.Run("unwrapText", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchDocker)))
		var p payload
		for b.Loop() {
			r.a.reset()
			p = payload{text: benchDocker}
			r.env.unwrapText(&p)
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchPlanr)))
		for b.Loop() {
			r.a.reset()
			d.reset()
			d.head.text = benchPlanr
			if !parseJSON(&r.Input, &d) {
				b.Fatal("not read")
			}
		}
	})
	b.Run("both", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchDocker)))
		for b.Loop() {
			r.a.reset()
			d.reset()
			d.head = payload{text: benchDocker}
			r.env.unwrapText(&d.head)
			if !parseJSON(&r.Input, &d) {
				b.Fatal("not read")
			}
		}
	})
}

// unsafeString views b as a string.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
