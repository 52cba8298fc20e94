package ask

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

const sample = `2026-11-20 10:00:00,100 INFO  [main] [] misc - one
2026-11-20 10:00:30,000 WARN  [main] [] account - two password=hunter2
java.lang.IllegalStateException: deep
	at com.example.Main.main(Main.java:1)
2026-11-20 10:01:00,000 WARN  [main] [] misc - three
2026-11-20 10:02:00,000 INFO  [main] [] misc - four
`

// run is the command with its arguments, over the sample where it stands for LOG.
func run(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("mailbox.log", []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Command()
	c.SilenceErrors, c.SilenceUsage = true, true
	var stdout, stderr bytes.Buffer
	c.SetArgs(append(args, "--timezone", "UTC", "--host", "mail1"))
	c.SetIn(strings.NewReader(sample))
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	code = flags.ExitCode(c.ExecuteContext(t.Context()), &stderr)
	if code != 0 {
		return stderr.String(), code
	}
	return stdout.String(), 0
}

func TestCommand(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		if got, code := run(t, args...); got != want || code != 0 {
			t.Errorf("ask %q: status %d\n got %s\nwant %s", args, code, got, want)
		}
	}
	const log = "mailbox.log"
	f("2026-11-20 10:00:30,000 WARN  [main] [] account - two password=***\njava.lang.IllegalStateException: deep\n\tat com.example.Main.main(Main.java:1)\n",
		`{job="zimbra"} |= "deep"`, log, "-o", "raw")
	f("2026-11-20T10:02:00.000Z mail1 four\n2026-11-20T10:01:00.000Z mail1 three\n",
		`{job="zimbra"} | regexp "misc - (?P<x>\\w+)" | line_format "{{.x}}"`, log, "--limit", "2")
	f("2026-11-20T10:00:00.100Z mail1 one\n",
		`{job="zimbra"} | regexp "misc - (?P<x>\\w+)" | line_format "{{.x}}"`, log, "--limit", "1", "--direction", "forward")
	f("VALUE  LEVEL\n2      info\n2      warn\n", `sort(sum by (level) (count_over_time({job="zimbra"}[$__range])))`, log)
	f("VALUE  LEVEL\n1      warn\n", `sum by (level) (count_over_time({job="zimbra"}[$__range]))`, log,
		"--since", "2026-11-20T10:00:50", "--until", "2026-11-20T10:01:30")
	f("time,level,value\n2026-11-20T10:02:01Z,info,2\n2026-11-20T10:02:01Z,warn,2\n",
		`sort(sum by (level) (count_over_time({job="zimbra"}[1h])))`, "-", "-o", "csv", "--until", "2026-11-20T10:02:01", "--since", "2026-11-20T09:00:00")
	f(`{"time":"2026-11-20T10:02:01Z","labels":{"level":"info"},"value":"2"}`+"\n",
		`sum by (level) (count_over_time({level="info"}[$__range]))`, log, "-o", "jsonl")
	f(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1795168921,"4"]}],"stats":{}}}`+"\n",
		`sum(count_over_time({job="zimbra"}[$__range]))`, log, "-o", "json")
	f("VALUE  LEVEL\n2      info\n2      warn\n", "levels", log)

	bad := func(code int, want string, args ...string) {
		t.Helper()
		if got, c := run(t, args...); c != code || !strings.Contains(got, want) {
			t.Errorf("ask %q: status %d, %s; want %d, %s", args, c, got, code, want)
		}
	}
	bad(2, "col 14", `{job="zimbra"`, log)
	bad(2, "no LogQL", "nosuch", log)
	bad(2, "needs --user", "person", log)
	bad(2, "has no --user", "fatal", log, "--user", "x")
	bad(2, "needs a file", `{job="zimbra"}`)
	bad(2, "must be one of", `{job="zimbra"}`, log, "-o", "yaml")
	bad(2, "backward or forward", `{job="zimbra"}`, log, "--direction", "up")
	bad(1, "draws values over time", `{job="zimbra"}`, log, "-o", "svg")
	bad(1, "nosuch.log", `{job="zimbra"}`, "nosuch.log")
}

func TestPictures(t *testing.T) {
	const query = `sum by (level) (count_over_time({job="zimbra"}[1m]))`
	out, code := run(t, query, "mailbox.log", "-o", "png", "--step", "30s")
	if img, err := png.Decode(strings.NewReader(out)); code != 0 || err != nil || img.Bounds().Dx() != pictureWidth {
		t.Errorf("status %d, %v", code, err)
	}
	out, code = run(t, query, "mailbox.log", "-o", "svg")
	if err := xml.Unmarshal([]byte(out), &struct{}{}); code != 0 || err != nil || !strings.Contains(out, "level=warn") {
		t.Errorf("status %d, %v", code, err)
	}
	out, _ = run(t, query, "mailbox.log", "--step", "30s")
	for _, want := range []string{"level=info", "level=warn", "2.00 ┤", "2026-11-20T10:0"} {
		if !strings.Contains(out, want) {
			t.Errorf("the chart has no %q:\n%s", want, out)
		}
	}
}

// TestDecode: what the engine writes as Loki does is read as it was.
func TestDecode(t *testing.T) {
	labels := []entry.Pair{{Name: "a", Value: "1"}, {Name: "b", Value: "ü\"\n"}}
	f := func(r *engine.Result) {
		t.Helper()
		body := `{"status":"success","data":` + string(r.AppendJSON(nil, true)) + "}"
		got, err := decode([]byte(body))
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", body, got, err, r)
		}
	}
	f(&engine.Result{Type: engine.Vector, Series: []engine.Series{{Labels: labels, Points: []engine.Point{{Time: 1795168800123, Value: 2.5}}}}})
	f(&engine.Result{Type: engine.Matrix, Series: []engine.Series{{Labels: labels, Points: []engine.Point{{Time: 1000, Value: 1}, {Time: 2000, Value: 0}}}}})
	f(&engine.Result{Type: engine.Streams, Streams: []engine.Stream{{
		Labels: labels[:1], Meta: labels[1:], All: labels, Parsed: []entry.Pair{}, Entries: []engine.Line{{Time: 1795168800123456789, Text: "x\ty"}},
	}}})
	for _, bad := range []string{"", "{}", `{"data":{"resultType":"streams","result":[{"values":[["1"]]}]}}`, `{"data":{"resultType":"vector","result":[{"value":[1]}]}}`} {
		if _, err := decode([]byte(bad)); err == nil {
			t.Errorf("%q is an answer", bad)
		}
	}
}

// TestRemote: Loki is asked for what the flags say.
func TestRemote(t *testing.T) {
	var asked string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = fmt.Sprint(r.URL.Path, " ", q.Get("query"), " ", q.Get("time"), q.Get("start"), " ", q.Get("end"), " ", q.Get("step"), " ", q.Get("limit"))
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"host":"m"},"value":[1,"7"]}]}}`)
	}))
	defer s.Close()
	f := func(want string, args ...string) {
		t.Helper()
		out, code := run(t, append(args, "--loki", s.URL, "--since", "2026-11-20T10:00:00", "--until", "2026-11-20T11:00:00")...)
		if code != 0 || out != "VALUE  HOST\n7      m\n" || asked != want {
			t.Errorf("%q: status %d, %s\nasked %s\nwant  %s", args, code, out, asked, want)
		}
	}
	f(`/loki/api/v1/query sum(rate({a="b"}[3600s])) 1795172400000000000   1000`, `sum(rate({a="b"}[$__range]))`)
	f(`/loki/api/v1/query_range sum(rate({a="b"}[600s])) 1795168800000000000 1795172400000000000 600 1000`,
		`sum(rate({a="b"}[$__interval]))`, "--step", (10 * time.Minute).String())
}
