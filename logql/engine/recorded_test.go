package engine

import (
	"encoding/json"
	"os"
	"testing"
)

// recordedFile holds what a real Loki 3.7 answered to generated questions.
// ZIMBRALOKI_RECORD=1 writes it anew, with a Loki as for TestLokiAgrees.
const recordedFile = "testdata/answers.json"

// recorded are the questions of the file: short answers, so that it stays small.
func recorded() (list []question) {
	g := newGenerator(3)
	for i := range 260 {
		q := g.question(i)
		q.Interval = 0 // Loki looks for it among as many entries as the limit says
		if q.Limit = min(q.Limit, 8); q.Kind == "range" {
			q.Step = 1800
		}
		list = append(list, q)
	}
	return list
}

// TestRecorded holds the engine against a Loki that need not be there.
func TestRecorded(t *testing.T) {
	src, list := fixture(), recorded()
	if os.Getenv("ZIMBRALOKI_RECORD") != "" {
		l, answers := startLoki(t, src), make([]any, len(list))
		for i := range list {
			q := &list[i]
			r, err := New(src, Options{MaxSeries: 1 << 20}).Query(t.Context(), q.params())
			answers[i], _, _ = l.agrees(t, q, answer(q, r, err))
		}
		data, err := json.Marshal(answers)
		if err == nil {
			err = os.WriteFile(recordedFile, data, 0o644) //nolint:gosec // committed, for all to read
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	var want []any
	if err := json.Unmarshal(data, &want); err != nil || len(want) != len(list) {
		t.Fatalf("%d answers for %d questions: %v; record them anew", len(want), len(list), err)
	}
	for i := range list {
		q := &list[i]
		r, err := New(src, Options{MaxSeries: 1 << 20}).Query(t.Context(), q.params())
		if got := answer(q, r, err); !same(got, want[i]) {
			t.Errorf("%d %s %s\n%s%v", i, q.Kind, q.Q, differ(got, want[i]), err)
		}
	}
}
