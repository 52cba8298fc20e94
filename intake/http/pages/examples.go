package pages

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/questions"
)

// example is a question to click on.
type example struct {
	Title, Query, Link string
	Draft              bool // it needs a value, which is to be written into it first
}

type exampleTopic struct {
	Title    string
	Examples []example
}

// firstExamples are the questions that a support engineer asks first.
var firstExamples = []string{
	"fatal", "exceptions", "handler-exceptions", "failed-logins", "mail-outcomes", "bounce-reasons", "deferring-servers", "levels",
	"planr-errors", "planr-slow-commands", "planr-failed-logins", "visiology-failures", "visiology-failed", "visiology-changes", "arrival",
}

// maxFirst of them that are shown before the others.
const maxFirst = 8

// examples are the questions about a platform: some that come first, and all of
// them by topic.
func (f *askForm) examples(lang, platform string) (first []example, topics []exampleTopic) {
	rank := map[string]int{}
	var names []string
	for _, t := range questions.For(platform) {
		topic := exampleTopic{Title: in(lang, t.EN, t.RU)}
		for _, q := range t.Questions {
			e := example{Title: in(lang, q.EN, q.RU), Query: line(q), Draft: len(q.Params) > 0}
			e.Link = f.link(e.Query, e.Draft, true)
			topic.Examples = append(topic.Examples, e)
			if n := slices.Index(firstExamples, q.Name); n >= 0 {
				rank[q.Name] = n
				names, first = append(names, q.Name), append(first, e)
			}
		}
		topics = append(topics, topic)
	}
	order := slices.Clone(names)
	slices.SortFunc(order, func(a, b string) int { return rank[a] - rank[b] })
	var sorted []example
	for _, name := range order[:min(len(order), maxFirst)] {
		sorted = append(sorted, first[slices.Index(names, name)])
	}
	return sorted, topics
}

func in(lang, en, ru string) string {
	if lang == "ru" {
		return ru
	}
	return en
}

// line is the query of a question on one line, with the values of its examples.
func line(q questions.Question) string {
	text, err := q.LogQL(q.Examples())
	if err != nil {
		return "" // the examples are complete
	}
	lines := strings.Split(text, "\n")
	for n := range lines {
		lines[n] = strings.TrimSpace(lines[n])
	}
	return strings.Join(lines, " ")
}
