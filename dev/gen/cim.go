package main

import (
	"bytes"
	"fmt"

	"github.com/zimbraloki/zimbraloki/transform/format"
)

const cimHead = `
## Names of the Common Information Model

With ` + "`field_names cim`" + ` these fields have the names that Splunk's Common Information Model and its add-ons for Postfix use; all others keep theirs. A key of a log that has one of these names gets ` + "`x_`" + ` before it. Mind that ` + "`action`" + ` is then what the vocabulary calls ` + "`outcome`" + `. The dashboards, the alerts and the queries of this documentation ask for the names of the vocabulary.

| field | with cim | model |
|---|---|---|
`

// cimMarkdown lists what format.CIM calls otherwise.
func cimMarkdown() string {
	var b bytes.Buffer
	b.WriteString(cimHead)
	for _, r := range format.CIM() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", r.Field, r.Name, r.Model)
	}
	return b.String()
}
