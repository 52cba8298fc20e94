package e2e_test

import (
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/demo"
	"github.com/zimbraloki/zimbraloki/dev/demo/demotest"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/questions"
)

// TestAnswersAlike sends the sample logs through Fluent Bit and the plugin to
// serve and, where there is one, to a real Loki, and asks all questions that
// there are: both answer alike, and as `ask` does from the files.
func TestAnswersAlike(t *testing.T) {
	notShort(t)
	bits := runtest.FluentBits(t)
	build := runtest.Build(t, "zimbraloki.so")
	for _, bit := range bits {
		out, err := exec.Command(bit, "--version").Output()
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(string(out), "\n")
		t.Run(name, func(t *testing.T) { testAnswersAlike(t, demo.Options{Build: build, FluentBit: bit}) })
	}
}

func testAnswersAlike(t *testing.T, o demo.Options) {
	o.Server = embedded(t)
	bin, err := lokirun.Find()
	switch {
	case err == nil:
		o.Copies = []*lokirun.Server{runtest.Start(t, lokirun.Options{Bin: bin, Limits: lokirun.AsTheyCome()})}
		t.Logf("%s%s", lokirun.Asked, lokirun.Loki)
	case errors.Is(err, lokirun.ErrNoLoki):
		t.Logf("serve is compared with the files alone: %v", err)
	default:
		t.Fatal(err)
	}
	d := demotest.Run(t, o)
	all := everyQuestion(t)
	empty := 0
	for _, q := range all {
		serve := answer(t, d, q, "--loki", d.Server.URL())
		if len(serve) == 0 {
			empty++
		}
		alike(t, q, "the files", seconds(answer(t, d, q, d.Logs())), seconds(serve))
		for _, c := range o.Copies {
			alike(t, q, "Loki", answer(t, d, q, "--loki", c.URL()), serve)
		}
	}
	t.Logf("%d questions, %d of them without an answer", len(all), empty)
	if empty > len(all)/10 {
		t.Errorf("%d of %d questions have no answer", empty, len(all))
	}
}

// everyQuestion is the LogQL of the demo, of package questions, of the incidents
// and of the documentation, each once.
func everyQuestion(t *testing.T) (all []string) {
	t.Helper()
	for _, q := range demo.Questions {
		all = append(all, q.Query)
	}
	for _, q := range questions.All() {
		text, err := q.LogQL(q.Examples())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	for _, i := range samplelogs.Incidents {
		all = append(all, i.Query)
	}
	for _, list := range documented(t) {
		all = append(all, list...)
	}
	for _, q := range all {
		if m := topK.FindStringSubmatch(q); m != nil {
			all = append(all, m[1])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// seconds cuts the times of entries. The nanoseconds behind them keep entries of
// one instant apart within a chunk, and Fluent Bit ends its chunks elsewhere.
func seconds(lines []string) (cut []string) {
	for _, l := range lines {
		cut = append(cut, nanoseconds.ReplaceAllString(l, "${1}Z"))
	}
	slices.Sort(cut)
	return cut
}

var nanoseconds = regexp.MustCompile(`^(\{"time":"[^".]*)(?:\.\d*)?Z`)

// topK is a query for the largest of what another one gives.
var topK = regexp.MustCompile(`(?s)^topk\(\d+, (.*)\)$`)

// values are the values of an answer alone: of equal ones, any may be among the
// largest. What they were chosen from is asked for, too, and compared as a whole.
func values(lines []string) (list []string) {
	for _, l := range lines {
		_, v, _ := strings.Cut(l, `"value":`)
		list = append(list, v)
	}
	slices.Sort(list)
	return list
}

// answer is what `zimbraloki ask` prints, line by line, sorted: entries of one
// time have no order.
func answer(t *testing.T, d *demo.Demo, query string, where ...string) []string {
	t.Helper()
	args := []string{
		"ask", "-o", "jsonl", "--limit", "100000", "--since", d.Start.Add(-time.Hour).Format(time.RFC3339), "--until", d.End.Add(time.Hour).Format(time.RFC3339), query,
	}
	c := exec.Command(cli(t), append(args, where...)...)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Errorf("%s\nof %q: %v: %s", query, where, err, stderr.String())
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	slices.Sort(lines)
	if len(out) == 0 {
		return nil
	}
	return lines
}

// alike compares two answers.
func alike(t *testing.T, query, who string, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) || topK.MatchString(query) && slices.Equal(values(want), values(got)) {
		return
	}
	only := func(a, b []string) (list []string) {
		for _, x := range a {
			if _, ok := slices.BinarySearch(b, x); !ok && len(list) < 3 {
				list = append(list, x)
			}
		}
		return list
	}
	t.Errorf("%s\n%s: %d lines, serve: %d\nonly %s: %s\nonly serve: %s", query, who, len(want), len(got),
		who, strings.Join(only(want, got), "\n  "), strings.Join(only(got, want), "\n  "))
}
