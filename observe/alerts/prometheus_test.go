package alerts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// metrics are, for each alert of Prometheus, a series that is well and one that
// is not, a value a minute for an hour.
var metrics = map[string]struct{ series, well, ill string }{
	"ZimbralokiDown":          {`up{job="zimbraloki", instance="a"}`, "1x60", "0x60"},
	"ZimbralokiDropping":      {`zimbraloki_dropped_total{instance="a", reason="too_old"}`, "7x60", "0+1x60"},
	"ZimbralokiDeadLetters":   {`zimbraloki_dead_letters_total{instance="a", reason="too_old"}`, "7x60", "0+1x60"},
	"ZimbralokiMisconfigured": {`zimbraloki_push_total{instance="a", result="config"}`, "0x60", "0+1x60"},
	"LokiRateLimits":          {`loki_discarded_samples_total{tenant="t", reason="rate_limited"}`, "7x60", "0+1x60"},
	"LokiDiscards":            {`loki_discarded_samples_total{tenant="t", reason="line_too_long"}`, "7x60", "0+1x60"},
	"ZimbralokiLabelFull":     {`zimbraloki_label_overflow_total{instance="a"}`, "0x60", "0+1x60"},
	"ZimbralokiLate":          {`zimbraloki_late_total{instance="a"}`, "0x60", "0+1x60"},
	// Times are seconds since 1970, where the clock of the test begins.
	"ZimbralokiNotDelivering": {`zimbraloki_last_success_timestamp_seconds{instance="a"}`, "0+60x60", "60x60"},
	"ZimbralokiBehind":        {`zimbraloki_newest_timestamp_seconds{instance="a", log="mailbox"}`, "0+60x60", "60x60"},
}

// besides is what a shipper counts whether it is well or not.
const besides = `
      - {series: 'zimbraloki_chunks_total{instance="a", result="retry"}', values: '0+1x60'}
      - {series: 'zimbraloki_lines_total{instance="a"}', values: '0+100x60'}`

// TestPrometheusAlerts lets promtool evaluate the shipped rules.
func TestPrometheusAlerts(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	rules, err := RuleFile(Prometheus, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("rule_files: [rules.yaml]\ntests:\n")
	for _, g := range Of(Prometheus) {
		for _, a := range g.Alerts {
			m, ok := metrics[a.Name]
			if !ok {
				t.Errorf("%s has no series", a.Name)
				continue
			}
			// count() is 1 where the alert fires, and absent where not.
			for _, c := range [][2]string{{m.ill, "[{labels: '{}', value: 1}]"}, {m.well, "[]"}} {
				fmt.Fprintf(&b, "  - interval: 1m\n    input_series:\n      - {series: '%s', values: '%s'}%s\n    promql_expr_test:\n      - expr: count(ALERTS{alertname=\"%s\", alertstate=\"firing\"})\n        eval_time: 50m\n        exp_samples: %s\n",
					m.series, c[0], besides, a.Name, c[1])
			}
		}
	}
	for name, text := range map[string]string{"rules.yaml": string(rules), "test.yaml": b.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check", "rules", filepath.Join(dir, "rules.yaml")}, {"test", "rules", filepath.Join(dir, "test.yaml")}} {
		if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", args[0], err, out)
		}
	}
}
