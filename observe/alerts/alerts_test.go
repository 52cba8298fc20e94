package alerts

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/alerting"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"go.yaml.in/yaml/v3"
)

// TestAlertsAreComplete wants what whoever is woken by an alert needs.
func TestAlertsAreComplete(t *testing.T) {
	names, uids := map[string]bool{}, map[string]bool{}
	for _, g := range Groups() {
		if g.Interval == "" || g.Title == "" || len(g.Alerts) == 0 {
			t.Errorf("group %q is not complete", g.Name)
		}
		for _, a := range g.Alerts {
			if names[a.Name] || uids[a.uid()] || len(a.uid()) > 40 {
				t.Errorf("%s: name or uid twice, or too long", a.Name)
			}
			names[a.Name], uids[a.uid()] = true, true
			for what, text := range map[string]string{
				"expression": a.Expr, "for": a.For, "severity": string(a.Severity), "summary": a.Summary,
				"description": a.Description, "meaning": a.Meaning, "action": a.Action, "dashboard": a.Dashboard,
			} {
				if text == "" {
					t.Errorf("%s: no %s", a.Name, what)
				}
			}
			// Grafana puts the environment in place of what follows a dollar sign.
			if strings.Contains(a.Expr, "$") {
				t.Errorf("%s: a dollar sign in %s", a.Name, a.Expr)
			}
		}
	}
}

// TestGrafanaFile reads the queries of the provisioned rules back by the SDK's
// strict types.
func TestGrafanaFile(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	text, err := GrafanaFile()
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Groups []struct {
			Rules []struct {
				Title, Condition string
				Data             []map[string]any
				Annotations      map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range f.Groups {
		for _, r := range g.Rules {
			n++
			if len(r.Data) != 2 || r.Data[1]["refId"] != r.Condition {
				t.Fatalf("%s: condition %s is not the second query", r.Title, r.Condition)
			}
			query, err := json.Marshal(r.Data[0])
			if err != nil {
				t.Fatal(err)
			}
			var q alerting.Query
			if err := q.UnmarshalJSONStrict(query); err != nil && err.Error() != "" {
				t.Errorf("%s: %v", r.Title, err)
			}
			if strings.Contains(r.Annotations["summary"], "$value ") {
				t.Errorf("%s: Grafana has no $value: %s", r.Title, r.Annotations["summary"])
			}
		}
	}
	want := 0
	for _, g := range Groups() {
		want += len(g.Alerts)
	}
	if n != want {
		t.Errorf("%d rules, want %d", n, want)
	}
}
