package stage

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// pairs reads "a=x b=y".
func pairs(s string) (all []entry.Pair) {
	for f := range strings.FieldsSeq(s) {
		name, value, _ := strings.Cut(f, "=")
		all = append(all, entry.Pair{Name: name, Value: value})
	}
	return all
}

// told writes what a pipeline made of an entry: the line if it changed, then
// the labels of each category.
func told(was, line string, kept bool, l *Labels) string {
	if !kept {
		return "dropped"
	}
	var b strings.Builder
	if line != was {
		b.WriteString("L=" + line + " ")
	}
	for c, mark := range []string{"S", "M", "P"} {
		for _, p := range l.AppendCategory(nil, Category(c)) {
			b.WriteString(mark + ":" + p.Name + "=" + p.Value + " ")
		}
	}
	return strings.TrimSpace(b.String())
}

// must is the stage of a constructor that may fail.
func must(s Stage, err error) Stage {
	if err != nil {
		panic(err)
	}
	return s
}

func matcher(name string, op logql.MatchOp, value string) *logql.Matcher {
	m, err := logql.NewMatcher(name, op, value)
	if err != nil {
		panic(err)
	}
	return m
}

// tester runs pipelines over a line with stream labels i=1 foo=s and metadata
// m=x, which a Loki 3.7 was asked about, too.
func tester(t *testing.T) func(line, want string, stages ...Stage) {
	stream := &entry.Labels{Pairs: pairs("foo=s i=1")}
	var l Labels
	return func(line, want string, stages ...Stage) {
		t.Helper()
		for range 2 { // the second time with used buffers
			l.Reset(stream, pairs("m=x"), 1795168800_123456789)
			got, kept := Chain(stages).Process(line, &l)
			text := told(line, got, kept, &l)
			text = strings.TrimPrefix(strings.Replace(text, "S:foo=s S:i=1 M:m=x", "…", 1), "… ")
			if text != want {
				t.Errorf("%q\n got %s\nwant %s", line, text, want)
			}
		}
	}
}

func TestLabelsCategories(t *testing.T) {
	f := tester(t)
	lf := NewLogfmt(false, false)
	rename := func(to, from string) Stage {
		return must(NewLabelFormat([]LabelFormat{{Name: to, Value: from, Rename: true}}))
	}
	drop := func(name string) Stage { return NewDrop([]Pick{{Name: name}}) }
	f("foo=bar", "P:foo_extracted=bar", lf)
	f("m=bar", "P:m_extracted=bar", lf)
	f("foo=bar foo_extracted=baz", "P:foo_extracted=bar", lf)
	f("foo=bar", "S:i=1 M:m=x P:foo_extracted=bar", drop("foo"), lf)
	f("m=bar", "S:foo=s S:i=1 P:m=bar", drop("m"), lf)
	f("q=1", "…", lf, drop("q"), lf)
	f("q=1 z=2", "P:w=1 P:z=2", lf, rename("w", "q"), lf)
	f("q=1", "S:foo=s S:i=1 P:q=x", rename("q", "m"), lf)
	f("foo=1", "S:i=1 M:m=x P:foo_extracted=1 P:q=s", rename("q", "foo"), lf)
	f("q", "S:foo=s S:i=1", rename("m", "m"))
	f("q", "…", rename("m", "nosuch"))
	f("q", "S:foo=s P:m=1", rename("m", "i"))
	f("q", "S:foo=s S:i=1 P:n=x", rename("n", "m"))
	f("q=1", "S:foo=s S:i=1 P:q_extracted=1", lf, rename("q_extracted", "q"), drop("m"))
}

func TestPick(t *testing.T) {
	f := tester(t)
	bad := NewNumberFilter("m", Greater, 5)
	const details = `P:__error_details__=strconv.ParseFloat: parsing "x": invalid syntax`
	const failed = "P:__error__=LabelFilterErr " + details
	pick := func(name string, op logql.MatchOp, value string) []Pick {
		return []Pick{{Name: name, Matcher: matcher(name, op, value)}}
	}
	f("x", "S:foo=s S:i=1", NewDrop(pick("m", logql.MatchEqual, "x")))
	f("x", "…", NewDrop(pick("m", logql.MatchEqual, "y")))
	f("x", "S:foo=s S:i=1", NewDrop(pick("m", logql.MatchNotEqual, "y")))
	f("x", "…", NewDrop(pick("nosuch", logql.MatchNotEqual, "y")))
	f("x", "M:m=x", NewKeep(pick("m", logql.MatchEqual, "x")))
	f("x", "", NewKeep(pick("m", logql.MatchEqual, "y")))
	f("x", "S:i=1 M:m=x", NewKeep([]Pick{{Name: "m"}, {Name: "i"}}))
	f("x", "", NewKeep([]Pick{{Name: "__error__"}}))
	f("x", failed, bad)
	f("x", details, bad, NewDrop([]Pick{{Name: "__error__"}}))
	f("x", details, bad, NewDrop(pick("__error__", logql.MatchRegexp, ".+")))
	f("x", failed, bad, NewDrop(pick("__error__", logql.MatchEqual, "zz")))
	f("x", "P:__error__=LabelFilterErr", bad, NewDrop([]Pick{{Name: "__error_details__"}}))
	f("x", "S:i=1 "+failed, bad, NewKeep([]Pick{{Name: "i"}}))
}

func TestDecolorize(t *testing.T) {
	f := tester(t)
	f("\x1b[31mred\x1b[0m \x1b[1;32mg\x1b[K \x1b[38;5;196mz \x1b]0;title\x07 \x1b[2J e\x1b[ 31m", "L=red g z   e\x1b[ 31m …", NewDecolorize())
	f("plain [31m", "…", NewDecolorize())
}

func TestLabelFilter(t *testing.T) {
	f := tester(t)
	set := func(value string) Stage {
		return must(NewLabelFormat([]LabelFormat{{Name: "v", Value: value}}))
	}
	g := func(value string, filter Stage, want string) {
		t.Helper()
		got := "P:v=" + value
		if value == "" {
			got = "P:v="
		}
		switch {
		case want == "dropped":
			got = want
		case want != "":
			got = "P:__error__=LabelFilterErr P:__error_details__=" + want + " " + got
		}
		f("x", got, set(value), filter)
	}
	g("5", NewNumberFilter("v", Greater, 5), "dropped")
	g("5", NewNumberFilter("v", GreaterEqual, 5), "")
	g("5", NewNumberFilter("v", NotEqual, 5), "dropped")
	g("1_000", NewNumberFilter("v", Less, 1), "dropped")
	g("NaN", NewNumberFilter("v", Less, 1), "dropped")
	g("", NewNumberFilter("v", Less, 1), `strconv.ParseFloat: parsing "": invalid syntax`)
	g("bad", NewNumberFilter("v", NotEqual, 5), `strconv.ParseFloat: parsing "bad": invalid syntax`)
	g("1m30s", NewDurationFilter("v", Equal, 90*time.Second), "")
	g("1m30s", NewDurationFilter("v", LessEqual, time.Minute), "dropped")
	g("5", NewDurationFilter("v", Greater, time.Second), `time: missing unit in duration "5"`)
	g("1d", NewDurationFilter("v", Greater, time.Second), `time: unknown unit "d" in duration "1d"`)
	g("2KB", NewBytesFilter("v", Equal, 2000), "")
	g("2KiB", NewBytesFilter("v", Greater, 2000), "")
	g("m30s", NewBytesFilter("v", Greater, 2000), `strconv.ParseFloat: parsing "": invalid syntax`)
	g("1m30s", NewBytesFilter("v", Greater, 2000), `unhandled size name: m30s`)

	bad, yes := NewNumberFilter("m", Greater, 5), NewStringFilter(matcher("i", logql.MatchEqual, "1"))
	no, none := NewStringFilter(matcher("i", logql.MatchEqual, "2")), NewNumberFilter("nosuch", Greater, 5)
	const failed = `P:__error__=LabelFilterErr P:__error_details__=strconv.ParseFloat: parsing "x": invalid syntax`
	f("x", failed, bad, NewDurationFilter("m", Greater, 5))
	f("x", "dropped", bad, none)
	f("x", "dropped", NewAnd(bad, no))
	f("x", failed, NewAnd(bad, yes))
	f("x", "dropped", NewAnd(no, bad))
	f("x", "…", NewOr(yes, bad))
	f("x", failed, NewOr(no, bad))
	f("x", failed, NewOr(none, bad))
	f("x", "dropped", NewOr(none, no))
	address, _ := NewIPFilter("nosuch", true, "192.0.2.1")
	f("x", failed, NewOr(NewAnd(no, bad), address))
	f("x", "dropped", NewOr(NewAnd(no, yes), address))
	isErr := func(op logql.MatchOp, v string) Stage { return NewStringFilter(matcher("__error__", op, v)) }
	f("x", "dropped", bad, isErr(logql.MatchEqual, ""))
	f("x", "…", isErr(logql.MatchEqual, ""))
	f("x", failed, bad, isErr(logql.MatchRegexp, "Label.*"))
	f("x", "…", NewStringFilter(matcher("nosuch", logql.MatchEqual, "")))
	f("x", "…", NewStringFilter(matcher("nosuch", logql.MatchNotEqual, "y")))
	f("x", "dropped", NewStringFilter(matcher("nosuch", logql.MatchNotRegexp, ".*")))
}

func TestUnwrap(t *testing.T) {
	var l Labels
	f := func(value string, c Conversion, want float64, wantOK bool, wantErr string) {
		t.Helper()
		l.Reset(&entry.Labels{}, []entry.Pair{{Name: "v", Value: value}}, 0)
		got, ok := NewUnwrap("v", c).Value(&l)
		if got != want || ok != wantOK || l.ErrDetails() != wantErr || (l.Err() == ErrSample) != (wantErr != "") {
			t.Errorf("unwrap %q: %v, %v, %s %q", value, got, ok, l.Err(), l.ErrDetails())
		}
	}
	f("12.5", ConvertNumber, 12.5, true, "")
	f("1e3", ConvertNumber, 1000, true, "")
	f("1m30s", ConvertDuration, 90, true, "")
	f("2KB", ConvertBytes, 2000, true, "")
	f("12.5", ConvertBytes, 12, true, "")
	f("5GiB", ConvertBytes, 5<<30, true, "")
	f("", ConvertNumber, 0, false, "")
	f("5", ConvertDuration, 0, true, `time: missing unit in duration "5"`)
	f("x", ConvertNumber, 0, true, `strconv.ParseFloat: parsing "x": invalid syntax`)
	l.Reset(&entry.Labels{}, nil, 0)
	if _, ok := NewUnwrap("v", ConvertNumber).Value(&l); ok {
		t.Error("a sample of a label that is not there")
	}
}

func TestGroups(t *testing.T) {
	var l Labels
	l.Reset(&entry.Labels{Pairs: pairs("a=1 b=2")}, pairs("m=x"), 0)
	l.Set("b", "")
	l.Set("z", "9")
	l.SetErr(ErrJSON, "why")
	text := func(p []entry.Pair) string {
		s := ""
		for _, p := range p {
			s += p.Name + "=" + p.Value + " "
		}
		return s
	}
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(text(l.AppendBy(nil, []string{"a", "b", "nosuch", "z", "__error__"})), "a=1 b= z=9 __error__=JSONParserErr ")
	f(text(l.AppendWithout(nil, []string{"a", "__error_details__"}, true)), "__error__=JSONParserErr b= m=x z=9 ")
	f(text(l.Append(nil)), "__error__=JSONParserErr __error_details__=why a=1 b= m=x z=9 ")
	f(string(l.KeyBy(nil, []string{"a", "b", "c"})), "\xfe1\xff\xfe\xff\xff")
	f(string(l.KeyWithout(nil, []string{"__error__", "__error_details__", "m"}, true)), "a\xff1\xffb\xff\xffz\xff9\xff")
	f(text(l.AppendWithout(nil, []string{"a"}, false)), "__error__=JSONParserErr __error_details__=why m=x z=9 ")
}
