package samplelogs

import (
	"encoding/json"
	"fmt"
	"time"
)

// event is one PLAN-R event, its keys in the order in which PLAN-R writes them.
type event struct {
	ClientIP      string `json:"client_ip"`
	CommandName   string `json:"command_name"`
	AuthSuccess   *bool  `json:"auth_success,omitempty"`
	ContainerName string `json:"container_name"`
	RequestSource string `json:"request_source"`
	Time          int64  `json:"time"`
	TraceID       string `json:"trace_id"`
	UserID        string `json:"user_id,omitempty"`
	UserLogin     string `json:"user_login,omitempty"`
	SpaceID       string `json:"space_id,omitempty"`
	Duration      int    `json:"duration,omitempty"`
	Error         string `json:"error,omitempty"`
}

// docker writes a line as Docker's json-file driver does.
func (w *world) docker(log string, t time.Time, line string) {
	text, _ := json.Marshal(line + "\n") //nolint:errchkjson // a string can always be marshalled
	w.put(log, Line{Time: t, Text: fmt.Sprintf(`{"log":%s,"stream":"stdout","time":"%s"}`, text, t.UTC().Add(312*time.Microsecond).Format(time.RFC3339Nano))})
}

func (w *world) planrEvent(log string, t time.Time, e event) {
	e.Time = t.UnixMilli()
	inner, _ := json.Marshal(e) //nolint:errchkjson // strings and numbers only
	w.docker(log, t, string(inner))
}

func (w *world) event(container string) event {
	i := w.IntN(len(users))
	return event{
		ClientIP: w.client(), ContainerName: container, RequestSource: "main", TraceID: w.uuid(),
		CommandName: w.pick([]string{"task.update", "project.get", "space.list", "report.build"}),
		UserID:      fmt.Sprintf("3ce9d1d6-b169-498f-8d28-%012d", i), UserLogin: users[i], SpaceID: "5f0f3c52-0c1e-4a55-9b7e-aa0000000001",
	}
}

const (
	planrMain   = "/planr_ru-main-1"
	planrWorker = "/planr_ru-worker-1"
)

// planr is the service that users talk to, and its worker.
func (w *world) planr() {
	w.every(8*time.Second, func(t time.Time) {
		e := w.event(planrMain)
		switch n := w.IntN(20); {
		case n == 0:
			ok := w.IntN(3) > 0
			e.CommandName, e.AuthSuccess = "auth.local", &ok
		case n < 3:
			e.Duration = 500 + w.IntN(6000)
		case n == 3:
			e.Error = "timeout of \"db\" exceeded"
		}
		w.planrEvent("planr.main", t, e)
	})
	w.every(40*time.Second, func(t time.Time) {
		e := w.event(planrWorker)
		e.CommandName, e.Duration = w.pick([]string{"report.collect", "report.render", "mail.send"}), 20+w.IntN(900)
		w.planrEvent("planr.worker", t, e)
	})
}
