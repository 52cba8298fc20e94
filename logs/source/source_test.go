package source

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/logs"
)

// day is that of the logs of these tests.
var day = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// mailbox writes a log of log4j: many lines of one instant, traces, secrets,
// rare words in heads and in traces, a time that goes back.
func mailbox(r *rand.Rand, from time.Time, lines int) []byte {
	var b bytes.Buffer
	at := from
	for i := range lines {
		if r.IntN(3) > 0 {
			at = at.Add(time.Duration(r.IntN(900)) * time.Millisecond)
		}
		stamp := at
		if r.IntN(50) == 0 {
			stamp = at.Add(-2 * time.Millisecond)
		}
		word := "plain"
		if r.IntN(400) == 0 {
			word = fmt.Sprintf("rare%d", r.IntN(20))
		}
		fmt.Fprintf(&b, "%s INFO  [qtp1-%d] [name=u%d@example.com;ip=192.0.2.%d;] soap - %sRequest elapsed=%d %s\n",
			stamp.Format("2006-01-02 15:04:05,000"), i%40, r.IntN(50), r.IntN(200), "Search", r.IntN(5000), word)
		switch r.IntN(60) {
		case 0:
			fmt.Fprintf(&b, "java.lang.IllegalStateException: deep%d\n\tat com.example.Foo.bar(Foo.java:%d)\n\n\tat com.example.Main.main(Main.java:1)\n", r.IntN(30), i)
		case 1:
			fmt.Fprintf(&b, "%s WARN  [main] [] account - login password=hunter%d; failed\n", stamp.Format("2006-01-02 15:04:05,000"), r.IntN(9))
		}
		if i == lines/2 {
			b.WriteString("java.lang.Error: long\n" + strings.Repeat("\tat com.example.Deep.call(Deep.java:7)\n", 900) + "Caused by: deepest\n")
		}
	}
	return b.Bytes()
}

// postfix writes lines whose metadata come from lines before.
func postfix(r *rand.Rand, from time.Time, mails int) []byte {
	var b bytes.Buffer
	for i := range mails {
		at := from.Add(time.Duration(i) * 7 * time.Second)
		id := fmt.Sprintf("4C%06X", i)
		line := func(format string, args ...any) {
			fmt.Fprintf(&b, "%s mta1 postfix/%s\n", at.Format(time.Stamp), fmt.Sprintf(format, args...))
			at = at.Add(time.Second)
		}
		line("smtpd[7]: %s: client=pc[192.0.2.%d]", id, r.IntN(200))
		line("cleanup[8]: %s: message-id=<m%d@example.com>", id, i)
		line("qmgr[9]: %s: from=<u%d@example.com>, size=7, nrcpt=1 (queue active)", id, i%9)
		line("smtp[10]: %s: to=<x@example.net>, relay=mx[198.51.100.7]:25, delay=1, dsn=2.0.0, status=sent (250 rare%d)", id, i%50)
	}
	return b.Bytes()
}

func write(t *testing.T, path string, data []byte, packed bool) {
	t.Helper()
	if packed {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(data) //nolint:errcheck // to memory
		z.Close()     //nolint:errcheck // to memory
		data = b.Bytes()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ask answers a query over logs, with or without shortcuts, and counts the
// bytes of lines that were made entries.
func ask(t *testing.T, set *logs.Set, c *config.Config, whole bool, p engine.Params) string {
	t.Helper()
	r, err := engine.New(&Source{Set: set, Config: c, Whole: whole}, engine.Options{MaxSeries: 10_000}).Query(t.Context(), p)
	if err != nil {
		t.Fatalf("%s: %v", p.Query, err)
	}
	return string(r.AppendJSON(nil, true))
}

// TestShortcuts: what is left out changes no answer.
func TestShortcuts(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 3))
	dir := t.TempDir()
	for i := range 3 {
		from := day.AddDate(0, 0, i-3)
		write(t, fmt.Sprintf("%s/mail1/opt/zimbra/log/mailbox.log.%s.gz", dir, from.Format("2006-01-02")), mailbox(r, from, 900), true)
	}
	write(t, dir+"/mail1/opt/zimbra/log/mailbox.log", mailbox(r, day, 6000), false)
	write(t, dir+"/mta1/var/log/zimbra.log", postfix(r, day, 400), false)
	write(t, dir+"/planr/main.log", []byte(strings.Repeat(`{"log":"{\"level\":\"info\",\"msg\":\"rare1 \\u00e9 deep\"}\n","stream":"stdout","time":"2026-11-20T08:00:00.5Z"}`+"\n", 9)), false)
	c, err := config.Parse(func(key string) string {
		return map[string]string{"url": "http://127.0.0.1:1", "timezone": "UTC"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := logs.Open(t.Context(), logs.Options{
		Paths: []string{dir}, Config: c, Now: day.AddDate(0, 0, 2), Stderr: t.Output(), Log: slog.New(slog.DiscardHandler),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()

	empty := 0
	f := func(query string, from, to time.Time) {
		t.Helper()
		p := engine.Params{Query: query, Start: from.UnixNano(), End: to.UnixNano(), Step: 10 * time.Minute, Limit: 50}
		fast, full := ask(t, set, c, false, p), ask(t, set, c, true, p)
		if fast != full {
			t.Errorf("%s from %s to %s\nfast %.2000s\nfull %.2000s", query, from, to, fast, full)
		}
		if strings.Contains(full, `"result":[]`) {
			empty++
		}
	}
	first, last := day.AddDate(0, 0, -4), day.AddDate(0, 0, 1)
	asked := 0
	for _, needle := range []string{
		"rare1", "rare7", "deep7", "deepest", "hunter3", "password=***", "elapsed=17", "Foo.java:2", "é", "[main]",
	} {
		for _, query := range []string{
			`{job=~".+"} |= %q`,
			`sum by (level, host) (count_over_time({job=~".+"} |= %q [10m]))`,
		} {
			from := first
			if r.IntN(2) == 0 {
				from = day.Add(time.Duration(r.IntN(900)-600) * time.Second)
			}
			f(fmt.Sprintf(query, needle), from, last)
			asked++
		}
	}
	for i := range 4 {
		from := day.AddDate(0, 0, -i).Add(time.Duration(r.IntN(400)) * time.Second)
		f(`sum by (service_name, message_id) (count_over_time({job="zimbra"} | message_id=~".*1.@example.com" [10m]))`, from, from.Add(time.Hour))
		f(`{host="mail1"} | user="u7@example.com"`, from, from.Add(time.Hour))
		asked += 2
	}
	if empty > asked/2 {
		t.Errorf("%d of %d answers are empty: these logs test nothing", empty, asked)
	}
}
