package json

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

func BenchmarkPlanr(b *testing.B) {
	r := newReader(nil)
	env := envelope.Reader{Arena: &r.Arena, Clock: &r.Clock}
	var d format.Draft
	m := chunk.NewMap("log", sample.Docker)
	b.Run("unwrap", func(b *testing.B) {
		b.ReportAllocs()
		var p envelope.Payload
		for b.Loop() {
			p = envelope.Payload{}
			env.Unwrap(m, &p)
		}
	})
	two := chunk.NewMap("log", sample.Docker, "path", "/opt/zimbra/log/mailbox.log")
	b.Run("unwrapPath", func(b *testing.B) {
		b.ReportAllocs()
		var p envelope.Payload
		for b.Loop() {
			p = envelope.Payload{}
			env.Unwrap(two, &p)
		}
	})
	b.Run("unwrapText", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(sample.Docker)))
		var p envelope.Payload
		for b.Loop() {
			r.Arena.Reset()
			p = envelope.Payload{Text: sample.Docker}
			env.UnwrapText(&p)
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(sample.Planr)))
		for b.Loop() {
			r.Arena.Reset()
			d.Reset()
			r.head = envelope.Payload{Text: sample.Planr}
			d.Head = &r.head
			if !parseJSON(&r.Input, &d) {
				b.Fatal("not read")
			}
		}
	})
	b.Run("both", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(sample.Docker)))
		for b.Loop() {
			r.Arena.Reset()
			d.Reset()
			r.head = envelope.Payload{Text: sample.Docker}
			d.Head = &r.head
			env.UnwrapText(d.Head)
			if !parseJSON(&r.Input, &d) {
				b.Fatal("not read")
			}
		}
	})
}
