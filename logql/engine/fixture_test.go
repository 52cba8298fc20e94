package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// The two hours of the fixture: 2026-03-02 08:00 to 10:00 UTC.
const (
	fixtureStart = 1772438400
	fixtureEnd   = fixtureStart + 7200
)

// maker builds the fixture: invented logs with what queries stumble over:
// metadata of the same names as labels and parsed fields, broken JSON and
// logfmt, equal times, doubles, odd characters.
type maker struct {
	r       *rand.Rand
	streams map[string]*entry.Labels
	entries []entry.Entry
}

func (m *maker) pick(of ...string) string { return of[m.r.IntN(len(of))] }

// add stores an entry at a second of the fixture; labels and metadata are pairs
// of name and value.
func (m *maker) add(second float64, labels []string, line string, meta ...string) {
	l := &entry.Labels{Pairs: pairsOf(labels)}
	key := string(appendKey(nil, l.Pairs))
	if m.streams[key] == nil {
		m.streams[key] = l
	}
	m.entries = append(m.entries, entry.Entry{
		Time: fixtureStart*1e9 + int64(second*1e9), Labels: m.streams[key], Line: line, Meta: pairsOf(meta),
	})
}

func pairsOf(list []string) (out []entry.Pair) {
	for i := 0; i+1 < len(list); i += 2 {
		if list[i+1] != "" {
			out = append(out, entry.Pair{Name: list[i], Value: list[i+1]})
		}
	}
	sortPairs(out)
	return out
}

// fixture returns the entries, the same each time, in the order of time.
func fixture() *memory {
	m := &maker{r: rand.New(rand.NewPCG(20260302, 11)), streams: map[string]*entry.Labels{}}
	for i := range 160 {
		m.mail(i)
		m.api(i)
		m.web(i)
		m.proxy(i)
	}
	m.odd()
	slices.SortStableFunc(m.entries, func(a, b entry.Entry) int { return int(min(max(a.Time-b.Time, -1), 1)) })
	return &memory{entries: m.entries}
}

var people = []string{"anna@example.org", "boris@example.org", "chloé@example.com", "d.evans@example.com"}

var addresses = []string{"192.0.2.10", "192.0.2.77", "198.51.100.4", "2001:db8::9", "10.9.8.7"}

func (m *maker) mail(i int) {
	user, outcome := m.pick(people...), m.pick("ok", "ok", "ok", "failed")
	level, problem := "info", ""
	if outcome == "failed" {
		level, problem = "warn", "bad password"
	}
	m.add(float64(i)*44.5, []string{"app", "mail", "host", m.pick("m1", "m2"), "level", level},
		fmt.Sprintf("cmd=Login; account=%s; result=%s", user, outcome),
		"user", user, "ip", m.pick(addresses...), "outcome", outcome, "problem", problem,
		"took_ms", fmt.Sprint(m.r.IntN(5000)), "took", fmt.Sprintf("%dms", m.r.IntN(5000)), "size", fmt.Sprintf("%dKB", m.r.IntN(4000)))
}

func (m *maker) api(i int) {
	line := fmt.Sprintf(`{"level":%q,"msg":%q,"ms":%d,"took":"%dms","size":"%dKiB","ratio":%.3f,"user":{"name":%q,"roles":["x","y"],"n":%d},"tags":[1,{"k":"v"}],"ok":%v,"none":null,"a b":"c","dash-key":"d","1st":1,"app":"inner"}`,
		m.pick("debug", "info", "ERROR"), m.pick("built", "slow query", "cache \\\"miss\\\"", "naïve"), m.r.IntN(5000), m.r.IntN(900),
		m.r.IntN(900), m.r.Float64(), m.pick(people...), i, i%3 == 0)
	switch i % 27 {
	case 5:
		line = line[:len(line)-20]
	case 11:
		line = line[:60]
	case 14:
		line = `["a", 1]`
	case 17:
		line = `{"level":"info","level":"warn","dup":1,"dup":2} trailing`
	case 20:
		line = "plain text"
	}
	meta := []string{"trace", fmt.Sprintf("%08x", m.r.Uint32())}
	if i%3 == 0 {
		meta = append(meta, "size", "meta", "msg", "from metadata")
	}
	m.add(float64(i)*44.9+1, []string{"app", "api", "pod", m.pick("p-1", "p-2"), "level", "info"}, line, meta...)
}

func (m *maker) web(i int) {
	line := fmt.Sprintf(`ts=2026-03-02T08:00:%02dZ level=%s msg="request %d \"done\"" status=%s method=%s path=/v%d/item duration=%dms bytes=%d ratio=%.4f`,
		i%60, m.pick("info", "error"), i, m.pick("200", "200", "404", "500"), m.pick("GET", "POST"), i%3, m.r.IntN(3000),
		m.r.IntN(90000), m.r.Float64())
	switch i % 23 {
	case 4:
		line += ` broken="open`
	case 9:
		line += ` =x empty= flag "quoted k"=1 level=again`
	case 13:
		line = "words without pairs"
	}
	m.add(float64(i)*44.1+2.5, []string{"app", "web", "env", m.pick("prod", "dev"), "level", ""}, line, "pod", []string{"", "pod-1", "pod-2"}[i%3])
}

func (m *maker) proxy(i int) {
	m.add(float64(i)*43.7+3, []string{"app", "proxy"}, fmt.Sprintf(`%s - %s [02/Mar/2026] "%s /mail?id=%d HTTP/1.1" %s %d %.3f`,
		m.pick(addresses...), m.pick("-", "anna"), m.pick("GET", "POST"), i, m.pick("200", "301", "404", "500"), m.r.IntN(90000), m.r.Float64()*3),
		"code", []string{"", "c1", "c2"}[i%3])
}

func (m *maker) odd() {
	lines := []string{
		"", " ", "plain", "ünï 日本", "tab\tand \"quotes\" \\ back", "\x1b[31mred\x1b[0m text", "a=1 b=2 a=3", `{"a":{"b":{"c":"deep"}},"l":[{"k":"v"}]}`,
		`{"_entry":"packed","x":"y","level":"error"}`, "level=error app=other", `{"app":"inner","n":1}`, "12ms", "5MB", "NaN", "-3.5e2",
		"from 192.0.2.10 to 2001:db8::9", "multi\nline", "<b>tag</b>",
	}
	for i, line := range slices.Concat(lines, lines) {
		meta := []string{}
		if i%3 == 0 {
			meta = []string{"extra", "m", "level", "critical", "value", strings.TrimSpace(line)}
		}
		m.add(50+float64(i)*180.25, []string{"app", "misc", "n", fmt.Sprint(i % 4)}, line, meta...)
	}
	for i := range 9 {
		m.add(3000, []string{"app", "tie", "s", []string{"a", "b"}[i%2]}, fmt.Sprintf("tie %d", i), "k", fmt.Sprint(i%3))
	}
}
