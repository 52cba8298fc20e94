package alerts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/alerting"
	"github.com/grafana/grafana-foundation-sdk/go/loki"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// provisioned is a file of Grafana's provisioning/alerting.
type provisioned struct {
	APIVersion int                `yaml:"apiVersion"`
	Groups     []provisionedGroup `yaml:"groups"`
}

type provisionedGroup struct {
	OrgID    int               `yaml:"orgId"`
	Name     string            `yaml:"name"`
	Folder   string            `yaml:"folder"`
	Interval string            `yaml:"interval"`
	Rules    []provisionedRule `yaml:"rules"`
}

type provisionedRule struct {
	UID          string            `yaml:"uid"`
	Title        string            `yaml:"title"`
	Condition    string            `yaml:"condition"`
	Data         []any             `yaml:"data"`
	NoDataState  string            `yaml:"noDataState"`
	ExecErrState string            `yaml:"execErrState"`
	For          string            `yaml:"for"`
	Annotations  map[string]string `yaml:"annotations"`
	Labels       map[string]string `yaml:"labels"`
	IsPaused     bool              `yaml:"isPaused"`
}

// lookBack is the range that Grafana asks for, in seconds. The range that
// counts stands in the expression, which is evaluated at one instant.
const lookBack = 600

// GrafanaFile writes all alerts as Grafana provisions them.
func GrafanaFile() ([]byte, error) {
	f := provisioned{APIVersion: 1}
	for _, g := range Groups() {
		group := provisionedGroup{OrgID: 1, Name: g.Name, Folder: "Zimbra", Interval: g.Interval}
		for _, a := range g.Alerts {
			r, err := a.provisioned()
			if err != nil {
				return nil, err
			}
			group.Rules = append(group.Rules, r)
		}
		f.Groups = append(f.Groups, group)
	}
	return write(f)
}

func (a Alert) provisioned() (provisionedRule, error) {
	r := provisionedRule{
		UID: a.uid(), Title: a.Name, Condition: "C", For: a.For,
		// An expression that finds nothing wrong returns nothing.
		NoDataState: string(alerting.RuleNoDataStateOK), ExecErrState: string(alerting.RuleExecErrStateError),
		Labels: map[string]string{"severity": string(a.Severity)}, Annotations: a.annotations(),
	}
	for k, v := range r.Annotations {
		r.Annotations[k] = strings.ReplaceAll(v, "$value", "$values.A.Value")
	}
	query, err := plain(a.query())
	if err != nil {
		return r, err
	}
	r.Data = []any{query, above()}
	return r, nil
}

// uid is the same as long as the name is: Grafana allows 40 characters.
func (a Alert) uid() string {
	sum := sha256.Sum256([]byte(a.Name))
	return "zimbraloki-" + hex.EncodeToString(sum[:8])
}

// query is A, the expression.
func (a Alert) query() *alerting.QueryBuilder {
	q := alerting.NewQueryBuilder("A").DatasourceUid(string(a.source())).RelativeTimeRange(lookBack, 0)
	if a.Source == Prometheus {
		return q.Model(prometheus.NewDataqueryBuilder().RefId("A").Expr(a.Expr).Instant())
	}
	return q.Model(loki.NewDataqueryBuilder().RefId("A").Expr(a.Expr).QueryType("instant"))
}

// above is C, which is true for each sample of A.
func above() map[string]any {
	return map[string]any{
		"refId": "C", "datasourceUid": "__expr__",
		"relativeTimeRange": map[string]any{"from": lookBack, "to": 0},
		"model": map[string]any{
			"refId": "C", "type": "threshold", "expression": "A",
			"datasource": map[string]any{"type": "__expr__", "uid": "__expr__"},
			"conditions": []any{map[string]any{"evaluator": map[string]any{"type": "gt", "params": []any{0}}}},
		},
	}
}

// plain turns what the SDK builds into maps, by way of JSON, which has the
// names that Grafana reads.
func plain(q *alerting.QueryBuilder) (v any, err error) {
	built, err := q.Build()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(built)
	if err != nil {
		return nil, err
	}
	return v, json.Unmarshal(text, &v)
}
