// Package alerts holds every alert and every recording rule once. Loki's ruler,
// Prometheus, Grafana's provisioning and docs/alerts.md are written from it.
package alerts

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/findings"
)

// Severity says how soon somebody must look.
type Severity string

const (
	Critical Severity = "critical" // now: mail or service is lost
	Warning  Severity = "warning"  // today
	Info     Severity = "info"     // when there is time; the number is what counts
)

// Source is where an expression is evaluated.
type Source string

const (
	Loki       Source = "loki"       // LogQL over the logs
	Prometheus Source = "prometheus" // PromQL over metrics of the plugin, Fluent Bit and Loki
)

// Alert is one condition that somebody must know of. Its expression returns
// one sample, above zero, for each thing that is wrong, and none when all is well.
type Alert struct {
	Name        string
	Source      Source // "" is Loki
	Expr        string
	For         string // how long it must hold: a duration of Prometheus, "0s" for at once
	Severity    Severity
	Summary     string // one line; {{ $labels.x }} and {{ $value }} are filled in
	Description string // what was counted, and over which time
	Meaning     string // documentation: what it tells of the mail system; with Action from package findings if that speaks of the same
	Action      string // documentation: what to do, with the queries that help
	Dashboard   string // uid of the dashboard that shows more, "" for none
}

// Group is a set of alerts that are evaluated together.
type Group struct {
	Name     string
	Title    string // heading of the documentation
	Interval string // how often the rules are evaluated
	Alerts   []Alert
}

// Recording is a series that Loki computes and writes to Prometheus.
type Recording struct {
	Record  string // name of the series
	Expr    string
	Meaning string
}

// Groups returns all alerts, in the order of the documentation.
func Groups() []Group {
	all := []Group{mail(), security(), content(), services(), platforms(), arrival(), shipping()}
	for _, g := range all {
		for i := range g.Alerts {
			a := &g.Alerts[i]
			if f, ok := findings.OfAlert(a.Name); ok {
				a.Meaning, a.Action = f.Meaning.EN, f.Action.EN
			}
		}
	}
	return all
}

// Of returns the groups with the alerts of one source; groups that have none
// are left out.
func Of(s Source) []Group {
	var out []Group
	for _, g := range Groups() {
		g.Alerts = slices.DeleteFunc(slices.Clone(g.Alerts), func(a Alert) bool { return a.source() != s })
		if len(g.Alerts) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func (a Alert) source() Source {
	if a.Source == "" {
		return Loki
	}
	return a.Source
}

// logql lays an expression out in one line, so that it can be written here in
// several.
func logql(s string) string { return strings.Join(strings.Fields(s), " ") }

// Selectors that many expressions share.
const (
	postfix    = `{job="zimbra", service_name="postfix"}`
	deliveries = postfix + ` | action="deliver"`
	mailbox    = `{job="zimbra", log="mailbox"}`
	audit      = `{job="zimbra", log="audit"}`
	failures   = `{job="zimbra"} | action=~".*Auth" | outcome="failure"`
)
