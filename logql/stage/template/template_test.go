package template

import "testing"

// labels are labels of a test.
type labels map[string]string

func (l labels) Lookup(name string) (string, bool) { v, ok := l[name]; return v, ok }

func (l labels) Each(f func(name, value string)) {
	for k, v := range l {
		f(k, v)
	}
}

const testTime = 1795168800_123456789 // 2026-11-20T10:00:00Z

// TestFuncs holds what a Loki 3.7 answered to the same templates.
func TestFuncs(t *testing.T) {
	l := labels{"u": "ivanov@example.org", "n": "42", "js": `{"k":"v","arr":[1,"x"]}`}
	f := func(text, want string) {
		t.Helper()
		tm, err := New("line", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		for range 2 {
			got, err := tm.Execute("the line", testTime, l)
			if err != nil {
				got = []byte(err.Error())
			}
			if string(got) != want {
				t.Errorf("%s\n got %s\nwant %s", text, got, want)
			}
		}
	}
	fails := func(text, want string) { t.Helper(); f(text, `template: line:1:`+want) }

	f(`{{ .u | b64enc }} {{ "YQ==" | b64dec }} {{ "!!" | b64dec }}`, "aXZhbm92QGV4YW1wbGUub3Jn a illegal base64 data at input byte 0")
	f(`{{ alignLeft 5 .u }}|{{ alignRight 5 .u }}|{{ alignLeft 20 .u }}|{{ alignRight 20 .u }}|{{alignLeft 3 "äöüx"}}`,
		"ivano|e.org|ivanov@example.org  |  ivanov@example.org|äöü")
	f(`{{ ToLower .u }}{{ ToUpper .u }}{{ Replace .u "i" "X" 1 }}{{ Replace .u "i" "X" -1 }}`,
		"ivanov@example.orgIVANOV@EXAMPLE.ORGXvanov@example.orgXvanov@example.org")
	f(`{{ Trim .u "im" }}|{{ TrimLeft .u "iv" }}|{{ TrimRight .u "gro" }}|{{ TrimPrefix .u "iv" }}|{{ TrimSuffix .u ".org" }}|{{ TrimSpace " x " }}`,
		"vanov@example.org|anov@example.org|ivanov@example.|anov@example.org|ivanov@example|x")
	f(`{{ trimAll "$" "$5.00$" }} {{ trimSuffix "-" "hello-" }} {{ trimPrefix "-" "-hello" }} {{ trim " x " }}|`, "5.00 hello hello x|")
	f(`{{ trunc 3 .u }} {{ trunc -3 .u }} {{ substr 0 3 .u }} {{ substr 3 -1 .u }} {{ substr -1 3 .u }}`, "iva org iva nov@example.org iva")
	f(`{{ contains "iv" .u }} {{ hasPrefix "iv" .u }} {{ hasSuffix "org" .u }} {{ eq .u "x" }}`, "true true true false")
	f(`{{ indent 3 "a\nb" }}|{{ nindent 2 "a\nb" }}`, "   a\n   b|\n  a\n  b")
	f(`{{ repeat 3 "ab" }} {{ replace "i" "X" .u }} {{ title "abc def" }} {{ lower "ABC" }} {{ upper "abc" }}`, "ababab Xvanov@example.org Abc Def abc ABC")
	f(`{{ int "12" }} {{ int "12.7" }} {{ int "x" }} {{ int "010" }} {{ int "0x1F" }} {{ int 3.9 }} {{ float64 "3.5" }} {{ float64 "x" }} {{ float64 .n }}`,
		"12 12 0 8 31 3 3.5 0 42")
	f(`{{ add 1 2 3 }} {{ add "3" 2 }} {{ sub 5 "2" }} {{ mul 2 3 4 }} {{ div 7 2 }} {{ mod 7 3 }} {{ add .n 1 }}`, "6 5 3 24 3 1 43")
	f(`{{ addf 0.1 0.2 }} {{ subf 1 0.9 }} {{ mulf 1.1 1.1 }} {{ divf 1 3 }} {{ divf 10 4 5 }} {{ addf "1.5" 2 }}`, "0.3 0.1 1.21 0.3333333333333333 0.5 3.5")
	f(`{{ max 1 2 3 }} {{ min 1 2 3 }} {{ maxf 1.5 3 }} {{ minf 1.5 3 }} {{ ceil 123.001 }} {{ floor 123.9999 }} {{ round 123.555555 3 }} {{ max "7" .n }}`,
		"3 1 3 1.5 124 123 123.556 42")
	f(`{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }} {{ regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}" }} {{ count "a.b" "axb ayb" }}`,
		"-W-xxW- -${1}-${1}- 2")
	f(`{{ urlencode "a b&c=d/é" }} {{ urldecode "a%20b%26+c" }}`, "a+b%26c%3Dd%2F%C3%A9 a b& c")
	f(`{{ bytes "2KB" }} {{ bytes "1.5MiB" }} {{ duration "1h30m" }} {{ duration_seconds "1.5ms" }}`, "2000 1572864 5400 0.0015")
	f(`{{ unixEpoch __timestamp__ }} {{ unixEpochMillis __timestamp__ }} {{ unixEpochNanos __timestamp__ }} {{ __timestamp__ }}`,
		"1795168800 1795168800123 1795168800123456789 2026-11-20 10:00:00.123456789 +0000 UTC")
	f(`{{ toDate "2006-01-02" "2026-11-20" | date "02.01.2006" }} {{ toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2026-11-20 10:00" | unixEpoch }}`,
		"20.11.2026 1795165200")
	f(`{{ toDateInZone "2006-01-02" "Bad/Zone" "2026-11-20" }} {{ toDateInZone "2006" "UTC" "bad" }}`, "2026-11-20 00:00:00 +0000 UTC 0001-01-01 00:00:00 +0000 UTC")
	f(`{{ unixToTime "1795168800" }}|{{ unixToTime "1795168800123" }}|{{ unixToTime "1795168800123456" }}|{{ unixToTime "1795168800123456789" }}|{{ unixToTime "20417" }}`,
		"2026-11-20 10:00:00 +0000 UTC|2026-11-20 10:00:00.123 +0000 UTC|2026-11-20 10:00:00.123456 +0000 UTC|2026-11-20 10:00:00.123456789 +0000 UTC|2025-11-25 00:00:00 +0000 UTC")
	f(`{{ default "d" "" }} {{ default "d" "x" }} {{ .nosuch | default "z" }}`, "d x z")
	f(`{{ fromJson "bad" }} {{ with fromJson .js }}{{ .k }} {{ range .arr }}[{{.}}]{{ end }}{{ end }}`, "<no value> v [1][x]")
	f(`{{ printf "%s-%5d-%q-%v" .u 5 .n (int .n) }} {{ len .u }} {{ index .u 0 }} {{ slice .u 1 3 }}`, `ivanov@example.org-    5-"42"-42 18 105 va`)
	f(`{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}`, `js={"k":"v","arr":[1,"x"]};n=42;u=ivanov@example.org;`)
	f(`{{ $x := .u }}{{ range $i, $e := fromJson "[1,2]" }}{{ $i }}{{ $e }};{{ end }}{{ $x }}{{- " y" -}}  z`, "01;12;ivanov@example.org yz")
	f(`{{ if .nosuch }}y{{ else }}n{{ end }} {{ with .u }}{{ . }}{{ end }}`, "n ivanov@example.org")
	f(`{{ define "T" }}x{{ end }}{{ template "T" }}`, "x")
	f(`{{ __line__ }} {{ __line__ | len }} {{.u}} {{.nosuch}}|`, "the line 8 ivanov@example.org |")
	f(`{{.u}}-{{.nosuch}}-{{.n}}`, "ivanov@example.org--42")

	fails(`{{ regexReplaceAll "(" "a" "b" }}`, "3: executing \"line\" at <regexReplaceAll \"(\" \"a\" \"b\">: error calling regexReplaceAll: error parsing regexp: missing closing ): `(`")
	fails(`{{ urldecode "%zz" }}`, `3: executing "line" at <urldecode "%zz">: error calling urldecode: invalid URL escape "%zz"`)
	fails(`{{ bytes "bad" }}`, `3: executing "line" at <bytes "bad">: error calling bytes: strconv.ParseFloat: parsing "": invalid syntax`)
	fails(`{{ unixToTime "x" }}`, `3: executing "line" at <unixToTime "x">: error calling unixToTime: unable to parse time 'x': strconv.ParseInt: parsing "x": invalid syntax`)
	fails(`{{ unixToTime "123" }}`, `3: executing "line" at <unixToTime "123">: error calling unixToTime: unable to parse time '123': %!w(<nil>)`)
	fails(`{{ .u.x }}`, `5: executing "line" at <.u.x>: can't evaluate field x in type string`)
	fails(`{{ div 1 0 }}`, `3: executing "line" at <div 1 0>: error calling div: runtime error: integer divide by zero`)
}

// TestUnknown: what Loki does not document is no function, not even of sprig.
func TestUnknown(t *testing.T) {
	for _, fn := range []string{"sha256sum", "env", "quote", "splitList", "regexMatch", "toJson", "list", "dict", "line", "atoi", "unquote"} {
		if _, err := New("line", `{{ `+fn+` "x" }}`); err == nil {
			t.Errorf("%s is a function", fn)
		}
	}
	if _, err := New("line", "{{ .user"); err == nil || err.Error() != "template: line:1: unclosed action" {
		t.Error(err)
	}
}
