package engine

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// wanted are the labels that a metric query needs of its parsers. Loki's
// parsers end where they have found them all, and do not run where none is
// needed: errors of the rest of a line are not seen. nil wants all.
type wanted struct {
	names   []string
	grouped bool // by some labels: filters of labels wait for their turn
}

// wantedBy returns what a range aggregation wants, by its grouping.
func wantedBy(e *logql.RangeAgg, group *logql.Grouping) *wanted {
	if e.Op == "absent_over_time" {
		group = &logql.Grouping{}
	}
	if group == nil || group.Without {
		return nil
	}
	w := &wanted{names: slices.Clone(group.Labels), grouped: len(group.Labels) > 0}
	stages := e.Log.Stages
	if !calculations[e.Op].size {
		stages = unformatted(stages)
	}
	for _, s := range stages {
		switch s := s.(type) {
		case *logql.LabelFilterStage:
			w.names = appendNames(w.names, s.Filter)
		case *logql.LineFormat:
			w.names = append(w.names, templateFields(s.Template)...)
		case *logql.LabelFormat:
			for _, f := range s.Formats {
				if f.Rename {
					w.names = append(w.names, f.Value)
				} else {
					w.names = append(w.names, templateFields(f.Value)...)
				}
			}
		}
	}
	if e.Unwrap != nil {
		w.names = append(w.names, e.Unwrap.Label)
		for _, f := range e.Unwrap.Filters {
			w.names = appendNames(w.names, f)
		}
	}
	for _, name := range w.names { // level_extracted is never all: Loki's parsers look for level, too
		if plain, ok := strings.CutSuffix(name, stage.ExtractedSuffix); ok {
			w.names = append(w.names, plain)
		}
	}
	return w
}

// templateField finds the labels that a template names.
var templateField = regexp.MustCompile(`\.([a-zA-Z_]\w*)`)

func templateFields(text string) (names []string) {
	for _, m := range templateField.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// appendNames appends the names that a label filter looks at. One that fits all
// looks at none.
func appendNames(names []string, f logql.LabelFilter) []string {
	switch f := f.(type) {
	case *logql.LabelAnd:
		return appendNames(appendNames(names, f.Left), f.Right)
	case *logql.LabelOr:
		return appendNames(appendNames(names, f.Left), f.Right)
	case *logql.LabelMatch:
		if keepsAll(newLabelMatch(f.Matcher)) {
			return names
		}
		return append(names, f.Matcher.Name)
	case *logql.LabelIP:
		return append(names, f.Name)
	case *logql.LabelCompare:
		return append(names, f.Name)
	}
	return names
}

// skips reports whether a stage is a parser that has nothing to look for.
func (w *wanted) skips(s logql.Stage) bool {
	if w == nil || len(w.names) > 0 {
		return false
	}
	switch s.(type) {
	case *logql.Parser, *logql.ExtractParser:
		return true
	}
	return false
}
