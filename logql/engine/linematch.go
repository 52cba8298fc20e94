package engine

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// essential leaves out alternatives that fit every line beside others, as Loki
// does: |= "a" or "" looks for a. Two of them at the beginning fit every line,
// whatever follows.
func essential(op logql.LineOp, texts []stage.Text) []stage.Text {
	if op != logql.LineContains && op != logql.LineMatches {
		return texts
	}
	if len(texts) > 1 && fitsAll(op, &texts[0]) && fitsAll(op, &texts[1]) {
		return texts[:1]
	}
	var kept []stage.Text
	for i := range texts {
		if !fitsAll(op, &texts[i]) {
			kept = append(kept, texts[i])
		}
	}
	if kept == nil {
		return texts
	}
	return kept
}

func fitsAll(op logql.LineOp, t *stage.Text) bool {
	if t.IP || op == logql.LineContains {
		return !t.IP && t.Value == ""
	}
	re, err := syntax.Parse(t.Value, syntax.Perl)
	return err == nil && isAnything(unbracket(re.Simplify()))
}

// narrowed is the same within an expression: |~ "a|.*" looks for a.
func narrowed(op logql.LineOp, m logql.LineMatch) string {
	if m.IP || op != logql.LineMatches && op != logql.LineNotMatches {
		return m.Text
	}
	re, err := syntax.Parse(m.Text, syntax.Perl)
	if err != nil {
		return m.Text
	}
	re = unbracket(re.Simplify())
	parts, ok := looseParts(re)
	if !ok || len(parts) == 0 || re.Op != syntax.OpAlternate && re.Op != syntax.OpQuest {
		return m.Text
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		if texts[i] = regexp.QuoteMeta(p.text); p.some {
			texts[i] = ".+"
		}
		if p.fold {
			texts[i] = "(?i:" + texts[i] + ")"
		}
	}
	return strings.Join(texts, "|")
}
