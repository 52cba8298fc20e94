package engine

import (
	"encoding/json"
	"os"
	"strings"
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
	for _, q := range mended {
		kind, text, ok := strings.Cut(q, ": ")
		if !ok || kind != "instant" && kind != "range" {
			kind, text = "log", q
		}
		list = append(list, question{Kind: kind, Q: text, Start: fixtureStart, End: fixtureEnd, Time: fixtureEnd, Step: 1800, Limit: 8})
	}
	return list
}

// mended are questions that the engine once answered otherwise: of logs, unless
// they begin with another kind.
var mended = []string{
	// Parsers try filters of one label, the first of each, but not by a label.
	`{app="web"} | status="" | logfmt`,
	`{app="web"} | logfmt | label_format status="200" | status="200"`,
	`{app="web"} | status!="x" | status="" | logfmt`,
	`{app="web"} | status=~".*" | status="" | logfmt`,
	`{app="web"} | status="", status="" | logfmt`,
	`{app="web"} | status="" | logfmt status`,
	`{app="web"} | method!="GET" | pattern "<_>method=<method> <_>"`,
	`{app="web"} | word="" | regexp "(?P<word>zzz)?(?P<rest>.*)"`,
	`{app="misc"} | x="" | unpack`,
	`{app="api"} | user_name="" | json`,
	`{app="api"} | msg_extracted="" | json`,
	`{app="api"} | ok="" | json ok="ok"`,
	`{app="api"} | json | __error__="" | logfmt --strict`,
	`{app="web"} | __error__="" | logfmt --strict`,
	`{app="web"} | __error__="" | json`,
	`{app="api"} | json | __error__="LabelFilterErr" | size<=200`,
	`{app="api"} | json | ms>=500, level_extracted=~"i.*|E.*" | __error__="" | decolorize | logfmt --strict`,
	`{app="mail", host="m1"} | ip=ip("192.0.2.0/24") | keep code | pattern "<ip>=<who>"`,
	`instant: avg(count_over_time({app="mail", host="m1"} | size>1MB, took<=2s | ip=ip("192.0.2.0/24") | keep code | pattern "<ip> - <who>" [2h]))`,
	`instant: sum(count_over_time({app="web"} | status="" | logfmt [2h]))`,
	`instant: sum by () (count_over_time({app="web"} | status="" | logfmt [2h]))`,
	`instant: sum by (app) (count_over_time({app="web"} | status="" | logfmt [2h]))`,
	`instant: sum without (app) (count_over_time({app="web"} | status="" | logfmt [2h]))`,
	`instant: avg_over_time({app="web"} | status="" | logfmt | unwrap bytes [2h]) by (app)`,
	`instant: avg_over_time({app="api"} | json | label_format ok="x" | unwrap ms | ok="x" | __error__="" [2h]) by (pod)`,
	// What parsers of a metric query look for.
	`instant: sum(rate({app="api"} | json | level_extracted=~"i.*|E.*" [2h]))`,
	`instant: sum by (level_extracted) (rate({app="api"} | json | level_extracted="ERROR" [2h]))`,
	`instant: last_over_time({app="api"} | json | unwrap ms | outcome=~".*" [2h]) by ()`,
	`instant: sum(count_over_time({app="api"} | json | ms=~".*" [2h]))`,
	`instant: sum by (status) (count_over_time({app="web"} |= "bytes" | logfmt | unpack [2h]))`,
	`instant: sum by (status, nosuch) (count_over_time({app="web"} |= "bytes" | logfmt | unpack [2h]))`,
	`instant: sum by (x) (bytes_over_time({app="misc"} |= "_entry" | json | unpack [2h]))`,
	// Sizes behind unwrap are not rounded.
	`instant: avg_over_time({app="api"} | json | unwrap ms | __error__="" | size_extracted>300KiB [2h]) by (app)`,
	`instant: avg_over_time({app="mail"} | unwrap took_ms | size>3MiB [2h]) by (app)`,
	`instant: avg_over_time({app="mail"} | size>3MiB | unwrap took_ms [2h]) by (app)`,
	// The length of a line that is made of labels.
	"range: min by (app) (bytes_over_time({app=\"mail\"} | line_format `{{ .ms }}ms` [90s]))",
	"instant: sum(bytes_rate({app=\"web\"} | line_format `{{.user}} {{.nosuch}}` [10m]))",
	// .+ beside nothing is .+ alone.
	`{app="api"} | ok=~".+|"`,
	`{app="api"} | json | ok=~"|.+"`,
	`{app="api"} | json | ok!~"x||.+"`,
	`{app="api"} | json | ok=~"t.+|"`,
	`{app="misc"} !~ ".+|"`,
	// Labels without a value tell series apart.
	`instant: max without () (bytes_rate({app="misc"} | logfmt --keep-empty | __error__="" [2h]))`,
	`instant: sum without (n, app) (bytes_rate({app="misc"} | logfmt --keep-empty | __error__="" [2h]))`,
	`instant: sum without () (max without () (bytes_rate({app="misc"} | logfmt --keep-empty | __error__="" [2h])))`,
	`range: max without (app) (bytes_rate({app="misc"} | logfmt --keep-empty | __error__="" [2h]))`,
	// The text of an error that was dropped.
	`{app="web"} | json | drop __error__`,
	`{app="web"} | json | drop __error__, nosuch`,
	`{app="web"} | json | drop __error__, nosuch=""`,
	`{app="web"} | json | drop __error__ | label_format x="{{.__error_details__}}"`,
	`{app="api"} | json | drop __error__ | line_format "{{.__error_details__}}"`,
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
