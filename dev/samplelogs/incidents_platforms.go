package samplelogs

import "time"

// planrJob is one request through both services of PLAN-R.
func (w *world) planrJob(t time.Time) {
	e := func(container, command string) event {
		e := w.event(container)
		e.TraceID, e.UserLogin, e.UserID, e.CommandName = Trace, Reporter, "3ce9d1d6-b169-498f-8d28-000000000001", command
		return e
	}
	ask := e(planrMain, "report.build")
	ask.Duration = 4210
	w.planrEvent("planr.main", t.Add(2*time.Second), ask)
	for i, command := range []string{"report.collect", "report.render", "report.store"} {
		step := e(planrWorker, command)
		switch command {
		case "report.render":
			step.Duration = 3120
		case "report.store":
			step.Error = "bucket quota exceeded"
		}
		w.planrEvent("planr.worker", t.Add(2*time.Second+time.Duration(300*(i+1))*time.Millisecond), step)
	}
}

func (w *world) visiologyTrouble(t time.Time) {
	at := func(s int) time.Time { return t.Add(time.Duration(s) * time.Second) }
	for i := range 6 {
		w.happened(at(5+7*i), operation{"Login", "Read", " Global"}, "ivanov", "Invalid user name or password")
	}
	w.happened(at(70), operation{"CreateDashboard", "Create", "Dashboard"}, "petrova", "")
	w.happened(at(130), operation{"DeleteTheme", "Delete", "Theme"}, "admin", "")
	for i := range 4 {
		w.happened(at(200+9*i), operation{"GetWidgetData", "Read", " Global"}, "meyer",
			"Call failed with status code 400 (Bad Request): POST http://formula-engine.example.com/api/v1.0/workspaces/7/query")
	}
}
