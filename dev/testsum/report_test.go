package main

import (
	"encoding/json"
	"testing"
)

func TestReport(t *testing.T) {
	s := newSummary()
	f := func(e event) {
		t.Helper()
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		s.line(b)
	}
	one := func(name, text, action string) {
		t.Helper()
		f(event{Action: "output", Package: "p", Test: name, Output: "=== RUN   " + name + "\n"})
		f(event{Action: "output", Package: "p", Test: name, Output: text})
		f(event{Action: action, Package: "p", Test: name})
	}
	one("TestA/serve", "    runtest.go:71: asked server: serve\n", "pass")
	one("TestA/loki", "    runtest.go:63: no real Loki: set LOKI\n", "skip")
	one("TestB/loki", "    other.go:9: no real Loki: set LOKI\n", "skip")
	one("TestC", "    c_test.go:9: no nginx\n", "skip")
	one("TestD", "    c_test.go:10: asked server: loki\n", "fail")
	one("TestE", "", "skip")
	const want = `left out    2: no real Loki: set LOKI
left out    1: no nginx
left out    1: no reason given
servers asked: zimbraloki serve in 1 tests, Loki in 1
1 passed, 1 failed, 4 skipped
`
	if got := s.report(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
