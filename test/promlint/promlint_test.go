// Package promlint_test reads the metrics as Prometheus does. It is a module of
// its own, so that Prometheus' packages stay out of the plugin's go.mod.
package promlint_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// page returns what a pipeline serves after it has delivered some lines.
func page(t *testing.T) []byte {
	t.Helper()
	l := lokitest.New(lokitest.Options{})
	t.Cleanup(l.Close)
	cfg, err := config.Parse(func(key string) string {
		return map[string]string{"url": l.URL, "dead_letter_path": "off", "timezone": "UTC", "label_keys": "protocol"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.MetricsListen = "127.0.0.1:0"
	p, err := pipeline.Open(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	var b chunk.Builder
	now := time.Now()
	for _, text := range []string{" INFO  [main] [] misc - one", " WARN  [main] [ip=192.0.2.7;] security - cmd=Auth; account=a@example.com; protocol=imap; error=no;"} {
		b.Line(now.UnixNano(), "log", now.UTC().Format("2006-01-02 15:04:05,000")+text)
	}
	if r := p.Flush(t.Context(), "zimbra.opt.zimbra.log.mailbox.log", b.Bytes()); r != pipeline.OK {
		t.Fatalf("result %d", r)
	}
	resp, err := http.Get("http://" + p.MetricsAddr() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if f := expfmt.ResponseFormat(resp.Header); f.FormatType() != expfmt.TypeTextPlain {
		t.Errorf("Prometheus takes the answer for %q", f)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestLint is `promtool check metrics`.
func TestLint(t *testing.T) {
	problems, err := promlint.New(bytes.NewReader(page(t))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestParse reads the page with Prometheus' parser and holds it against the
// table: every metric is there with its type, and every value of a closed set.
func TestParse(t *testing.T) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(page(t)))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[dto.MetricType]string{dto.MetricType_COUNTER: "counter", dto.MetricType_GAUGE: "gauge", dto.MetricType_HISTOGRAM: "histogram"}
	for _, m := range pipeline.Metrics() {
		f := families[m.Name]
		if f == nil || len(f.Metric) == 0 {
			t.Errorf("%s is not on the page", m.Name)
			continue
		}
		if kinds[f.GetType()] != string(m.Kind) {
			t.Errorf("%s is a %v, want a %s", m.Name, f.GetType(), m.Kind)
		}
		var values []string
		for _, s := range f.Metric {
			var names []string
			for _, l := range s.Label {
				names = append(names, l.GetName())
			}
			if !slices.Equal(names, m.Labels) {
				t.Errorf("%s has the labels %v, want %v", m.Name, names, m.Labels)
			}
			if len(s.Label) > 0 {
				values = append(values, s.Label[0].GetValue())
			}
		}
		if m.Values != nil && !slices.Equal(values, m.Values) {
			t.Errorf("%s has the values %v, want %v", m.Name, values, m.Values)
		}
	}
}
