package transform

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
)

// TestPflogsummCounts: on logs that real daemons wrote, deliveries, deferrals,
// bounces, rejects, holds and discards are as many as pflogsumm counts
// (counts.txt). It does not know milter-reject.
func TestPflogsummCounts(t *testing.T) {
	dir := filepath.Join("testdata", "real")
	counts, err := os.ReadFile(filepath.Join(dir, "counts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	r := benchRun(t, Options{})
	files := 0
	for row := range strings.Lines(string(counts)) {
		f := strings.Fields(row)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		files++
		got := countPostfix(t, r, filepath.Join(dir, f[0]))
		for _, pair := range f[1:] {
			name, n, _ := strings.Cut(pair, "=")
			if want, err := strconv.Atoi(n); err == nil && counted[name] && got[name] != want {
				t.Errorf("%s: %s %d, pflogsumm counts %d", f[0], name, got[name], want)
			}
		}
	}
	if files == 0 {
		t.Error("counts.txt names no file")
	}
}

var counted = map[string]bool{"delivered": true, "deferrals": true, "bounced": true, "rejected": true, "held": true, "discarded": true}

func countPostfix(t *testing.T, r *Run, file string) map[string]int {
	t.Helper()
	in, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for line := range strings.Lines(string(in)) {
		d, ok := readSyslog(r, strings.TrimSuffix(line, "\n"))
		if !ok || d.Format != &mta.Postfix {
			continue
		}
		switch d.Get(format.FieldAction) + " " + d.Get(format.FieldStatus) {
		case "deliver sent":
			got["delivered"]++
		case "deliver deferred":
			got["deferrals"]++
		case "deliver bounced":
			got["bounced"]++
		}
		switch d.Get(format.FieldAction) {
		case "reject":
			got["rejected"]++
		case "hold":
			got["held"]++
		case "discard":
			got["discarded"]++
		}
	}
	return got
}
