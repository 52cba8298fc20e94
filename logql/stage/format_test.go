package stage

import "testing"

func TestFormat(t *testing.T) {
	f := tester(t)
	lf := func(text string) Stage { return must(NewLineFormat(text)) }
	set := func(name, text string) LabelFormat { return LabelFormat{Name: name, Value: text} }
	ren := func(name, from string) LabelFormat { return LabelFormat{Name: name, Value: from, Rename: true} }
	label := func(all ...LabelFormat) Stage { return must(NewLabelFormat(all)) }
	bad := NewNumberFilter("m", Greater, 5)
	const failed = `P:__error__=LabelFilterErr P:__error_details__=strconv.ParseFloat: parsing "x": invalid syntax`

	f("q", "L=x s| …", lf("{{.m}} {{.foo}}|{{.nosuch}}"))
	f("q", "L=LabelFilterErr … "+failed, bad, lf("{{.__error__}}"))
	f("q", "L=map[foo:s i:1 m:x] …", lf("{{.}}"))
	f("q", "L=Q …", lf("{{__line__ | upper}}"), lf("{{__line__}}"))
	f("q", `P:__error__=TemplateFormatErr P:__error_details__=template: line:1:2: executing "line" at <div 1 0>: error calling div: runtime error: integer divide by zero`,
		bad, lf("{{div 1 0}}"))
	f("q", `P:__error__=TemplateFormatErr P:__error_details__=template: label:1:2: executing "label" at <div 1 0>: error calling div: runtime error: integer divide by zero P:b=x`,
		label(set("a", "{{div 1 0}}"), set("b", "x")))
	f("q", "S:foo=s P:a=1 P:b=1", label(ren("a", "i"), set("b", "{{.a}}")), NewDrop([]Pick{{Name: "m"}}))
	f("q", "P:b= P:n=s", label(set("n", "{{.foo}}"), set("b", "{{.n}}")))
	f("q", "S:i=1 P:foo=x P:m=s", label(set("foo", "{{.m}}"), set("m", "{{.foo}}")))
	f("q", "S:foo=s S:i=1 P:b=x", label(ren("a", "m"), ren("b", "a")))
	f("q", "S:foo=s P:m=1", label(ren("m", "i"), ren("i", "nosuch")))
	f("q", "P:a=", label(set("a", "{{.nope}}")))
	f("q", failed, bad, label(ren("e", "__error__")))
	if _, err := NewLabelFormat([]LabelFormat{set("a", "x"), ren("a", "y")}); err == nil {
		t.Error("a name is formatted twice")
	}
	if _, err := NewLabelFormat([]LabelFormat{set("__error__", "x")}); err == nil {
		t.Error("__error__ is formatted")
	}
}
