package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// foreign is a Grafana that was there before us: its data sources have names and
// uids of its own, and nothing of ours is provisioned.
func foreign(dir string) error {
	const text = `apiVersion: 1
datasources:
  - {name: Graphs of the company, uid: mX4k, type: prometheus, access: proxy, url: $PROMETHEUS_URL, isDefault: true}
  - {name: Logs of the company, uid: lQ7z, type: loki, access: proxy, url: $LOKI_URL}
`
	return write(filepath.Join(dir, "datasources", "company.yaml"), []byte(text))
}

// load imports a dashboard, as docs/grafana.md says.
func load(ctx context.Context, grafana, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"dashboard": json.RawMessage(text), "overwrite": true})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, grafana+"/api/dashboards/db", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("import of %s: status %d: %s", filepath.Base(file), resp.StatusCode, answer)
	}
	return err
}

// imported imports the dashboards into a foreign Grafana: they show what they
// show in ours, as far as a screen goes.
func imported(ctx context.Context, ours, theirs camera, files []string) error {
	var errs []error
	for _, file := range files {
		uid := strings.TrimSuffix(filepath.Base(file), ".json")
		errs = append(errs, said("import of "+uid, same(ctx, ours, theirs, file, uid)))
	}
	return errors.Join(errs...)
}

func same(ctx context.Context, ours, theirs camera, file, uid string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if err := load(ctx, theirs.grafana, file); err != nil {
		return err
	}
	var empty [2][]string
	for i, c := range []camera{ours, theirs} {
		if err := glance(ctx, c.dashboard(uid)); err != nil {
			return err
		}
		var failed []string
		var err error
		if empty[i], failed, err = complaints(ctx); err != nil || len(failed) > 0 {
			return errors.Join(err, fmt.Errorf("panels that fail: %s", strings.Join(failed, "; ")))
		}
	}
	if !slices.Equal(empty[0], empty[1]) {
		return fmt.Errorf("without data there: %q, here: %q", empty[1], empty[0])
	}
	return nil
}
