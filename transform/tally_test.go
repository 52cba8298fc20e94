package transform

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// writtenOutcomes finds the values that the parsers' code gives the field
// outcome: in calls that set it, and in the functions that classify.
func writtenOutcomes(t *testing.T) []string {
	t.Helper()
	var found []string
	literals := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				s, _ := strconv.Unquote(l.Value)
				found = append(found, s)
			}
			return true
		})
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if len(n.Args) == 2 {
					if id, ok := n.Args[0].(*ast.SelectorExpr); ok && id.Sel.Name == "FieldOutcome" {
						literals(n.Args[1])
					}
				}
			case *ast.FuncDecl:
				if strings.HasSuffix(n.Name.Name, "Outcome") {
					ast.Inspect(n.Body, func(n ast.Node) bool {
						if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
							literals(r.Results[0])
						}
						return true
					})
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// goldenOutcomes are the outcomes in the golden files.
func goldenOutcomes(t *testing.T) (found []string) {
	t.Helper()
	outcome := regexp.MustCompile(`"outcome":"([^"]*)"`)
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".golden") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range outcome.FindAllSubmatch(text, -1) {
			found = append(found, string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestOutcomesAreCounted: no parser writes an outcome that is not counted
// under its own name, and none is listed that no parser writes.
func TestOutcomesAreCounted(t *testing.T) {
	written := writtenOutcomes(t)
	if len(written) < len(outcomeNames) {
		t.Fatalf("%d outcomes found in the code: the test looks in the wrong place", len(written))
	}
	for _, o := range append(written, goldenOutcomes(t)...) {
		if o != "" && !slices.Contains(outcomeNames[:], o) {
			t.Errorf("outcome %q is not in outcomeNames", o)
		}
	}
	for _, o := range outcomeNames {
		if o != format.OutcomeOther && !slices.Contains(written, o) {
			t.Errorf("no parser writes outcome %q", o)
		}
	}
}

func TestTally(t *testing.T) {
	var y tally
	y.note("audit", "failure", 20)
	y.note("mailbox", "", 30)
	y.note("audit", "never heard of", 10) // older: the newest stays
	y.note("mailbox", "slow", 40)
	if y.outcomes[outcomeIndex("failure")] != 1 || y.outcomes[outcomeIndex("slow")] != 1 || y.outcomes[outcomeIndex(format.OutcomeOther)] != 1 {
		t.Errorf("outcomes %v", y.outcomes)
	}
	if want := []newestTime{{"audit", 20}, {"mailbox", 40}}; !slices.Equal(y.newest, want) {
		t.Errorf("newest %v, want %v", y.newest, want)
	}
	for i := range 2 * maxLogs {
		y.note("log"+strconv.Itoa(i), "", 1)
	}
	if len(y.newest) != maxLogs {
		t.Errorf("%d logs are remembered, want %d", len(y.newest), maxLogs)
	}
	y.reset()
	if n := testing.AllocsPerRun(100, func() {
		y.note("audit", "failure", 20)
		y.note("mailbox", "", 20)
		y.reset()
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// TestStatsCountAcknowledgedChunks: a chunk that comes again counts once, and
// what labels have no room for is counted.
func TestStatsCountAcknowledgedChunks(t *testing.T) {
	tr := New(Options{LabelValueLimit: 1, Location: time.UTC})
	var b chunk.Builder
	at := time.Date(2026, 8, 2, 10, 0, 0, 0, time.UTC)
	for _, c := range []string{"one", "two"} {
		b.Record(at.UnixNano(), "log", `{"time":"2026-08-02T09:00:00Z","level":"info","msg":"up"}`, "container_name", "/"+c, "source", "stdout")
	}
	flush := func(acked bool) {
		t.Helper()
		run := tr.Begin("docker", b.Bytes(), func(*entry.Entry) {})
		if err := Chunk(run, b.Bytes()); err != nil {
			t.Fatal(err)
		}
		run.Close(acked)
	}
	flush(false)
	st := tr.Stats()
	if n := st.Lines.Load(); n != 0 || len(st.Newest()) != 0 {
		t.Errorf("%d lines and %v are counted of a chunk that will come again", n, st.Newest())
	}
	flush(true)
	if n := st.Lines.Load(); n != 2 {
		t.Errorf("%d lines, want 2", n)
	}
	if st.Overflows.Load() == 0 {
		t.Error("no overflow counted")
	}
	if n := tr.LabelValues()["container"]; n != 1 {
		t.Errorf("%d containers, want 1", n)
	}
	if tr.Streams() != 2 {
		t.Errorf("%d streams, want 2", tr.Streams())
	}
	for log, newest := range st.Newest() {
		if want := at.Add(-time.Hour); !newest.Truncate(time.Second).Equal(want) {
			t.Errorf("newest of %s is %v, want %v", log, newest, want)
		}
	}
}

// TestNewestKeepsNoView: the name of a log is a view into the chunk, whose
// memory is somebody else's after the flush.
func TestNewestKeepsNoView(t *testing.T) {
	var n newestTimes
	for at := range int64(3) {
		view := []byte("mailbox")
		n.add([]newestTime{{unsafe.String(&view[0], len(view)), at}})
		copy(view, "xxxxxxx")
	}
	if at := n.log["mailbox"]; len(n.log) != 1 || at == nil || *at != 2 {
		t.Errorf("newest %v", n.log)
	}
}
