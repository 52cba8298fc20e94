package labels

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs"
)

// TestRun: a label of many values is counted and warned of, by the way of ship.
func TestRun(t *testing.T) {
	f := func(want, labelKeys string) {
		t.Helper()
		cfg, err := config.ParseValues(func(key string) string {
			return map[string]string{"timezone": "UTC", "label_keys": labelKeys, "label_value_limit": "1000"}[key]
		})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "mail1", "mailbox.log")
		var text strings.Builder
		for i := range 150 {
			fmt.Fprintf(&text, "2026-08-02 %02d:00:00,000 INFO  [main] [name=u%d@example.com;] misc - x\n", i/50, i%120)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Run(t.Context(), logs.Options{Paths: []string{path}, Config: cfg, Stderr: io.Discard, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := got.WriteText(&out); err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(out.String(), "\n")
		if line != want {
			t.Errorf("%s, want %s\n%s", line, want, &out)
		}
		if warned := strings.Contains(out.String(), "warning: label user has 120 values"); warned != (labelKeys != "") {
			t.Errorf("label_keys %q:\n%s", labelKeys, &out)
		}
	}
	f("150 entries in 1 stream; 3 hours with 1.0 of them each, at most 1", "")
	f("150 entries in 120 streams; 3 hours with 50.0 of them each, at most 50", "user")
}

// TestWarnings: what Loki would refuse is told.
func TestWarnings(t *testing.T) {
	c := &counter{streams: map[string]*stream{}, hours: map[int64]map[string]bool{}}
	many := []entry.Pair{{Name: "long", Value: strings.Repeat("x", maxLabelBytes+1)}}
	for i := range maxLabels {
		many = append(many, entry.Pair{Name: fmt.Sprint("l", i), Value: "v"})
	}
	c.see(nil, &entry.Entry{Labels: &entry.Labels{Pairs: many, Text: "many"}})
	for i := range maxStreams {
		c.see(nil, &entry.Entry{Labels: &entry.Labels{Text: fmt.Sprint(i)}})
	}
	got := strings.Join(c.forecast().Warnings, "\n")
	for _, want := range []string{"max_label_names_per_series", "max_global_streams_per_user", "max_label_value_length"} {
		if !strings.Contains(got, want) {
			t.Errorf("no warning of %s:\n%s", want, got)
		}
	}
}
