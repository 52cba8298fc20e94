package stage

import (
	"fmt"

	"github.com/zimbraloki/zimbraloki/logql/stage/template"
)

// Lookup returns what a template sees under a name: a label, or the error. The
// text of an error that was dropped it does not see.
func (l *Labels) Lookup(name string) (string, bool) {
	if name == DetailsLabel && l.errKind == "" {
		return l.Get(name)
	}
	return l.value(name)
}

// formatted are labels as label_format sees them: the text of an error that was
// dropped as long as it is a label.
type formatted struct{ *Labels }

// Lookup returns the value of a label, or the error.
func (f formatted) Lookup(name string) (string, bool) {
	if name == DetailsLabel && !f.telling() {
		return f.Get(name)
	}
	return f.value(name)
}

// Each calls f for every label, errors among them.
func (l *Labels) Each(f func(name, value string)) {
	l.scratch = l.Append(l.scratch[:0])
	for _, p := range l.scratch {
		f(p.Name, p.Value)
	}
}

// keep copies text to where it lives as long as the entry.
func (l *Labels) keep(b []byte) string {
	from := len(l.arena)
	l.arena = append(l.arena, b...)
	return textOf(l.arena[from:])
}

type lineFormat struct{ t *template.Template }

// NewLineFormat is | line_format "template": the line becomes what the template
// gives. Where it fails the line stays, with the error TemplateFormatErr.
func NewLineFormat(text string) (Stage, error) {
	t, err := template.New("line", text)
	if err != nil {
		return nil, fmt.Errorf("invalid line template: %w", err)
	}
	return &lineFormat{t}, nil
}

func (f *lineFormat) Process(line string, l *Labels) (string, bool) {
	out, err := f.t.Execute(line, l.time, l)
	if err != nil {
		l.SetErr(ErrTemplate, err.Error())
		return line, true
	}
	return l.keep(out), true
}

// LabelFormat sets one label: from another one, which goes, or by a template.
type LabelFormat struct {
	Name   string
	Value  string // the other label's name, or the template
	Rename bool
}

type labelFormat struct {
	steps []labelStep
	old   snapshot
}

type labelStep struct {
	LabelFormat
	t *template.Template // nil for a rename
}

// NewLabelFormat is | label_format a=b, c="{{.d}}": one after the other, but
// templates see the labels as they are when the first of them runs.
func NewLabelFormat(formats []LabelFormat) (Stage, error) {
	f := &labelFormat{}
	seen := map[string]bool{}
	for _, lf := range formats {
		if lf.Name == ErrorLabel {
			return nil, fmt.Errorf("%s cannot be formatted", lf.Name)
		}
		if seen[lf.Name] {
			return nil, fmt.Errorf("multiple label name '%s' not allowed in a single format operation", lf.Name)
		}
		seen[lf.Name] = true
		step := labelStep{LabelFormat: lf}
		if !lf.Rename {
			t, err := template.New("label", lf.Value)
			if err != nil {
				return nil, fmt.Errorf("invalid template for label '%s': %w", lf.Name, err)
			}
			step.t = t
		}
		f.steps = append(f.steps, step)
	}
	return f, nil
}

func (f *labelFormat) Process(line string, l *Labels) (string, bool) {
	f.old.taken = false
	for i := range f.steps {
		s := &f.steps[i]
		if s.Rename {
			if v, ok := l.Get(s.Value); ok {
				l.Set(s.Name, v)
				l.Delete(s.Value)
			}
			continue
		}
		if len(f.steps) > 1 {
			f.old.take(l)
		}
		f.template(s, line, l)
	}
	return line, true
}

func (f *labelFormat) template(s *labelStep, line string, l *Labels) {
	var seen template.Labels = formatted{l}
	if len(f.steps) > 1 {
		seen = &f.old
	}
	out, err := s.t.Execute(line, l.time, seen)
	if err != nil {
		l.SetErr(ErrTemplate, err.Error())
		return
	}
	l.Set(s.Name, l.keep(out))
}
