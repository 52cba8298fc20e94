package stage

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
)

type regexpParser struct {
	re    *regexp.Regexp
	names []string // "" for groups that are not kept
}

// NewRegexp is | regexp "(?P<name>…)": its named groups become labels, those
// that took no part in the match with an empty value.
func NewRegexp(expr string) (Stage, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("invalid regexp parser: %w", err)
	}
	p := &regexpParser{re: re, names: re.SubexpNames()}
	var names []string
	for i, name := range p.names {
		if name == "" {
			continue
		}
		if entry.LabelName(name) != name {
			return nil, fmt.Errorf("invalid regexp parser: invalid extracted label name '%s'", name)
		}
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("invalid regexp parser: duplicate extracted label name '%s'", name)
		}
		names = append(names, p.names[i])
	}
	if len(names) == 0 {
		return nil, errors.New("invalid regexp parser: at least one named capture must be supplied")
	}
	return p, nil
}

func (p *regexpParser) Process(line string, l *Labels) (string, bool) {
	if l.complete() {
		return line, true
	}
	where := p.re.FindStringSubmatchIndex(line)
	if where == nil {
		return line, true
	}
	for i, name := range p.names {
		if name == "" {
			continue
		}
		value := ""
		if where[2*i] >= 0 {
			value = line[where[2*i]:where[2*i+1]]
		}
		if l.extract(name, value) {
			break
		}
	}
	return line, !l.refused
}
