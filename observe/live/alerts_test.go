package live_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/observe/alerts"
	"github.com/zimbraloki/zimbraloki/observe/incident"
)

// quiet is the tenant with an ordinary hour.
const quiet = "quiet"

// lokiAlerts are the names of the alerts that Loki evaluates.
func lokiAlerts() []string {
	var names []string
	for _, g := range alerts.Of(alerts.Loki) {
		for _, a := range g.Alerts {
			names = append(names, a.Name)
		}
	}
	return names
}

func TestEachAlertHasItsIncident(t *testing.T) {
	var have []string
	for _, i := range incident.All() {
		have = append(have, i.Alert)
	}
	want := lokiAlerts()
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("incidents for\n%q\nalerts are\n%q", have, want)
	}
}

// evaluation is how often the ruler of the test looks. All tenants together
// have some 800 rules; the ruler spreads them over this time.
const evaluation = "45s"

// ruled starts a Loki whose ruler has the shipped rules for each tenant, with
// short times.
func ruled(t *testing.T, tenants []string) *lokirun.Server {
	t.Helper()
	dir := t.TempDir()
	rules, err := alerts.RuleFile(alerts.Loki, func(g *alerts.Group) {
		g.Interval = evaluation
		for i := range g.Alerts {
			g.Alerts[i].For = "0s"
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tenant := range tenants {
		if err := os.MkdirAll(filepath.Join(dir, "rules", tenant), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "rules", tenant, "alerts.yaml"), rules, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return runtest.Real(t, lokirun.Options{Tenant: "nobody", Config: map[string]any{
		// On a busy machine the check of the only ingester fails, and with it all queries.
		"ingester_client": map[string]any{"pool_config": map[string]any{"health_check_ingesters": false}},
		"ruler": map[string]any{
			"enable_api": true, "rule_path": filepath.Join(dir, "scratch"), "poll_interval": "5s",
			"storage": map[string]any{"type": "local", "local": map[string]any{"directory": filepath.Join(dir, "rules")}},
			"ring":    map[string]any{"kvstore": map[string]any{"store": "inmemory"}, "instance_addr": "127.0.0.1"},
		},
	}})
}

// state is what the ruler says of its groups.
type state struct {
	Groups []struct {
		Name           string    `json:"name"`
		LastEvaluation time.Time `json:"lastEvaluation"`
		Rules          []struct {
			Name      string `json:"name"`
			Health    string `json:"health"`
			LastError string `json:"lastError"`
			State     string `json:"state"`
			Alerts    []struct {
				Value       string            `json:"value"`
				Annotations map[string]string `json:"annotations"`
			} `json:"alerts"`
		} `json:"rules"`
	} `json:"groups"`
}

// firing waits until the ruler has looked at everything after since, and
// returns the alerts that fire, with their summaries.
func firing(t *testing.T, l *lokirun.Server, tenant string, since time.Time) map[string]string {
	t.Helper()
	for {
		var s state
		if err := get(t, l, tenant, "/prometheus/api/v1/rules", nil, &s); err == nil && s.done(since) {
			return s.firing(t, tenant)
		} else if t.Context().Err() != nil || time.Since(since) > 4*time.Minute {
			t.Fatalf("tenant %s: the ruler has not evaluated its rules: %v, %+v", tenant, err, s)
		}
		time.Sleep(200 * time.Millisecond) // the ruler has no way to wait for it
	}
}

func (s state) done(since time.Time) bool {
	rules := 0
	for _, g := range s.Groups {
		if !g.LastEvaluation.After(since) {
			return false
		}
		for _, r := range g.Rules {
			if r.Health == "unknown" {
				return false
			}
			rules++
		}
	}
	return rules == len(lokiAlerts())
}

func (s state) firing(t *testing.T, tenant string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, g := range s.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				t.Errorf("tenant %s: %s: %s: %s", tenant, r.Name, r.Health, r.LastError)
			}
			if r.State == "firing" && len(r.Alerts) > 0 {
				out[r.Name] = r.Alerts[0].Annotations["summary"]
				if v := r.Alerts[0].Value; strings.HasPrefix(v, "-") || v == "0" || v == "0e+00" {
					t.Errorf("tenant %s: %s fires with %s: Grafana's form wants values above zero", tenant, r.Name, v)
				}
			}
		}
	}
	return out
}

// TestAlertsFireOnTheirIncidentOnly gives each alert a tenant with an ordinary
// hour and its incident, and one tenant the ordinary hour alone. The ruler of
// a real Loki evaluates the shipped rules; only what belongs may fire.
func TestAlertsFireOnTheirIncidentOnly(t *testing.T) {
	tenants := append(lokiAlerts(), quiet)
	l := ruled(t, tenants)
	now := time.Now()
	feed(t, l.URL(), quiet, incident.Ordinary(now))
	for _, name := range lokiAlerts() {
		i, ok := ofAlert(name)
		if !ok {
			t.Errorf("%s has no incident", name)
			continue
		}
		feed(t, l.URL(), name, i.Lines(now))
	}
	fed := time.Now()
	if got := firing(t, l, quiet, fed); len(got) > 0 {
		t.Errorf("in an ordinary hour these fire: %v", got)
	}
	for _, name := range lokiAlerts() {
		i, _ := ofAlert(name)
		got := firing(t, l, name, fed)
		if got[name] == "" {
			t.Errorf("%s does not fire on its incident", name)
		} else if strings.Contains(got[name], "<no value>") || strings.Contains(got[name], "error expanding") || strings.Contains(got[name], "  ") {
			t.Errorf("%s: summary %q", name, got[name])
		}
		for other := range got {
			if other != name && !slices.Contains(i.Also, other) {
				t.Errorf("%s: %s fires too: %s", name, other, got[other])
			}
		}
		for _, other := range i.Also {
			if got[other] == "" {
				t.Errorf("%s: %s does not fire with it", name, other)
			}
		}
		t.Logf("%s: %s", name, got[name])
	}
}
