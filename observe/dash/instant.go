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

// Widths of columns in pixels. Without a minimum a phone pushes the numbers out of
// sight.
const (
	minWidth   = 60
	stateWidth = 80
	timeWidth  = 165
)

// countWidth is that of a number: its heading's, and room for 1.74 K.
func countWidth(heading string) int { return max(70, 8*len(heading)+30) }

// narrow are the widths of columns whose texts are short everywhere, wide the
// least ones of texts that say little when they are cut: what does not fit into a
// phone is swiped to, and what stands first should be read without.
var (
	narrow = map[string]int{"outcome": 88, "dsn": 70, "delay": 80, "protocol": 72, "queue_id": 125}
	wide   = map[string]int{"step": 200, "to": 115, "from": 100, "user": 95, "client_ip": 115, "message_id": 100}
)

// rows makes a table of an instant query: the labels in the order of Fields,
// then the number. The unit is the number's alone: with it a text of digits, such
// as a queue id, would be shown as a number.
func (p placed) rows(id uint32) cog.Builder[dashboard.Panel] {
	b := fill(p, id, table.NewPanelBuilder()).Unit("string").MinWidth(minWidth).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{}))
	p.arrange(b)
	width, align := countWidth(p.Count), "right"
	if p.Unit == timeOfDay {
		width = timeWidth
	}
	if p.Order != Greatest {
		align = "left"
	}
	b.OverrideByName(p.Count, []dashboard.DynamicConfigValue{
		{Id: "unit", Value: p.Unit}, {Id: "custom.width", Value: width}, {Id: "custom.align", Value: align},
	})
	for _, f := range p.Fields {
		var props []dashboard.DynamicConfigValue
		if l, ok := p.page.link(f); ok {
			props = append(props, dashboard.DynamicConfigValue{Id: "links", Value: []any{map[string]any{"title": l.title, "url": l.url(p.page)}}})
		}
		if w := narrow[f]; w > 0 {
			props = append(props, dashboard.DynamicConfigValue{Id: "custom.width", Value: w})
		}
		if w := wide[f]; w > 0 && p.fits() {
			props = append(props, dashboard.DynamicConfigValue{Id: "custom.minWidth", Value: w})
		}
		if f == p.Latest {
			props = append(props, stopped...)
		}
		if len(props) > 0 {
			b.OverrideByName(heading(f), props)
		}
	}
	return b
}

// phone is how wide a table is on a phone of 420 pixels.
const phone = 370

// fits reports whether the number, which stands last, is in sight on a phone with
// the columns as wide as they should be. A time stands first.
func (p Panel) fits() bool {
	sum := countWidth(p.Count)
	for _, f := range p.Fields {
		sum += max(minWidth, narrow[f], wide[f])
	}
	return p.Order != Greatest || sum <= phone
}

// arrange hides, orders, names and sorts the columns.
func (p placed) arrange(b *table.PanelBuilder) {
	value, hidden, sort, names := valueField, timeField, p.Count, map[string]any{}
	from := func(label string) string { return label }
	switch {
	case p.source() == Prometheus:
		b.WithTransformation(transformation("reduce", map[string]any{"labelsToFields": true, "reducers": []any{"max"}}))
		value, hidden = "Max", "Field"
	case p.Latest != "":
		b.WithTransformation(sortBy(valueField, false)).WithTransformation(p.latest())
		value, sort = valueField+" (max)", heading(p.Latest)
		from = func(label string) string {
			if label == p.Latest {
				return label + " (lastNotNull)"
			}
			return label
		}
	}
	var order []string
	for _, f := range p.Fields {
		order = append(order, from(f))
		names[from(f)] = heading(f)
	}
	names[value] = p.Count
	if order = append(order, value); p.Order != Greatest { // a time stands first
		order = append([]string{value}, order[:len(order)-1]...)
	}
	b.WithTransformation(organize(order, hidden, names)).WithTransformation(sortBy(sort, p.Order != Oldest))
}

// latest keeps of each group of labels the row that came last.
func (p placed) latest() dashboard.DataTransformerConfig {
	fields := map[string]any{valueField: map[string]any{"operation": "aggregate", "aggregations": []any{"max"}}}
	for _, f := range p.Fields {
		fields[f] = map[string]any{"operation": "groupby", "aggregations": []any{}}
	}
	fields[p.Latest] = map[string]any{"operation": "aggregate", "aggregations": []any{"lastNotNull"}}
	return transformation("groupBy", map[string]any{"fields": fields})
}

// stopped colours the states of services.
var stopped = []dashboard.DynamicConfigValue{
	{Id: "mappings", Value: []any{
		map[string]any{"type": "value", "options": map[string]any{"stopped": map[string]any{"color": red, "index": 0, "text": "stopped"}}},
		map[string]any{"type": "value", "options": map[string]any{"running": map[string]any{"color": "green", "index": 1, "text": "running"}}},
	}},
	{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}},
	{Id: "custom.width", Value: stateWidth},
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
	if p.Max > 0 {
		b.Max(p.Max)
	}
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
