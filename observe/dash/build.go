package dash

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Tag is what all dashboards have, and what the menu between them goes by.
const Tag = "zimbraloki"

// JSON builds the dashboard as Grafana reads it.
func (d Dashboard) JSON() ([]byte, error) {
	built, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("dashboard %q: %w", d.UID, err)
	}
	text, err := json.MarshalIndent(built, "", "  ")
	return append(text, '\n'), err
}

func (d Dashboard) build() (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder(d.Title).Uid(d.UID).Description(d.Help+" "+d.cost()).Tags([]string{Tag}).
		Time("now-3h", "now").Refresh("5m").Timezone("browser").Tooltip(dashboard.DashboardCursorSyncCrosshair).Editable().
		Link(dashboard.NewDashboardLinkBuilder("Zimbra").Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{Tag}).AsDropdown(true).KeepTime(true).IncludeVars(true)).
		Annotation(dashboard.NewAnnotationQueryBuilder().Name("Annotations & Alerts").BuiltIn(1).Type("dashboard").
			Enable(true).Hide(true).IconColor("rgba(0, 211, 255, 1)").
			Datasource(common.DataSourceRef{Type: cog.ToPtr("grafana"), Uid: cog.ToPtr("-- Grafana --")}))
	if d.Restarts {
		b.Annotation(marks("mailboxd starts", "blue", Restarts)).Annotation(marks("FATAL", red, Fatals))
	}
	d.variables(b)
	id := uint32(0)
	for _, p := range d.place(d.Panels, 0) {
		id++
		if p.Kind != Row {
			b.WithPanel(p.panel(id))
			continue
		}
		r := dashboard.NewRowBuilder(p.Title).Id(id).GridPos(p.at).Collapsed(len(p.Inside) > 0)
		for _, q := range d.place(p.Inside, p.at.Y+1) {
			id++
			r.WithPanel(q.panel(id))
		}
		b.WithRow(r)
	}
	return b.Build()
}

// What the marks in the graphs ask for.
const (
	Restarts = mailbox + " | component=\"misc\" |= `version=` |= `builddate=`"
	Fatals   = `{job="zimbra", host=~"$host", level="fatal"}`
)

// cost says what one refresh costs Loki.
func (d Dashboard) cost() string {
	n := 0
	for _, p := range d.Panels {
		if p.source() == Loki {
			n += len(p.Queries)
		}
	}
	if d.Restarts {
		n += 2
	}
	return fmt.Sprintf("One refresh asks Loki %d questions, each over the chosen time.", n)
}

func marks(name, color, expr string) *dashboard.AnnotationQueryBuilder {
	return dashboard.NewAnnotationQueryBuilder().Name(name).Datasource(ref(Loki)).Enable(true).
		IconColor(color).Expr(expr).TitleFormat(name + " on {{host}}").TagKeys("host")
}

// ref names a datasource by its variable.
func ref(s Source) common.DataSourceRef {
	kind := "loki"
	if s == Prometheus {
		kind = "prometheus"
	}
	return common.DataSourceRef{Type: cog.ToPtr(kind), Uid: cog.ToPtr("${" + string(s) + "}")}
}

// placed is a panel with its place in the grid and the dashboard that it is of.
type placed struct {
	Panel
	at   dashboard.GridPos
	page Dashboard
}

// place lays the panels out from left to right below y, a new line where one is full.
func (d Dashboard) place(panels []Panel, y uint32) []placed {
	var out []placed
	var x, height uint32
	for _, p := range panels {
		if x+p.W > 24 {
			x, y, height = 0, y+height, 0
		}
		out = append(out, placed{p, dashboard.GridPos{X: x, Y: y, W: p.W, H: p.H}, d})
		x, height = x+p.W, max(height, p.H)
	}
	return out
}

func (d Dashboard) variables(b *dashboard.DashboardBuilder) {
	b.WithVariable(source(Loki, "loki", "Logs", "The Loki that holds the logs"))
	if d.Prometheus {
		b.WithVariable(source(Prometheus, "prometheus", "Metrics", "The Prometheus of the shippers and of the recording rules"))
	}
	for _, v := range d.Variables {
		if v.Stream == "" {
			b.WithVariable(dashboard.NewTextBoxVariableBuilder(v.Name).Label(v.Label).Description(v.Help).
				DefaultValue(dashboard.StringOrMap{String: cog.ToPtr("")}).Current(option("", "")))
			continue
		}
		b.WithVariable(v.query())
	}
}

// names of the data sources in conf/grafana/provisioning.
var names = map[Source]string{Loki: "Loki", Prometheus: "Prometheus"}

// source is the variable for a datasource. Its default is the uid that
// conf/grafana/provisioning gives it.
func source(s Source, kind, label, help string) *dashboard.DatasourceVariableBuilder {
	return dashboard.NewDatasourceVariableBuilder(string(s)).Type(kind).Label(label).Description(help).Current(option(names[s], kind))
}

func option(text, value string) dashboard.VariableOption {
	return dashboard.VariableOption{
		Selected: cog.ToPtr(true),
		Text:     dashboard.StringOrArrayOfString{String: &text}, Value: dashboard.StringOrArrayOfString{String: &value},
	}
}

// query lists the values of a label: of streams in Loki, of a metric in
// Prometheus.
func (v Variable) query() *dashboard.QueryVariableBuilder {
	b := dashboard.NewQueryVariableBuilder(v.Name).Label(v.Label).Description(v.Help).
		Multi(true).IncludeAll(true).AllValue(".+").Current(option("All", "$__all")).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
	if v.Stream[0] != '{' {
		text := "label_values(" + v.Stream + ", " + v.Of + ")"
		return b.Datasource(ref(Prometheus)).Definition(text).Query(dashboard.StringOrMap{Map: map[string]any{
			"query": text, "refId": "PrometheusVariableQueryEditor-VariableQuery", "qryType": 1,
		}})
	}
	const labelValues = 1 // of LokiVariableQueryType
	return b.Datasource(ref(Loki)).Definition("label_values(" + v.Stream + ", " + v.Of + ")").Query(dashboard.StringOrMap{Map: map[string]any{
		"label": v.Of, "stream": v.Stream, "type": labelValues, "refId": "LokiVariableQueryEditor-VariableQuery",
	}})
}
