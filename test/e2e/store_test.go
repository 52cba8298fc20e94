package e2e_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// TestShipStore moves what a serve holds to another server while it is killed
// three times: labels, times, metadata and lines are the same there, each entry
// once. Loki has its default window for what comes late; what it adds to entries
// by itself is turned off.
func TestShipStore(t *testing.T) {
	each(t, lokirun.Options{Limits: lokirun.AsTheyCome()}, testShipStore)
}

func testShipStore(t *testing.T, l *lokirun.Server) {
	logs, work := t.TempDir(), t.TempDir()
	want := caseFolder(t, logs, 80)
	from := runtest.Start(t, lokirun.Options{Bin: embedded(t), Dir: filepath.Join(work, "from")})
	calm := &killer{}
	calm.ship(t, "--url", from.URL(), "--state", filepath.Join(work, "logs.json"), logs)
	had := allOf(t, from)
	if err := from.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	k := &killer{at: []int64{5, 400, 900}}
	proxy := k.serve(t, l.URL())
	kills := 0
	for {
		killed, out := k.ship(t, "--store", filepath.Join(work, "from", "serve"), "--url", proxy.URL, "--state", filepath.Join(work, "store.json"))
		if !killed {
			t.Log(out)
			break
		}
		kills++
	}
	if kills != len(k.at) {
		t.Errorf("killed %d times, want %d", kills, len(k.at))
	}
	got := allOf(t, l)
	if len(had) != want || len(got) != want {
		t.Errorf("%d entries in the store and %d where they were moved to, want %d", len(had), len(got), want)
	}
	for i := range min(len(had), len(got)) {
		if had[i] != got[i] {
			t.Fatalf("stored %s\nmoved  %s", had[i], got[i])
		}
	}
}

// TestShipStoreBehindNews: the plugin pushes to the new Loki already, so that it
// has newer entries of the streams. With its default window it takes none of the
// old ones, and ship says what to set; with that it takes all.
func TestShipStoreBehindNews(t *testing.T) {
	runtest.Loki(t) // without one there is nothing to do
	logs, news, work := t.TempDir(), t.TempDir(), t.TempDir()
	want := caseFolder(t, logs, 4)
	at := time.Now().UTC()
	mail, n := mailboxDay(at, 1)
	writeFile(t, news, "mail1/mailbox.log", mail, at)
	from := runtest.Start(t, lokirun.Options{Bin: embedded(t), Dir: filepath.Join(work, "from")})
	(&killer{}).ship(t, "--url", from.URL(), "--state", filepath.Join(work, "logs.json"), logs)
	if err := from.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	move := func(chunkAge string) (l *lokirun.Server, out string, err error) {
		l = runtest.Real(t, lokirun.Options{
			Limits: lokirun.AsTheyCome(),
			Config: map[string]any{"ingester": map[string]any{"max_chunk_age": chunkAge}},
		})
		(&killer{}).ship(t, "--url", l.URL(), "--state", filepath.Join(work, chunkAge+"-news.json"), news)
		b, err := exec.Command(cli(t), "ship", "--timezone", "UTC", "--store", filepath.Join(work, "from", "serve"), "--url", l.URL(), "--state", filepath.Join(work, chunkAge+".json")).CombinedOutput()
		return l, string(b), err
	}
	if _, out, err := move("2h"); err == nil || !strings.Contains(out, "raise max_chunk_age") {
		t.Errorf("with the default window: %v\n%s", err, out)
	}
	l, out, err := move("17520h")
	if err != nil {
		t.Fatalf("with a large window: %v\n%s", err, out)
	}
	if got := allOf(t, l); len(got) != want {
		t.Errorf("%d old entries are in Loki, want %d and %d new one", len(got), want, n)
	}
}

func embedded(t *testing.T) lokirun.Program {
	t.Helper()
	bin, err := lokirun.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// allOf returns the entries of caseFolder that a server has, each as text.
func allOf(t *testing.T, l *lokirun.Server) (list []string) {
	t.Helper()
	for day := time.Date(2025, 12, 9, 0, 0, 0, 0, time.UTC); day.Month() != time.February; day = day.AddDate(0, 0, 1) {
		entries, err := l.Query(t.Context(), `{job=~".+"}`, day, day.AddDate(0, 0, 1), 0, lokirun.Forward)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			list = append(list, fmt.Sprintf("%d %q %q %q", e.Time.UnixNano(), sorted(e.Labels), sorted(e.Metadata), e.Line))
		}
	}
	slices.Sort(list)
	return list
}
