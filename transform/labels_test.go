package transform

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// TestLabelValueLimit: a label with too many values goes on as __other__, its
// true value in the metadata, and is named once in the log; a chunk that comes
// again gets what it got first.
func TestLabelValueLimit(t *testing.T) {
	var logged bytes.Buffer
	tr := New(Options{
		Location: time.UTC, LabelKeys: []string{"$user", "client_ip"}, LabelValueLimit: 3,
		Log: slog.New(slog.NewTextHandler(&logged, nil)),
	})
	line := func(user, ip string) string {
		return fmt.Sprintf("2026-08-02 16:49:04,242 INFO  [t] [name=%s;ip=%s;] soap - NoOpRequest elapsed=1", user, ip)
	}
	check := func(s sent, i int, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(s.entries[i], w) {
				t.Errorf("entry %d has no %s:\n%s", i, w, s.entries[i])
			}
		}
	}
	data := chunkOf([]string{line("a", "192.0.2.1"), line("b", "192.0.2.1"), line("c", "192.0.2.1"), line("d", "192.0.2.1"), line("d", "192.0.2.2"), line("a", "192.0.2.3")}, benchArrival)
	s := play(t, tr, "zimbra.mailbox", data, false)
	check(s, 0, `"user":"a"},"metadata"`)
	check(s, 3, `"user":"__other__"},"metadata"`, `"user_value":"d"`, `"client_ip":"192.0.2.1"`)
	check(s, 4, `"user":"__other__"},"metadata"`, `"user_value":"d"`)
	check(s, 5, `"user":"a"},"metadata"`)
	if strings.Contains(s.entries[5], "_value") {
		t.Errorf("accepted value noted: %s", s.entries[5])
	}
	later := play(t, tr, "zimbra.mailbox", chunkOf([]string{line("e", "192.0.2.4"), line("b", "192.0.2.9")}, benchArrival), true)
	check(later, 0, `"user":"__other__"`, `"user_value":"e"`, `"client_ip":"__other__"`, `"client_ip_value":"192.0.2.4"`)
	check(later, 1, `"user":"b"`)
	if again := play(t, tr, "zimbra.mailbox", data, true); !slices.Equal(again.entries, s.entries) {
		t.Errorf("the chunk came again:\n%s\n---\n%s", strings.Join(again.entries, "\n"), strings.Join(s.entries, "\n"))
	}
	if n := strings.Count(logged.String(), "label=user "); n != 1 {
		t.Errorf("label user logged %d times:\n%s", n, &logged)
	}
	if n := strings.Count(logged.String(), "\n"); n != 2 {
		t.Errorf("%d lines logged, want one for each label:\n%s", n, &logged)
	}
}

// TestLabelValueLimitBuiltin: the labels of the formats have the limit too, also
// where the label set of a source is cached.
func TestLabelValueLimitBuiltin(t *testing.T) {
	tr := New(Options{Location: time.UTC, LabelValueLimit: 2})
	var lines []string
	for _, host := range []string{"a", "b", "c", "c", "a", "d", "d"} {
		lines = append(lines, "Aug  2 16:49:04 "+host+" mailboxd: INFO  [t] [host_value=x;] soap - NoOpRequest elapsed=1")
	}
	s := play(t, tr, "tail", chunkOf(lines, benchArrival), true)
	for i, want := range []string{`"host":"a"`, `"host":"b"`, `"host_value":"c"`, `"host_value":"c"`, `"host":"a"`, `"host_value":"d"`, `"host_value":"d"`} {
		if !strings.Contains(s.entries[i], want) {
			t.Errorf("entry %d has no %s: %s", i, want, s.entries[i])
		}
	}
}

func TestLabelTooLong(t *testing.T) {
	var logged bytes.Buffer
	tr := New(Options{Location: time.UTC, LabelKeys: []string{"user_agent"}, Log: slog.New(slog.NewTextHandler(&logged, nil))})
	line := func(ua string) string {
		return "2026-08-02 16:49:04,242 INFO  [t] [ua=" + ua + ";] soap - NoOpRequest elapsed=1"
	}
	s := play(t, tr, "zimbra.mailbox", chunkOf([]string{line(strings.Repeat("x", maxLabelValue+1)), line("short")}, benchArrival), true)
	if !strings.Contains(s.entries[0], `"user_agent":"__other__"`) || !strings.Contains(s.entries[0], `"user_agent_value":"xxx`) {
		t.Errorf("long value: %.300s", s.entries[0])
	}
	if !strings.Contains(s.entries[1], `"user_agent":"short"`) || logged.Len() > 0 {
		t.Errorf("short value after it: %s\nlogged %s", s.entries[1], &logged)
	}
}

// TestLabelKeys: static labels win, Loki's number of labels holds, and a key
// that cannot become a label stays metadata.
func TestLabelKeys(t *testing.T) {
	var logged bytes.Buffer
	tr := New(Options{
		Location: time.UTC, Log: slog.New(slog.NewTextHandler(&logged, nil)),
		Labels:    []entry.Pair{{Name: "job", Value: "mine"}, {Name: "user", Value: "static"}, {Name: "empty"}},
		LabelKeys: []string{"user", "protocol", "$protocol", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"},
	})
	s := play(t, tr, "zimbra.mailbox", chunkOf([]string{
		"2026-08-02 16:49:04,242 INFO  [ImapServer-1] [name=a;a1=1;a2=2;a3=3;a4=4;a5=5;a6=6;a7=7;a8=8;] imap - NOOP elapsed=1",
	}, benchArrival), true)
	want := `"labels":{"a1":"1","a2":"2","a3":"3","a4":"4","a5":"5","a6":"6","job":"mine","level":"info","log":"mailbox","protocol":"imap","service_name":"zimbra-mailbox","user":"static"}`
	if !strings.Contains(s.entries[0], want) {
		t.Errorf("\n got %s\nwant %s", s.entries[0], want)
	}
	for _, w := range []string{`"user":"a"`, `"a7":"7"`, `"a8":"8"`} {
		if !strings.Contains(s.entries[0][strings.Index(s.entries[0], `"metadata"`):], w) {
			t.Errorf("metadata has no %s: %s", w, s.entries[0])
		}
	}
	if n := strings.Count(logged.String(), "stays metadata"); n != 4 {
		t.Errorf("%d keys named, want 4:\n%s", n, &logged)
	}
}

func TestLabelText(t *testing.T) {
	got := labelText([]entry.Pair{{Name: "a", Value: `x"\y`}, {Name: "b", Value: "é\n"}})
	if want := `{a="x\"\\y", b="é\n"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
