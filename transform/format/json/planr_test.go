package json

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/internal/testtime"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

func TestParsePlanrGolden(t *testing.T) {
	r := newReader(testtime.Location(t, "Europe/Berlin"))
	goldenLines(t, "planr/events.jsonl", func(line string) string { return parsed(r, envelope.Payload{Text: line}) })
}

// TestPlanrContainer: whose container it is when envelopes name one too.
func TestPlanrContainer(t *testing.T) {
	r := newReader(nil)
	f := func(p envelope.Payload, container, service, inner string) {
		t.Helper()
		p.Text = sample.Planr
		r.draft(p)
		if !parseJSON(&r.Input, &r.d) || r.d.Container != container || r.d.Service != service || r.d.Get(format.FieldContainerName) != inner {
			t.Errorf("%+v: container %q service %q container_name %q", p, r.d.Container, r.d.Service, r.d.Get(format.FieldContainerName))
		}
	}
	f(envelope.Payload{}, "planr_ru-main-1", "main", "")
	f(envelope.Payload{Container: "planr_ru-main-1", Service: "main", IsContainer: true}, "planr_ru-main-1", "main", "")
	f(envelope.Payload{Container: "planr_ru-main-1", Service: "core", IsContainer: true}, "planr_ru-main-1", "core", "") // Compose's label
	f(envelope.Payload{Service: "core", IsContainer: true}, "planr_ru-main-1", "core", "")
	f(envelope.Payload{Container: "app", Service: "planr", Pod: "planr-0", IsContainer: true}, "planr_ru-main-1", "main", "app")
}
