package transform

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// corpusLines are the lines of the entries of one folder of the corpus.
type corpusLines struct{ all, unparsed, partly int }

// TestCorpusUnparsed: of no folder of real lines more than 1 % end as unparsed
// (lines are counted, not entries; empty ones are not), and what regular
// expressions find in any line of syslog is in its entry. docs/formats.md says
// which lines remain.
func TestCorpusUnparsed(t *testing.T) {
	dir := corpusDir(t)
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	count := map[string]corpusLines{}
	for _, file := range files {
		folder := filepath.Base(filepath.Dir(file))
		n := count[folder]
		in, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b chunk.Builder
		for line := range strings.Lines(string(in)) {
			b.Record(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).UnixNano(), "log", strings.TrimSuffix(line, "\n"))
		}
		transformChunk(New(Options{Location: time.UTC, NoMails: true}), "corpus", b.Bytes(), func(e *entry.Entry) {
			n.add(t, e)
			checkSpots(t, e)
		})
		count[folder] = n
	}
	var total corpusLines
	for folder, n := range count {
		t.Logf("%-14s %4d lines, %d unparsed, %d partly", folder, n.all, n.unparsed, n.partly)
		if n.unparsed*100 > n.all {
			t.Errorf("%s: %d of %d lines are unparsed, more than 1 %%", folder, n.unparsed, n.all)
		}
		total.all += n.all
	}
	if total.all < 400 {
		t.Errorf("only %d lines in the corpus", total.all)
	}
}

func (n *corpusLines) add(t *testing.T, e *entry.Entry) {
	for _, line := range append([]string{e.Line}, e.More...) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		n.all++
		if e.Format == format.Unparsed.Name {
			n.unparsed++
			t.Logf("unparsed: %q", line)
		}
	}
	if metaOf(e)["format"] == "partly" {
		n.partly++
	}
}

// Spots that stand in a line of syslog wherever the program puts them.
var (
	spotHeader = regexp.MustCompile(`^(?:[\w./-]+:)?(?:<\d+>)?(?:[A-Z][a-z]{2} +\d+ [\d:]{8}|\d{4}-\d\d-\d\dT\S+) (\S+) ([^\s\[:]+)\[(\d+)\]: (.*)$`)
	spotStatus = regexp.MustCompile(` status=(sent|deferred|bounced|expired|deliverable|undeliverable)[ ,(]`)
	spotDSN    = regexp.MustCompile(` dsn=(\d\.\d+\.\d+), `)
	spotTo     = regexp.MustCompile(`^[0-9A-F]{8,12}: to=<([^>]+)>,`)
	spotFrom   = regexp.MustCompile(`^[0-9A-F]{8,12}: from=<([^>]+)>, size=`)
	spotID     = regexp.MustCompile(`^([0-9A-F]{8,12}): `)
)

// checkSpots compares an entry with what the expressions find in its line.
func checkSpots(t *testing.T, e *entry.Entry) {
	t.Helper()
	m := spotHeader.FindStringSubmatch(e.Line)
	if m == nil || zimbra.IsLog4jBody(m[4]) || strings.HasPrefix(m[4], "message repeated") {
		return
	}
	meta := metaOf(e)
	want := map[string]string{"program": m[2], "pid": m[3]}
	if strings.HasPrefix(m[2], "postfix") {
		for name, re := range map[string]*regexp.Regexp{"queue_id": spotID, "status": spotStatus, "dsn": spotDSN, "to": spotTo, "from": spotFrom} {
			if f := re.FindStringSubmatch(m[4]); f != nil {
				want[name] = f[1]
			}
		}
	}
	if e.Labels.Get("host") != m[1] {
		t.Errorf("%s\n  host %q, want %q", e.Line, e.Labels.Get("host"), m[1])
	}
	for name, v := range want {
		if meta[name] != v {
			t.Errorf("%s\n  %s %q, want %q", e.Line, name, meta[name], v)
		}
	}
}
