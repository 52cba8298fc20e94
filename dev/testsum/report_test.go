package main

import (
	"encoding/json"
	"strings"
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
	one("TestF/serve", "    runtest.go:71: asked server: serve\n    f_test.go:7: what it found\nprinted\n    f_test.go:8: no fluent-bit\n        and how to get it\n", "skip")
	// A package whose time is up ends without an end of its tests.
	f(event{Action: "output", Package: "q", Test: "TestG/sub", Output: "panic: test timed out after 12m0s\n"})
	f(event{Action: "output", Package: "q", Test: "TestG/sub", Output: "\trunning tests:\n"})
	f(event{Action: "output", Package: "q", Test: "TestG/sub", Output: "\t\tTestG (12m0s)\n"})
	f(event{Action: "output", Package: "q", Test: "TestG/sub", Output: "\t\tTestG/sub (11m59s)\n"})
	f(event{Action: "output", Package: "q", Test: "TestG/sub", Output: "\ngoroutine 19 [running]:\n\t\tTestH (1s)\n"})
	f(event{Action: "output", Package: "q", Output: "FAIL\tq\t720.1s\n"})
	f(event{Action: "fail", Package: "q"})
	if last := s.failures[len(s.failures)-1]; !strings.Contains(last, "goroutine 19") {
		t.Errorf("the stacks of the timeout are not shown: %q", last)
	}
	const want = `timed out q, running: TestG (12m0s), TestG/sub (11m59s)
left out    2: no real Loki: set LOKI
left out    1: no fluent-bit
left out    1: no nginx
left out    1: no reason given
servers asked: zimbraloki serve in 2 tests, Loki in 1
1 passed, 2 failed, 5 skipped
`
	if got := s.report(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTap reads what Node's runner prints: by itself, and on a terminal.
func TestTap(t *testing.T) {
	f := func(text string, failed bool, passed, failures, broken, skipped int) {
		t.Helper()
		s := newSummary()
		s.tap("page", text, failed, 0)
		if s.passed != passed || s.failed != failures || s.broken != broken || s.skipped != skipped {
			t.Errorf("%q: %d passed, %d failed, %d broken, %d skipped", text, s.passed, s.failed, s.broken, s.skipped)
		}
	}
	f("# pass 3\n# fail 0\n# skipped 1\n", false, 3, 0, 0, 1)
	f("ℹ pass 1\nℹ fail 2\nℹ skipped 0\n", true, 1, 2, 0, 0)
	f("no such module\n", true, 0, 0, 1, 0)
}

func TestSift(t *testing.T) {
	f := func(without, dirs, wantKeep, wantLeft string) {
		t.Helper()
		keep, left := sift("/src", without, strings.Fields(dirs))
		if k, l := strings.Join(keep, " "), strings.Join(left, " "); k != wantKeep || l != wantLeft {
			t.Errorf("without %s: %q, left out %q", without, k, l)
		}
	}
	f("test", "/src /src/cli /src/test /src/test/e2e /src/testing", "./. ./cli ./testing", "test test/e2e")
	f("cli/ask", "/src/cli /src/cli/ask", "./cli", "cli/ask")
}
