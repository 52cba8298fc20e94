package questions

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/logql"
)

// TestQuestions: each has both languages, a name of its own and a query that is
// one, with any value of its parameters.
func TestQuestions(t *testing.T) {
	seen := map[string]bool{}
	for _, q := range All() {
		if q.EN == "" || q.RU == "" || q.EN == q.RU || seen[q.Name] || strings.ToLower(q.Name) != q.Name {
			t.Errorf("%q: two titles and a name of its own are needed", q.Name)
		}
		seen[q.Name] = true
		for _, value := range []string{`x`, `a"b\`, "c`d", `"} or {job="x`} {
			values := map[string]string{}
			for _, p := range q.Params {
				values[p.Name] = value
			}
			for _, n := range q.Optional() {
				values[n] = value
			}
			text, err := q.LogQL(values)
			if err != nil {
				t.Fatalf("%s: %v", q.Name, err)
			}
			if _, err := logql.Parse(strings.ReplaceAll(text, "$__range", "1h")); err != nil {
				t.Errorf("%s with %q: %s: %v", q.Name, value, text, err)
			}
		}
	}
}

func TestLogQL(t *testing.T) {
	f := func(name string, values map[string]string, want string) {
		t.Helper()
		q, ok := Find(name)
		got, err := q.LogQL(values)
		if err != nil {
			got = err.Error()
		}
		if !ok || got != want {
			t.Errorf("%s %v\n got %s\nwant %s", name, values, got, want)
		}
	}
	f("person", map[string]string{"user": `a"b`}, `{job="zimbra"} | user="a\"b"`)
	f("person", nil, "person needs --user, as in --user 'ivanov@example.org'")
	f("locked-accounts", map[string]string{"user": "u"}, `{job="zimbra", log="audit"} | outcome="lockout" | user="u" | line_format "{{.user}} {{.client_ip}} {{.error}}"`)
	f("fatal", nil, `{job="zimbra", level="fatal"}`)
	f("fatal", map[string]string{"user": "u"}, "fatal has no --user; it takes no parameter")
	if _, ok := Find("nosuch"); ok {
		t.Error("nosuch is a question")
	}
}

func TestFor(t *testing.T) {
	f := func(platform, want string) {
		t.Helper()
		var got []string
		for _, topic := range For(platform) {
			got = append(got, topic.EN)
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%q: %s, want %s", platform, text, want)
		}
	}
	const zimbra = "Mail, Logins, Mailbox and web client, Spam and viruses, The system, Do all logs arrive?"
	f("zimbra", zimbra)
	f("Zimbra-OSE 10", zimbra)
	f("carbonio", zimbra)
	f("plan-r", "PLAN-R, Do all logs arrive?")
	f("Visiology3", "Visiology, Do all logs arrive?")
	f("", "Mail, Logins, Mailbox and web client, Spam and viruses, The system, PLAN-R, Visiology, Do all logs arrive?")
	f("help-desk", "Mail, Logins, Mailbox and web client, Spam and viruses, The system, PLAN-R, Visiology, Do all logs arrive?")
}
