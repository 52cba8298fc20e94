package stage

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

const (
	benchJSON   = `{"level":"info","msg":"report built","duration":2988,"took":"669ms","size":"207KiB","user":{"login":"b.rossi@example.com","roles":["a","b"],"deep":{"n":263}},"tags":[1,2,{"x":"y"}],"ok":false,"none":null,"trace_id":"ca4346bc88fea1d6","space id":"s p","note":"tab\there"}`
	benchLogfmt = `ts=2026-11-20T10:00:31Z caller=main.go:211 level=warn msg="request \"211\" done" status=200 method=POST path=/api/v1/item/211 duration=19ms bytes=15490 took=0.5726`
	benchAccess = `198.51.100.23 - ivanov [20/Nov/2026:10:00:00 +0000] "GET /zimbra/mail?id=7 HTTP/1.1" 200 4711 "-" "Mozilla/5.0 (X11; Linux)" 1.234`
)

// BenchmarkStage: none of them allocates for an entry like the one before, but
// regexp, whose package does.
func BenchmarkStage(b *testing.B) {
	stream := &entry.Labels{Pairs: pairs("job=app host=mbs1 level=info")}
	meta := pairs("user=ivanov@example.org client_ip=198.51.100.7 duration_ms=4711 elapsed=90s size=5MB")
	filter := func(op LineOp, s string) Stage { return must(NewLineFilter(op, Text{Value: s})) }
	for _, c := range []struct {
		name, line string
		s          Stage
	}{
		{"contains", benchAccess, filter(LineContains, "nosuch")},
		{"literal", benchAccess, filter(LineMatches, ".*nosuch.*")},
		{"fold", benchAccess, filter(LineMatches, "(?i)nosuch")},
		{"expression", benchAccess, filter(LineMatches, "GET.*500")},
		{"linepattern", benchAccess, filter(LinePattern, "<_>GET<_>HTTP<_>")},
		{"ip", benchAccess, must(NewLineFilter(LineContains, Text{"192.0.2.0/24", true}))},
		{"json", benchJSON, NewJSON()},
		{"jsonexpr", benchJSON, must(NewJSONExpr(exprs("l=user.login d=duration")))},
		{"logfmt", benchLogfmt, NewLogfmt(false, false)},
		{"logfmtexpr", benchLogfmt, must(NewLogfmtExpr(false, false, exprs("st=status m=msg")))},
		{"regexp", benchAccess, must(NewRegexp(`^(?P<ip>\S+) \S+ (?P<u>\S+)`))},
		{"pattern", benchAccess, must(NewPattern(`<ip> - <u> [<_>] "<method> <path> <_>" <status> <bytes> <_>`))},
		{"unpack", `{"_entry":"line","app":"x"}`, NewUnpack()},
		{"string", "x", NewStringFilter(matcher("user", logql.MatchEqual, "x"))},
		{"number", "x", NewNumberFilter("duration_ms", Greater, 5)},
		{"bytes", "x", NewBytesFilter("size", Greater, 5)},
		{"lineformat", "x", must(NewLineFormat("{{.user}} from {{.client_ip}}"))},
		{"template", "x", must(NewLineFormat("{{.user | upper}}"))},
		{"labelformat", "x", must(NewLabelFormat([]LabelFormat{{"who", "user", true}, {"x", "{{.who}}!", false}}))},
		{"keep", "x", NewKeep([]Pick{{Name: "user"}})},
	} {
		b.Run(c.name, func(b *testing.B) {
			var l Labels
			b.ReportAllocs()
			b.SetBytes(int64(len(c.line)))
			for b.Loop() {
				l.Reset(stream, meta, 0)
				c.s.Process(c.line, &l)
			}
		})
	}
}

// TestStageGarbage holds what the benchmark shows: the hot parsers leave no
// garbage.
func TestStageGarbage(t *testing.T) {
	stream := &entry.Labels{Pairs: pairs("job=app level=info")}
	f := func(line string, s Stage) {
		t.Helper()
		var l Labels
		if n := testing.AllocsPerRun(100, func() {
			l.Reset(stream, nil, 0)
			s.Process(line, &l)
		}); n > 0 {
			t.Errorf("%T: %v allocations an entry", s, n)
		}
	}
	f(benchJSON, NewJSON())
	f(benchJSON, must(NewJSONExpr(exprs("l=user.login d=duration"))))
	f(benchLogfmt, NewLogfmt(false, false))
	f(benchAccess, must(NewPattern("<ip> - <u> [<_>] <_>")))
	f(`{"_entry":"line","app":"x"}`, NewUnpack())
	f("x", must(NewLineFormat("{{.job}} x")))
}
