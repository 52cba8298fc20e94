package stage

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// TestTry: what a filter asks of a label, parsers ask when they set it. The
// answers are those of a Loki 3.7.8.
func TestTry(t *testing.T) {
	stream := &entry.Labels{Pairs: pairs("foo=s")}
	f := func(line, name, value, want string, stages ...Stage) {
		t.Helper()
		var l Labels
		l.Try(name, NewStringFilter(matcher(name, logql.MatchEqual, value)))
		l.Try(name, NewStringFilter(matcher(name, logql.MatchEqual, "the second counts for nothing")))
		for range 2 {
			l.Reset(stream, pairs("m=x"), 0)
			got, kept := Chain(stages).Process(line, &l)
			if text := told(line, got, kept, &l); text != want {
				t.Errorf("%s=%q of %q\n got %s\nwant %s", name, value, line, text, want)
			}
		}
	}
	const kept = "S:foo=s M:m=x "
	logfmt, strict, expr := NewLogfmt(false, false), NewLogfmt(true, false), must(NewLogfmtExpr(false, false, exprs("a=a")))
	f("a=1 b=2", "a", "1", kept+"P:a=1 P:b=2", logfmt)
	f("a=1 b=2", "a", "", "dropped", logfmt)
	f("a=1 b=2", "c", "", kept+"P:a=1 P:b=2", logfmt)
	f("a=1 b=2", "a", "", kept+"P:a=1", expr)
	f("m=1", "m_extracted", "x", "dropped", logfmt)
	f("m=1", "m", "1", kept+"P:m_extracted=1", logfmt)
	f("a=1 a=2", "a", "1", kept+"P:a=1", logfmt, logfmt)
	f(`a=1 b="2`, ErrorLabel, "", "dropped", strict)
	f(`a=1 b="2`, ErrorLabel, "", kept+"P:a=1", logfmt)
	f(`{"o":{"a":"1"},"b":2`, "o_a", "", "dropped", NewJSON())
	f(`{"a":1}`, "a", "2", "dropped", NewJSON())
	f(`{"a":1}`, "a", "2", kept+"P:a=1", must(NewJSONExpr(exprs("a=a"))))
	f("no", ErrorLabel, "", kept+"P:__error__=JSONParserErr P:__error_details__=Value looks like object, but can't find closing '}' symbol", NewJSON())
	f(`{"_entry":"x","a":"1"}`, "a", "2", "dropped", NewUnpack())
	f("1 2", "a", "2", "dropped", must(NewPattern("<a> <b>")))
	f("1 2", "b", "2", kept+"P:a=1 P:b=2", must(NewPattern("<a> <b>")))
	f("1 2", "b", "1", "dropped", must(NewRegexp(`(?P<a>\d) (?P<b>\d)`)))
}

// TestTryErrs: an error that the filter finds is there when the parser is done.
func TestTryErrs(t *testing.T) {
	var l Labels
	l.Try("a", NewNumberFilter("a", Less, 1))
	l.Reset(&entry.Labels{}, nil, 0)
	_, ok := NewLogfmt(false, false).Process("a=x b=y", &l)
	if b, _ := l.Get("b"); !ok || l.Err() != ErrFilter || b != "y" {
		t.Errorf("kept %v, error %q, b=%q", ok, l.Err(), b)
	}
}
