package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
)

const numbersHead = `
## Numbers

Each field that holds numbers has one unit, and its values can be compared. A field in bytes can be compared with a size (` + "`10MB`" + ` are 10,000,000 bytes, ` + "`10MiB`" + ` 10,485,760) or with a number. ` + "`delay`" + ` is a duration: compare it with one, ` + "`delay > 60`" + ` without a unit is an error for Loki. The columns of zmstat are numbers as zmstat writes them, each in the unit of its column.

| unit | as in | compare | unwrap | fields |
|---|---|---|---|---|
`

// numbersMarkdown lists the fields that hold numbers, by unit.
func numbersMarkdown() string {
	var b bytes.Buffer
	b.WriteString(numbersHead)
	for _, n := range format.Numbers() {
		var names []string
		for _, f := range append(format.Fields(), format.OwnFields()...) {
			if of, ok := f.Number(); ok && of.Unit == n.Unit {
				names = append(names, f.Name)
			}
		}
		if len(names) == 0 {
			continue
		}
		fmt.Fprintf(&b, "| %s | `%s` | `%s %s` | `unwrap %s` | `%s` |\n", n.Unit, n.Value, n.Example, n.Compare,
			fmt.Sprintf(n.Unwrap, n.Example), strings.Join(names, "`, `"))
	}
	return b.String()
}
