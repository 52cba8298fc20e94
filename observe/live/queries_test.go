package live_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/observe/alerts"
	"github.com/zimbraloki/zimbraloki/observe/dash"
	"github.com/zimbraloki/zimbraloki/observe/expand"
	"github.com/zimbraloki/zimbraloki/observe/incident"
)

const full = "full" // the tenant that all incidents happened to

// span is the range that the dashboards are asked for.
const span = 2 * time.Hour

// eachFilled is eachServer with the ordinary hour and all incidents.
func eachFilled(t *testing.T, f func(t *testing.T, l *lokirun.Server)) {
	t.Helper()
	eachServer(t, func(t *testing.T, l *lokirun.Server) {
		feed(t, l.URL(), full, incident.Everything(time.Now()))
		f(t, l)
	})
}

// defaults are the variables as a dashboard has them when it is opened.
func defaults(d dash.Dashboard) expand.Values {
	v := expand.Values{Interval: time.Minute, Range: span, Variables: map[string]string{}}
	for _, x := range d.Variables {
		if v.Variables[x.Name] = ""; x.Stream != "" {
			v.Variables[x.Name] = ".+"
		}
	}
	return v
}

// ask runs a query as Grafana does and returns how many series or lines come back.
func ask(t *testing.T, l *lokirun.Server, tenant, logql string, instant bool) (int, error) {
	t.Helper()
	now := time.Now()
	params := url.Values{"query": {logql}, "time": {nanos(now)}}
	path := "/loki/api/v1/query"
	if !instant {
		params = url.Values{"query": {logql}, "start": {nanos(now.Add(-span))}, "end": {nanos(now)}, "step": {"60s"}, "limit": {"100"}}
		path = "/loki/api/v1/query_range"
	}
	var data struct {
		Result []json.RawMessage `json:"result"`
	}
	err := get(t, l, tenant, path, params, &data)
	return len(data.Result), err
}

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// parses lets the server's own parser read a query.
func parses(t *testing.T, l *lokirun.Server, logql string) error {
	t.Helper()
	var out string
	return get(t, l, full, "/loki/api/v1/format_query", url.Values{"query": {logql}}, &out)
}

// TestDashboardQueries asks every query of every dashboard, as it
// is when the dashboard is opened; each must parse and return data.
func TestDashboardQueries(t *testing.T) { eachFilled(t, testDashboardQueries) }

func testDashboardQueries(t *testing.T, l *lokirun.Server) {
	for _, d := range dash.All() {
		v := defaults(d)
		for _, p := range d.Every() {
			if p.Source == dash.Prometheus {
				continue
			}
			for _, q := range p.Queries {
				wantData(t, l, d.UID+": "+p.Title, q.Expr, v, p.Instant())
			}
		}
		for _, x := range d.Variables {
			if strings.HasPrefix(x.Stream, "{") {
				wantValues(t, l, d.UID+": variable "+x.Name, x.Stream, x.Of)
			}
		}
		if d.Restarts {
			wantData(t, l, d.UID+": mark", dash.Restarts, v, false)
			wantData(t, l, d.UID+": mark", dash.Fatals, v, false)
		}
	}
	for _, r := range alerts.Recordings() {
		wantData(t, l, r.Record, r.Expr, expand.Values{}, true)
	}
}

func wantData(t *testing.T, l *lokirun.Server, where, expr string, v expand.Values, instant bool) {
	t.Helper()
	logql, err := expand.Expand(expr, v)
	if err == nil {
		err = parses(t, l, logql)
	}
	n := 0
	if err == nil {
		n, err = ask(t, l, full, logql, instant)
	}
	switch {
	case err != nil:
		t.Errorf("%s: %v\n\t%s", where, err, logql)
	case n == 0:
		t.Errorf("%s: no data\n\t%s", where, logql)
	}
}

// wantValues asks for the values of a variable as Grafana's Loki datasource does.
func wantValues(t *testing.T, l *lokirun.Server, where, stream, label string) {
	t.Helper()
	var values []string
	now := time.Now()
	err := get(t, l, full, "/loki/api/v1/label/"+label+"/values", url.Values{"query": {stream}, "start": {nanos(now.Add(-span))}, "end": {nanos(now)}}, &values)
	if err != nil || len(values) == 0 {
		t.Errorf("%s: values %q, %v", where, values, err)
	}
}

// TestTextBoxes fills in what a reader would, and what would break a query that
// does not escape it.
func TestTextBoxes(t *testing.T) { eachFilled(t, testTextBoxes) }

func testTextBoxes(t *testing.T, l *lokirun.Server) {
	f := func(uid, panel string, boxes map[string]string, found bool) {
		t.Helper()
		for _, d := range dash.All() {
			for _, p := range d.Panels {
				if d.UID != uid || p.Title != panel {
					continue
				}
				v := defaults(d)
				for name, text := range boxes {
					v.Variables[name] = text
				}
				logql, err := expand.Expand(p.Queries[0].Expr, v)
				if err != nil {
					t.Fatal(err)
				}
				n, err := ask(t, l, full, logql, p.Instant())
				if err != nil || n > 0 != found {
					t.Errorf("%s, %s with %v: %d results, %v\n\t%s", uid, panel, boxes, n, err, logql)
				}
				return
			}
		}
		t.Errorf("%s has no panel %q", uid, panel)
	}
	f("zimbra-security", "By address", map[string]string{"client_ip": "198.51.100.23"}, true)
	f("zimbra-security", "By address", map[string]string{"client_ip": "198x51.100.23"}, false)
	f("zimbra-security", "By account", map[string]string{"user": "ANNA@example"}, true)
	f("zimbra-security", "By account", map[string]string{"user": "(a|b)+[.*"}, false)
	f("zimbra-message-trace", "The way of the mail", map[string]string{"message_id": "<1."}, true)
	f("zimbra-message-trace", "The way of the mail", map[string]string{"queue_id": "4A1B2C00001"}, true)
	f("zimbra-message-trace", "Deliveries", map[string]string{"recipient": "gone@example.net"}, true)
	f("zimbra-message-trace", "Deliveries", map[string]string{"recipient": "nobody+x@example.net"}, false)
	f("zimbra-platforms", "The way of a request", map[string]string{"trace_id": "42195a9e-17c3"}, true)
}

// TestRulesParse lets the server's parser read every expression of the ruler.
func TestRulesParse(t *testing.T) { eachServer(t, testRulesParse) }

func testRulesParse(t *testing.T, l *lokirun.Server) {
	for _, g := range alerts.Of(alerts.Loki) {
		for _, a := range g.Alerts {
			if err := parses(t, l, a.Expr); err != nil {
				t.Errorf("%s: %v", a.Name, err)
			}
		}
	}
}

// TestDatasourceQueries asks what the correlations of the provisioned datasource lead to.
func TestDatasourceQueries(t *testing.T) { eachFilled(t, testDatasourceQueries) }

func testDatasourceQueries(t *testing.T, l *lokirun.Server) {
	text, err := os.ReadFile(filepath.Join("..", "..", "conf", "grafana", "provisioning", "datasources", "zimbraloki.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"Mail": "<1@example.net>", "User": "anna@example.com", "Address": "198.51.100.23"}
	n := 0
	for line := range strings.Lines(string(text)) {
		_, query, ok := strings.Cut(line, "'{")
		if !ok {
			continue
		}
		query = "{" + strings.TrimSuffix(strings.TrimSpace(query), "'")
		for name, value := range values {
			query = strings.ReplaceAll(query, "$${"+name+"}", value)
		}
		if strings.Contains(query, "$") {
			t.Errorf("a variable is left in %s", query)
		}
		if err := parses(t, l, query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		n++
	}
	if want := 3; n != want {
		t.Errorf("%d queries in the datasource, want %d", n, want)
	}
}
