package ship

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestJournal: changes are read back on top of what the first line says; the
// line that a kill cut counts as not begun, any other damage is told.
func TestJournal(t *testing.T) {
	const head = `{"version":1,"started":"2026-01-01T00:00:00Z","sources":{"a":{"parts":[1,2],"done":{"part":0,"offset":5}}}}` + "\n"
	f := func(rest, want, wantErr string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(path, []byte(head+rest), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 { // what was read is written anew
			s, err := openState(path, false)
			if wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), wantErr) || !strings.Contains(err.Error(), "--restart") {
					t.Errorf("%s: %v, want %q", rest, err, wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			h := s.Sources["a"]
			if got := fmt.Sprint(h.Parts, h.Done, h.Ended, len(s.Sources)); got != want {
				t.Errorf("%s: %s, want %s", rest, got, want)
			}
			s.unlock()
		}
	}
	const one = `{"name":"a","done":{"part":1,"offset":7}}` + "\n"
	f("", "[1 2] {0 5} false 1", "")
	f(one, "[1 2] {1 7} false 1", "")
	f(one+one[:len(one)-1], "[1 2] {1 7} false 1", "")
	f(one+`{"name":"a","done":{"part":1,"offs`, "[1 2] {1 7} false 1", "")
	f(one+`{"name":"b","parts":[3],"done":{"part":0,"offset":1},"ended":true}`+"\n", "[1 2] {1 7} false 2", "")
	f(`{"name":"a","parts":[1],"done":{"part":0,"offset":9},"ended":true}`+"\n", "[1] {0 9} true 1", "")
	f("garbage\n"+one, "", "line 2")
	f(one+`{"name":"a","done":{"part":-5,"offset":7}}`+"\n", "", "part -5 of 2")
	f(one+`{"name":"a","done":{"part":2,"offset":7}}`+"\n", "", "part 2 of 2")
}

// TestJournalGrows: a chunk writes a line, not all sources, and the file stays a
// few times what it says.
func TestJournalGrows(t *testing.T) {
	if testing.Short() {
		t.Skip("journals 20,000 sources: not with -short")
	}
	path := filepath.Join(t.TempDir(), "state.json")
	s, err := openState(path, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20_000 {
		s.Sources[fmt.Sprint("mail1 logs/", i)] = &sourceState{Parts: []uint64{uint64(i)}}
	}
	if err := s.save(false); err != nil {
		t.Fatal(err)
	}
	whole, largest := s.journal.whole, int64(0)
	for i := range 20_000 {
		name := fmt.Sprint("mail1 logs/", i)
		s.Sources[name].Done.Offset = int64(i)
		before := s.journal.added
		if err := s.note(name); err != nil {
			t.Fatal(err)
		}
		if n := s.journal.added - before; n > 512 {
			t.Fatalf("change %d wrote %d bytes", i, n)
		}
		largest = max(largest, s.journal.added)
	}
	if largest > max(compactFrom, 2*whole)+512 {
		t.Errorf("%d bytes of changes behind %d", largest, whole)
	}
	s.unlock()
	if s, err = openState(path, false); err != nil {
		t.Fatal(err)
	}
	defer s.unlock()
	if got := s.Sources["mail1 logs/19999"].Done.Offset; got != 19999 || len(s.Sources) != 20_000 {
		t.Errorf("offset %d, %d sources", got, len(s.Sources))
	}
}

// TestLargeState: a position file of ten times the limit is not read.
func TestLargeState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 10*maxState); err != nil { // takes no space
		t.Fatal(err)
	}
	if _, err := openState(path, false); err == nil || !strings.Contains(err.Error(), "at most 256 MiB; --state names another") {
		t.Errorf("error %v", err)
	}
}

// TestSummaryRows: of ten times the sources that are named the largest are, the
// others are counted.
func TestSummaryRows(t *testing.T) {
	var rows []row
	lines := int64(0)
	for i := range 10 * maxRows {
		rows = append(rows, row{fmt.Sprint("s", i), 1, tally{Lines: int64(i), First: int64(i + 1), Last: int64(i + 1)}})
		lines += int64(i)
	}
	rows[3].tally.Refused = 1
	list := shown(rows)
	if len(list) != maxRows+1 || list[0].name != "s3" || list[1].name != "s181" || list[maxRows-1].name != "s199" || list[maxRows].name != "and 180 more" {
		t.Errorf("%+v", list)
	}
	rest := list[maxRows]
	for _, x := range list[:maxRows] {
		lines -= x.tally.Lines
	}
	if rest.tally.Lines != lines || rest.files != 180 || rest.tally.First != 1 {
		t.Errorf("%+v, want %d lines", rest, lines)
	}
	if few := shown(rows[:maxRows]); len(few) != maxRows {
		t.Errorf("%d of %d rows", len(few), maxRows)
	}
}
