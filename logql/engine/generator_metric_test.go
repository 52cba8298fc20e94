package engine

import (
	"fmt"
	"slices"
	"strings"
)

// metric makes a metric query with operators at most so deep.
func (g *generator) metric(deep int) string {
	switch n := g.IntN(20); {
	case deep > 0 && n < 4:
		return g.binary(deep)
	case deep > 0 && n < 5:
		return fmt.Sprintf("label_replace(%s, %q, %q, %q, %q)", g.metric(deep-1), g.one("x", "app", "level"), g.one("$1", "v-$1", "", "fixed"),
			g.one("app", "level", "user"), g.one("(.*)", "(a).*", "in(f)o", "nomatch"))
	case n < 6:
		return g.one("1", "-2.5", "vector(1)", "vector(0)", "1 + 2 * 3", "2 ^ -1", "1 > bool 2", "5 % 0")
	case n < 15:
		return g.vectorAgg(deep)
	}
	return g.rangeAgg()
}

func (g *generator) window() string {
	w := "[" + g.one("1m", "5m", "10m", "1h", "90s", "2h", "1h30m") + "]"
	if g.chance(10) {
		w += " offset " + g.one("5m", "10m", "-5m", "1h")
	}
	return w
}

func (g *generator) rangeAgg() string {
	if g.chance(45) {
		return g.one("count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time", "count_over_time") +
			"(" + g.selection(false) + " " + g.window() + ")"
	}
	return g.unwrapped()
}

func (g *generator) unwrapped() string {
	of := g.one(
		`{app="mail"} | unwrap took_ms`, `{app="mail"} | unwrap duration(took)`, `{app="mail", host="m2"} | unwrap bytes(size)`,
		`{app="mail"} | outcome="ok" | unwrap duration_seconds(took)`, `{app="api"} | json | unwrap ms`, `{app="api"} | json | unwrap duration(took)`,
		`{app="web"} | logfmt | unwrap bytes`, `{app="web"} | logfmt | unwrap duration(duration)`, `{app="web"} | logfmt --strict | unwrap ratio`,
		"{app=\"proxy\"} | pattern `<ip> - <who> [<_>] \"<method> <path> <_>\" <status> <bytes> <took>` | unwrap took",
		`{app="misc"} | unwrap value`, `{app="mail"} | unwrap nosuch`)
	if g.chance(80) {
		of += ` | __error__=""`
	}
	if g.chance(15) {
		of += " | " + g.labelFilter(1)
	}
	of += " " + g.window()
	if g.chance(40) {
		return g.one("sum_over_time", "rate", "rate_counter", "absent_over_time") + "(" + of + ")"
	}
	group := ""
	if g.chance(60) {
		group = " " + g.grouping()
	}
	if g.chance(25) {
		return "quantile_over_time(" + g.one("0.5", "0.99", "0", "1", "0.333", "1.5") + ", " + of + ")" + group
	}
	return g.one("avg_over_time", "max_over_time", "min_over_time", "stddev_over_time", "stdvar_over_time", "first_over_time", "last_over_time") +
		"(" + of + ")" + group
}

func (g *generator) labelList() string {
	list := []string{}
	for range g.IntN(4) {
		name := g.one("app", "level", "host", "outcome", "user", "method", "status", "pod", "nosuch", "env", "m", "__error__")
		if !slices.Contains(list, name) { // a name that comes twice takes Loki's series apart
			list = append(list, name)
		}
	}
	return "(" + strings.Join(list, ", ") + ")"
}

func (g *generator) grouping() string { return g.one("by ", "by ", "by ", "without ") + g.labelList() }

func (g *generator) vectorAgg(deep int) string {
	inner := g.rangeAgg()
	switch {
	case deep > 0 && g.chance(25):
		inner = g.vectorAgg(deep - 1)
	case deep > 0 && g.chance(10):
		inner = "(" + g.binary(deep-1) + ")"
	case g.chance(12):
		return g.best()
	}
	op := g.one("sum", "sum", "sum", "avg", "max", "min", "count", "stddev", "stdvar")
	if g.chance(8) {
		return g.one("sort", "sort_desc") + "(" + inner + ")"
	}
	if g.chance(50) {
		return op + " " + g.grouping() + " (" + inner + ")"
	}
	if g.chance(30) {
		return op + "(" + inner + ") " + g.grouping()
	}
	return op + "(" + inner + ")"
}

// best keeps the largest or smallest sums, of which no two are equal.
func (g *generator) best() string {
	return fmt.Sprintf("%s(%d, sum by (%s) (sum_over_time(%s %s)))%s", g.one("topk", "bottomk"), 1+g.IntN(4), g.one("user", "user, host", "host, level", "ip"),
		g.one(`{app="mail"} | unwrap took_ms`, `{app="mail"} | unwrap duration(took)`, `{app="mail", level="info"} | unwrap bytes(size)`),
		g.window(), g.one("", "", " by (host)", " without (user)"))
}

// sided makes a side of an operator: few labels, so that sides fit.
func (g *generator) sided(deep int) string {
	if deep > 1 && g.chance(20) {
		return "(" + g.binary(deep-1) + ")"
	}
	return fmt.Sprintf("sum by (%s) (count_over_time(%s %s))", g.one("app", "level", "app, level", "host", "app, host, level", "outcome"),
		g.one(`{app=~".+"}`, `{app="mail"}`, `{app=~"mail|api|web"}`, `{app="mail", level="info"}`, `{app="web"} | logfmt`,
			`{app="mail"} | outcome="ok"`, `{app="api"} | json | ms>500 | __error__=""`), g.window())
}

func (g *generator) binary(deep int) string {
	op := g.one("+", "-", "*", "/", "%", "^", "==", "!=", ">", ">=", "<", "<=", "and", "or", "unless")
	set := op == "and" || op == "or" || op == "unless"
	if !set && strings.ContainsAny(op, "=<>") && g.chance(40) {
		op += " bool"
	}
	if !set && g.chance(30) {
		n := g.one("1", "0", "2.5", "-1", "100")
		if g.chance(50) {
			return n + " " + op + " " + g.sided(deep)
		}
		return g.sided(deep) + " " + op + " " + n
	}
	if g.chance(50) {
		op += g.one(" on", " ignoring") + g.one("(app)", "(level)", "(app, level)", "()", "(host)")
		if !set && g.chance(50) {
			op += g.one(" group_left", " group_right") + g.one("", "()", "(level)", "(app)")
		}
	}
	return g.sided(deep) + " " + op + " " + g.sided(deep)
}
