package pages

// field is one input of a form. Label and Hint are keys of the texts, Error is
// a sentence.
type field struct {
	Name, Label, Type, Value, Auto, Mode, Class, Hint, Error string
	Max, Min, Most                                           int
	Required, Focus                                          bool
}

type fields map[string]field

func formOf(list ...field) fields {
	f := fields{}
	for _, x := range list {
		f[x.Name] = x
	}
	return f
}

// fail sets the error of a field.
func (f fields) fail(name, text string) {
	x := f[name]
	x.Error = text
	f[name] = x
}
