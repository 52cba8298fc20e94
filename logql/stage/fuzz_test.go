package stage

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/entry"
)

// fuzzStage feeds lines to a stage and checks what holds of every stage: it
// gives no name twice and no text that is no UTF-8, twice the same.
func fuzzStage(f *testing.F, s Stage, check func(t *testing.T, line string, l *Labels)) {
	for _, line := range []string{`{"a":{"b":"c\n\u00e9"},"d":[1],"e":null,"f":1.5}`, `a=1 b="x\"y" =c d`, `{"_entry":"x","a":"b"}`, "198.51.100.7 - - [x] \"GET /\"", `{"a":"\ud83d`, ""} {
		f.Add(line)
	}
	stream := &entry.Labels{Pairs: pairs("a=s b=t")}
	var l, again Labels
	f.Fuzz(func(t *testing.T, line string) {
		if !utf8.ValidString(line) {
			return
		}
		l.Reset(stream, nil, 0)
		out, ok := s.Process(line, &l)
		first := told(line, out, ok, &l)
		names := map[string]bool{}
		for _, p := range l.Append(nil) {
			if names[p.Name] {
				t.Errorf("%q gives %s twice", line, p.Name)
			}
			names[p.Name] = true
			if !utf8.ValidString(p.Value) {
				t.Errorf("%q gives %s=%q, which is no UTF-8", line, p.Name, p.Value)
			}
		}
		again.Reset(stream, nil, 0)
		out, ok = s.Process(line, &again)
		if second := told(line, out, ok, &again); second != first {
			t.Errorf("%q\n1st %s\n2nd %s", line, first, second)
		}
		if check != nil {
			check(t, line, &l)
		}
	})
}

// FuzzJSON: of an object, the strings and numbers at the top are what
// encoding/json says.
func FuzzJSON(f *testing.F) {
	fuzzStage(f, NewJSON(), func(t *testing.T, line string, l *Labels) {
		d := json.NewDecoder(bytes.NewBufferString(line))
		d.UseNumber()
		var m map[string]any
		if !json.Valid([]byte(line)) || d.Decode(&m) != nil {
			return
		}
		if l.Err() != "" && m != nil {
			t.Errorf("%q: %s %s", line, l.Err(), l.ErrDetails())
		}
		for key, v := range m {
			if !isName(key) || strings.Contains(key, "_") || hasTwin(m, line, key) {
				continue
			}
			if key == "a" || key == "b" {
				key += ExtractedSuffix
			}
			got, ok := l.Get(key)
			switch v := v.(type) {
			case string:
				if !strings.Contains(line, `\u`) && got != legible(v) {
					t.Errorf("%q: %s=%q, want %q", line, key, got, v)
				}
			case json.Number:
				if got != v.String() {
					t.Errorf("%q: %s=%q, want %q", line, key, got, v)
				}
			case nil, []any:
				if ok {
					t.Errorf("%q: %s=%q, want none", line, key, got)
				}
			}
		}
	})
}

// hasTwin reports whether another key may give the label first.
func hasTwin(m map[string]any, line, key string) bool {
	for other := range m {
		if other != key && part(other) == key {
			return true
		}
	}
	return strings.Count(line, `"`+key+`"`) != 1
}

func FuzzJSONExpr(f *testing.F) {
	fuzzStage(f, must(NewJSONExpr(exprs("x=a.b y=d[0] z=f"))), nil)
}

func FuzzLogfmt(f *testing.F) { fuzzStage(f, NewLogfmt(false, true), nil) }

func FuzzLogfmtExpr(f *testing.F) {
	fuzzStage(f, must(NewLogfmtExpr(true, false, exprs("x=a y=b"))), nil)
}

func FuzzUnpack(f *testing.F) { fuzzStage(f, NewUnpack(), nil) }

func FuzzRegexp(f *testing.F) {
	fuzzStage(f, must(NewRegexp(`(?P<x>\S+) (?P<y>\S+)?`)), nil)
}

// FuzzPattern: a pattern that fits to the end is what an expression says.
func FuzzPattern(f *testing.F) {
	re := regexp.MustCompile(`^(?s)(.*?) - (.*?) \[(.*?)\] (.*)$`)
	fuzzStage(f, must(NewPattern("<x> - <y> [<_>] <z>")), func(t *testing.T, line string, l *Labels) {
		m := re.FindStringSubmatch(line)
		if m == nil {
			return
		}
		for i, name := range map[int]string{1: "x", 2: "y", 4: "z"} {
			if got, _ := l.Get(name); got != m[i] {
				t.Errorf("%q: %s=%q, want %q", line, name, got, m[i])
			}
		}
	})
}

// FuzzPath: a path of JSON that is taken is taken again when it is written anew.
func FuzzPath(f *testing.F) {
	f.Add(`a.b["c d"][0]`)
	f.Fuzz(func(t *testing.T, s string) {
		path, err := parsePath(s)
		if err == nil && len(path) == 0 {
			t.Errorf("%q is an empty path", s)
		}
	})
}
