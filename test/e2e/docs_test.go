package e2e_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/demo"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

// eachDemo fills each server with the sample logs, through the shared object.
func eachDemo(t *testing.T, f func(t *testing.T, d *demo.Demo)) {
	t.Helper()
	notShort(t)
	build := runtest.Build(t, "zimbraloki.so", "host")
	runtest.EachProgram(t, func(t *testing.T, bin lokirun.Program) {
		d, err := demo.Run(t.Context(), demo.Options{Build: build, Server: bin, Log: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := d.Close(ctx); err != nil {
				t.Error(err)
			}
		})
		f(t, d)
	})
}

var logqlBlock = regexp.MustCompile("(?ms)^```logql\n(.*?)^```")

// documented returns the queries of the READMEs and of docs, by file: each
// block of LogQL holds one query a paragraph.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	root := "../.."
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string][]string{}
	for _, f := range append(files, filepath.Join(root, "README.md"), filepath.Join(root, "README.ru.md")) {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range logqlBlock.FindAllStringSubmatch(string(data), -1) {
			for _, q := range strings.Split(strings.TrimSpace(m[1]), "\n\n") {
				queries[filepath.Base(f)] = append(queries[filepath.Base(f)], q)
			}
		}
	}
	return queries
}

var metricQuery = regexp.MustCompile(`(?s)^\s*[a-z_]+[ (]`)

// TestDocumentedQueries runs every LogQL of the documentation and of the demo
// against the sample logs; each must return data.
func TestDocumentedQueries(t *testing.T) { eachDemo(t, testDocumentedQueries) }

func testDocumentedQueries(t *testing.T, d *demo.Demo) {
	if err := d.Ask(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
	all := documented(t)
	for _, i := range samplelogs.Incidents {
		all["incident "+i.Name] = []string{i.Query}
	}
	if len(all["README.md"]) == 0 {
		t.Error("the README holds no LogQL: the test looks for the wrong blocks")
	}
	for file, queries := range all {
		for _, q := range queries {
			if n, err := count(t, d, q); err != nil || n == 0 {
				t.Errorf("%s: %d results, error %v, for\n%s", file, n, err, q)
			}
		}
	}
}

func count(t *testing.T, d *demo.Demo, q string) (int, error) {
	if metricQuery.MatchString(q) {
		s, err := d.Server.Metric(t.Context(), q, d.End.Add(time.Minute))
		return len(s), err
	}
	e, err := d.Server.Query(t.Context(), q, d.Start.Add(-time.Hour), d.End.Add(time.Hour), 5, lokirun.Forward)
	return len(e), err
}
