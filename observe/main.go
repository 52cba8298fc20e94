// Command observe writes what is generated for Grafana, Loki and Prometheus:
// dashboards, alerts, recording rules and docs/alerts.md. `make generate` runs
// it; with -check it only says which file is not as the code makes it.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zimbraloki/zimbraloki/observe/alerts"
	"github.com/zimbraloki/zimbraloki/observe/dash"
)

func main() {
	check := flag.Bool("check", false, "write nothing, fail if a file is not as the code makes it")
	root := flag.String("root", "..", "root of the repository")
	flag.Parse()
	files, err := files()
	if err == nil && *check {
		err = compare(*root, files)
	} else if err == nil {
		err = write(*root, files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "observe:", err)
		os.Exit(1)
	}
}

// dashboards is the folder of the dashboards, in which nothing else is.
const dashboards = "conf/grafana/dashboards"

// files returns all that is generated, by path from the root of the repository.
func files() (map[string][]byte, error) {
	out := map[string][]byte{"docs/alerts.md": alerts.Markdown()}
	add := func(path string, make func() ([]byte, error)) error {
		text, err := make()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		out[path] = text
		return nil
	}
	rules := func(s alerts.Source) func() ([]byte, error) {
		return func() ([]byte, error) { return alerts.RuleFile(s, nil) }
	}
	err := errors.Join(
		add("conf/loki/rules/fake/alerts.yaml", rules(alerts.Loki)),
		add("conf/loki/rules/fake/recording.yaml", alerts.RecordingFile),
		add("conf/prometheus/rules/zimbraloki.yaml", rules(alerts.Prometheus)),
		add("conf/grafana/provisioning/alerting/zimbra.yaml", alerts.GrafanaFile))
	for _, d := range dash.All() {
		err = errors.Join(err, add(dashboards+"/"+d.UID+".json", d.JSON))
	}
	return out, err
}

func write(root string, files map[string][]byte) error {
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare finds files that are not as the code makes them, and dashboards that
// no code makes.
func compare(root string, files map[string][]byte) error {
	var errs []error
	for path, text := range files {
		if got, err := os.ReadFile(filepath.Join(root, path)); err != nil {
			errs = append(errs, err)
		} else if !bytes.Equal(got, text) {
			errs = append(errs, fmt.Errorf("%s is not as the code makes it: run `make generate`", path))
		}
	}
	found, err := filepath.Glob(filepath.Join(root, dashboards, "*"))
	errs = append(errs, err)
	for _, path := range found {
		if files[dashboards+"/"+filepath.Base(path)] == nil {
			errs = append(errs, fmt.Errorf("%s is made by no code: remove it", path))
		}
	}
	return errors.Join(errs...)
}
