// Package dash describes the dashboards and builds Grafana's JSON of them.
//
// A dashboard is a list of panels; a panel is a question: a title, what it
// means, a unit, a query, a way to draw. Everything that panels have in common
// (places, datasources, legends, links between dashboards) is made in build.go.
package dash

import "strings"

// Kind is how a panel draws.
type Kind string

const (
	Stat   Kind = "stat"       // one number over the range of the dashboard
	Series Kind = "timeseries" // over time, lines
	Stack  Kind = "stacked"    // over time, stacked bars
	Table  Kind = "table"      // the greatest of many, with links
	Bars   Kind = "bargauge"   // one bar for each value
	Logs   Kind = "logs"
	Row    Kind = "row" // a heading
)

// Source is the datasource variable that a query goes to.
type Source string

const (
	Loki       Source = "datasource"
	Prometheus Source = "prometheus"
)

// Query is one expression and the legend of its series ("" where there is one).
type Query struct{ Expr, Legend string }

// Step is a threshold: from Value on, Color.
type Step struct {
	Value float64
	Color string
}

// Order is how a table is sorted; the zero value is the greatest number first.
type Order int

const (
	Greatest Order = iota
	Oldest         // the number is a time: upwards
	Newest         // the number is a time: downwards
)

// Panel is one question. W and H are in Grafana's grid, 24 wide; places follow
// from the order.
type Panel struct {
	Kind        Kind
	Title, Help string
	Unit        string // Grafana's name of a unit
	W, H        uint32
	Source      Source // "" is Loki
	Queries     []Query
	Steps       []Step   // above green; none: the colour of text
	Fields      []string // Table: the labels of a row, in this order; Bars over Loki: the label, a number, that names a bar
	Count       string   // Table: heading of the number
	Order       Order    // Table
	Latest      string   // Table: the label whose latest value is shown for each of the others; the number is its time
	Composed    bool     // Logs: the line is made by line_format and has no time of its own
	Log         bool     // Series: the axis is logarithmic
	More        string   // uid of the dashboard that says more
	Max         float64  // of the axis, 0 for none
	Inside      []Panel  // Row: what is shown, and asked, when the reader opens it
}

// Variable is something the reader can choose.
type Variable struct {
	Name, Label, Help string
	Stream            string // label_values of this selector; "" is a text box
	Of                string // the label
}

// Dashboard is a page.
type Dashboard struct {
	UID, Title, Help string
	Variables        []Variable
	Panels           []Panel
	Prometheus       bool // has panels about metrics
	NoLoki           bool
	Restarts         bool // marks starts and ends of mailboxd
}

// Every are all panels of the page, those inside of rows too, without the rows.
func (d Dashboard) Every() (out []Panel) {
	for _, p := range d.Panels {
		if p.Kind != Row {
			out = append(out, p)
		}
		out = append(out, p.Inside...)
	}
	return out
}

// All returns the dashboards in the order of the menu.
func All() []Dashboard {
	return []Dashboard{overview(), mailFlow(), messageTrace(), security(), mailboxes(), content(), platforms(), shipper()}
}

// q is a single query without a legend.
func q(expr string) []Query { return []Query{{Expr: expr}} }

// by is a single query whose series are named by a label.
func by(label, expr string) []Query { return []Query{{expr, "{{" + label + "}}"}} }

// total counts what a selector with filters finds over the range of the dashboard.
func total(sel string) string { return "sum(count_over_time(" + sel + " [$__range]))" }

// per counts by labels, over time.
func per(labels, sel string) string {
	return "sum by (" + labels + ") (count_over_time(" + sel + " [$__interval]))"
}

// top counts by labels over the range of the dashboard and takes the greatest.
func top(labels, sel string) string {
	return "topk(25, sum by (" + labels + ") (count_over_time(" + sel + " [$__range])))"
}

// or names what has no value of a label: Grafana would call its series Value.
func or(label, instead string) string {
	return ` | label_format ` + label + `="{{ or .` + label + ` \"` + instead + `\" }}"`
}

// share is a part of a whole, over the range.
func share(part, whole string) string { return total(part) + " / " + total(whole) }

// quantiles are the median and the 95th percentile of a field, over time.
func quantiles(field, sel string) []Query {
	var out []Query
	for _, p := range [][2]string{{"0.5", "median"}, {"0.95", "95 %"}} {
		out = append(out, Query{"quantile_over_time(" + p[0] + ", " + sel + " | unwrap " + field + " [$__interval]) by ()", p[1]})
	}
	return out
}

// p95 is the 95th percentile of a field over the range.
func p95(field, sel string) string {
	return "quantile_over_time(0.95, " + sel + " | unwrap " + field + " [$__range]) by ()"
}

// ranking makes the panel that most tables are.
func ranking(title, help string, w uint32, fields, count, sel string) Panel {
	return Panel{
		Kind: Table, Title: title, Help: help, Unit: "short", W: w, H: 8,
		Queries: q(top(fields, sel)), Fields: strings.Split(fields, ", "), Count: count,
	}
}

// at makes of a line's time a number, in milliseconds since 1970, for tables in
// order of time.
const at = ` | label_format at="{{ __timestamp__ | unixEpochMillis }}" | unwrap at [$__range]`

// newest finds when the labels were last seen together.
func newest(labels, sel string) string {
	return "topk(50, max by (" + labels + ") (max_over_time(" + sel + at + ")))"
}

// Grafana's units of a time in milliseconds, and of what happens in a second.
const (
	timeOfDay = "dateTimeAsIso"
	aSecond   = "suffix:/s"
)

// number makes a number.
func number(title, help, unit, expr string, steps ...Step) Panel {
	return Panel{Kind: Stat, Title: title, Help: help, Unit: unit, W: 4, H: 4, Queries: q(expr), Steps: steps}
}

func row(title string, inside ...Panel) Panel {
	return Panel{Kind: Row, Title: title, W: 24, H: 1, Inside: inside}
}

// Colours of thresholds.
const (
	orange = "orange"
	red    = "red"
)

// Selectors. Those of Zimbra follow the chosen hosts.
const (
	zimbra = `{job="zimbra", host=~"$host"}`
	// problem leaves the access logs out: there a wrong password is a status 500, at
	// the proxy and again at the mailstore, and drowns what is broken.
	problem = `{job="zimbra", host=~"$host", level=~"error|fatal", log!~"access_log|nginx.access"}`
	trouble = `{job="zimbra", host=~"$host", level=~"warn|error|fatal", log!~"access_log|nginx.access"}`
	postfix = `{job="zimbra", host=~"$host", service_name="postfix"}`
	amavis  = `{job="zimbra", host=~"$host", service_name="amavis"}`
	mailbox = `{job="zimbra", host=~"$host", log="mailbox"}`
	audit   = `{job="zimbra", host=~"$host", log="audit"}`
	proxy   = `{job="zimbra", host=~"$host", log="nginx.access"}`
	deliver = postfix + ` | action="deliver"`
	final   = deliver + ` | outcome=~"success|deferred|bounced"`
	queued  = `{job="zimbra", host=~"$host", service_name="zimbramon"} | action="queue"`
	soap    = mailbox + ` | component="soap"`
	// who is what the text boxes user and client_ip leave over; empty ones leave all.
	who = " | user=~`(?i).*${user:regex}.*` | client_ip=~`.*${client_ip:regex}.*`"
	// did is the same of action and outcome.
	did = " | action=~`(?i).*${action:regex}.*` | outcome=~`(?i).*${outcome:regex}.*`"
)

// host is the variable that all dashboards of Zimbra have.
var host = Variable{Name: "host", Label: "Host", Help: "Hosts of the mail system", Stream: `{job="zimbra"}`, Of: "host"}
