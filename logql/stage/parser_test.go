package stage

import (
	"strings"
	"testing"
)

func exprs(s string) (all []Expression) {
	for f := range strings.FieldsSeq(s) {
		name, expr, _ := strings.Cut(f, "=")
		all = append(all, Expression{name, expr})
	}
	return all
}

func TestJSON(t *testing.T) {
	f := tester(t)
	g := func(line, want string) { t.Helper(); f(line, want, NewJSON()) }
	const object = "P:__error__=JSONParserErr P:__error_details__=Value looks like object, but can't find closing '}' symbol"
	const array = "P:__error__=JSONParserErr P:__error_details__=Value is array, but can't find closing ']' symbol"
	const text = "P:__error__=JSONParserErr P:__error_details__=Value is string, but can't find closing '\"' symbol"
	const malformed = "P:__error__=JSONParserErr P:__error_details__=Malformed JSON error"
	g(`{"a":{"b":{"c":"deep","n":null}},"arr":[{"k":"v"}],"t":true,"f":1.50,"e":""}`, "P:a_b_c=deep P:e= P:f=1.50 P:t=true")
	g(`{"esc":"x\ny\u00e9","x-y":"1","9a":"2","ünï":"3","":"4","i":"c","m":"d"}`,
		"P:_9a=2 P:_n_=3 P:esc=x\nyé P:i_extracted=c P:m_extracted=d P:x_y=1")
	g(`{"a_b":"1","a":{"b":"2"}}`, "P:a_b=1")
	g(`{"a":1,"b":{"":"x","c":{"":2}}}`, "P:a=1 P:b=x P:b_c=2")
	g(`{"Ä":"1","a b":"2","a\"b":"3"," a ":"4","-":"6","9":"7"}`, "P:_=1 P:_9=7 P:a=4 P:a_b=2")
	g(`{"a":{"9":4}}`, "P:a_9=4")
	g(`{"a":"\ud83d\ude00 \udead \q","f":"\uFFFD"}`, "P:a= P:f=")
	g(`{"a":12345678901234567890,"b":1e5,"c":-0,"d":{"e":[]},"g":{}}`, "P:a=12345678901234567890 P:b=1e5 P:c=-0")
	g(`not json`, object)
	g(`[1,2]`, object)
	g(`{a:1}`, object)
	g(`{"a":1`, array+" P:a=1")
	g(`{"a":"1"} trailing`, "P:a=1")
	g(`  {"a":"1"}`, "P:a=1")
	g(`{"a":"1",}`, "P:a=1")
	g(`{"a" "1"}`, malformed)
	g(`{"a":1 "b":2}`, object+" P:a=1")
	g(`{"a":"un`, text)
	g(`{"a":tru}`, "P:__error__=JSONParserErr P:__error_details__=Unknown value type")
	g(``, object)
	f(`{"q":1,"w":2}`, "P:q=1 P:w=2", NewJSON(), NewJSON())
}

func TestJSONExpr(t *testing.T) {
	f := tester(t)
	g := func(line, ex, want string) { t.Helper(); f(line, want, must(NewJSONExpr(exprs(ex)))) }
	const line = `{"a":["x",{"b":[1,2]}],"c":"\"q\"","d":null,"e":"\udead","f":{"g":"deep"},"s p":true}`
	g(line, "x=a[1].b[1] y=a[9].k z=a[0]", "P:x=2 P:y= P:z=x")
	g(line, "x=a[1].b y=c z=c", `P:x=[1,2] P:y="q" P:z="q"`)
	g(line, "x=d y=e z=f.g v=f.g.h", "P:v= P:x= P:y= P:z=deep")
	g(line, `i=f.g m=c foo=nosuch`, `P:i_extracted=deep P:m_extracted="q"`)
	f(line, "P:x=true P:y=1", must(NewJSONExpr([]Expression{{"x", `["s p"]`}, {"y", ` a [1]["b"] [0]`}})))
	g("[1,2]", "a=[0] b=x", "P:a=1 P:b=")
	g(`["a"]`, "a=[0]", "P:a=a")
	g(`not`, "a=b", "P:__error__=JSONParserErr")
	g(` {"a":1}`, "a=a", "P:__error__=JSONParserErr")
	g(`{"a":tru}`, "a=a", "P:__error__=JSONParserErr P:__error_details__=Unknown value type P:a=")
	g(`{"a":nope,"b":"c"}`, "b=b", "P:b=c")
	g(`{"a":{"b":"c"`, "x=a.b", "P:x=c")
	f(`{"q":1,"w":"2"}`, "P:q=2 P:w=2", NewJSON(), must(NewJSONExpr(exprs("q=w"))))
	for _, bad := range []string{"[", ".a", "a[x]", "", "a b", "*", "a.[0]", "[-1]", "d-e", "9a", "a.9", "ü"} {
		if _, err := NewJSONExpr([]Expression{{"x", bad}}); err == nil {
			t.Errorf("json x=%q is taken", bad)
		}
	}
}

func TestLogfmt(t *testing.T) {
	f := tester(t)
	wrong := func(what string) string {
		return "P:__error__=LogfmtParserErr P:__error_details__=logfmt syntax error at pos " + what
	}
	g := func(line, loose, strict, keep string) {
		t.Helper()
		f(line, loose, NewLogfmt(false, false))
		f(line, strict, NewLogfmt(true, false))
		f(line, keep, NewLogfmt(false, true))
	}
	g(`a=1 b="two words" c d= e="" f="un\"q\n\u00e9"`, "P:a=1 P:b=two words P:f=un\"q\né",
		"P:a=1 P:b=two words P:f=un\"q\né", "P:a=1 P:b=two words P:c= P:d= P:e= P:f=un\"q\né")
	g(`a=1 =x b=2`, "P:a=1 P:b=2", wrong("5 : unexpected '='")+" P:a=1", "P:a=1 P:b=2")
	g(`a=1 b=x"y c=3`, "P:a=1 P:c=3", wrong(`8 : unexpected '"'`)+" P:a=1", "P:a=1 P:c=3")
	g(`a=1 b="open c=3`, "P:a=1", wrong("16 : unterminated quoted value")+" P:a=1", "P:a=1")
	g(`a=1 b="x"y c=3`, "P:a=1 P:b=x P:c=3", "P:a=1 P:b=x P:c=3", "P:a=1 P:b=x P:c=3 P:y=")
	g(`a=1 "q k"=3 b=2`, "P:a=1 P:b=2", wrong(`5 : unexpected '"'`)+" P:a=1", "P:a=1 P:b=2")
	g(`a=1 b==2 c=3`, "P:a=1 P:c=3", wrong("7 : unexpected '='")+" P:a=1", "P:a=1 P:c=3")
	g(`a=1 b="\q" c=3`, "P:a=1 P:c=3", wrong("11 : invalid quoted value")+" P:a=1", "P:a=1 P:c=3")
	g(`a="\ud83d" b="\ud83d\ude00"`, "P:a=  P:b=😀", "P:a=  P:b=😀", "P:a=  P:b=😀")
	g("a= a=2 b=1", "P:a=2 P:b=1", "P:a=2 P:b=1", "P:a= P:b=1")
	g("d-e.f=1 1a=2 ключ=3 (x)=4", "P:_1a=2 P:____=3 P:_x_=4 P:d_e_f=1", "P:_1a=2 P:____=3 P:_x_=4 P:d_e_f=1",
		"P:_1a=2 P:____=3 P:_x_=4 P:d_e_f=1")
	g("a=\"x\ty\\n\" b=\"\\/\\'\" c=\"\\u12\"", "P:a=x\ty\n P:b=/'", wrong("28 : invalid quoted value")+" P:a=x\ty\n P:b=/'", "P:a=x\ty\n P:b=/'")
	g("", "…", "…", "…")
	g(`a="\`, "…", wrong("5 : unterminated quoted value"), "…")
}

func TestLogfmtExpr(t *testing.T) {
	f := tester(t)
	g := func(line, ex, want string) { t.Helper(); f(line, want, must(NewLogfmtExpr(false, false, exprs(ex)))) }
	g("a=1 a=2 b=3", "x=a y=b z=c", "P:x=2 P:y=3 P:z=")
	g("a=1 a=2 a= ", "x=a", "P:x=")
	g("b=2", "a=b b=b", "P:a=2 P:b=")
	g("b=2", "i=b m=c", "P:i_extracted=2")
	g(`a="\udead"`, "x=a", "P:x=")
	f("a=1 =x b=2", "P:__error__=LogfmtParserErr P:__error_details__=logfmt syntax error at pos 5 : unexpected '=' P:x=1 P:y=",
		must(NewLogfmtExpr(true, false, exprs("x=a y=b"))))
	q := must(NewLogfmtExpr(false, false, exprs("q=w")))
	f("q=1 w=2", "P:q=1 P:w=2", NewLogfmt(false, false), q)
	f("q=1", "P:q=1", NewLogfmt(false, false), q)
	f("w=2", "P:q= P:w=2", NewLogfmt(false, false), q)
	f("i=1 m=2", "P:i_extracted=1 P:m_extracted=2", NewLogfmt(false, false), must(NewLogfmtExpr(false, false, exprs("i=m"))))
	g("a=1 b=2", "a=b", "P:a=2")
	g("b=2 a=1", "a=b", "P:a=1")
	f("", "P:q=", q)
	f("q=1 w=2", "P:q=2", must(NewLabelFormat([]LabelFormat{{Name: "q", Value: "x"}})), q)
	for _, bad := range []string{"b c", "", "b.c", "9", "d-e", "ключ"} {
		if _, err := NewLogfmtExpr(false, false, []Expression{{"x", bad}}); err == nil {
			t.Errorf("logfmt x=%q is taken", bad)
		}
	}
}

func TestRegexp(t *testing.T) {
	f := tester(t)
	g := func(line, re, want string) { t.Helper(); f(line, want, must(NewRegexp(re))) }
	g("k1 v1 k2 v2", `(?P<a>k\d) (?P<b>v\d)`, "P:a=k1 P:b=v1")
	g("k1 v1 k2 v2", `(?P<a>zz)?(?P<b>k1)`, "P:a= P:b=k1")
	g("k1 v1 k2 v2", `(?P<i>k\d)(.)(?P<m>v)`, "P:i_extracted=k1 P:m_extracted=v")
	g("k1 v1", `(?P<a>zz)`, "…")
	g("multi\nline", `(?P<a>multi.line)`, "…")
	bad := func(re, want string) {
		t.Helper()
		if _, err := NewRegexp(re); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", re, err, want)
		}
	}
	bad(`(?P<a>k\d)(?P<a>x)?`, "invalid regexp parser: duplicate extracted label name 'a'")
	bad(`(k\d)`, "invalid regexp parser: at least one named capture must be supplied")
	bad(`(?P<a>`, "invalid regexp parser: error parsing regexp: missing closing ): `(?P<a>`")
}

func TestPattern(t *testing.T) {
	f := tester(t)
	g := func(line, p, want string) { t.Helper(); f(line, want, must(NewPattern(p))) }
	const line = "k1 v1 k2 v2"
	g(line, "<a> <b> <c>", "P:a=k1 P:b=v1 P:c=k2 v2")
	g(line, "<a> <_> <c>", "P:a=k1 P:c=k2 v2")
	g(line, "k1 <a>", "P:a=v1 k2 v2")
	g(line, "v1 <a>", "…")
	g(line, "<a> v1<b>zz<c>", "P:a=k1 P:b= k2 v2")
	g(line, "<a>v2", "P:a=k1 v1 k2")
	g(line, "<a>k2<b> <c>x", "P:a=k1 v1  P:b= P:c=v2")
	g(line, "<a b> <c>", "…")
	g(line, "<a> v1 k2 v2<b>", "P:a=k1 P:b=")
	g(`"GET /x HTTP" 200`, `"<method> <path> <_>" <status>`, "P:method=GET P:path=/x P:status=200")
	g(`"GET /x HTTP" 200`, `<_>" <status>`, "P:status=200")
	g("", "<a>", "…")
	bad := func(p, want string) {
		t.Helper()
		if _, err := NewPattern(p); err == nil || err.Error() != "invalid pattern parser: "+want {
			t.Errorf("%s: %v, want %s", p, err, want)
		}
	}
	bad("<a><b>", "found consecutive capture '<a><b>': invalid expression")
	bad("abc", "at least one capture is required")
	bad("<_>", "at least one capture is required")
	bad("<a> <a>", "duplicate capture name (a): invalid expression")
}

func TestUnpack(t *testing.T) {
	f := tester(t)
	g := func(line, want string) { t.Helper(); f(line, want, NewUnpack()) }
	const wrong = "P:__error__=JSONParserErr P:__error_details__="
	g(`{"_entry":"packed \"line\"","app":"x","n":1,"o":{"a":"b"},"ar":["x"],"e":"","m":"c","i":"c"}`,
		`L=packed "line" … P:app=x P:e= P:i_extracted=c P:m_extracted=c`)
	g(`{"app":"x"}`, "…")
	g(`{"_entry":5,"app":"x"}`, "…")
	g(`{"_entry":"x","a":"1","a":"2","b-c":"3","9":"x"}`, "L=x … P:_9=x P:a=2 P:b_c=3")
	g(`{"a":"b","_entry":""}`, "L= … P:a=b")
	g("not json", wrong+"expecting json object(6), but it is not")
	g(` {"_entry":"x"}`, wrong+"expecting json object(6), but it is not")
	g(`{"a":"b","_entry":`, wrong+"Malformed JSON error")
	f(`{"_entry":"e","w":"2"}`, "L=e … P:w=x", must(NewLabelFormat([]LabelFormat{{Name: "w", Value: "x"}})), NewUnpack())
}
