package dash

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/zimbraloki/zimbraloki/observe/expand"
)

// model is what the lint reads of a dashboard's JSON, without the SDK: what
// Grafana will see.
type model struct {
	UID, Title, Description, Refresh string
	Tags                             []string
	Time                             struct{ From, To string }
	Templating                       struct {
		List []struct {
			Name, Type, Label string
			Query             any
			Datasource        datasource
		}
	}
	Annotations struct {
		List []struct {
			Name, Expr string
			BuiltIn    float64
			Datasource datasource
		}
	}
	Panels []panelModel
}

type datasource struct{ Type, UID string }

type panelModel struct {
	ID                       int
	Type, Title, Description string
	Datasource               datasource
	GridPos                  struct{ X, Y, W, H int }
	TimeFrom, TimeShift      string
	Targets                  []struct {
		RefID, Expr, QueryType string
		Instant                bool
		Datasource             datasource
	}
	Transformations []transformModel
	Options         struct {
		ReduceOptions  struct{ Values bool }
		SortOrder      string
		WrapLogMessage bool
	}
	FieldConfig struct {
		Defaults struct {
			Unit, NoValue string
			Max           float64
			Thresholds    struct{ Steps []struct{ Color string } }
			Custom        struct {
				SpanNulls         bool
				ShowPoints        string
				FillOpacity       float64
				MinWidth          float64
				ScaleDistribution struct{ Type string }
			}
		}
		Overrides []struct {
			Matcher    struct{ Options string }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
	Links     []struct{ URL string }
	Collapsed bool
	Panels    []panelModel // of a row that is closed
}

func models(t *testing.T) []model {
	t.Helper()
	var out []model
	for _, d := range All() {
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var m model
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Panels {
			m.Panels = append(m.Panels, p.Panels...)
		}
		out = append(out, m)
	}
	return out
}

// TestStrict reads each dashboard back by the SDK's strict types, which refuse
// what Grafana does not know.
func TestStrict(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	for _, d := range All() {
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var got sdk.Dashboard
		if err := got.UnmarshalJSONStrict(text); said(err) {
			t.Errorf("%s: %v", d.UID, err)
		} else if err := got.Validate(); said(err) {
			t.Errorf("%s: %v", d.UID, err)
		}
		// The strict types do refuse.
		if err := new(sdk.Dashboard).UnmarshalJSONStrict([]byte(strings.Replace(string(text), `"gridPos"`, `"gridpos"`, 1))); !said(err) {
			t.Errorf("%s: a misspelled key passes", d.UID)
		}
	}
}

// said reports whether an error says something: the SDK returns a list of
// errors that may be empty and yet is not nil.
func said(err error) bool { return err != nil && err.Error() != "" }

func TestLint(t *testing.T) {
	uids := map[string]bool{}
	for _, m := range models(t) {
		if uids[m.UID] {
			t.Errorf("uid %q twice", m.UID)
		}
		uids[m.UID] = true
	}
	for _, m := range models(t) {
		for _, problem := range lint(m, uids) {
			t.Errorf("%s: %s", m.UID, problem)
		}
	}
}

// lint returns what is wrong with a dashboard.
func lint(m model, uids map[string]bool) (out []string) {
	if m.UID == "" || m.Title == "" || m.Description == "" || !slices.Contains(m.Tags, Tag) {
		out = append(out, "uid, title, description or tag is missing")
	}
	if m.Time.From != "now-3h" || m.Time.To != "now" || m.Refresh == "" {
		out = append(out, "range is not the last three hours with a refresh")
	}
	if n := len(slices.DeleteFunc(slices.Clone(m.Panels), func(p panelModel) bool { return p.Type == "row" })); n == 0 || n > 30 {
		out = append(out, "no panels, or more than 30")
	}
	vars := map[string]bool{}
	for _, v := range m.Templating.List {
		if vars[v.Name] || v.Label == "" {
			out = append(out, "variable "+v.Name+" twice or without a label")
		}
		vars[v.Name] = true
		if v.Type == "query" && !variable(v.Datasource) {
			out = append(out, "variable "+v.Name+": datasource is not a variable")
		}
	}
	ids := map[int]bool{}
	for i, p := range m.Panels {
		if ids[p.ID] {
			out = append(out, "panel id twice: "+p.Title)
		}
		ids[p.ID] = true
		for _, q := range m.Panels[:i] {
			if overlap(p, q) && !q.Collapsed {
				out = append(out, "panels "+p.Title+" and "+q.Title+" overlap")
			}
		}
		for _, problem := range lintPanel(p, vars, uids) {
			out = append(out, "panel "+p.Title+": "+problem)
		}
	}
	out = append(out, lintLayout(m.Panels)...)
	for _, a := range m.Annotations.List {
		if a.BuiltIn == 0 && (a.Expr == "" || !variable(a.Datasource)) {
			out = append(out, "annotation "+a.Name+" is empty")
		}
	}
	return append(out, unused(m, vars)...)
}

// variable reports whether a datasource is one of the variables.
func variable(s datasource) bool { return s.UID == "${datasource}" || s.UID == "${prometheus}" }

func overlap(a, b panelModel) bool {
	p, q := a.GridPos, b.GridPos
	return p.X < q.X+q.W && q.X < p.X+p.W && p.Y < q.Y+q.H && q.Y < p.Y+p.H
}

var (
	fixedRange = regexp.MustCompile(`\[[0-9]+[a-z]+\]`)
	linkedUID  = regexp.MustCompile(`^/d/([a-z-]+)`)
)

func lintPanel(p panelModel, vars, uids map[string]bool) (out []string) {
	if p.Title == "" || p.GridPos.W == 0 || p.GridPos.H == 0 || p.GridPos.X+p.GridPos.W > 24 {
		out = append(out, "no title, or no place in the grid")
	}
	if p.Type == "row" {
		return out
	}
	if p.Description == "" || p.FieldConfig.Defaults.Unit == "" {
		out = append(out, "no description or no unit")
	}
	if !variable(p.Datasource) || p.TimeFrom != "" || p.TimeShift != "" || len(p.Targets) == 0 {
		out = append(out, "fixed datasource, fixed time, or nothing asked")
	}
	for _, q := range p.Targets {
		if q.Expr == "" || q.RefID == "" || q.Datasource != p.Datasource || fixedRange.MatchString(q.Expr) || strings.Contains(q.Expr, "$__auto") {
			out = append(out, "query is empty, has another datasource, a fixed range or $__auto, which Grafana 10.1 does not know: "+q.Expr)
		}
		for _, name := range expand.Names(q.Expr) {
			if !vars[name] && !strings.HasPrefix(name, "__") {
				out = append(out, "query names the unknown variable "+name)
			}
		}
	}
	for _, l := range links(p) {
		if uid := linkedUID.FindStringSubmatch(l); uid == nil || !uids[uid[1]] {
			out = append(out, "link to no dashboard of ours: "+l)
		}
		for _, kept := range []string{"__url_time_range", "datasource:queryparam", "host:queryparam"} {
			if !strings.Contains(l, "${"+kept+"}") && (kept != "host:queryparam" || vars["host"]) {
				out = append(out, "link loses "+kept+": "+l)
			}
		}
	}
	return append(out, lintShape(p)...)
}

// links returns the addresses that a panel leads to.
func links(p panelModel) (out []string) {
	for _, l := range p.Links {
		out = append(out, l.URL)
	}
	for _, o := range p.FieldConfig.Overrides {
		for _, prop := range o.Properties {
			list, _ := prop.Value.([]any)
			for _, l := range list {
				if m, ok := l.(map[string]any); ok && prop.ID == "links" {
					out = append(out, m["url"].(string))
				}
			}
		}
	}
	return out
}

// unused returns variables that no query asks for.
func unused(m model, vars map[string]bool) (out []string) {
	used := map[string]bool{"datasource": true, "prometheus": true}
	for _, p := range m.Panels {
		for _, q := range p.Targets {
			for _, name := range expand.Names(q.Expr) {
				used[name] = true
			}
		}
	}
	for name := range vars {
		if !used[name] {
			out = append(out, "variable "+name+" is used by no query")
		}
	}
	return out
}

// TestLintFinds plants mistakes: the lint must see each.
func TestLintFinds(t *testing.T) {
	f := func(name string, plant func(*model), want string) {
		t.Helper()
		m := models(t)[0]
		plant(&m)
		got := strings.Join(lint(m, map[string]bool{"zimbra-overview": true, "zimbra-security": true, "zimbra-mail-flow": true, "zimbra-shipper": true}), "\n")
		if !strings.Contains(got, want) {
			t.Errorf("%s: lint says %q, want %q", name, got, want)
		}
	}
	f("none", func(*model) {}, "")
	f("no title", func(m *model) { m.Panels[1].Title = "" }, "no title")
	f("no unit", func(m *model) { m.Panels[1].FieldConfig.Defaults.Unit = "" }, "no unit")
	f("fixed source", func(m *model) { m.Panels[1].Datasource.UID = "loki" }, "fixed datasource")
	f("fixed range", func(m *model) { m.Panels[1].Targets[0].Expr = "rate({a=\"b\"}[5m])" }, "fixed range")
	f("unknown variable", func(m *model) { m.Panels[1].Targets[0].Expr = "{a=\"$nobody\"}" }, "unknown variable nobody")
	f("overlap", func(m *model) { m.Panels[1].GridPos = m.Panels[0].GridPos }, "overlap")
	f("same id", func(m *model) { m.Panels[1].ID = m.Panels[0].ID }, "panel id twice")
	f("empty", func(m *model) { m.Panels = nil }, "no panels")
	f("range", func(m *model) { m.Time.From = "2026-01-01" }, "not the last three hours")
	f("$__auto", func(m *model) { m.Panels[1].Targets[0].Expr = "rate({a=\"b\"}[$__auto])" }, "$__auto")
	f("link loses the host", func(m *model) {
		m.Panels[8].Links[0].URL = "/d/zimbra-security?${__url_time_range}&${datasource:queryparam}"
	}, "link loses host")
	f("two titles", func(m *model) { m.Panels[1].Title = m.Panels[0].Title }, "title twice")
	f("hole", func(m *model) { m.Panels[1].GridPos.W-- }, "hole")
	f("long title", func(m *model) { m.Panels[1].Title = "Changes by administrators" }, "is cut")
	f("crowd", func(m *model) {
		for i := range 9 {
			p := m.Panels[8]
			p.ID, p.Title, p.GridPos.X, p.GridPos.Y, p.GridPos.W, p.GridPos.H = 100+i, string(rune('a'+i)), 0, 200+i, 24, 1
			m.Panels = append(m.Panels, p)
		}
	}, "more than 8 panels on a screen")
	f("dead link", func(m *model) { m.Panels[10].Links = append(m.Panels[10].Links, struct{ URL string }{"/d/gone"}) }, "link to no dashboard")
}
