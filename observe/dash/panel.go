package dash

import (
	"maps"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/logs"
	"github.com/grafana/grafana-foundation-sdk/go/loki"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// builder is what the builders of all panels of the SDK have.
type builder[T any] interface {
	cog.Builder[dashboard.Panel]
	Id(uint32) T
	Title(string) T
	Description(string) T
	Unit(string) T
	Datasource(common.DataSourceRef) T
	GridPos(dashboard.GridPos) T
	Targets([]cog.Builder[variants.Dataquery]) T
	Thresholds(cog.Builder[dashboard.ThresholdsConfig]) T
	ColorScheme(cog.Builder[dashboard.FieldColor]) T
	Links([]cog.Builder[dashboard.DashboardLink]) T
	NoValue(string) T
}

func (p placed) panel(id uint32) cog.Builder[dashboard.Panel] {
	switch p.Kind {
	case Stat:
		return fill(p, id, stat.NewPanelBuilder()).GraphMode(common.BigValueGraphModeNone).
			ColorMode(common.BigValueColorModeValue).NoValue("0").ReduceOptions(last())
	case Bars:
		return p.bars(id)
	case Table:
		return p.rows(id)
	case Logs:
		// Upwards Grafana would open the panel at its end. Lines have their own time.
		return fill(p, id, logs.NewPanelBuilder()).ShowTime(p.Composed).EnableLogDetails(true).WrapLogMessage(true).
			SortOrder(common.LogsSortOrderDescending).DedupStrategy(common.LogsDedupStrategyNone)
	default:
		return p.series(id)
	}
}

func last() *common.ReduceDataOptionsBuilder {
	return common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}).Values(false)
}

// fill sets what all kinds have.
func fill[T builder[T]](p placed, id uint32, b T) T {
	b = b.Id(id).Title(p.Title).Description(p.Help).Unit(p.Unit).Datasource(ref(p.source())).GridPos(p.at).
		Targets(p.targets()).Thresholds(steps(p.Steps))
	if p.More != "" {
		b = b.Links([]cog.Builder[dashboard.DashboardLink]{
			dashboard.NewDashboardLinkBuilder("More").Type(dashboard.DashboardLinkTypeLink).Url("/d/" + p.More + p.page.kept()),
		})
	}
	if p.Kind == Stat || p.Kind == Bars {
		b = b.ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds))
	}
	return b
}

func (p Panel) source() Source {
	if p.Source == "" {
		return Loki
	}
	return p.Source
}

// Instant says that one number at the end of the range is wanted.
func (p Panel) Instant() bool { return p.Kind == Stat || p.Kind == Table || p.Kind == Bars }

func (p Panel) targets() []cog.Builder[variants.Dataquery] {
	var out []cog.Builder[variants.Dataquery]
	for i, q := range p.Queries {
		id := string(rune('A' + i))
		if p.source() == Prometheus {
			b := prometheus.NewDataqueryBuilder().RefId(id).Expr(q.Expr).LegendFormat(q.Legend).Datasource(ref(Prometheus))
			if p.Instant() {
				b.Instant()
			} else {
				b.Range()
			}
			out = append(out, b)
			continue
		}
		kind := "range"
		if p.Instant() {
			kind = "instant"
		}
		b := loki.NewDataqueryBuilder().RefId(id).Expr(q.Expr).QueryType(kind).Datasource(ref(Loki))
		if q.Legend != "" {
			b.LegendFormat(q.Legend)
		}
		out = append(out, b)
	}
	return out
}

func steps(list []Step) *dashboard.ThresholdsConfigBuilder {
	all := []dashboard.Threshold{{Color: "text"}}
	if len(list) > 0 {
		all[0].Color = "green"
	}
	for _, s := range list {
		all = append(all, dashboard.Threshold{Value: cog.ToPtr(s.Value), Color: s.Color})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(all)
}

func (p placed) series(id uint32) cog.Builder[dashboard.Panel] {
	b := fill(p, id, timeseries.NewPanelBuilder()).LineWidth(2).FillOpacity(0).ShowPoints(common.VisibilityModeNever).
		SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(true)}).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true).Calcs([]string{})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	switch {
	case p.Kind == Stack:
		// Of 6 hours 120 points are bars of 3 minutes, which are wide enough to see.
		b.DrawStyle(common.GraphDrawStyleBars).FillOpacity(80).LineWidth(0).AxisSoftMin(0).MaxDataPoints(120).
			Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
	case p.Log:
		b.ScaleDistribution(common.NewScaleDistributionConfigBuilder().Type(common.ScaleDistributionLog).Log(10)).MaxDataPoints(240)
	default:
		b.AxisSoftMin(0).MaxDataPoints(240)
	}
	if p.Unit == aSecond { // of zeros alone Grafana would draw an axis up to 100
		b.AxisSoftMax(0.01)
	}
	if len(p.Steps) > 0 {
		b.ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
	}
	colors := meaning(p.Queries)
	for _, value := range slices.Sorted(maps.Keys(colors)) {
		b.OverrideByName(value, []dashboard.DynamicConfigValue{{Id: "color", Value: map[string]any{"mode": "fixed", "fixedColor": colors[value]}}})
	}
	return b
}
