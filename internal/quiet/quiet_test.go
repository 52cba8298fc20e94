package quiet

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// clock is a time that moves only when told.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

// TestState plays a script, one word a step: "x" a failure of kind x, "ok" a
// success, "+10s" the clock moving on. want is what is said at each step that
// says something.
func TestState(t *testing.T) {
	f := func(script, want string) {
		t.Helper()
		c := &clock{t: time.Unix(1_800_000_000, 0)}
		s := State{Now: c.now}
		var said []string
		for _, step := range strings.Fields(script) {
			if d, ok := strings.CutPrefix(step, "+"); ok {
				c.t = c.t.Add(mustDuration(t, d))
				continue
			}
			if step == "ok" {
				if o, ended := s.OK(); ended {
					said = append(said, "ok:"+strconv.Itoa(o.Failures)+":"+o.Duration.String())
				}
				continue
			}
			if s.Fail(step) {
				said = append(said, step)
			}
		}
		if got := strings.Join(said, " "); got != want {
			t.Errorf("script %q\n got %q\nwant %q", script, got, want)
		}
	}
	f("", "")
	f("ok ok", "")
	f("a", "a")
	f("a a a", "a")
	f("a +10s a +5s ok", "a ok:2:15s")
	f("a ok ok", "a ok:1:0s")
	f("a ok a ok", "a ok:1:0s a ok:1:0s")                 // a new outage is said anew
	f("a +1s b +1s b +1s ok", "a b ok:3:3s")              // the outage began with its first failure
	f("a b a b a b", "a b")                               // flapping between two errors
	f("a b +61s a", "a b a")                              // … but not for ever
	f("a +61s a +61s a", "a")                             // the same error is said once, however long it lasts
	f("a +1h ok +1h a +2s ok", "a ok:1:1h0m0s a ok:1:2s") // duration starts over
}

func TestStateFailing(t *testing.T) {
	var s State
	f := func(want bool) {
		t.Helper()
		if got := s.Failing(); got != want {
			t.Errorf("Failing() = %v, want %v", got, want)
		}
	}
	f(false)
	s.Fail("a")
	f(true)
	s.OK()
	f(false)
}

// TestStateIsBounded: endless new kinds are said, and cost no memory.
func TestStateIsBounded(t *testing.T) {
	var s State
	for i := range 10 * maxSaid {
		if !s.Fail("kind " + strconv.Itoa(i)) {
			t.Fatalf("kind %d was not said", i)
		}
	}
	if len(s.said) > maxSaid {
		t.Errorf("remembers %d kinds, want at most %d", len(s.said), maxSaid)
	}
}

// TestTally plays a script: "x3" notes three of kind x, "+10s" moves the clock.
func TestTally(t *testing.T) {
	f := func(script, want string) {
		t.Helper()
		c := &clock{t: time.Unix(1_800_000_000, 0)}
		y := Tally{Now: c.now}
		var said []string
		for _, step := range strings.Fields(script) {
			if d, ok := strings.CutPrefix(step, "+"); ok {
				c.t = c.t.Add(mustDuration(t, d))
				continue
			}
			if n, say := y.Note(step[:1], int(step[1]-'0')); say {
				said = append(said, step[:1]+strconv.Itoa(n))
			}
		}
		if got := strings.Join(said, " "); got != want {
			t.Errorf("script %q\n got %q\nwant %q", script, got, want)
		}
	}
	f("", "")
	f("a1", "a1")
	f("a1 a2 a3", "a1")
	f("a1 a2 a3 +60s a1", "a1 a6")
	f("a1 +59s a2 +1s a1", "a1 a3")
	f("a1 b2 a1 b1 +60s b1 a1", "a1 b2 b2 a2")
}

func mustDuration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
