package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/demo"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// metrics are the ports of loopback between which numbers go: Prometheus asks
// the plugin, Fluent Bit and Loki; Loki's ruler writes to Prometheus.
type metrics struct {
	prometheus, loki, plugin, fluentBit string
	dir                                 string
	started                             time.Time
}

func newMetrics() (m metrics, err error) {
	for _, port := range []*string{&m.prometheus, &m.loki, &m.plugin, &m.fluentBit} {
		if *port, err = freePort(); err != nil {
			return m, err
		}
	}
	m.started = time.Now()
	m.dir, err = os.MkdirTemp("", "zimbraloki-look-")
	return m, err
}

const loopback = "127.0.0.1:"

// every is how often Prometheus asks and the ruler computes: a picture is of
// minutes, not of hours.
const every = "5s"

// start starts the Prometheus of PATH with conf/prometheus. Without one panels
// about metrics say that they cannot reach it.
func (m metrics) start(ctx context.Context, root string) (*server, error) {
	path, err := exec.LookPath("prometheus")
	if err != nil {
		fmt.Println("no prometheus in PATH: panels about metrics will fail")
		return &server{url: "http://127.0.0.1:9"}, nil
	}
	folder := filepath.Join(root, "conf", "prometheus")
	text, err := os.ReadFile(filepath.Join(folder, "prometheus.yaml"))
	if err != nil {
		return nil, err
	}
	text = []byte(strings.NewReplacer(
		"scrape_interval: 15s", "scrape_interval: "+every, "rules/*.yaml", folder+"/rules/*.yaml",
		"fluent-bit:2112", loopback+m.plugin, "fluent-bit:2020", loopback+m.fluentBit, "loki:3100", loopback+m.loki,
	).Replace(string(text)))
	conf := filepath.Join(m.dir, "prometheus.yaml")
	if err := write(conf, text); err != nil {
		return nil, err
	}
	s := &server{url: "http://" + loopback + m.prometheus}
	s.cmd = exec.Command(path, "--config.file="+conf, "--storage.tsdb.path="+filepath.Join(m.dir, "data"),
		"--web.listen-address="+loopback+m.prometheus, "--web.enable-remote-write-receiver")
	return s, s.start(ctx, "/-/ready")
}

// options has the demo go on after the logs of the past, with numbers that can be
// asked; a real Loki evaluates conf/loki/rules/fake/recording.yaml.
func (m metrics) options(root string, o *demo.Options) error {
	o.Keep = true
	o.Properties = [][2]string{{"metrics_listen", loopback + m.plugin}}
	o.Metrics = loopback + m.fluentBit
	if _, err := fmt.Sscan(m.loki, &o.Port); err != nil {
		return err
	}
	if o.Server.Kind != lokirun.Loki {
		fmt.Println("no real Loki: the row of Overview about recording rules will be empty")
		return nil
	}
	text, err := os.ReadFile(filepath.Join(root, "conf", "loki", "rules", "fake", "recording.yaml"))
	if err != nil {
		return err
	}
	text = []byte(strings.ReplaceAll(string(text), "interval: 1m", "interval: "+every))
	if err := write(filepath.Join(m.dir, "rules", "fake", "recording.yaml"), text); err != nil {
		return err
	}
	type tree = map[string]any
	o.Config = tree{"ruler": tree{
		"rule_path": filepath.Join(m.dir, "scratch"),
		"storage":   tree{"type": "local", "local": tree{"directory": filepath.Join(m.dir, "rules")}},
		"ring":      tree{"kvstore": tree{"store": "inmemory"}},
		"wal":       tree{"dir": filepath.Join(m.dir, "ruler-wal")},
		"remote_write": tree{"enabled": true, "clients": tree{
			"prometheus": tree{"url": "http://" + loopback + m.prometheus + "/api/v1/write"},
		}},
	}}
	return nil
}

// enough is how many points of a series make a picture.
const enough = 36

// ripe waits until Prometheus holds enough points of what is asked.
func (m metrics) ripe(ctx context.Context, selector string) error {
	ctx, cancel := context.WithTimeout(ctx, 6*time.Minute)
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	said := false
	for {
		n, err := m.points(ctx, selector)
		if err != nil {
			return err
		}
		if n >= enough {
			return nil
		}
		if !said {
			fmt.Printf("waiting for numbers: %d points of %s, want %d\n", n, selector, enough)
			said = true
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("prometheus has %d points of %s: %w", n, selector, ctx.Err())
		case <-tick.C:
		}
	}
}

// points counts those of the longest series.
func (m metrics) points(ctx context.Context, selector string) (n int, err error) {
	query := url.Values{"query": {"max(count_over_time(" + selector + "[1h]))"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback+m.prometheus+"/api/v1/query?"+query.Encode(), http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, err
	}
	for _, r := range answer.Data.Result {
		if _, err := fmt.Sscan(fmt.Sprint(r.Value[1]), &n); err != nil {
			return 0, err
		}
	}
	return n, nil
}
