package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// numberLines are lines of the last minutes, with their file, whose fields hold
// a number of every unit.
func numberLines(now time.Time) map[string][]string {
	bsd := now.UTC().Format(time.Stamp) + " mx1 "
	deferred := func(id string, delay float64) string {
		return fmt.Sprintf(bsd+"postfix/smtp[1]: %s: to=<a@example.net>, relay=none, delay=%g, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect: timed out)", id, delay)
	}
	queued := func(id string, size, nrcpt int) string {
		return fmt.Sprintf(bsd+"postfix/qmgr[1]: %s: from=<a@example.com>, size=%d, nrcpt=%d (queue active)", id, size, nrcpt)
	}
	return map[string][]string{
		"/var/log/zimbra.log": {
			deferred("4A1B2C3D4E1", 900.1), deferred("4A1B2C3D4E2", 899.9), deferred("4A1B2C3D4E3", 0.05),
			queued("4A1B2C3D4E1", 10_000_001, 21), queued("4A1B2C3D4E2", 9_999_999, 9),
			bsd + "amavis[1]: (1-1) Passed SPAMMY {RelayedTaggedInbound}, [198.51.100.7]:1 [198.51.100.7] <a@example.net> -> <b@example.com>, Queue-ID: 4A1B2C3D4E1, mail_id: abcdefghijkl, Hits: 15.1, size: 1200, 2500 ms",
		},
		"/opt/zimbra/log/mailbox.log": {
			stamp(now) + " INFO  [qtp1-2] [name=a@example.com;mid=7;] soap - SearchRequest elapsed=3001",
			stamp(now) + " INFO  [qtp1-2] [name=a@example.com;mid=8;] soap - SearchRequest elapsed=999",
		},
	}
}

// TestNumbersCompare asks for every way to compare a number that
// docs/fields.md states, and for values on both sides of a bound.
func TestNumbersCompare(t *testing.T) { each(t, lokirun.Options{}, testNumbersCompare) }

func testNumbersCompare(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, nil)
	now := time.Now().Truncate(time.Second).Add(-time.Minute)
	for path, text := range numberLines(now) {
		p.flush("zimbra", chunkOf(now.Add(time.Minute), path, text...))
	}
	f := func(filter string, want int) {
		t.Helper()
		got := query(t, l, `{job="zimbra"} | `+filter)
		if len(got) != want {
			t.Errorf("%s: %d entries, want %d", filter, len(got), want)
		}
		for _, e := range got {
			if v := e.Metadata["__error__"]; v != "" {
				t.Errorf("%s: %s", filter, v)
			}
		}
	}
	f(`delay > 15m`, 1)
	f(`delay > 899s`, 2)
	f(`delay < 100ms`, 1)
	f(`delay >= 900.1s`, 1)
	f(`size > 10MB`, 1)
	f(`size > 9999999`, 1)
	f(`size > 1KB and size < 10MB`, 2)
	f(`size > 9MiB`, 2)
	f(`duration_ms > 3000`, 1)
	f(`duration_ms >= 999`, 3)
	f(`recipients > 20`, 1)
	f(`score > 15`, 1)
	f(`mailbox_id = 7`, 1)
	for _, n := range format.Numbers() { // without an error, whatever it finds
		query(t, l, `{job="zimbra"} | `+n.Example+` `+n.Compare+` | __error__=""`)
	}

	m := func(logql string, want float64) {
		t.Helper()
		got, err := l.Metric(t.Context(), logql, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Value != want {
			t.Errorf("%s: %+v, want %v", logql, got, want)
		}
	}
	m(`max(max_over_time({job="zimbra"} | delay!="" | unwrap duration_seconds(delay) [10m]))`, 900.1)
	m(`max(max_over_time({job="zimbra"} | component="soap" | unwrap duration_ms [10m]))`, 3001)
	m(`max(max_over_time({job="zimbra"} | recipients!="" | unwrap size [10m]))`, 10_000_001)
}
