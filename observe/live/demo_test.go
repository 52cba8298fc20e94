package live_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/dev/demo"
	"github.com/zimbraloki/zimbraloki/dev/demo/demotest"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/observe/dash"
)

// rare are panels about what the demo's two hours do not have, with the reason.
// Each has data from the incidents (TestDashboardQueries).
var rare = map[string]string{
	"zimbra-shipper: Not understood":               "every line is understood",
	"zimbra-shipper: Lines that no parser knows":   "every line is understood",
	"zimbra-shipper: Times that were not used":     "every line has its time",
	"zimbra-mailbox: Slow queries of the database": "there is no myslow.log",
	"zimbra-content: Scanner failures":             "the scanners work",
}

// TestDemoFillsDashboards runs the demo, sample logs through the shared object,
// and opens every dashboard on it.
func TestDemoFillsDashboards(t *testing.T) {
	if testing.Short() {
		t.Skip("the demo is not for -short")
	}
	build := runtest.Build(t, "zimbraloki.so", "host")
	runtest.EachProgram(t, func(t *testing.T, bin lokirun.Program) { testDemoFillsDashboards(t, build, bin) })
}

func testDemoFillsDashboards(t *testing.T, build string, bin lokirun.Program) {
	d := demotest.Run(t, demo.Options{Build: build, Server: bin})
	if !hasMTA(d) {
		t.Skip("the sample logs have no MTA")
	}
	unseen := maps.Clone(rare)
	for _, page := range dash.All() {
		v := defaults(page)
		for _, p := range page.Every() {
			for _, q := range p.Queries {
				where := page.UID + ": " + p.Title
				if p.Source != dash.Prometheus && rare[where] == "" {
					wantData(t, d.Server, where, q.Expr, v, p.Instant())
				}
				delete(unseen, where)
			}
		}
	}
	for where := range unseen {
		t.Errorf("there is no panel %s", where)
	}
}

func hasMTA(d *demo.Demo) bool {
	for _, f := range d.Files {
		if strings.HasSuffix(f.Path, "zimbra.log") {
			return true
		}
	}
	return false
}
