package samplelogs

import (
	"fmt"
	"time"
)

// operation is a kind of Visiology's events.
type operation struct{ name, access, object string }

// operations with how often of a hundred.
var operations = []struct {
	weight int
	operation
}{
	{60, operation{"GetWidgetData", "Read", " Global"}},
	{15, operation{"GetWorkspaceDatasetList", "Read", "Dataset"}},
	{12, operation{"SaveDashboard", "Write", "Dashboard"}},
	{5, operation{"GetWidgetTemplateCode", "Read", "Dashboard"}},
	{4, operation{"UploadImage", "Create", "Image"}},
	{4, operation{"CreateCopyDashboard", "Create", "Dashboard"}},
}

// analysts log in to Visiology.
var analysts = []string{"admin", "petrova", "sidorov", "meyer"}

// visiology is the container with Visiology's events.
func (w *world) visiology() {
	w.every(12*time.Second, func(t time.Time) {
		n := w.IntN(100)
		for _, o := range operations {
			if n -= o.weight; n < 0 {
				w.happened(t, o.operation, w.pick(analysts), "")
				return
			}
		}
	})
}

// happened writes an event; failed with an error, successful without.
func (w *world) happened(t time.Time, o operation, user, err string) {
	ids, status := "", "Success"
	if o.object[0] != ' ' {
		ids = fmt.Sprintf(" with ObjectId:%s with WorkspaceId:%s", w.hex(32), w.uuid())
	}
	if err != "" {
		status = "Failed, ErrorMessage:" + err
	}
	w.docker("visiology", t, fmt.Sprintf("%s [INF] OperationName:%s with AccessType:%s on ObjectType:%s%s completed by User:%s with OperationStatus:%s",
		t.UTC().Format("2006-01-02 15:04:05.000"), o.name, o.access, o.object, ids, user, status))
}
