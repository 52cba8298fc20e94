package transform

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// lineOracles read with expressions what the parsers read by hand.
var lineOracles = []struct {
	files  string // below the corpus
	format *format.Spec
	re     *regexp.Regexp // its group names are fields; time is read with layout
	layout string
}{
	{
		"access_log/*", &web.AccessLog,
		regexp.MustCompile(`^\S+ -\s+\S*\s*-?\s*\[(?P<time>[^\]]+)\] "(?P<method>\S+) (?P<path>[^ ?;]+)\S* HTTP/[\d.]+" (?P<status>\d{3}) (?P<size>\d+) "(?P<referer>[^"]*)" "(?P<user_agent>[^"]*)"`), "02/Jan/2006:15:04:05 -0700",
	},
	{
		"nginx/*autodiscover*", &web.NginxAccess,
		regexp.MustCompile(`^(?P<client_ip>[\d.]+):(?P<port>\d+) - \S+ \[(?P<time>[^\]]+)\]  "(?P<method>\S+) (?P<path>[^ ?]+)\S* HTTP/[\d.]+" (?P<status>\d{3}) (?P<size>\d+) "(?P<referer>[^"]*)" "(?P<user_agent>[^"]*)" "(?P<upstream>[^"]*)"`), "02/Jan/2006:15:04:05 -0700",
	},
	{
		"other/*zmmailboxd-out*", &zimbra.MailboxdOut,
		regexp.MustCompile(`^(?:(?P<time>[\d-]+ [\d:.]+):(?:INFO|WARN):(?P<component>[\w.]*):(?P<thread>[\w-]+):|SLF4J: )`), "2006-01-02 15:04:05.000",
	},
	{
		"other/*trace_log*", &web.JettyTrace,
		regexp.MustCompile(`^[\d:.]+:(?P<thread>qtp[\w-]+) .*\{l=/(?P<server>[^,]+),r=/(?P<client_ip>[\d.]+):(?P<port>\d+)`), "",
	},
}

func TestLineFormatsCorpus(t *testing.T) {
	dir := corpusDir(t)
	r := benchRun(t, Options{Location: time.UTC})
	for _, o := range lineOracles {
		files, err := filepath.Glob(filepath.Join(dir, o.files))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(in)) {
				line = strings.TrimSuffix(line, "\n")
				if line == "" || line[0] == '#' {
					continue
				}
				d := draftOf(r, lineEvent{head: envelope.Payload{Text: line, Path: file, Arrival: 1785690000e9}})
				if !r.parseLine(d) || d.Format != o.format {
					t.Errorf("%s: %s for %q", filepath.Base(file), d.Format, line)
					continue
				}
				compareOracle(t, d, line, o.re, o.layout)
			}
		}
	}
}

func compareOracle(t *testing.T, d *format.Draft, line string, re *regexp.Regexp, layout string) {
	t.Helper()
	m := re.FindStringSubmatch(line)
	if m == nil {
		t.Errorf("the oracle does not know %q", line)
		return
	}
	got := map[string]string{}
	for _, p := range d.AppendMeta(nil) {
		got[p.Name] = p.Value
	}
	for i, name := range re.SubexpNames() {
		want := strings.TrimPrefix(m[i], "-")
		if name == "time" && m[i] != "" {
			at, err := time.Parse(layout, m[i])
			if err != nil || at.UnixNano() != d.Time {
				t.Errorf("time %d, want %v (%v) of %q", d.Time, at, err, line)
			}
		} else if name != "" && name != "time" && got[name] != want {
			t.Errorf("%s is %q, want %q of %q", name, got[name], want, line)
		}
	}
}
