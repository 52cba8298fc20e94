package tickets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
	"github.com/zimbraloki/zimbraloki/transform"
)

// TestAuditLine: the plugin reads the trail's lines: time, level, who, from
// where and how it ended.
func TestAuditLine(t *testing.T) {
	d := open(t, nil)
	d.Record(d.ctx, model.Event{
		Actor: "ivan", Action: model.ActionTicketDelete, Object: "ticket/1", Outcome: model.OutcomeRejected, ClientIP: "192.0.2.7", UserAgent: "curl/8",
		Detail: "a second factor is required\nfor this",
	})
	line := d.audit.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, `"action":"DeleteTicket"`) || !strings.Contains(line, `"outcome":"rejected"`) {
		t.Fatalf("line %q", line)
	}
	stamp := time.Now()
	tr := transform.New(transform.Options{Location: time.UTC, Host: "desk"})
	record := chunk.NewMap("log", strings.TrimSpace(line))
	got := ""
	run := tr.Begin("audit", record, func(e *entry.Entry) {
		got = e.Labels.Text + " " + fmt.Sprint(e.Meta)
		if time.Unix(0, e.Time).Sub(stamp).Abs() > time.Hour {
			t.Errorf("time %v", time.Unix(0, e.Time))
		}
	})
	run.Add(&chunk.Event{Time: stamp.UnixNano(), Body: record})
	run.Finish()
	run.Close(true)
	for _, want := range []string{`level="warn"`, `service_name="zimbraloki-intake"`, "{component audit}", "{outcome failure}", "{user ivan}", "{client_ip 192.0.2.7}", "{user_agent curl/8}"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

// TestTrailBroken: a store that takes no event does not keep anybody from
// working, and the log says so.
func TestTrailBroken(t *testing.T) {
	d := open(t, nil)
	d.no(d.db.Close())
	d.Record(d.ctx, model.Event{Action: model.ActionStart, Outcome: model.OutcomeSuccess})
	if !strings.Contains(d.log.String(), "an event was not kept") || !strings.Contains(d.audit.String(), `"action":"Start"`) {
		t.Errorf("log %q, audit %q", d.log.String(), d.audit.String())
	}
}

// TestTrailOfAnyText: nobody keeps himself out of the trail by signs that a
// database does not take, and no event is lost because it was cut to its length.
func TestTrailOfAnyText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		d := openAt(t, address, nil)
		f := func(e, want model.Event) {
			t.Helper()
			e.Action, e.Outcome = model.ActionAuth, model.OutcomeFailure
			d.Record(d.ctx, e)
			list, err := d.db.Events(d.ctx, model.EventFilter{Page: model.Page{Limit: 1}})
			d.no(err)
			if len(list) != 1 || list[0].Actor != want.Actor || list[0].UserAgent != want.UserAgent || list[0].Detail != want.Detail {
				t.Errorf("%+v: kept %+v", e, list)
			}
		}
		f(model.Event{Actor: "ivan", UserAgent: "curl\xff/8"}, model.Event{Actor: "ivan", UserAgent: "curl�/8"})
		f(model.Event{Actor: "a\x00b"}, model.Event{Actor: "a�b"})
		f(model.Event{Detail: "x" + strings.Repeat("ж", 800)}, model.Event{Detail: "x" + strings.Repeat("ж", 499) + "…"})
	})
}
