package stage

import (
	"strings"

	"github.com/acarl005/stripansi"

	"github.com/zimbraloki/zimbraloki/logql"
)

// Pick names a label for drop and keep: all of its values, or with a Matcher
// those that fit.
type Pick struct {
	Name    string
	Matcher *logql.Matcher // nil for all
}

func (p *Pick) fits(value string) bool { return p.Matcher == nil || p.Matcher.Matches(value) }

type dropper struct{ picks []Pick }

// NewDrop is | drop a, b="x": the entry loses these labels.
func NewDrop(picks []Pick) Stage { return &dropper{picks} }

func (d *dropper) Process(line string, l *Labels) (string, bool) {
	for i := range d.picks {
		p := &d.picks[i]
		switch p.Name {
		case ErrorLabel:
			if p.fits(l.errKind) {
				l.errKind = ""
			}
		case DetailsLabel:
			if p.fits(l.errDetails) {
				l.errDetails = ""
			}
		default:
			v, ok := l.Get(p.Name)
			if ok && p.fits(v) {
				l.Delete(p.Name)
			}
			l.dropped = l.dropped || !ok && p.Matcher != nil && p.fits("")
		}
	}
	return line, true
}

type keeper struct{ picks []Pick }

// NewKeep is | keep a, b="x": the entry loses all labels but these. Errors stay.
func NewKeep(picks []Pick) Stage { return &keeper{picks} }

func (k *keeper) Process(line string, l *Labels) (string, bool) {
	l.scratch = l.Append(l.scratch[:0])
	for _, p := range l.scratch {
		if p.Name != ErrorLabel && p.Name != DetailsLabel && !k.keeps(p.Name, p.Value) {
			l.Delete(p.Name)
		}
	}
	return line, true
}

func (k *keeper) keeps(name, value string) bool {
	for i := range k.picks {
		if k.picks[i].Name == name && k.picks[i].fits(value) {
			return true
		}
	}
	return false
}

type decolorizer struct{}

// NewDecolorize is | decolorize: the line loses the control sequences of
// terminals.
func NewDecolorize() Stage { return decolorizer{} }

func (decolorizer) Process(line string, _ *Labels) (string, bool) {
	if strings.ContainsAny(line, "\x1b\u009b") {
		line = stripansi.Strip(line)
	}
	return line, true
}
