package lokiapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/s2"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/serve/lokiapi"
	"github.com/zimbraloki/zimbraloki/serve/push"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// now is the time of the servers; t0 is the time of the first entry.
var (
	now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	t0  = now.Add(-time.Hour)
)

func newServer(t testing.TB, o lokiapi.Options) *httptest.Server {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), NoSync: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	o.Store, o.Now = s, func() time.Time { return now }
	api := lokiapi.New(o)
	srv := httptest.NewServer(api.Handler())
	t.Cleanup(func() {
		api.End()
		srv.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// do sends a request; head is pairs of names and values.
func do(t testing.TB, method, url string, body []byte, head ...string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to the end
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

const pushPath = "/loki/api/v1/push"

func pushJSON(t testing.TB, srv *httptest.Server, body string) (status int, text string) {
	t.Helper()
	return do(t, http.MethodPost, srv.URL+pushPath, []byte(body), "Content-Type", "application/json")
}

// value is one entry in the JSON form, some seconds after t0.
func value(seconds int, line, meta string) string {
	quoted, _ := json.Marshal(line) // a text can always be written
	return fmt.Sprintf(`["%d",%s%s]`, t0.Add(time.Duration(seconds)*time.Second).UnixNano(), quoted, meta)
}

func fill(t testing.TB, srv *httptest.Server) {
	t.Helper()
	body := `{"streams":[{"stream":{"job":"zimbra","host":"a"},"values":[` +
		value(0, "login of ann failed", `,{"user":"ann","outcome":"failure"}`) + "," + value(10, "took=5ms code=7", `,{"user":"bob"}`) +
		`]},{"stream":{"job":"nginx","host":"b"},"values":[` + value(5, `{"status":200,"path":"/"}`, "") + `]}]}`
	if status, text := pushJSON(t, srv, body); status != http.StatusNoContent {
		t.Fatal(status, text)
	}
}

// TestAnswers asks each question once.
func TestAnswers(t *testing.T) {
	srv := newServer(t, lokiapi.Options{Version: "1.2.3"})
	fill(t, srv)
	span := fmt.Sprintf("&start=%d&end=%d", t0.Unix(), now.Unix())
	f := func(path, want string) {
		t.Helper()
		status, got := do(t, http.MethodGet, srv.URL+"/loki/api/v1/"+path+span, nil)
		if status != http.StatusOK || strings.TrimSpace(got) != want {
			t.Errorf("%s: %d\n got %s\nwant %s", path, status, got, want)
		}
		page, query, _ := strings.Cut(path+span, "?")
		if _, form := do(t, http.MethodPost, srv.URL+"/loki/api/v1/"+page, []byte(query), "Content-Type", "application/x-www-form-urlencoded"); form != got {
			t.Errorf("%s as a form:\n got %s\nwant %s", path, form, got)
		}
	}
	q := url.QueryEscape
	zimbra := q(`{job="zimbra"}`)
	at := func(s int) int64 { return t0.Add(time.Duration(s) * time.Second).UnixNano() }
	f("labels?", `{"status":"success","data":["host","job"]}`)
	f("label?", `{"status":"success","data":["host","job"]}`)
	f("labels?query="+q(`{job="nosuch"}`), `{"status":"success"}`)
	f("label/host/values?", `{"status":"success","data":["a","b"]}`)
	f("label/host/values?query="+zimbra, `{"status":"success","data":["a"]}`)
	f("label/user/values?", `{"status":"success"}`)
	f("series?match[]="+zimbra, `{"data":[{"host":"a","job":"zimbra"}],"status":"success"}`)
	f("series?match[]="+q(`{job="nosuch"}`), `{"data":[],"status":"success"}`)
	f("index/stats?query="+zimbra, `{"streams":1,"chunks":1,"bytes":62,"entries":2}`)
	f("index/volume?query="+zimbra, fmt.Sprintf(`{"data":{"result":[{"metric":{"job":"zimbra"},"value":[%d,"62"]}],"resultType":"vector","stats":{}},"status":"success"}`, now.Unix()))
	f("index/volume?targetLabels=host&query="+q(`{job=~".+"}`), fmt.Sprintf(`{"data":{"result":[{"metric":{"host":"a"},"value":[%d,"62"]},{"metric":{"host":"b"},"value":[%d,"25"]}],"resultType":"vector","stats":{}},"status":"success"}`, now.Unix(), now.Unix()))
	f("index/volume?aggregateBy=labels&limit=1&query="+zimbra, fmt.Sprintf(`{"data":{"result":[{"metric":{"host":""},"value":[%d,"62"]}],"resultType":"vector","stats":{}},"status":"success"}`, now.Unix()))
	f("index/volume_range?step=1800&query="+zimbra, fmt.Sprintf(`{"data":{"result":[{"metric":{"job":"zimbra"},"values":[[%d,"62"]]}],"resultType":"matrix","stats":{}},"status":"success"}`, t0.Unix()+1800))
	f("detected_labels?query="+zimbra, `{"detectedLabels":[{"label":"host","cardinality":1},{"label":"job","cardinality":1}]}`)
	f("detected_fields?query="+zimbra, `{"fields":[{"label":"code","type":"int","cardinality":1,"parsers":["logfmt"]},{"label":"outcome","type":"string","cardinality":1,"parsers":null},{"label":"took","type":"duration","cardinality":1,"parsers":["logfmt"]},{"label":"user","type":"string","cardinality":2,"parsers":null}],"limit":1000}`)
	f("detected_field/user/values?query="+zimbra, `{"limit":1000,"values":["ann","bob"]}`)
	f("detected_field/nosuch/values?query="+zimbra, `{}`)
	f("drilldown-limits?", `{"limits":{"discover_log_levels":false,"discover_service_name":[],"max_entries_limit_per_query":5000,"max_query_series":500,"query_timeout":"1m0s","retention_period":"0s","volume_enabled":true},"pattern_ingester_enabled":false,"version":"zimbraloki 1.2.3"}`)
	f("patterns?query="+zimbra, `{"status":"success","data":[]}`)
	f("format_query?query="+q(`{job="a"}|="b"`), `{"data":"{job=\"a\"} |= \"b\"","status":"success"}`)
	f("query_range?query="+zimbra+q(`|="took"`), fmt.Sprintf(`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"host":"a","job":"zimbra","user":"bob"},"values":[["%d","took=5ms code=7"]]}],"stats":{}}}`, at(10)))
	f("query?query="+q(`sum(count_over_time({job="zimbra"}[2h]))`), fmt.Sprintf(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%d,"2"]}],"stats":{}}}`, now.Unix()))
}

// TestWrong: wrong input has Loki's status and words (3.7.8).
func TestWrong(t *testing.T) {
	srv := newServer(t, lokiapi.Options{})
	f := func(path string, status int, want string) {
		t.Helper()
		got, text := do(t, http.MethodGet, srv.URL+path, nil)
		if got != status || !strings.Contains(text, want) {
			t.Errorf("%s: %d %q, want %d %q", path, got, text, status, want)
		}
	}
	const v1 = "/loki/api/v1/"
	s := url.QueryEscape(`{a="b"}`)
	f(v1+"query", 400, "parse error : syntax error: unexpected $end")
	f(v1+"query?query="+s, 400, "log queries are not supported as an instant query type")
	f(v1+"query?query=1&time=x", 400, `strconv.ParseInt: parsing "x": invalid syntax`)
	f(v1+"query_range?limit=0&query="+s, 400, "limit must be a positive value")
	f(v1+"query_range?limit=x&query="+s, 400, `strconv.Atoi: parsing "x": invalid syntax`)
	f(v1+"query_range?limit=5001&query="+s, 400, "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)")
	f(v1+"query_range?direction=x&query="+s, 400, "invalid direction 'x'")
	f(v1+"query_range?step=x&query="+s, 400, `cannot parse "x" to a valid duration`)
	f(v1+"query_range?step=0&query="+s, 400, "zero or negative query resolution step widths are not accepted. Try a positive integer")
	f(v1+"query_range?step=0.1&query="+s, 400, "exceeded maximum resolution of 11,000 points per time series")
	f(v1+"query_range?start=x&query="+s, 400, `could not parse 'start' parameter: strconv.ParseInt: parsing "x": invalid syntax`)
	f(v1+"query_range?start=20&end=10&query="+s, 400, "end timestamp must not be before or equal to start time")
	f(v1+"query_range?interval=x&query="+s, 400, `cannot parse "x" to a valid duration`)
	f(v1+"labels?start=x", 400, "could not parse 'start' parameter")
	f(v1+"labels?query=x", 400, "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER")
	f(v1+"series?match[]=x", 400, "parse error at line 1, col 1")
	f(v1+"index/stats", 400, "parse error : syntax error: unexpected $end")
	f(v1+"index/volume", 400, "parse error")
	f(v1+"detected_fields", 400, "parse error")
	f(v1+"patterns", 400, "parse error")
	f(v1+"tail", 400, "parse error : syntax error: unexpected $end")
	f(v1+"tail?query="+s, 400, "Bad Request")
	f(v1+"format_query?query=x", 400, `{"error":"parse error at line 1, col 1: syntax error: unexpected IDENTIFIER","status":"invalid-query"}`)
	f(v1+"push", 405, "")
	f(v1+"nosuch", 404, "404 page not found")
	f("/", 404, "404 page not found")
}

// TestPush: what is wrong with a push is said in Loki's words, and the rest of
// it is stored.
func TestPush(t *testing.T) {
	srv := newServer(t, lokiapi.Options{})
	f := func(body string, status int, want string) {
		t.Helper()
		if got, text := pushJSON(t, srv, body); got != status || !strings.Contains(text, want) {
			t.Errorf("%.100s: %d %q, want %d %q", body, got, text, status, want)
		}
	}
	one := func(stream, values string) string {
		return `{"streams":[{"stream":{` + stream + `},"values":[` + values + `]}]}`
	}
	ok := value(0, "a line", "")
	f("{", 400, "loghttp.PushRequest")
	f("{}", 422, "error at least one valid stream is required for ingestion")
	f(one("", ok), 400, "error at least one label pair is required per stream")
	f(one(`"a":""`, ok), 400, "error at least one label pair is required per stream")
	f(one(`"a b":"c"`, ok), 400, "couldn't parse labels")
	f(one(`"a":"b"`, `[1,"x"]`), 400, "loghttp.PushRequest")
	f(one(`"a":"b"`, `["x","x"]`), 400, "loghttp.PushRequest")
	f(one(`"a":"b"`, value(0, "x", `,{"k":1}`)), 400, "loghttp.PushRequest")
	f(one(`"a":"b"`, value(7200, "x", "")), 400, `entry for stream '{a="b"}' has timestamp too new: 2026-11-20T13:00:00Z`)
	f(one(`"a":"b"`, value(0, strings.Repeat("x", 300000), "")+","+ok), 400, `max entry size '262144' bytes exceeded for stream '{a="b"}' while adding an entry with length '300000' bytes`)
	f(one(`"a":"b"`, value(0, "x", `,{"k":"`+strings.Repeat("v", 70000)+`"}`)), 400, "structured metadata too large")
	var labels []string
	for i := range 16 {
		labels = append(labels, fmt.Sprintf(`"l%d":"v"`, i))
	}
	f(one(strings.Join(labels, ","), ok), 400, "has 16 label names; limit 15")
	f(one(`"a":"`+strings.Repeat("v", 3000)+`"`, ok), 400, "label value too long")
	f(one(`"a":1`, ok), 204, "")
	head := func(want string, status int, body string, head ...string) {
		t.Helper()
		if got, text := do(t, http.MethodPost, srv.URL+pushPath, []byte(body), head...); got != status || !strings.Contains(text, want) {
			t.Errorf("%q: %d %q, want %d %q", head, got, text, status, want)
		}
	}
	head("mime: no media type", 400, "abc")
	head("snappy: corrupt input", 400, "abc", "Content-Type", "application/x-protobuf")
	head(`Content-Encoding "br" not supported`, 400, "{}", "Content-Type", "application/json", "Content-Encoding", "br")
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte(one(`"a":"packed"`, ok)))
	_ = w.Close()
	head("", 204, z.String(), "Content-Type", "application/json", "Content-Encoding", "gzip")
	_, got := do(t, http.MethodGet, srv.URL+"/loki/api/v1/series?match[]="+url.QueryEscape(`{a=~".+"}`), nil)
	if want := `{"data":[{"a":"b"},{"a":"1"},{"a":"packed"}],"status":"success"}`; strings.TrimSpace(got) != want {
		t.Errorf("stored is %s, want %s", got, want)
	}
}

// TestOwnClient: what the plugin's client pushes comes back as it was, once.
func TestOwnClient(t *testing.T) {
	srv := newServer(t, lokiapi.Options{})
	for _, codec := range []string{"snappy", "gzip", "none"} {
		c, err := loki.NewClient(loki.Options{URL: srv.URL, Compress: codec})
		if err != nil {
			t.Fatal(err)
		}
		labels := store.NewLabels([]entry.Pair{{Name: "job", Value: codec}, {Name: "q", Value: `a"\b`}})
		var b loki.Batch
		for i := range 3 {
			b.Add(&entry.Entry{
				Time: t0.UnixNano() + int64(i), Labels: labels, Line: fmt.Sprint("line ", i), More: []string{"\tat x"},
				Meta: []entry.Pair{{Name: "z", Value: "ü"}, {Name: "a", Value: fmt.Sprint(i)}},
			})
		}
		for range 2 {
			if res := c.Push(t.Context(), &b); res.Err != nil || res.Accepted != 3 {
				t.Fatalf("%s: %+v", codec, res)
			}
		}
		got, err := c.Get(t.Context(), "/loki/api/v1/query_range", url.Values{"query": {`{job="` + codec + `"}`}, "start": {fmt.Sprint(t0.UnixNano())}, "direction": {"forward"}})
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`["%d","line 1\n\tat x",{"structuredMetadata":{"a":"1","z":"ü"}}]`, t0.UnixNano()+1)
		if n := strings.Count(string(got), `\tat x"`); n != 3 || !strings.Contains(string(got), want) {
			t.Errorf("%s: %d entries in %s, want 3 with %s", codec, n, got, want)
		}
		s, err := c.Settings(t.Context())
		if err != nil || !s.Metadata || s.RejectOld || s.MaxLine != 256<<10 {
			t.Errorf("settings %+v, %v", s, err)
		}
		c.Close()
	}
}

// TestGuard: without the token or the user, nothing but /ready.
func TestGuard(t *testing.T) {
	srv := newServer(t, lokiapi.Options{Token: "sesame", User: "ann", Password: "pw"})
	f := func(path string, want int, head ...string) {
		t.Helper()
		if got, _ := do(t, http.MethodGet, srv.URL+path, nil, head...); got != want {
			t.Errorf("%s with %v: %d, want %d", path, head, got, want)
		}
	}
	const labels = "/loki/api/v1/labels"
	f("/ready", 200)
	f(labels, 401)
	f("/metrics", 401)
	f(labels, 401, "Authorization", "Bearer other")
	f(labels, 401, "Authorization", "Bearer ")
	f(labels, 200, "Authorization", "Bearer sesame")
	f(labels, 200, "Authorization", "Basic YW5uOnB3")
	f(labels, 401, "Authorization", "Basic YW5uOg==")
	srv = newServer(t, lokiapi.Options{ReadOnly: true})
	if status, text := pushJSON(t, srv, "{}"); status != http.StatusForbidden || !strings.Contains(text, "--data") {
		t.Errorf("a push to a reader: %d %s", status, text)
	}
}

// TestDiscovery: the flags add what Loki would.
func TestDiscovery(t *testing.T) {
	srv := newServer(t, lokiapi.Options{Push: push.Options{ServiceName: true, Level: true}})
	pushJSON(t, srv, `{"streams":[{"stream":{"app":"x"},"values":[`+value(0, "an Error", "")+`]}]}`)
	_, got := do(t, http.MethodGet, srv.URL+"/loki/api/v1/query_range?query="+url.QueryEscape(`{service_name="x"}`), nil)
	if !strings.Contains(got, `"detected_level":"error"`) {
		t.Error(got)
	}
}

// TestTail: first what is there, then what comes.
func TestTail(t *testing.T) {
	srv := newServer(t, lokiapi.Options{})
	fill(t, srv)
	at := fmt.Sprintf("?start=%d&query=", t0.UnixNano()) + url.QueryEscape(`{job="zimbra"} |= "login"`)
	ws, _, err := websocket.Dial(t.Context(), srv.URL+"/loki/api/v1/tail"+at, nil) //nolint:bodyclose // the package does
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow() //nolint:errcheck // the test is over
	read := func(want string) {
		t.Helper()
		_, data, err := ws.Read(t.Context())
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s, %v, want %s", data, err, want)
		}
	}
	read("login of ann failed")
	pushJSON(t, srv, `{"streams":[{"stream":{"job":"zimbra"},"values":[`+value(20, "other", "")+","+value(21, "login of eve", `,{"k":"v"}`)+`]}]}`)
	read(`"streams":[{"stream":{"job":"zimbra","k":"v"},"values":[["` + fmt.Sprint(t0.Add(21*time.Second).UnixNano()) + `","login of eve"]]}]`)
}

// FuzzAPI: whatever is asked, of whatever route, the answer is one, and no fault
// of the server. kind chooses the method and what the body says it is.
func FuzzAPI(f *testing.F) {
	const v1 = "loki/api/v1/"
	for _, seed := range []string{
		"query?query=1", "query_range?query={job%3D%22zimbra%22}&step=1", "labels?start=1&end=9", "label/x/values", "series?match[]={a%3D%22b%22}",
		"index/stats?query={job%3D%22zimbra%22}", "index/volume?query={}&targetLabels=a,,b&aggregateBy=labels", "index/volume_range?query={}&step=1m",
		"detected_fields?query={job%3D%22zimbra%22}|json&limit=1", "detected_field/a/values?query={job%3D~%22.%2B%22}", "patterns?query={}",
		"format_query?query={a%3D%22b%22}|logfmt", "tail?query={a%3D%22b%22}", "detected_labels?query={}", "status/buildinfo",
		"query_range?query=sum+by+(level)(count_over_time({job%3D%22zimbra%22}|user!%3D%22%22+or+x%3D~%22a.*%22[1m]))&start=1&end=1795300000&step=1h",
	} {
		f.Add(v1+seed, "", byte(0))
	}
	f.Add(v1+"query", "query=rate({a%3D%22b%22}[0y])", byte(1)) // divided by nothing once
	f.Add("metrics", "", byte(0))
	f.Add("ready", "", byte(0))
	f.Add("config", "", byte(0))
	f.Add(v1+"query_range", "query=rate({a%3D%22b%22}[1m])&step=1", byte(1))
	f.Add(v1+"push", `{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"k":"v"}]]}]}`, byte(2))
	f.Add(v1+"push", "\n\x1b\n\x07{a=\"b\"}\x12\x10\n\x02\x08\x01\x12\x04line\x1a\x04\n\x01k\x12", byte(3))
	f.Add(v1+"push", "\x1f\x8b\x08", byte(4))
	srv := newServer(f, lokiapi.Options{Timeout: 2 * time.Second})
	fill(f, srv)
	f.Fuzz(func(t *testing.T, path, body string, kind byte) {
		r := anything(t, srv.URL+"/"+path, body, kind)
		w := httptest.NewRecorder() // a server would hide a panic
		srv.Config.Handler.ServeHTTP(w, r)
		if text := w.Body.String(); w.Code >= 500 && w.Code != http.StatusGatewayTimeout && !strings.HasPrefix(text, "label name is empty") && !strings.HasPrefix(text, "normalization") {
			t.Errorf("%s %q %q %d: %d %s", r.Method, path, body, kind, w.Code, text)
		}
	})
}

// anything is a request of a kind.
func anything(t *testing.T, url, body string, kind byte) *http.Request {
	t.Helper()
	kinds := []struct{ method, content, encoding string }{
		{http.MethodGet, "", ""},
		{http.MethodPost, "application/x-www-form-urlencoded", ""},
		{http.MethodPost, "application/json", ""},
		{http.MethodPost, "application/x-protobuf", "snappy"},
		{http.MethodPost, "application/json", "gzip"},
		{http.MethodDelete, "", ""},
	}
	k := kinds[int(kind)%len(kinds)]
	if k.encoding == "snappy" && kind < 128 {
		body = string(s2.EncodeSnappy(nil, []byte(body)))
	}
	r, err := http.NewRequestWithContext(t.Context(), k.method, url, strings.NewReader(body))
	if err != nil {
		t.Skip()
	}
	if k.content != "" {
		r.Header.Set("Content-Type", k.content)
	}
	if k.encoding != "" {
		r.Header.Set("Content-Encoding", k.encoding)
	}
	return r
}
