package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/zimbraloki/zimbraloki/intake/http/pages/answer"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/questions"
)

// asking is a site with an archive that was read, and a browser that may ask.
func asking(t *testing.T) (*site, *browser, model.Archive) {
	s, admin := furnished(t)
	a := s.archive(admin, "1488228", "zimbra-logs.tar.gz", "the bytes", model.ImportDone)
	b := s.browser()
	b.signIn("admin")
	a, err := s.db.Archive(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	return s, b, a
}

func askURL(pairs ...string) string {
	q := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		q.Set(pairs[n], pairs[n+1])
	}
	return "/tickets/ask/1488228/?" + q.Encode()
}

// TestAskForm: what a form says reaches who answers, and stays in the form.
func TestAskForm(t *testing.T) {
	s, b, a := asking(t)
	from, to := a.Import.From.UTC().Format(answer.Format), a.Import.To.UTC().Format(answer.Format)
	page := b.get("/tickets/ask/1488228/")
	for _, want := range []string{`name="from" value="` + from + `"`, `name="to" value="` + to + `"`, `From, UTC`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	f := func(want Question, pairs ...string) {
		t.Helper()
		want.Ticket, want.Query = "1488228", "sum(x)"
		if want.Lines == 0 {
			want.Lines = defaultLines + 1
		}
		s.asked = Question{}
		if p := b.get(askURL(append(pairs, "q", "sum(x)")...)); p.StatusCode != http.StatusOK || s.asked != want {
			t.Errorf("%v: %s asks %+v, want %+v", pairs, p.Status, s.asked, want)
		}
	}
	at := func(text string) time.Time {
		v, err := time.Parse(answer.Format, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	middle := a.Import.From.Add(24 * time.Hour).UTC().Format(answer.Format)
	f(Question{})
	f(Question{}, "from", from, "to", to) // as the form has them: all, to the last nanosecond
	f(Question{From: at(middle)}, "from", middle, "to", to)
	f(Question{To: at(middle)}, "from", from, "to", middle)
	f(Question{From: at(middle[:16] + ":00")}, "from", middle[:16], "to", "")
	f(Question{From: at(middle[:10] + " 00:00:00")}, "from", middle[:10])
	f(Question{From: at(middle)}, "from", strings.Replace(middle, " ", "T", 1))
	f(Question{From: at(middle).Add(123 * time.Millisecond)}, "from", " "+middle+".123 ") // of a line
	f(Question{Step: time.Minute}, "step", "1m0s")
	f(Question{}, "step", "7s")
	f(Question{Lines: 1001}, "lines", "1000")
	f(Question{}, "lines", "1000000")

	p := b.get(askURL("q", "sum(x)", "from", middle, "lines", "500"))
	for _, want := range []string{`value="` + middle + `"`, `<option value="500" selected>`, "sum(x)</textarea>"} {
		if !strings.Contains(p.Body, want) {
			t.Errorf("the form forgot %s", want)
		}
	}
}

// TestAskWrong: what cannot be asked is not, and the page says what to do.
func TestAskWrong(t *testing.T) {
	s, b, a := asking(t)
	from, to := a.Import.From.UTC().Format(answer.Format), a.Import.To.UTC().Format(answer.Format)
	f := func(status int, want string, pairs ...string) {
		t.Helper()
		if p := b.get(askURL(pairs...)); p.StatusCode != status || !strings.Contains(p.Body, want) {
			t.Errorf("%v: %s, without %q", pairs, p.Status, want)
		}
	}
	f(400, "The first time has to be before the second one.", "q", "sum(x)", "from", to, "to", from)
	f(400, "Write the time as", "q", "sum(x)", "from", "yesterday")
	f(400, `value="yesterday"`, "q", "sum(x)", "from", "yesterday")
	f(400, "The question is too long.", "q", strings.Repeat("ж", maxQuery+1))
	f(200, "sum(x)</textarea>", "q", "sum(x)", "draft", "1")
	if s.asked != (Question{}) {
		t.Errorf("asked %+v", s.asked)
	}
	f(400, "parse error at line 1", "q", "what")
	f(400, "Start from one of the examples", "q", "what")
	if p := b.get("/tickets/ask/SUP-1490/"); p.StatusCode != http.StatusOK || strings.Contains(p.Body, "<textarea") || !strings.Contains(p.Body, "no archive of this ticket has been read") {
		t.Errorf("a ticket without an archive: %s %s", p.Status, p.Body)
	}
	// The trail has the questions that were asked, and no opening of the page.
	list, err := s.db.Events(t.Context(), model.EventFilter{Action: model.ActionQuestion})
	if err != nil || len(list) != 2 {
		t.Errorf("%d events, %v: %+v", len(list), err, list)
	}
}

// TestExamples: those of a ticket are about its platform, each link asks what its
// text says, and what comes first exists.
func TestExamples(t *testing.T) {
	for _, name := range firstExamples {
		if q, ok := questions.Find(name); !ok || len(q.Params) > 0 {
			t.Errorf("%s is no question that can be asked as it is", name)
		}
	}
	s, admin := furnished(t)
	s.archive(admin, "1488228", "zimbra.tar.gz", "the bytes", model.ImportDone)
	s.archive(admin, "SUP-1490", "visiology.zip", "other bytes", model.ImportDone)
	b := s.browser()
	b.signIn("admin")
	for number, want := range map[string][2]string{"1488228": {"Spam and viruses", "Visiology"}, "SUP-1490": {"Visiology", "Spam and viruses"}} {
		body := b.get("/tickets/ask/" + number + "/").Body
		if !strings.Contains(body, "<h4>"+want[0]+"</h4>") || strings.Contains(body, "<h4>"+want[1]+"</h4>") {
			t.Errorf("%s: topics are not those of the platform", number)
		}
		doc, err := html.Parse(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		links, drafts := 0, 0
		for n := range doc.Descendants() {
			u, err := url.Parse(attr(n, "href"))
			if n.Data != "a" || err != nil || !strings.HasPrefix(u.Path, "/tickets/ask/"+number) || u.Query().Get("q") == "" {
				continue
			}
			links++
			if u.Query().Get("draft") != "" {
				drafts++
			}
			if _, err := logql.Parse(strings.ReplaceAll(u.Query().Get("q"), "$__range", "1h")); err != nil || u.Query().Get("q") != attr(n, "title") {
				t.Errorf("%s: %v", u, err)
			}
		}
		if links < 10 || drafts == 0 {
			t.Errorf("%s: %d links, %d of them drafts", number, links, drafts)
		}
	}
	if body := b.get("/tickets/ask/SUP-1490/?lang=ru").Body; !strings.Contains(body, "Что не удаётся?") {
		t.Error("no example in Russian")
	}
}
