package dash

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// Grafana's Loki datasource answers an instant query of metrics with one frame
// a query, already a table: Time, a text field for each label, the number. The
// Prometheus datasource answers with a frame for each series, whose labels
// belong to its number.
const (
	timeField  = "Time"
	valueField = "Value #A" // of the query with refId A
	maxBars    = 100
)

// rows makes a table of an instant query: the labels in the order of Fields,
// then the number, the greatest first. The unit is the number's alone: with it
// a text of digits, such as a queue id, would be shown as a number.
func (p placed) rows(id uint32) cog.Builder[dashboard.Panel] {
	b := fill(p, id, table.NewPanelBuilder()).Unit("string").
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{}))
	value, hidden := valueField, timeField
	if p.source() == Prometheus {
		b.WithTransformation(transformation("reduce", map[string]any{"labelsToFields": true, "reducers": []any{"max"}}))
		value, hidden = "Max", "Field"
	}
	b.WithTransformation(organize(append(p.Fields[:len(p.Fields):len(p.Fields)], value), hidden, map[string]any{value: p.Count})).
		WithTransformation(sortBy(p.Count, true)).
		OverrideByName(p.Count, []dashboard.DynamicConfigValue{{Id: "unit", Value: p.Unit}})
	for _, f := range p.Fields {
		if l, ok := fieldLinks[f]; ok {
			b.OverrideByName(f, []dashboard.DynamicConfigValue{{Id: "links", Value: []any{map[string]any{"title": l.title, "url": l.url()}}}})
		}
	}
	return b
}

// bars draws a bar for each sample of an instant query. Those of Loki are named
// by the label Fields[0], a number that they are sorted by: it is made a number
// to be sorted, and a text again because Grafana names bars by texts and would
// draw the number too. The value keeps its name, which else would be the name
// of every bar. Those of Prometheus are named by their legend and stand in the
// order of the query. Of more than maxBars Grafana drops the last; its own limit
// is 25.
func (p placed) bars(id uint32) cog.Builder[dashboard.Panel] {
	b := fill(p, id, bargauge.NewPanelBuilder()).Orientation(common.VizOrientationHorizontal).
		DisplayMode(common.BarGaugeDisplayModeGradient).ReduceOptions(last().Values(true).Limit(maxBars)).Min(0).NoValue("nothing in this time")
	if p.source() == Prometheus {
		return b
	}
	label := p.Fields[0]
	return b.WithTransformation(organize([]string{label, valueField}, timeField, map[string]any{})).
		WithTransformation(convert(label, "number")).
		WithTransformation(sortBy(label, false)).
		WithTransformation(convert(label, "string"))
}

func transformation(id string, options map[string]any) dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: id, Options: options}
}

// organize hides a column, puts the others in order and renames them. Grafana
// looks for all three by the names from before.
func organize(order []string, hidden string, names map[string]any) dashboard.DataTransformerConfig {
	index := map[string]any{}
	for i, f := range order {
		index[f] = i
	}
	return transformation("organize", map[string]any{
		"excludeByName": map[string]any{hidden: true}, "indexByName": index, "renameByName": names,
	})
}

func sortBy(field string, descending bool) dashboard.DataTransformerConfig {
	return transformation("sortBy", map[string]any{
		"fields": map[string]any{}, "sort": []any{map[string]any{"field": field, "desc": descending}},
	})
}

func convert(field, to string) dashboard.DataTransformerConfig {
	return transformation("convertFieldType", map[string]any{
		"fields": map[string]any{}, "conversions": []any{map[string]any{"targetField": field, "destinationType": to}},
	})
}
