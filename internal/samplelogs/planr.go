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

func (g *generator) uuid() string {
	a, b := g.Uint64(), g.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

// docker writes an event as Docker's json-file driver does.
func (g *generator) docker(e event) {
	e.Time = g.now.UnixMilli()
	inner, _ := json.Marshal(e)
	text, _ := json.Marshal(string(inner) + "\n")
	g.line(`{"log":%s,"stream":"stdout","time":"%s"}`, text, g.now.UTC().Add(312*time.Microsecond).Format(time.RFC3339Nano))
}

func (g *generator) event(container string) event {
	i := g.IntN(len(users))
	return event{ClientIP: g.address(), ContainerName: container, RequestSource: "main", TraceID: g.uuid(),
		CommandName: g.pick([]string{"task.update", "project.get", "space.list", "report.build"}),
		UserID:      fmt.Sprintf("3ce9d1d6-b169-498f-8d28-%012d", i), UserLogin: users[i], SpaceID: "5f0f3c52-0c1e-4a55-9b7e-aa0000000001"}
}

// planrMain writes the service that users talk to, with one request that goes
// on in the worker.
func (g *generator) planrMain() {
	const name = "/planr_ru-main-1"
	start, traced := g.now, false
	for g.now.Before(start.Add(time.Hour)) {
		g.step(4 * time.Second)
		e := g.event(name)
		switch n := g.IntN(20); {
		case n == 0:
			ok := g.IntN(3) > 0
			e.CommandName, e.AuthSuccess = "auth.local", &ok
		case n < 3:
			e.Duration = 500 + g.IntN(6000)
		case n == 3:
			e.Error = "timeout of \"db\" exceeded"
		}
		g.docker(e)
		if !traced && g.now.After(start.Add(20*time.Minute)) {
			traced = true
			e := g.event(name)
			e.TraceID, e.UserLogin, e.CommandName, e.Duration = Trace, "petrova@example.org", "report.build", 4210
			g.docker(e)
		}
	}
}

func (g *generator) planrWorker() {
	const name = "/planr_ru-worker-1"
	g.at(g.now, 21*time.Minute)
	for _, c := range []string{"report.collect", "report.render", "report.store"} {
		g.step(300 * time.Millisecond)
		e := g.event(name)
		e.TraceID, e.UserLogin, e.CommandName = Trace, "petrova@example.org", c
		if c == "report.render" {
			e.Duration = 3120
		}
		if c == "report.store" {
			e.Error = "bucket quota exceeded"
		}
		g.docker(e)
	}
}
