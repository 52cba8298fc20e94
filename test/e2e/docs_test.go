package e2e_test

import (
	"io"
	"regexp"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/demo"
	"github.com/zimbraloki/zimbraloki/dev/demo/demotest"
	"github.com/zimbraloki/zimbraloki/dev/docqueries"
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
		f(t, demotest.Run(t, demo.Options{Build: build, Server: bin}))
	})
}

// documented returns the queries of the READMEs and of docs that stand in blocks
// of LogQL, by file.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	list, err := docqueries.Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string][]string{}
	for _, q := range list {
		if q.Marked {
			queries[q.File] = append(queries[q.File], q.Text)
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
