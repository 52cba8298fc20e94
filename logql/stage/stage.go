// Package stage is what a log pipeline of LogQL does to one entry: filters,
// parsers, formatters. A stage works on the line and on the labels of the
// entry, and says whether the entry stays. Constructors take plain values; the
// syntax tree is above.
//
// Source: grafana.com/docs/loki/latest/query, and what a Loki 3.7 answers.
package stage

// Stage is one step of a pipeline. It is made for one query and used by one
// goroutine; it may keep buffers.
type Stage interface {
	// Process returns the line as it goes on, and whether the entry stays. The
	// line may be a view into memory of the stage, valid until the next call.
	Process(line string, l *Labels) (string, bool)
}

// The values of __error__ that stages set, in Loki's spelling.
const (
	ErrJSON     = "JSONParserErr"
	ErrLogfmt   = "LogfmtParserErr"
	ErrFilter   = "LabelFilterErr"
	ErrTemplate = "TemplateFormatErr"
	ErrSample   = "SampleExtractionErr"
)

// The names under which an error of a pipeline is a label.
const (
	ErrorLabel   = "__error__"
	DetailsLabel = "__error_details__"
)

// Chain is a pipeline: stages one after the other.
type Chain []Stage

// Process runs the stages until one drops the entry.
func (c Chain) Process(line string, l *Labels) (string, bool) {
	for _, s := range c {
		var ok bool
		if line, ok = s.Process(line, l); !ok {
			return line, false
		}
	}
	return line, true
}
