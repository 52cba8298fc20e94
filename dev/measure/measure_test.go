package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func seconds(list ...float64) (out []cost) {
	for _, s := range list {
		out = append(out, cost{cpu: time.Duration(s * float64(time.Second)), counts: counts{bytes: 12_345_678}})
	}
	return out
}

func TestMarkdown(t *testing.T) {
	c := column{workloadOf("mailbox"), written{bytes: 124_000_000}, map[string][]cost{
		null: seconds(0.5, 0.1, 0.2), raw: seconds(0.7, 0.6), plugin: seconds(1, 0.9, 9), parsers: seconds(4.2),
	}}
	const want = `| pipeline | mailbox.log, 124 MB |
|---|---|
| tail → null | 0.20 s |
| tail → loki, the lines as they are | 0.65 s |
| tail → zimbraloki | 1.00 s |
| tail, Fluent Bit's own parsers → loki | 4.20 s |
| **above reading: of the parsers'** | **0.20** |
| **above reading: of the lines' as they are** | **1.78** |
| bodies: as they are, zimbraloki, parsers | 12, 12, 12 MB |
`
	if got := markdown([]column{c}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWorkloads(t *testing.T) {
	for _, w := range workloads {
		log, err := w.write(t.TempDir(), 700)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(log.path)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n < 700 || n > 760 || log.entries > n || int64(len(text)) != log.bytes {
			t.Errorf("%s: %d lines, %+v, of %d bytes", w.name, n, log, len(text))
		}
	}
}

func TestSink(t *testing.T) {
	s, err := newSink()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const body = `{"streams":[{"stream":{"job":"x"},"values":[["1795300000000000000","a"],["1795300000000000001","b"]]}]}`
	post := func(body string) int {
		resp, err := http.Post("http://127.0.0.1:"+s.port+"/loki/api/v1/push", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if got := post(body); got != http.StatusNoContent {
		t.Error(got)
	}
	if c := s.take(); c.entries != 2 || c.pushes != 1 || c.bytes != int64(len(body)) || c.err != nil {
		t.Errorf("%+v", c)
	}
	if got := post("{"); got != http.StatusBadRequest {
		t.Error(got)
	}
	if c := s.take(); c.err == nil {
		t.Errorf("%+v", c)
	}
}

// TestOnce runs each pipeline in a real Fluent Bit.
func TestOnce(t *testing.T) {
	program, err := parse([]string{"-plugin", filepath.Join("..", "..", "build", "zimbraloki.so"), "-lines", "2000", "-rounds", "1"})
	if err != nil {
		t.Skip(err)
	}
	if _, err := os.Stat(program.plugin); err != nil {
		t.Skipf("no plugin: %v; `make so` builds it", err)
	}
	program.dir = t.TempDir()
	if err := run(context.Background(), &program); err != nil {
		t.Error(err)
	}
}
