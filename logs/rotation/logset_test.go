package rotation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/zimbraloki/zimbraloki/logs/archive"
)

func TestParseName(t *testing.T) {
	f := func(name, base, date string, num int) {
		t.Helper()
		r := parseName(name)
		got := ""
		if !r.date.IsZero() {
			got = r.date.Add(-36 * time.Hour).Format("2006-01-02")
		}
		if r.base != base || got != date || r.num != num {
			t.Errorf("%s: got %q %q %d, want %q %q %d", name, r.base, got, r.num, base, date, num)
		}
	}
	f("mailbox.log", "mailbox.log", "", 0)
	f("mailbox.log.2026-08-02.gz", "mailbox.log", "2026-08-02", 0)
	f("mailbox.log.2020-09-29.tar.gz", "mailbox.log", "2020-09-29", 0)
	f("zimbra.log.1", "zimbra.log", "", 1)
	f("zimbra.log.2.gz", "zimbra.log", "", 2)
	f("zimbra.log-20260802", "zimbra.log", "2026-08-02", 0)
	f("zimbra.log-20260802.xz", "zimbra.log", "2026-08-02", 0)
	f("mail.log-20260802-1754179201.zst", "mail.log", "2026-08-02", 0)
	f("trace_log.2026_08_02", "trace_log", "2026-08-02", 0)
	f("access_log.2026-08-02.2", "access_log", "2026-08-02", 2)
	f("localhost_access_log.2026-08-02.txt", "localhost_access_log.txt", "2026-08-02", 0)
	f("mailbox-2026-08-02.log", "mailbox.log", "2026-08-02", 0)
	f("a/b/sync.log.old", "sync.log", "", 1)
	f("planr_ru-main-1.log", "planr_ru-main-1.log", "", 0)
	f("20260802.log", "20260802.log", "", 0)
}

func TestHostAndContainer(t *testing.T) {
	f := func(path, host, cont string) {
		t.Helper()
		if got := folderHost(path); got != host {
			t.Errorf("%s: host %q, want %q", path, got, host)
		}
		if got := container(path, parseName(path).base); got != cont {
			t.Errorf("%s: container %q, want %q", path, got, cont)
		}
	}
	f("case.tar.gz/mail1.example.com/opt/zimbra/log/mailbox.log", "mail1.example.com", "")
	f("case.tar.gz/mbox-02/mailbox.log.1.gz", "mbox-02", "")
	f("case.zip/logs/mailbox.log", "", "")
	f("2026-08-02/mailbox.log", "", "")
	f("mailbox.log.d/mailbox.log", "", "")
	f("planr.tar.gz/node1/containers/planr_ru-main-1.log", "node1", "planr_ru-main-1")
	f("planr.tar.gz/planr_ru-main-1/stdout.log", "", "planr_ru-main-1")
	f("x/containers/redis.log", "", "redis")
	id := strings.Repeat("4e5e1bb3", 8)
	f("x/containers/"+id+"/"+id+"-json.log", "", "")
}

func TestStamps(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		w, ok := stampOf([]byte(line))
		got := ""
		if ok {
			c := clock{loc: time.UTC, limit: 1 << 62}
			c.part(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).UnixNano())
			got = time.Unix(0, c.at(&w)).UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	const at = "2026-08-02T16:49:04Z"
	f("2026-08-02 16:49:04,242 INFO  [main] [] misc - x", "2026-08-02T16:49:04.242Z")
	f("2026-08-02T19:49:04.123456+03:00 mail1 postfix/qmgr[9]: x", "2026-08-02T16:49:04.123456Z")
	f("2026-08-02T16:49:04.000000001Z stdout F x", "2026-08-02T16:49:04.000000001Z")
	f("Aug  2 16:49:04 mail1 postfix/qmgr[9]: x", at)
	f("Aug 2 16:49:04 mail1 postfix/qmgr[9]: x", "")
	f("<22>Aug  2 16:49:04 mail1 postfix/qmgr[9]: x", at)
	f("<22>1 2026-08-02T16:49:04Z mail1 postfix 9 - - x", at)
	f(`198.51.100.7 - - [02/Aug/2026:19:49:04 +0300] "GET / HTTP/1.1" 200 1`, at)
	f(`mail.example.com:443 [a] [02/Aug/2026:16:49:04 +0000] "GET /"`, at)
	f("2026/08/02 16:49:04 [error] 9#0: *1 x", at)
	f("02-Aug-2026 16:49:04.000 INFO [main] x", at)
	f("Sun Aug  2 16:49:04 2026 -> SelfCheck: ok", at)
	f("08/02/2026 16:49:04, 1, 2, 3", at)
	f("# Time: 2026-08-02T16:49:04.000000Z", at)
	f("[2026-08-02T16:49:04.000+0000][info][gc] x", at)
	f(`{"client_ip":"192.0.2.1","time":1785689344000,"trace_id":"x"}`, at)
	f(`{"log":"{\"time\":1}\n","stream":"stdout","time":"2026-08-02T16:49:04Z"}`, at)
	f("\tat com.example.Main.run(Main.java:1)", "")
	f("Caused by: java.io.IOException: broken", "")
	f("2026-13-02 16:49:04,242 INFO", "")
	f("short", "")
}

// set writes files, name → content and time, and groups them.
func set(t *testing.T, o Options, files map[string]string, at map[string]time.Time) (lanes []*Lane, notices *[]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		data := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			w.Write(data)
			w.Close()
			data = b.Bytes()
		}
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if mod, ok := at[name]; ok {
			if err := os.Chtimes(p, mod, mod); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Chdir(dir)
	s, err := archive.Find(t.Context(), []string{"."}, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	notices = new([]string)
	o.Notice = func(n archive.Notice) { *notices = append(*notices, n.Path+": "+n.Text) }
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	}
	return Group(s.Files(), o), notices
}

// all reads a lane: "15:04:05 text" of each line, with the date if asked for.
func all(t *testing.T, l *Lane, o Options, layout string) (list []string, blocks []Block) {
	t.Helper()
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	}
	r := NewReader(l, o)
	defer r.Close()
	for {
		b, err := r.Next(func(_ *Source, at int64, line []byte) {
			text := string(line)
			if i := strings.LastIndexByte(text, ' '); i >= 0 {
				text = text[i+1:]
			}
			list = append(list, time.Unix(0, at).UTC().Format(layout)+" "+text)
		})
		if errors.Is(err, io.EOF) {
			return list, blocks
		}
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
	}
}

func wantList(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestRotationsInOrder(t *testing.T) {
	line := func(stamp, text string) string { return stamp + ",000 INFO  [main] [] misc - " + text + "\n" }
	lanes, _ := set(t, Options{}, map[string]string{
		"mail1/mailbox.log":               line("2026-08-04 00:00:01", "d"),
		"mail1/mailbox.log.2026-08-02.gz": line("2026-08-02 00:00:01", "a") + line("2026-08-02 23:00:00", "b"),
		"mail1/mailbox.log.2026-08-03":    line("2026-08-03 00:00:01", "c"),
		"mail1/audit.log":                 line("2026-08-02 12:00:00", "audit"),
	}, nil)
	if len(lanes) != 1 || len(lanes[0].Sources) != 2 {
		t.Fatalf("lanes %+v", lanes)
	}
	got, _ := all(t, lanes[0], Options{}, "02 15:04")
	wantList(t, got, "02 00:00 a", "02 12:00 audit", "02 23:00 b", "03 00:00 c", "04 00:00 d")
}

// TestYears: RFC 3164 has none. Files of December and January, with the times
// of an archive, and one that holds both.
func TestYears(t *testing.T) {
	sys := func(stamp, text string) string { return stamp + " mail1 postfix/qmgr[9]: " + text + "\n" }
	jan := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	lanes, _ := set(t, Options{}, map[string]string{
		"zimbra.log":      sys("Jan  2 00:00:00", "d"),
		"zimbra.log.1.gz": sys("Dec 31 23:59:59", "b") + sys("Jan  1 00:00:00", "c") + sys("Dec 31 23:59:58", "late"),
		"zimbra.log.2":    sys("Dec 30 00:00:00", "a"),
	}, map[string]time.Time{"zimbra.log": jan, "zimbra.log.1.gz": jan, "zimbra.log.2": time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)})
	got, _ := all(t, lanes[0], Options{}, "2006-01-02")
	wantList(t, got, "2025-12-30 a", "2025-12-31 b", "2026-01-01 c", "2025-12-31 late", "2026-01-02 d")
	if lanes[0].Sources[0].Host != "mail1" {
		t.Errorf("host %q", lanes[0].Sources[0].Host)
	}
}

// TestFold: the hour that the end of summer time repeats.
func TestFold(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	var text string
	for _, s := range []string{"01:59:00", "02:01:00", "02:59:00", "02:02:00", "02:58:00", "03:00:00"} {
		text += "2026-10-25 " + s + ",000 INFO  [main] [] misc - x\n"
	}
	o := Options{Location: berlin}
	lanes, _ := set(t, o, map[string]string{"mailbox.log": text}, nil)
	got, _ := all(t, lanes[0], o, "15:04")
	wantList(t, got, "23:59 x", "00:01 x", "00:59 x", "01:02 x", "01:58 x", "02:00 x")
}

// TestNoTime: lines without a time are of the one before, or of the file's end.
func TestNoTime(t *testing.T) {
	end := time.Date(2026, 8, 2, 12, 0, 0, 0, time.UTC)
	lanes, _ := set(t, Options{}, map[string]string{
		"a.log": "no time\n", "mailbox.log": "2026-08-02 10:00:00,000 INFO  [main] [] misc - x\n\tat a.B.c(D.java:1)\n",
	}, map[string]time.Time{"a.log": end, "mailbox.log": end})
	got, _ := all(t, lanes[0], Options{}, "15:04")
	wantList(t, got, "10:00 x", "10:00 c(D.java:1)"[:6]+"a.B.c(D.java:1)", "12:00 time")
}

// TestFuture: no line is later than the run, whatever its clock said.
func TestFuture(t *testing.T) {
	lanes, _ := set(t, Options{}, map[string]string{"mailbox.log": "2031-08-02 10:00:00,000 INFO  [main] [] misc - x\n"}, nil)
	got, _ := all(t, lanes[0], Options{}, "2006-01-02")
	wantList(t, got, "2026-11-01 x")
}

func TestCopies(t *testing.T) {
	line := "2026-08-02 10:00:00,000 INFO  [main] [] misc - x\n"
	lanes, notices := set(t, Options{}, map[string]string{"mail1/mailbox.log": line, "more/mail1/mailbox.log": line}, nil)
	got, _ := all(t, lanes[0], Options{}, "15:04")
	wantList(t, got, "10:00 x")
	if len(*notices) != 1 || !strings.Contains((*notices)[0], "taken for a copy") {
		t.Errorf("notices %q", *notices)
	}
}

func TestLanes(t *testing.T) {
	line := "2026-08-02 10:00:00,000 INFO  [main] [] misc - x\n"
	f := func(want string, o Options, files map[string]string) {
		t.Helper()
		lanes, _ := set(t, o, files, nil)
		var list []string
		for _, l := range lanes {
			var names []string
			for _, s := range l.Sources {
				names = append(names, s.Host+":"+filepath.Base(s.Path))
			}
			list = append(list, strings.Join(names, ","))
		}
		if got := strings.Join(list, " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	two := map[string]string{"mail1/mailbox.log": line, "mail2/mailbox.log": line + line}
	f("mail1:mailbox.log mail2:mailbox.log", Options{}, two)
	f("x:mailbox.log", Options{Host: "x"}, map[string]string{"a/mailbox.log": line, "b/mailbox.log": line + line})
	f("a:mailbox.log b:mailbox.log", Options{HostPattern: regexp.MustCompile(`(\w)/mailbox`)}, map[string]string{"a/mailbox.log": line, "b/mailbox.log": line + line})
	central := "Aug  2 10:00:00 mail1 postfix/qmgr[9]: x\nAug  2 10:00:00 mail2 postfix/qmgr[9]: x\n"
	f(":zimbra.log,mail1:mailbox.log,mail2:mailbox.log", Options{}, map[string]string{"mail1/mailbox.log": line, "mail2/mailbox.log": line + line, "Syslog/zimbra.log": central})
}

// TestBlocks: borders depend on the source alone and stand where the stamp
// changes; a block spans half an hour and some MB at most.
func TestBlocks(t *testing.T) {
	var busy, rare strings.Builder
	at := time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC)
	for i := range 60_000 {
		fmt.Fprintf(&busy, "%s,000 INFO  [main] [] misc - %0100d\n", at.Add(time.Duration(i/100)*time.Second).Format("2006-01-02 15:04:05"), i)
	}
	for i := range 200 {
		fmt.Fprintf(&rare, "%s,000 INFO  [main] [] misc - x\n", at.Add(time.Duration(i)*7*time.Minute).Format("2006-01-02 15:04:05"))
	}
	both := map[string]string{"mailbox.log": busy.String(), "audit.log": rare.String()}
	lanes, _ := set(t, Options{}, both, nil)
	_, with := all(t, lanes[0], Options{}, "")
	alone, _ := set(t, Options{}, map[string]string{"mailbox.log": busy.String()}, nil)
	_, without := all(t, alone[0], Options{}, "")
	n, last := 0, int64(0)
	for _, b := range with {
		if b.Last-b.First > BlockSpan || b.Bytes > maxBlock {
			t.Errorf("block %+v", b)
		}
		if b.Source.Path != "/mailbox.log" {
			continue
		}
		if b.From != without[n].From || b.To != without[n].To {
			t.Errorf("block %d: %v-%v, alone %v-%v", n, b.From, b.To, without[n].From, without[n].To)
		}
		if b.First == last {
			t.Errorf("block %d begins with the stamp that the one before ends with", n)
		}
		last = b.Last
		n++
	}
	if n != len(without) || n < 3 {
		t.Errorf("%d blocks, alone %d", n, len(without))
	}
}

func FuzzStamp(f *testing.F) {
	f.Add([]byte("Aug  2 16:49:04 mail1 postfix/qmgr[9]: x"))
	f.Add([]byte(`{"time":"2026-08-02T16:49:04Z"}`))
	f.Add([]byte(`<22>1 2026-08-02T16:49:04Z x [02/Aug/2026:19:49:04 +0300`))
	f.Fuzz(func(t *testing.T, line []byte) {
		w, ok := stampOf(line)
		if !ok {
			return
		}
		c := clock{loc: time.UTC, limit: 1795200000e9}
		c.part(0)
		if w.year != 0 && (w.year < 1970 || w.year > 9999) {
			t.Errorf("year %d", w.year)
		}
		c.at(&w)
		c.at(&w)
	})
}

// TestLongLines: a line of ten times what is taken comes in pieces, all of it.
func TestLongLines(t *testing.T) {
	text := "Aug  2 16:49:04 mail1 x: " + strings.Repeat("y", 10*maxLine) + "\nAug  2 16:49:05 mail1 x: end\n"
	lanes, _ := set(t, Options{}, map[string]string{"zimbra.log": text}, nil)
	r := NewReader(lanes[0], Options{Location: time.UTC, Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	defer r.Close()
	bytes, last := 0, ""
	for {
		_, err := r.Next(func(_ *Source, _ int64, line []byte) {
			if len(line) > maxLine+sampleBytes {
				t.Errorf("a line of %d bytes", len(line))
			}
			bytes += len(line)
			last = string(line[max(0, len(line)-20):])
		})
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := len(text) - 2; bytes != want || !strings.HasSuffix(last, "x: end") {
		t.Errorf("%d bytes, want %d; the last line is %q", bytes, want, last)
	}
}
