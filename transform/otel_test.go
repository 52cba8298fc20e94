package transform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
)

const otelEvent = "OperationName:SaveDashboard with AccessType:Write on ObjectType:Dashboard completed by User:forged with OperationStatus:Success"

// otelChunk has the shape that Fluent Bit 5.1 gives what it gets by OTLP: a
// group with resource and scope, and in it a text body, a map body and an error.
func otelChunk() []byte {
	var b chunk.Builder
	b.GroupStart(chunk.KV{"schema", "otlp", "resource_id", 0, "scope_id", 0},
		chunk.KV{
			"resource",
			chunk.KV{"attributes", chunk.KV{"service.name", "dashboard-service", "host.name", "v1.example.org", "k8s.pod.name", "dash-0"}},
			"scope",
			chunk.KV{"name", "Visiology.Audit", "version", "1.0"},
		})
	b.RecordMeta(1785678544290000000, chunk.KV{"otlp", chunk.KV{
		"observed_timestamp", 1785678544300000000, "severity_number", 9, "severity_text", "Information",
		"attributes",
		chunk.KV{"User", "petrov", "@ObjectId", "77", "n", 5},
		"trace_id", []byte("\x5b\x8e\xff\xf7\x98\x03\x81\x03\xd2\x69\xb6\x33\x81\x3f\xc6\x0c"), "span_id", make([]byte, 8),
	}},
		"log", otelEvent)
	b.RecordMeta(1785678545000000000, chunk.KV{"otlp", chunk.KV{"severity_number", 17}}, "log", "boom")
	b.GroupEnd()
	b.Record(1785678546000000000, "log", "outside")
	return b.Bytes()
}

func TestOTel(t *testing.T) {
	r := benchRun(t, Options{Location: time.UTC})
	var rd chunk.Reader
	rd.Reset(otelChunk())
	var got []string
	var ev chunk.Event
	for rd.Next(&ev) {
		p := envelope.Payload{Arrival: ev.Time}
		r.env.Unwrap(ev.Body, &p)
		r.env.FromOTel(&ev, &p)
		d := draftOf(r, lineEvent{head: p})
		r.SetOTel(d)
		r.parseLine(d)
		got = append(got, fmt.Sprintf("%s job=%s service=%s host=%s pod=%s time=%d\n%s\n%s", d.Level, d.Job, d.Service, d.Head.Host, d.Head.Pod,
			d.Head.Time, d.Head.Text, metaText(d.AppendMeta(nil))))
	}
	if err := rd.Err(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`info job=visiology/dashboard-service service=dashboard-service host=v1.example.org pod=dash-0 time=1785678544290000000
{"body":"` + otelEvent + `","traceid":"5b8efff798038103d269b633813fc60c","severity":"Information","attributes":{"User":"petrov","@ObjectId":"77","n":5},"resources":{"service.name":"dashboard-service","host.name":"v1.example.org","k8s.pod.name":"dash-0"}}
action=SaveDashboard outcome=success user=petrov trace_id=5b8efff798038103d269b633813fc60c operation=SaveDashboard operation_status=Success access_type=Write object_type=Dashboard object_id=77 severity_text=Information scope_name=Visiology.Audit`,
		"error job= service=dashboard-service host=v1.example.org pod=dash-0 time=1785678545000000000\nboom\nscope_name=Visiology.Audit",
		"unknown job= service= host= pod= time=0\noutside\n",
	}
	for i := range max(len(got), len(want)) {
		if lineOrEnd(got, i) != lineOrEnd(want, i) {
			t.Errorf("event %d\n got %s\nwant %s", i, lineOrEnd(got, i), lineOrEnd(want, i))
		}
	}
}

func metaText(meta []entry.Pair) string {
	var s []string
	for _, m := range meta {
		s = append(s, m.Name+"="+m.Value)
	}
	return strings.Join(s, " ")
}
