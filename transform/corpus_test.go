package transform

import (
	"encoding/csv"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/entry/show"
)

// corpusDir returns the folder of real log lines, which is not part of the
// repository: $ZIMBRALOKI_CORPUS, or shared/corpus beside the checkout.
func corpusDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("ZIMBRALOKI_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "SOURCES.tsv")); err != nil {
		t.Skipf("no corpus of real lines: %v", err)
	}
	return dir
}

// The oracle: the grammar of a log4j line as regular expressions, which back
// up where the scanner does not.
var (
	oracleHead = regexp.MustCompile(`^(?:.{0,300}[ :])?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) +(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +\[(.*)$`)
	oracleRest = regexp.MustCompile(`^(.*?)\] \[((?:[A-Za-z0-9_]+=(?:[^;]|;;)*;)*)\] (\S*) -(?: (.*))?$`)
	oraclePair = regexp.MustCompile(`([A-Za-z0-9_]+)=((?:[^;]|;;)*);`)
	oracleAttr = regexp.MustCompile(` ?([^=;]+)=((?:[^;]|;;)*);`)
)

// oracleLine is what the oracle reads in a head line.
type oracleLine struct {
	time    time.Time
	level   string
	whole   bool // the grammar matched to its end
	logger  string
	context map[string]string
	attrs   map[string]string // of an audit message
}

func readOracle(t *testing.T, line string) (o oracleLine, ok bool) {
	t.Helper()
	m := oracleHead.FindStringSubmatch(line)
	if m == nil {
		return o, false
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05.000", strings.Replace(m[1], ",", ".", 1), time.UTC)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	o = oracleLine{time: at, level: strings.ToLower(m[2]), context: map[string]string{}}
	if m = oracleRest.FindStringSubmatch(m[3]); m == nil {
		return o, true
	}
	o.whole, o.logger = true, m[3]
	for _, p := range oraclePair.FindAllStringSubmatch(m[2], -1) {
		o.context[p[1]] = strings.ReplaceAll(p[2], ";;", ";")
	}
	if o.logger == "security" && strings.HasPrefix(m[4], "cmd=") {
		o.attrs = map[string]string{}
		for _, p := range oracleAttr.FindAllStringSubmatch(m[4], -1) {
			o.attrs[p[1]] = strings.ReplaceAll(p[2], ";;", ";")
		}
	}
	return o, true
}

// oracleFields says under which metadata the value of a context key may be
// found: the second is where it goes if something better took the first.
var oracleFields = map[string][]string{
	"name": {"user", "target"}, "mid": {"mailbox_id"}, "ip": {"client_ip", "ip"}, "oip": {"client_ip", "oip"},
	"ua": {"user_agent", "proxy_agent"}, "via": {"via"}, "soapId": {"request_id"}, "cid": {"connection_id"},
	"port": {"port"}, "oport": {"oport"}, "oproto": {"oproto"}, "aname": {"auth_user"}, "id": {"account_id"},
	"aid": {"auth_user_id"}, "msgid": {"message_id"}, "item": {"item_id"}, "ds": {"data_source"},
	"Cmd": {"action"}, "DeviceID": {"device_id"}, "Version": {"eas_version"},
}

// metaOf collects the metadata of an entry.
func metaOf(e *entry.Entry) map[string]string {
	m := map[string]string{}
	for _, p := range e.Meta {
		m[p.Name] = p.Value
	}
	return m
}

// checkContext finds every pair of the context in the metadata.
func (o *oracleLine) checkContext(t *testing.T, line string, meta map[string]string) {
	t.Helper()
	for key, want := range o.context {
		names := oracleFields[key]
		if names == nil {
			names = []string{key}
		}
		if !slices.ContainsFunc(names, func(n string) bool { return meta[n] == want }) {
			t.Errorf("%s\n  %s=%q is not in the metadata %v: %v", line, key, want, names, meta)
		}
	}
	if ip, err := netip.ParseAddr(meta["client_ip"]); meta["client_ip"] != "" && (err != nil || ip.String() != meta["client_ip"]) {
		t.Errorf("%s\n  client_ip %q is no address in canonical form", line, meta["client_ip"])
	}
	for _, key := range []string{"oip", "ip"} { // the first that is an address is the client
		first, _, _ := strings.Cut(o.context[key], ",")
		if ip, err := netip.ParseAddr(strings.Trim(first, " []")); err == nil {
			if got := meta["client_ip"]; got != ip.String() {
				t.Errorf("%s\n  client_ip %q, want %s", line, got, ip)
			}
			break
		}
	}
}

// checkAudit compares what the oracle read of an audit line: action, user,
// protocol, error and the outcome.
func (o *oracleLine) checkAudit(t *testing.T, line string, meta map[string]string) {
	t.Helper()
	want := map[string]string{"action": o.attrs["cmd"], "error": strings.TrimRight(o.attrs["error"], " ")}
	if v := o.attrs["account"]; v != "" {
		want["user"] = v
	}
	if v := o.attrs["protocol"]; v != "" && o.context["oproto"] != "smtp" {
		want["protocol"] = v
	}
	if v := o.attrs["name"]; v != "" {
		want["target"] = v
	}
	switch cmd, err := o.attrs["cmd"], o.attrs["error"]; {
	case strings.HasPrefix(err, "account lockout"):
		want["outcome"] = "lockout"
	case err != "":
		want["outcome"] = "failure"
	case cmd == "AdminAuth":
		want["outcome"] = "attempt"
	case cmd == "DelegateAuth":
		want["outcome"] = "delegate"
	case cmd == "Auth", cmd == "SSOAuth", cmd == "PreAuth":
		want["outcome"] = "success"
	case regexp.MustCompile(`^(Create|Modify|Delete|Rename|Add|Remove|Set)`).MatchString(cmd):
		want["outcome"] = "admin_change"
	}
	for k, v := range want {
		if meta[k] != v {
			t.Errorf("%s\n  %s %q, want %q", line, k, meta[k], v)
		}
	}
}

// TestCorpus reads real lines: every head of the log4j shape is recognised, and
// what the oracle finds in it is in the entry.
func TestCorpus(t *testing.T) {
	dir := corpusDir(t)
	mangled := mangledFiles(t, filepath.Join(dir, "SOURCES.tsv"))
	total := map[string]int{}
	for _, kind := range []string{"mailbox", "audit"} {
		files, err := filepath.Glob(filepath.Join(dir, kind, "*.log"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files of %s: %v", kind, err)
		}
		for _, file := range files {
			name := kind + "/" + filepath.Base(file)
			t.Run(name, func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				checkCorpusFile(t, string(text), "/opt/zimbra/log/"+kind+".log", mangled[name], total)
			})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(total)) {
		t.Logf("%-28s %d", k, total[k])
	}
	if total["heads"] < 50 {
		t.Errorf("only %d heads in the corpus", total["heads"])
	}
}

// mangledFiles are the files that SOURCES.tsv marks as copied with damage.
func mangledFiles(t *testing.T, path string) map[string]bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rd := csv.NewReader(f)
	rd.Comma, rd.LazyQuotes, rd.FieldsPerRecord = '\t', true, -1
	rows, err := rd.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	marks := regexp.MustCompile(`(?i)mangled|truncated|fragments|missing|cut by`)
	m := map[string]bool{}
	for _, row := range rows {
		m[row[0]] = marks.MatchString(strings.Join(row[4:], " "))
	}
	return m
}

func checkCorpusFile(t *testing.T, text, path string, mangled bool, total map[string]int) {
	t.Helper()
	tr := New(Options{Host: "mail", Location: time.UTC})
	var b chunk.Builder
	arrival := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	for line := range strings.Lines(text) {
		b.Record(arrival, "log", strings.TrimSuffix(line, "\n"), "path", path)
	}
	byLine := map[string]*entry.Entry{}
	out := ""
	transformChunk(tr, "zimbra", b.Bytes(), func(e *entry.Entry) {
		c := cloneEntry(e)
		byLine[c.Line] = c
		out += strings.ToValidUTF8(string(e.AppendLine(nil)), "\uFFFD") + "\n"
		t.Logf("%s", show.AppendText(nil, e, time.UTC))
		total["entries "+e.Format]++
	})
	if want := strings.ToValidUTF8(strings.TrimSuffix(text, "\n"), "\uFFFD") + "\n"; out != want {
		t.Errorf("lines changed:\n%s\n---\n%s", out, want)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		o, ok := readOracle(t, line)
		if !ok {
			total["other lines"]++
			continue
		}
		total["heads"]++
		e := byLine[line]
		if e == nil {
			t.Errorf("%s\n  no entry starts with this head", line)
			continue
		}
		checkCorpusHead(t, &o, line, e, mangled)
	}
}

func checkCorpusHead(t *testing.T, o *oracleLine, line string, e *entry.Entry, mangled bool) {
	t.Helper()
	meta := metaOf(e)
	if got := time.Unix(0, e.Time).UTC().Truncate(time.Millisecond); !got.Equal(o.time) {
		t.Errorf("%s\n  time %s, want %s", line, got, o.time)
	}
	if got := e.Labels.Get("level"); got != o.level || meta["detected_level"] != o.level {
		t.Errorf("%s\n  level %q, detected_level %q, want %s", line, got, meta["detected_level"], o.level)
	}
	want := "mailbox"
	if o.logger == "security" {
		want = "audit"
	}
	if e.Format != want || e.Labels.Get("log") != want {
		t.Errorf("%s\n  format %s, log %s, want %s", line, e.Format, e.Labels.Get("log"), want)
	}
	if !o.whole {
		if !mangled {
			t.Errorf("%s\n  the oracle cannot read this line, and SOURCES.tsv calls it whole", line)
		}
		return
	}
	if meta["format"] != "" || meta["component"] != o.logger {
		t.Errorf("%s\n  component %q, format %q, want %q", line, meta["component"], meta["format"], o.logger)
	}
	o.checkContext(t, line, meta)
	if o.attrs != nil {
		o.checkAudit(t, line, meta)
	}
}

// cloneEntry copies an entry out of the memory of its run.
func cloneEntry(e *entry.Entry) *entry.Entry {
	c := *e
	c.Line, c.Tenant = strings.Clone(e.Line), strings.Clone(e.Tenant)
	c.More = make([]string, len(e.More))
	for i, s := range e.More {
		c.More[i] = strings.Clone(s)
	}
	c.Meta = make([]entry.Pair, len(e.Meta))
	for i, p := range e.Meta {
		c.Meta[i] = entry.Pair{Name: strings.Clone(p.Name), Value: strings.Clone(p.Value)}
	}
	return &c
}
