package loki

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// An entry that comes too late for its stream goes once more under the same
// labels and late="true", stage 1. That stream has the same window of an hour
// in its turn: after a long outage, whose chunks come in any order, it refuses
// what is older than its own newest by more. So what is too late even there
// goes to stage 2, a stream for each hour, which can be filled in any order.
const (
	stageLive = iota
	stageLate // late="true"
	stageHour // late="true", late_hour="2026-11-22T08"
)

const (
	labelLate     = "late"
	labelLateHour = "late_hour"
)

// rescue reports whether an entry refused at a stage goes to the next one.
func rescue(stage int, reason Reason) bool {
	switch stage {
	case stageLive:
		return reason.behind() || reason == ReasonTooOld
	case stageLate:
		return reason.behind()
	}
	return false
}

// lateLabels returns the labels of an entry at a late stage: a function of the
// entry alone, so that a retry ends in the same stream.
func lateLabels(l *entry.Labels, stage int, ns int64) *entry.Labels {
	pairs := setLabel(slices.Clone(l.Pairs), labelLate, "true")
	if stage == stageHour {
		pairs = setLabel(pairs, labelLateHour, time.Unix(0, ns).UTC().Format("2006-01-02T15"))
	}
	return &entry.Labels{Pairs: pairs, Text: labelsText(pairs)}
}

// NewLabels makes a label set of its own of pairs whose names are unique, as
// for entries that are read back from a dead-letter file.
func NewLabels(pairs []entry.Pair) *entry.Labels {
	sorted := slices.Clone(pairs)
	slices.SortFunc(sorted, func(x, y entry.Pair) int { return strings.Compare(x.Name, y.Name) })
	return &entry.Labels{Pairs: sorted, Text: labelsText(sorted)}
}

// setLabel sets a label in pairs sorted by name.
func setLabel(pairs []entry.Pair, name, value string) []entry.Pair {
	i, found := slices.BinarySearchFunc(pairs, name, func(p entry.Pair, name string) int {
		return strings.Compare(p.Name, name)
	})
	if found {
		pairs[i].Value = value
		return pairs
	}
	return slices.Insert(pairs, i, entry.Pair{Name: name, Value: value})
}

// labelsText writes labels as Loki reads them.
func labelsText(pairs []entry.Pair) string {
	text := []byte{'{'}
	for i, p := range pairs {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = append(text, p.Name...)
		text = append(text, '=')
		text = strconv.AppendQuote(text, p.Value)
	}
	return string(append(text, '}'))
}
