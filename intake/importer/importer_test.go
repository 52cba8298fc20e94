package importer

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/report"
)

// TestImport: an archive becomes a report that says what its writer knows, and
// questions are answered from it, by the ticket's labels.
func TestImport(t *testing.T) {
	r := newRig(t, nil)
	data, want := sample(t, samplelogs.Options{Duration: 2 * time.Hour, MailsPerMinute: 1})
	a := r.upload("SUP-1488", "logs of <mail1>.tar.gz", data)
	m := r.run(a)
	if m.State != model.ImportDone || m.Entries != want || m.Unparsed != 0 || m.Shipped || m.Error != "" || m.Done != m.Total || m.Total != int64(len(data)) {
		t.Errorf("import %+v, want done with %d entries", m, want)
	}
	if m.From.Year() != 2026 || m.To.Sub(m.From) < time.Hour || m.To.Sub(m.From) > 3*time.Hour || m.Findings < 5 || m.Critical < 2 {
		t.Errorf("from %v to %v, findings %d, critical %d", m.From, m.To, m.Findings, m.Critical)
	}
	text, js, err := r.db.Report(t.Context(), a.ID)
	must(t, err)
	for _, part := range []string{"logs of &lt;mail1&gt;.tar.gz, SUP-1488", `lang="ru"`, `lang="en"`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	var rep report.Report
	must(t, json.Unmarshal(js, &rep))
	if rep.Entries != want || len(rep.Findings) != m.Findings || rep.First != m.From.UnixNano()/1e3*1e3 && m.From.Sub(time.Unix(0, rep.First)).Abs() > time.Microsecond {
		t.Errorf("report of %d entries, %d findings", rep.Entries, len(rep.Findings))
	}
	if len(r.events) != 1 || r.events[0].Outcome != model.OutcomeSuccess || r.events[0].Action != model.ActionImport {
		t.Errorf("events %+v", r.events)
	}
	asks(t, r, want)
	followsFindings(t, r, string(text), rep.Findings)
}

// followsFindings clicks what a person would: each finding leads to its entries.
func followsFindings(t *testing.T, r *rig, page string, list []report.Result) {
	links := regexp.MustCompile(`href="([^"]*)" target="_top"`).FindAllStringSubmatch(page, -1)
	asked := map[string]bool{}
	for _, m := range links {
		to, err := url.Parse(html.UnescapeString(m[1]))
		must(t, err)
		asked[to.Path+" "+to.Query().Get("q")] = true
	}
	for _, f := range list {
		if !asked["/tickets/ask/SUP-1488/ "+f.LogQL] {
			t.Errorf("%s: the page leads nowhere; it has %v", f.Name, asked)
		}
		res, err := r.Ask(t.Context(), Question{Person: "ivan", Ticket: "SUP-1488", Query: f.LogQL, Limit: 1})
		must(t, err)
		if len(res.Streams)+len(res.Series) == 0 {
			t.Errorf("%s: nothing answers %s", f.Name, f.LogQL)
		}
	}
}

func asks(t *testing.T, r *rig, want int64) {
	ask := func(q Question) *engine.Result {
		t.Helper()
		q.Person, q.Ticket = "ivan", "SUP-1488"
		res, err := r.Ask(t.Context(), q)
		must(t, err)
		return res
	}
	res := ask(Question{Query: `sum(count_over_time({platform="zimbra", ticket="SUP-1488", source="upload"}[$__range]))`})
	if res.Type != engine.Vector || len(res.Series) != 1 || int64(res.Series[0].Points[0].Value) != want {
		t.Errorf("a count of all: %+v, want %d", res, want)
	}
	res = ask(Question{Query: `sum by (level) (count_over_time({ticket="SUP-1488"}[$__interval]))`})
	if res.Type != engine.Matrix || len(res.Series) < 3 || len(res.Series[0].Points) < 10 {
		t.Errorf("levels over time: %d series", len(res.Series))
	}
	res = ask(Question{Query: `{ticket="SUP-1488", level="fatal"}`, Limit: 1})
	if res.Type != engine.Streams || len(res.Streams) != 1 || len(res.Streams[0].Entries) != 1 {
		t.Errorf("one FATAL: %+v", res)
	}
	// More lines than an answer has are cut, and are no error.
	lines := 0
	for _, s := range ask(Question{Query: `{ticket="SUP-1488"}`}).Streams {
		lines += len(s.Entries)
	}
	if lines != MaxLines {
		t.Errorf("%d lines, want %d", lines, MaxLines)
	}
	res = ask(Question{Query: `sum(count_over_time({ticket="SUP-1488", log="mailbox"}[10m]))`, Step: 10 * time.Minute})
	if res.Type != engine.Matrix || len(res.Series) == 0 || res.Series[0].Points[1].Time-res.Series[0].Points[0].Time != 600_000 {
		t.Errorf("a point each 10 minutes: %+v", res)
	}
	if res = ask(Question{Query: `{ticket="SUP-1489"}`}); len(res.Streams) != 0 {
		t.Errorf("another ticket has %d streams", len(res.Streams))
	}
	for _, q := range []Question{{From: time.Now().Add(time.Hour)}, {To: time.Unix(1, 0)}} {
		q.Query = `{ticket="SUP-1488"}`
		if res = ask(q); len(res.Streams) != 0 {
			t.Errorf("%+v: beyond the logs are %d streams", q, len(res.Streams))
		}
	}
	for _, q := range []Question{
		{Ticket: "SUP-1488", Query: "{"},
		{Ticket: "SUP-1488", Query: `{ticket="SUP-1488"}`, From: time.Unix(2, 0), To: time.Unix(1, 0)},
		{Ticket: "SUP-1488", Query: `{ticket="SUP-1488"}`, From: time.Unix(2, 0), To: time.Unix(2, 0)},
		{Ticket: "none", Query: `{ticket="SUP-1488"}`},
	} {
		want := map[string]int{"none": 409, "SUP-1488": 400}[q.Ticket]
		_, err := r.Ask(t.Context(), q)
		if e, ok := err.(*engine.Error); !ok || e.Status != want { //nolint:errorlint // as it comes
			t.Errorf("%+v: %v", q, err)
		}
	}
	end, err := r.asking.begin(t.Context(), "ivan")
	must(t, err)
	if _, err := r.Ask(t.Context(), Question{Person: "ivan", Ticket: "SUP-1488", Query: `{ticket="1"}`}); err == nil || err.(*engine.Error).Status != 429 { //nolint:errorlint,forcetypeassert // as it comes
		t.Errorf("a second question at once: %v", err)
	}
	end()
	r.opened.closeAll()
}
