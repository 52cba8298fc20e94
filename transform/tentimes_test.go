package transform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
)

// TestTenTimes sends ten times what is taken: nothing is lost without a mark.
func TestTenTimes(t *testing.T) {
	const head = "2026-08-02 16:49:04,242 WARN  [main] [] misc - "
	f := func(name string, o Options, lines []string, check func(entries []string) string) {
		t.Helper()
		o.Location = time.UTC
		s := play(t, New(o), "zimbra.mailbox", chunkOf(lines, benchArrival), true)
		if wrong := check(s.entries); wrong != "" {
			t.Errorf("%s: %s: %.300s", name, wrong, s.entries)
		}
	}
	contains := func(n int, all ...string) func([]string) string {
		return func(entries []string) string {
			if len(entries) != n {
				return fmt.Sprintf("%d entries, want %d", len(entries), n)
			}
			for _, want := range all {
				if !strings.Contains(strings.Join(entries, "\n"), want) {
					return "no " + want
				}
			}
			return ""
		}
	}
	f("line", Options{}, []string{head + strings.Repeat("x", 10*DefaultMaxLineBytes)}, contains(11, `"truncated"`, `"continued"`))

	trace := []string{head + "broken", "java.io.IOException: first"}
	for range 10*java.MaxTraceLines - 2 {
		trace = append(trace, "\tat a.b.C.d(C.java:1)")
	}
	trace = append(trace, "Caused by: java.lang.Error: last")
	f("trace", Options{MaxLines: 20 * java.MaxTraceLines}, trace, contains(1, `"exception":"java.io.IOException"`, "java.lang.Error: last"))

	const deep = 320
	record := `{"log":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `,"stream":"stdout"}`
	f("depth", Options{}, []string{record}, contains(1, strings.Repeat("[", deep)))

	var to []string
	for i := range 10 * format.MaxRecipients {
		to = append(to, fmt.Sprintf("<u%d@example.com>", i))
	}
	f("recipients", Options{}, []string{"Aug  2 16:49:02 mx1 amavis[1]: (00001-01) Passed CLEAN {RelayedInternal}, [192.0.2.1] <a@example.com> -> " +
		strings.Join(to, ",") + ", Queue-ID: 4A1B2C3D4F5, 5 ms"}, func(entries []string) string {
		_, meta, _ := strings.Cut(entries[0], `"metadata"`)
		meta, _, _ = strings.Cut(meta, `"line"`)
		if n := strings.Count(meta, "@example.com"); n < format.MaxRecipients || n > format.MaxRecipients+2 {
			return fmt.Sprintf("%d addresses in %s", n, meta)
		}
		return contains(1, "u199@example.com")(entries)
	})

	var many []string
	for i := range 10 * DefaultLabelValueLimit {
		many = append(many, "2026-08-02 16:49:04,242 INFO  [t] [ua="+fmt.Sprintf("agent%d;", i)+"] soap - NoOpRequest elapsed=1")
	}
	f("label values", Options{LabelKeys: []string{"user_agent"}}, many, func(entries []string) string {
		others := strings.Count(strings.Join(entries, "\n"), `"user_agent":"__other__"`)
		if want := 9 * DefaultLabelValueLimit; others != want {
			return fmt.Sprintf("%d others, want %d", others, want)
		}
		return contains(10*DefaultLabelValueLimit, `"user_agent_value":"agent999"`)(entries)
	})
	f("label value", Options{LabelKeys: []string{"user_agent"}}, []string{"2026-08-02 16:49:04,242 INFO  [t] [ua=" + strings.Repeat("x", 10*maxLabelValue) + ";] soap - x"},
		contains(1, `"user_agent":"__other__"`))
}

// TestManyWaiting: of ten times the entries that may wait none is lost, and
// never more wait.
func TestManyWaiting(t *testing.T) {
	if testing.Short() {
		t.Skip("leaves thousands of mails waiting: not with -short")
	}
	var b chunk.Builder
	for i := range 10 * maxWaiting {
		b.Record(benchArrival+int64(i), "log", fmt.Sprintf("Aug  2 16:49:02 mx1 postfix/smtpd[%d]: 4A%09X: client=unknown[192.0.2.1]", i%100, i), "path", "/var/log/zimbra.log")
	}
	tr := New(Options{Location: time.UTC})
	var r *Run
	entries, most := 0, 0
	r = tr.Begin("zimbra", b.Bytes(), func(*entry.Entry) {
		entries++
		most = max(most, len(r.waits))
	})
	var rd chunk.Reader
	rd.Reset(b.Bytes())
	r.AddAll(&rd)
	r.Close(true)
	if entries != 10*maxWaiting || most == 0 || most > maxWaiting {
		t.Errorf("%d entries, want %d; %d waited, at most %d may", entries, 10*maxWaiting, most, maxWaiting)
	}
}
