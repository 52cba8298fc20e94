package stage

// try is a filter of one label.
type try struct {
	name   string
	filter Stage
}

// Try has json, logfmt, pattern, regexp and unpack try a filter of one label as
// soon as they set it, wherever the filter stands in the pipeline, as Loki's
// do: they drop the entry if the filter does. Of several filters of a label the
// first one is tried. That of __error__ is tried where logfmt --strict ends.
//
// So | status="" | logfmt keeps lines without a status, and an error that the
// filter finds is there before those that stand earlier are asked.
func (l *Labels) Try(name string, filter Stage) {
	for i := range l.tries {
		if l.tries[i].name == name {
			return
		}
	}
	l.tries = append(l.tries, try{name, filter})
}

// refuses tries the filter of a label that was just set, and reports whether it
// drops the entry.
func (l *Labels) refuses(name string) bool {
	for i := range l.tries {
		if l.tries[i].name == name {
			_, ok := l.tries[i].filter.Process("", l)
			l.refused = l.refused || !ok
			return !ok
		}
	}
	return false
}
