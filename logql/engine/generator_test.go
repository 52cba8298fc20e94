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

// kinds of sources and a parser that fits each.
var sources = []struct{ selector, parser string }{
	{`{app="mail"}`, ""},
	{`{app="mail", host="m1"}`, ""},
	{`{app=~"mail|tie", level!="warn"}`, ""},
	{`{app="api"}`, "json"},
	{`{app="api", pod=~"p-.*"}`, "json"},
	{`{app="web"}`, "logfmt"},
	{`{app="web", env!~"d.v"}`, "logfmt"},
	{`{app="proxy"}`, "pattern"},
	{`{app="misc"}`, "any"},
	{`{app=~".+"}`, "any"},
	{`{app="tie"}`, ""},
}

func (g *generator) log() string { return g.selection(true) }

// selection is a selector with stages; formats are allowed in log queries.
func (g *generator) selection(formats bool) string {
	s := sources[g.IntN(len(sources))]
	q := s.selector
	for range g.IntN(3) {
		q += " " + g.lineFilter()
	}
	if g.chance(70) {
		q += g.parser(s.parser)
	}
	for range g.IntN(3) {
		q += " | " + g.labelFilter(2)
	}
	for range g.IntN(3) {
		switch g.IntN(8) {
		case 0:
			q += " | drop " + g.picks()
		case 1:
			q += " | keep " + g.picks()
		case 2:
			q += " | label_format " + g.formats()
		case 3:
			q += " | line_format " + g.template()
		case 4:
			q += " | decolorize"
		case 5:
			q += " " + g.lineFilter()
		case 6:
			q += " | " + g.labelFilter(1)
		}
	}
	if !formats && g.chance(70) {
		q += ` | __error__=""`
	}
	return q
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
			` | logfmt status, m="method"`, ` | logfmt --strict level, p="path"`)
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
		for g.chance(25) {
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
		return g.name() + g.one("=~", "!~") + g.one(`"a.*"`, `"anna|boris"`, `".*org|.*com"`, `"[45].."`, `"inf.+"`, `""`, `"i.*|x"`, `"(a|b).*"`, `".*"`, `"(?i)INFO"`)
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
