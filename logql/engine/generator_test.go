package engine

import (
	"math/rand/v2"
	"strings"
)

// generator makes queries over the grammar, fit for the fixture: the same ones
// from the same seed.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) *generator { return &generator{rand.New(rand.NewPCG(seed, 7))} }

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// question returns a whole question: a query with its time and step.
func (g *generator) question(id int) question {
	q := question{ID: id, Start: fixtureStart, End: fixtureEnd, Step: 600, Limit: 3000, Categorize: g.chance(25)}
	switch g.IntN(10) {
	case 0, 1, 2, 3:
		q.Kind, q.Q = "log", g.log()
		q.Direction = g.one("forward", "backward")
		if g.chance(20) {
			q.Limit = 1 + g.IntN(30)
		}
		if g.chance(20) {
			q.Start += int64(g.IntN(3600))
			q.End -= int64(g.IntN(3000))
		}
		if q.Limit == 3000 && g.chance(10) {
			q.Interval = int64(1 + g.IntN(600))
		}
	case 4, 5, 6:
		q.Kind, q.Q = "range", g.metric(2)
		q.Step = []int64{60, 300, 600, 613, 1800, 3600}[g.IntN(6)]
		if g.chance(30) {
			q.Start += int64(g.IntN(3600))
			q.End -= int64(g.IntN(3000))
		}
	default:
		q.Kind, q.Q = "instant", g.metric(2)
		q.Time = fixtureEnd - int64(g.IntN(4))*1200
	}
	if q.Kind != "instant" {
		return q
	}
	q.Start, q.End = q.Time, q.Time
	return q
}

// source is a selector with a parser that fits it, texts of its lines and
// filters that leave some of its entries.
type source struct {
	selector, parser string
	texts, filters   []string
}

var (
	mailTexts   = []string{`"Login"`, `"anna"`, `"result=ok"`, `"failed"`, `"example.org"`}
	mailFilters = []string{`outcome="ok"`, `took_ms>1000`, `took<=2s`, `user=~"a.*"`, `ip=ip("192.0.2.0/24")`, `size>1MB`, `user!=""`, `problem=""`}
	apiTexts    = []string{`"built"`, `"slow"`, `"na"`, `"true"`, `"level"`}
	apiFilters  = []string{`ms>=500`, `level_extracted=~"i.*|E.*"`, `took<500ms`, `user_name!="x"`, `ok="true"`, `ratio<0.9`, `__error__=""`, `__error__!=""`}
	webTexts    = []string{`"GET"`, `"status=200"`, `"level=error"`, `"request"`, `"bytes"`}
	webFilters  = []string{`status="200"`, `status>=400`, `method="GET"`, `duration>1s`, `bytes<50000`, `ratio>0.1`, `path=~"/v[01]/.*"`, `level="error"`, `pod!=""`}
	proxyTexts  = []string{`"GET"`, `"anna"`, `"HTTP/1.1"`, `"192.0.2"`, `" 200 "`}
	proxyFilter = []string{`status=~"[23].."`, `method="POST"`, `bytes>1000`, `took<2.5`, `who="anna"`, `ip=ip("192.0.2.0/24")`, `code!="c1"`}
)

// sources are the streams of the fixture, alone and together.
var sources = []source{
	{`{app="mail"}`, "", mailTexts, mailFilters},
	{`{app="mail", host="m1"}`, "", mailTexts, mailFilters},
	{`{app=~"mail|tie", level!="warn"}`, "", mailTexts, mailFilters},
	{`{app="api"}`, "json", apiTexts, apiFilters},
	{`{app="api", pod=~"p-.*"}`, "json", apiTexts, apiFilters},
	{`{app="web"}`, "logfmt", webTexts, webFilters},
	{`{app="web", env!~"d.v"}`, "logfmt", webTexts, webFilters},
	{`{app="proxy"}`, "pattern", proxyTexts, proxyFilter},
	{`{app="misc"}`, "any", []string{`"a"`, `"="`, `"o"`}, []string{`extra="m"`, `level!="warn"`, `value!=""`, `n>=1`}},
	{`{app=~".+"}`, "any", []string{`"e"`, `"1"`, `"a"`}, []string{`app!="web"`, `level=~"i.*|.*r"`, `app=~"mail|api|web"`}},
	{`{app="tie"}`, "", []string{`"tie"`, `"1"`}, []string{`k="1"`, `s=~"a|b"`, `k>0`}},
}

func (g *generator) log() string { return g.selection(true) }

// selection is a selector with stages; a metric query mostly does without
// errors.
func (g *generator) selection(log bool) string {
	s := &sources[g.IntN(len(sources))]
	q := s.selector
	if g.chance(30) {
		q += g.filterLine(s)
	}
	if g.chance(15) { // of what is not there yet: parsers try it
		q += g.filterLabel(s, 1)
	}
	if g.chance(75) {
		q += g.parser(s.parser)
	}
	for range g.IntN(3) {
		q += g.filterLabel(s, 2)
	}
	for range g.IntN(3) {
		q += g.stage(s)
	}
	switch {
	case !log && g.chance(70):
		q += ` | __error__=""`
	case g.chance(10):
		q += g.one(` | __error__!=""`, ` | __error__="JSONParserErr"`)
	}
	return q
}

// filterLine is a line filter, mostly one that leaves something.
func (g *generator) filterLine(s *source) string {
	if g.chance(70) {
		return g.one(" |= ", " |= ", " |~ ", " != ") + g.one(s.texts...)
	}
	return " " + g.lineFilter()
}

func (g *generator) filterLabel(s *source, deep int) string {
	switch n := g.IntN(10); {
	case n < 5:
		return " | " + g.one(s.filters...)
	case n < 7:
		return " | " + g.one(s.filters...) + g.one(" or ", " and ", ", ") + g.one(s.filters...)
	}
	return " | " + g.labelFilter(deep)
}

func (g *generator) stage(s *source) string {
	switch g.IntN(9) {
	case 0:
		return " | drop " + g.picks()
	case 1:
		return " | keep " + g.picks()
	case 2, 3:
		return " | label_format " + g.formats()
	case 4:
		return " | line_format " + g.template()
	case 5:
		return " | decolorize"
	case 6:
		return g.filterLine(s)
	case 7:
		return g.parser("any")
	}
	return g.filterLabel(s, 1)
}

func (g *generator) parser(kind string) string {
	if kind == "any" || g.chance(10) {
		kind = g.one("json", "logfmt", "pattern", "regexp", "unpack")
	}
	switch kind {
	case "json":
		return g.one(" | json", " | json", ` | json who="user.name", role="user.roles[1]"`, ` | json msg, k="[\"a b\"]"`, ` | json t="tags[1].k", all="user"`)
	case "logfmt":
		return g.one(" | logfmt", " | logfmt", " | logfmt --strict", " | logfmt --keep-empty", " | logfmt --strict --keep-empty",
			` | logfmt status, m="method"`, ` | logfmt --strict level, p="path"`, ` | logfmt level="method", x="status"`)
	case "pattern":
		return g.one(" | pattern `<ip> - <who> [<_>] \"<method> <path> <_>\" <status> <bytes> <took>`", " | pattern `<_> \"<method> <_>`",
			" | regexp `^(?P<ip>\\S+) .* (?P<status>\\d{3}) (?P<bytes>\\d+)`")
	case "regexp":
		return " | regexp `(?P<word>\\w+)[= ](?P<rest>.*)`"
	case "unpack":
		return " | unpack"
	}
	return ""
}

func (g *generator) lineFilter() string {
	text := func() string {
		return g.one(`"a"`, `"o"`, `"Login"`, `"anna"`, `"GET"`, `"error"`, `""`, `"é"`, `"\""`, "`level`", `"nosuch"`, `"1"`)
	}
	expr := func() string {
		return g.one(`"a.*n"`, `"^cmd"`, `"(?i)LOGIN"`, `"GET|POST"`, `"[0-9]{3}"`, `"ok$"`, `".*"`, `"er+or"`, `"bor|ann"`)
	}
	or := func(f func() string) string {
		s := f()
		for !strings.HasPrefix(s, "ip") && g.chance(25) { // beside an or it is a text in Loki
			s += " or " + f()
		}
		return s
	}
	switch g.IntN(8) {
	case 0, 1, 2:
		return "|= " + or(text)
	case 3:
		return "!= " + or(text)
	case 4:
		return "|~ " + or(expr)
	case 5:
		return "!~ " + or(expr)
	case 6:
		return g.one("|>", "!>") + " " + or(func() string {
			return g.one(`"<_>account=<_>"`, `"cmd=<_>"`, `"<_>level<_>"`, `"<_>200<_>"`, `"<_>"`, `"{<_>}"`)
		})
	}
	return g.one("|=", "!=") + " " + or(func() string {
		return g.one(`ip("192.0.2.0/24")`, `ip("192.0.2.1-192.0.2.50")`, `ip("10.9.8.7")`, `ip("2001:db8::/32")`)
	})
}

var names = []string{
	"user", "ip", "outcome", "took_ms", "took", "size", "level", "msg", "ms", "ratio", "user_name", "status", "method", "bytes",
	"duration", "pod", "host", "app", "nosuch", "ok", "level_extracted", "size_extracted", "code", "extra", "k", "n", "s", "env", "value",
}

func (g *generator) name() string { return names[g.IntN(len(names))] }

func (g *generator) labelFilter(deep int) string {
	if deep > 0 && g.chance(30) {
		return g.labelFilter(deep-1) + g.one(" and ", " or ", ", ", " ") + g.labelFilter(deep-1)
	}
	if deep > 0 && g.chance(10) {
		return "(" + g.labelFilter(deep-1) + " or " + g.labelFilter(deep-1) + ")"
	}
	op := g.one(">", ">=", "<", "<=", "=", "==", "!=")
	switch g.IntN(8) {
	case 0, 1:
		return g.name() + g.one("=", "!=") + g.one(`"info"`, `"anna@example.org"`, `""`, `"ok"`, `"GET"`, `"200"`, `"true"`, `"1"`)
	case 2, 3:
		return g.name() + g.one("=~", "!~") + g.one(`"a.*"`, `"anna|boris"`, `".*org|.*com"`, `"[45].."`, `"inf.+"`, `""`, `"i.*|x"`, `"(a|b).*"`, `".*"`, `"(?i)INFO"`, `".+|"`, `"x|.+"`)
	case 4:
		return g.one("took_ms", "ms", "status", "ratio", "bytes", "size", "user") + op + g.one("200", "1000", "0.5", "-1", "404")
	case 5:
		return g.one("took", "duration", "took_ms", "nosuch") + op + g.one("100ms", "1s", "1.5s", "1m30s")
	case 6:
		return g.one("size", "bytes", "took_ms", "size_extracted") + op + g.one("500KB", "1MB", "300KiB", "5B")
	}
	return g.one("ip", "user", "value", "nosuch") + g.one("=", "!=") + g.one(`ip("192.0.2.0/24")`, `ip("198.51.100.4")`, `ip("2001:db8::9")`)
}

func (g *generator) picks() string {
	list := []string{}
	for range 1 + g.IntN(3) {
		if g.chance(5) {
			list = append(list, g.one("__error__", "__error_details__"))
			continue
		}
		list = append(list, g.name()+g.one("", "", `="info"`, `=~"a.*"`, `!="ok"`, `!~"x|y"`))
	}
	return strings.Join(list, ", ")
}

func (g *generator) formats() string {
	a := g.one("x="+g.name(), g.name()+"="+g.name(), `x="{{.user}}-{{.level}}"`, g.name()+"="+g.template())
	if g.chance(30) {
		a += ", y=" + g.one(g.name(), g.template())
	}
	return a
}

func (g *generator) template() string {
	return g.one("`{{.user}} {{.nosuch}}`", "`{{.msg | upper}}`", "`{{__line__ | trunc 12}}`", "`{{ if eq .level \"info\" }}I{{ else }}{{ .level }}{{ end }}`",
		"`{{ printf \"%-8s|\" .method }}`", "`{{ __timestamp__ | unixEpoch }}`", "`fixed`", "`{{ .took_ms | int | add 1 }}`",
		"`{{ regexReplaceAll \"(a)(n*)\" .user \"$2\" }}`", "`{{ .ms }}ms`", "`{{ default \"-\" .problem }}`", "`{{ div .took_ms 0 }}`")
}
