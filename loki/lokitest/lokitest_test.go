package lokitest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
)

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// post sends a body and returns status and text.
func post(t *testing.T, url, kind, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(url, kind, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// streams writes a JSON push: "a-60:text b0:text" is one entry a minute-number
// from now in {job="a"}, and one in {job="b"}.
func streams(s string) string {
	var out []string
	for _, f := range strings.Fields(s) {
		at, line, _ := strings.Cut(f, ":")
		var minutes int
		fmt.Sscan(at[1:], &minutes)
		out = append(out, fmt.Sprintf(`{"stream":{"job":%q},"values":[["%d",%q]]}`, at[:1], now.Add(time.Duration(minutes)*time.Minute).UnixNano(), line))
	}
	return `{"streams":[` + strings.Join(out, ",") + `]}`
}

// TestAnswers: status and text as Loki v3.7.8 gives them.
func TestAnswers(t *testing.T) {
	s := New(Options{
		MaxLine: 5, MaxAge: 7 * 24 * time.Hour, MaxFuture: 10 * time.Minute, Window: time.Hour, MaxBody: 10_000,
		Now: func() time.Time { return now },
	})
	defer s.Close()
	f := func(kind, body string, status int, text string) {
		t.Helper()
		gotStatus, gotText := post(t, s.URL, kind, body)
		if gotStatus != status || !strings.HasPrefix(gotText, text) {
			t.Errorf("%s: %d %q, want %d %q", body, gotStatus, gotText, status, text)
		}
	}
	const js, pb = "application/json", "application/x-protobuf"
	f(js, streams("a0:1"), 204, "")
	f(js, streams("a0:1 b0:2"), 204, "")
	f(js, streams("a-61:1"), 400, "entry with timestamp 2026-11-22 06:59:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: "+
		"2026-11-22T06:59:00Z, oldest acceptable timestamp is: 2026-11-22T07:00:00Z',\nuser 'fake', total ignored: 1 out of 1 for stream: {job=\"a\", service_name=\"a\"}")
	f(js, streams("a-61:1 b0:2"), 204, "") // only the last stream's error is told
	f(js, streams("b0:2 a-61:1"), 400, "entry with timestamp")
	f(js, streams("a0:123456"), 400, `max entry size '5' bytes exceeded for stream '{job="a", service_name="a"}' while adding an entry with length '6' bytes`)
	f(js, streams("a0:123456 a1:123456"), 400, `2 errors like: max entry size`)
	f(js, streams("a11:1"), 400, `entry for stream '{job="a", service_name="a"}' has timestamp too new: 2026-11-22T08:11:00Z`)
	f(js, streams("a-10081:1"), 400, `entry for stream '{job="a", service_name="a"}' has timestamp too old: 2026-11-15T07:59:00Z, oldest acceptable timestamp is: 2026-11-15T08:00:00Z`)
	f(js, `{}`, 422, "error at least one valid stream")
	f(js, `{`, 400, "")
	f(js, `{"streams":[{"stream":{"a-b":"c"},"values":[["1","x"]]}]}`, 400, "couldn't parse labels: ")
	f(js, `{"streams":[{"stream":{},"values":[["1","x",{"":"y"}]]}]}`, 500, "label name is empty")
	f(js, streams("a0:"+strings.Repeat("x", 10_000)), 413, "request body too large")
	f(pb, "garbage", 400, "snappy: corrupt input")
	f(pb, string(s2.EncodeSnappy(nil, []byte("\x0f"))), 400, "")
	f("", "", 400, "mime: no media type")
	if status, _ := post(t, s.URL+"/", js, streams("a0:1")); status != 404 {
		t.Errorf("another path: %d", status)
	}
	// Stored: a0 and b0 of the first pushes, b0 of another; each once.
	missing, doubles := s.Compare([]string{"1", "2", "3"}, func(e *Entry) string { return e.Line })
	if fmt.Sprint(missing, doubles) != "[3] []" || len(s.Entries()) != 2 || s.Entries()[0].Copies != 2 {
		t.Errorf("missing %q, doubles %q, stored %+v", missing, doubles, s.Entries())
	}
}

// TestFaults: each fault is seen by the client as what it is called.
func TestFaults(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	http.DefaultClient.Timeout = 50 * time.Millisecond
	defer func() { http.DefaultClient.Timeout = 0 }()
	f := func(fault Fault, status int, text string, stored int) {
		t.Helper()
		before := len(s.Entries())
		s.Script(fault)
		got, body := post(t, s.URL, "application/json", streams(fmt.Sprintf("a%d:1", len(s.Requests()))))
		if got != status || !strings.Contains(body, text) || len(s.Entries())-before != stored {
			t.Errorf("%+v: %d %q and %d stored, want %d %q and %d", fault, got, body, len(s.Entries())-before, status, text, stored)
		}
	}
	f(Fault{}, 204, "", 1)
	f(Fault{Status: 503, Body: "away"}, 503, "away", 0)
	f(Fault{Status: 503, Store: true}, 503, "", 1)
	f(Fault{Break: BreakReset}, 0, "", 0)
	f(Fault{Break: BreakHang, Store: true}, 0, "Timeout", 1)
	f(Fault{Break: BreakHalf}, 0, "unexpected EOF", 0)
	f(Fault{Break: BreakGarbage}, 0, "malformed HTTP", 0)
	f(Fault{Partial: 3}, 400, "total ignored: 1 out of 1", 0)
	f(Fault{Status: 413, Many: true}, 204, "", 1)
	f(Fault{}, 204, "", 1)
}

// TestRandomIsRepeatable: a seed gives one order of faults, at about the rate.
func TestRandomIsRepeatable(t *testing.T) {
	draw := func(seed uint64) (list string, n int) {
		s := New(Options{})
		defer s.Close()
		s.Random(seed, 0.3)
		for range 1000 {
			f := s.nextFault()
			if list += fmt.Sprint(f); f.wrong() || f.Partial > 0 {
				n++
			}
		}
		return list, n
	}
	a, n := draw(1)
	b, _ := draw(1)
	c, _ := draw(2)
	if a != b || a == c || n < 250 || n > 350 {
		t.Errorf("same seed the same: %v, other seed the same: %v, %d faults of 1000", a == b, a == c, n)
	}
}
