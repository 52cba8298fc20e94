// Package findings tells what goes wrong in the logs, each thing once: the
// LogQL that finds it, from how many on it counts, what it means and what to
// do. The report shows them, and the alerts of the same things take their texts.
package findings

import "slices"

// Text is a text in the languages of its readers.
type Text struct {
	EN string `json:"en"`
	RU string `json:"ru"`
}

// Severity says how soon somebody must look.
type Severity string

// Severities, the worst first.
const (
	Critical Severity = "critical" // mail or service is lost
	Warning  Severity = "warning"  // look today
	Info     Severity = "info"     // the number is what counts
)

// Severities are all, the worst first.
var Severities = []Severity{Critical, Warning, Info}

// Topic is the part of a system that findings are about.
type Topic struct {
	Name  string
	Title Text
}

// Topics are all, in the order of a report.
var Topics = []Topic{
	{"services", Text{"Services", "Службы"}},
	{"logins", Text{"Logins", "Входы"}},
	{"mail", Text{"Mail", "Почта"}},
	{"content", Text{"Viruses and spam", "Вирусы и спам"}},
	{"platforms", Text{"PLAN-R and Visiology", "PLAN-R и Visiology"}},
}

// Place stands in By for an exception with the place in the code that it came
// from: its class and the first method of its trace that is the application's.
const Place = "place"

// Finding is one thing that goes wrong.
type Finding struct {
	Name     string   `json:"name"`  // stays the same: people refer to it
	Topic    string   `json:"topic"` // the Name of one of Topics
	Severity Severity `json:"severity"`
	// LogQL is a log query: its entries are what is counted.
	LogQL string `json:"logql"`
	// Min is the least count that is told; below it the thing is ordinary.
	Min int64 `json:"min"`
	// By are the fields whose most frequent values are told beside the count.
	By      []string `json:"by"`
	Alert   string   `json:"alert,omitempty"` // the alert that speaks of the same, "" for none
	Title   Text     `json:"title"`
	Meaning Text     `json:"meaning"`
	Action  Text     `json:"action"`
}

// All are the findings, topic by topic.
var All = slices.Concat(services, logins, mail, content, platforms)

// OfAlert returns the finding that an alert speaks of.
func OfAlert(alert string) (Finding, bool) {
	i := slices.IndexFunc(All, func(f Finding) bool { return f.Alert == alert })
	if i < 0 || alert == "" {
		return Finding{}, false
	}
	return All[i], true
}
