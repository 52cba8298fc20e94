package dash

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// transformModel is one step from the frames of a datasource to what a panel
// draws.
type transformModel struct {
	ID      string
	Options struct {
		ExcludeByName map[string]bool
		IndexByName   map[string]int
		RenameByName  map[string]string
		Sort          []struct {
			Field string
			Desc  bool
		}
	}
}

// step returns the panel's only transformation with this id, empty if it has
// none or several.
func (p panelModel) step(id string) (out transformModel) {
	n := 0
	for _, t := range p.Transformations {
		if t.ID == id {
			out, n = t, n+1
		}
	}
	if n != 1 {
		return transformModel{}
	}
	return out
}

// grouping finds the labels of the outermost aggregation.
var grouping = regexp.MustCompile(`\bby \(([^)]*)\)`)

func (p panelModel) labels() []string {
	if m := grouping.FindStringSubmatch(p.Targets[0].Expr); m != nil {
		return strings.Split(m[1], ", ")
	}
	return nil
}

// instant reports whether all queries ask for one point in time.
func (p panelModel) instant() bool {
	for _, q := range p.Targets {
		if !q.Instant && q.QueryType != "instant" {
			return false
		}
	}
	return true
}

// lintShape returns what would keep a panel from showing the frames that its
// datasource answers with.
func lintShape(p panelModel) (out []string) {
	if (p.Type == "table" || p.Type == "timeseries") && p.FieldConfig.Defaults.NoValue != "" {
		out = append(out, "noValue would stand in cells and tooltips")
	}
	out = append(out, lintLook(p)...)
	loki := p.Datasource.Type == "loki"
	switch {
	case len(p.Targets) == 0:
	case p.Type == "bargauge" && p.instant() && !p.Options.ReduceOptions.Values:
		out = append(out, "bar gauge over an instant query without values: one bar")
	case p.Type == "bargauge" && loki:
		out = append(out, lintBars(p)...)
	case p.Type == "table" && loki:
		out = append(out, lintTable(p)...)
	}
	return out
}

func lintTable(p panelModel) (out []string) {
	if !p.instant() || len(p.Targets) != 1 {
		out = append(out, "table over Loki is not of one instant query")
	}
	if slices.ContainsFunc(p.Transformations, func(t transformModel) bool { return t.ID == "reduce" }) {
		out = append(out, "table over Loki reduces: its labels are columns already, and would be lost")
	}
	out = append(out, lintOrganize(p)...)
	number, sort := p.number(), p.sort()
	if number == "" || len(sort) != 1 || p.step("groupBy").ID == "" && sort[0].Field != number {
		out = append(out, fmt.Sprintf("table has no heading for its number, or is not sorted by it: %q, %v", number, sort))
	}
	if p.FieldConfig.Defaults.Unit != "string" {
		out = append(out, "table shows texts of digits as numbers: its unit is "+p.FieldConfig.Defaults.Unit)
	}
	if len(sort) == 1 && p.override(number, "unit") != timeOfDay && p.step("groupBy").ID == "" && !sort[0].Desc {
		out = append(out, "not the greatest first")
	}
	for _, o := range p.FieldConfig.Overrides {
		if name := o.Matcher.Options; name != number && !slices.Contains(p.headings(), name) {
			out = append(out, "override of a column that is not there: "+name)
		}
	}
	return out
}

// number is the heading of the number.
func (p panelModel) number() string {
	names := p.step("organize").Options.RenameByName
	return names[valueField] + names[valueField+" (max)"]
}

// headings are those of the labels.
func (p panelModel) headings() (out []string) {
	names := p.step("organize").Options.RenameByName
	for _, l := range p.labels() {
		out = append(out, names[l]+names[l+" (lastNotNull)"])
	}
	return out
}

// sort is the last sortBy, the one after the columns have their names.
func (p panelModel) sort() (out []struct {
	Field string
	Desc  bool
},
) {
	for _, t := range p.Transformations {
		if t.ID == "sortBy" {
			out = t.Options.Sort
		}
	}
	return out
}

// override is the value of a property of a column.
func (p panelModel) override(column, property string) any {
	for _, o := range p.FieldConfig.Overrides {
		for _, prop := range o.Properties {
			if o.Matcher.Options == column && prop.ID == property {
				return prop.Value
			}
		}
	}
	return nil
}

// lintBars wants what names the bars as a text, and a number that keeps its
// name: with a display name Grafana would call all bars by it.
func lintBars(p panelModel) (out []string) {
	out = lintOrganize(p)
	if len(p.step("organize").Options.RenameByName) > 0 {
		out = append(out, "bar gauge renames a field: all bars would be called the same")
	}
	labels, sort := p.labels(), p.sort()
	if len(labels) != 1 || len(sort) != 1 || sort[0].Field != labels[0] {
		out = append(out, fmt.Sprintf("bar gauge by %q is sorted by %v", labels, sort))
	}
	return out
}

// lintOrganize wants the time hidden, and a place for each label of the query
// and for the number, which is last; one that is a time may be first.
func lintOrganize(p panelModel) (out []string) {
	o := p.step("organize").Options
	if !o.ExcludeByName[timeField] {
		out = append(out, "no organize that hides Time")
	}
	want := append(p.labels(), valueField)
	for _, name := range want {
		i, ok := o.IndexByName[name]
		if !ok {
			if i, ok = o.IndexByName[name+" (max)"]; !ok {
				i, ok = o.IndexByName[name+" (lastNotNull)"]
			}
		}
		edge := i == len(want)-1 || i == 0 && p.override(p.number(), "unit") == timeOfDay
		if !ok || name == valueField && !edge {
			out = append(out, "column has no place, or a wrong one: "+name)
		}
	}
	if len(o.IndexByName) != len(want) {
		out = append(out, fmt.Sprintf("columns %v of a query by %v", o.IndexByName, p.labels()))
	}
	return out
}

// TestShapeFinds plants in a good panel what Grafana would draw wrongly.
func TestShapeFinds(t *testing.T) {
	f := func(uid, title string, plant func(*panelModel), want string) {
		t.Helper()
		p := panelOf(t, uid, title)
		if got := lintShape(p); len(got) > 0 {
			t.Errorf("%s, %s: not good at first: %q", uid, title, got)
		}
		plant(&p)
		if got := strings.Join(lintShape(p), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s, %s: lint says %q, want %q", uid, title, got, want)
		}
	}
	change := func(id string, how func(*transformModel)) func(*panelModel) {
		return func(p *panelModel) {
			for i := range p.Transformations {
				if p.Transformations[i].ID == id {
					how(&p.Transformations[i])
				}
			}
		}
	}
	table := func(plant func(*panelModel), want string) {
		t.Helper()
		f("zimbra-security", "Account and address", plant, want)
	}
	table(func(p *panelModel) {
		p.Transformations = append([]transformModel{{ID: "reduce"}}, p.Transformations...)
	}, "table over Loki reduces")
	table(func(p *panelModel) { p.Transformations = nil }, "no organize that hides Time")
	table(change("organize", func(m *transformModel) { m.Options.ExcludeByName = nil }), "no organize that hides Time")
	table(change("organize", func(m *transformModel) { delete(m.Options.IndexByName, "user") }), "no place, or a wrong one: user")
	table(change("organize", func(m *transformModel) { m.Options.IndexByName[valueField] = 0 }), "no place, or a wrong one: Value #A")
	table(change("organize", func(m *transformModel) { m.Options.IndexByName["relay"] = 9 }), "of a query by [user client_ip protocol]")
	table(change("organize", func(m *transformModel) { m.Options.RenameByName = nil }), "no heading for its number")
	table(change("sortBy", func(m *transformModel) { m.Options.Sort[0].Desc = false }), "not the greatest first")
	table(change("sortBy", func(m *transformModel) { m.Options.Sort[0].Field = "user" }), "not sorted by it")
	table(func(p *panelModel) { p.Targets[0].QueryType = "range" }, "not of one instant query")
	table(func(p *panelModel) { p.FieldConfig.Defaults.Unit = "short" }, "texts of digits as numbers")
	table(func(p *panelModel) { p.FieldConfig.Defaults.NoValue = "nothing" }, "noValue would stand")
	table(func(p *panelModel) { p.FieldConfig.Overrides[0].Matcher.Options = "relay" }, "not there: relay")

	f("zimbra-security", "Logins by outcome", func(p *panelModel) { p.FieldConfig.Defaults.NoValue = "nothing" }, "noValue would stand")

	bars := func(plant func(*panelModel), want string) {
		t.Helper()
		f("zimbra-content", "Scores", plant, want)
	}
	bars(func(p *panelModel) { p.Options.ReduceOptions.Values = false }, "without values")
	bars(func(p *panelModel) { p.Transformations = nil }, "no organize that hides Time")
	bars(change("organize", func(m *transformModel) { m.Options.RenameByName = map[string]string{valueField: "Mails"} }), "called the same")
	bars(change("sortBy", func(m *transformModel) { m.Options.Sort = nil }), "is sorted by []")
	f("zimbra-shipper", "Values of labels", func(p *panelModel) { p.Options.ReduceOptions.Values = false }, "without values")
}

// panelOf finds a panel by its title.
func panelOf(t *testing.T, uid, title string) panelModel {
	t.Helper()
	for _, m := range models(t) {
		for _, p := range m.Panels {
			if m.UID == uid && p.Title == title {
				return p
			}
		}
	}
	t.Fatalf("%s has no panel %q", uid, title)
	return panelModel{}
}

// TestShapeOfAll counts the panels that lintShape looks at, which hold by
// TestLint: it must not pass because it found none.
func TestShapeOfAll(t *testing.T) {
	got := map[string]int{}
	for _, m := range models(t) {
		for _, p := range m.Panels {
			if p.Type == "table" || p.Type == "bargauge" {
				got[p.Type+" over "+p.Datasource.Type]++
			}
		}
	}
	for _, kind := range []string{"table over loki", "table over prometheus", "bargauge over loki", "bargauge over prometheus"} {
		if got[kind] == 0 {
			t.Errorf("no %s is looked at: %v", kind, got)
		}
	}
}
