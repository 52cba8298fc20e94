package e2e_test

import (
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// TestVisiologyQueries runs the queries of Visiology's own documentation: a
// person's events, failed events, created dashboards, deleted themes, each
// printed as the event was written.
func TestVisiologyQueries(t *testing.T) { each(t, lokirun.Options{}, testVisiologyQueries) }

func testVisiologyQueries(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, nil)
	const (
		ids     = " with ObjectId:b3313fec0d4a4f0c833fe3e116d054a4 with WorkspaceId:5ef9139d-8f15-4f7c-8d57-c13f5a5a4204"
		created = "OperationName:CreateDashboard with AccessType:Create on ObjectType: Dashboard" + ids + " completed by User:ivanov with OperationStatus:Success"
		deleted = "OperationName:DeleteTheme with AccessType:Delete on ObjectType:Theme" + ids + " completed by User:admin with OperationStatus:Success"
		failed  = "OperationName:GetWidgetData with AccessType:Read on ObjectType: Global completed by User:admin with OperationStatus:Failed, ErrorMessage:Call failed with status code 400 (Bad Request): POST http://formula-engine.example.com/api/v1.0/x?a=1&b=<2>"
	)
	now := time.Now().UTC()
	at := func(i int) string {
		return now.Add(time.Duration(i-60)*time.Second).Format("2006-01-02 15:04:05.000") + " "
	}
	p.flush("visiology", chunkOf(now, "", at(0)+created, at(1)+deleted, at(2)+failed))

	if got := query(t, l, `{exporter="OTLP"} |= "ivanov"`); len(got) != 1 || got[0].Metadata["user"] != "ivanov" {
		t.Errorf("got %+v", got)
	}
	const body = ` | json | line_format "{{.body}}"`
	wantLines(t, query(t, l, `{exporter="OTLP"} |= "OperationName:CreateDashboard"`+body), created)
	wantLines(t, query(t, l, `{exporter="OTLP"} |= "OperationName:DeleteTheme"`+body), deleted)
	got := query(t, l, `{exporter="OTLP"} |= "OperationStatus:Failed"`+body)
	wantLines(t, got, failed)
	if len(got) == 1 && (got[0].Metadata["outcome"] != "failure" || got[0].Metadata["detected_level"] != "error") {
		t.Errorf("metadata %v", got[0].Metadata)
	}
}
