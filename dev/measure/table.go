package main

import (
	"fmt"
	"strings"
)

// markdown is the table of docs/performance.md.
func markdown(list []column) string {
	var b strings.Builder
	row := func(name string, f func(c *column) string) {
		fmt.Fprintf(&b, "| %s |", name)
		for i := range list {
			fmt.Fprintf(&b, " %s |", f(&list[i]))
		}
		b.WriteByte('\n')
	}
	seconds := func(pipeline string) func(c *column) string {
		return func(c *column) string { return fmt.Sprintf("%.2f s", c.median(pipeline).Seconds()) }
	}
	row("pipeline", func(c *column) string { return fmt.Sprintf("%s, %d MB", c.title, c.bytes/1e6) })
	b.WriteString("|---|" + strings.Repeat("---|", len(list)) + "\n")
	row("tail → null", seconds(null))
	row("tail → loki, the lines as they are", seconds(raw))
	row("tail → zimbraloki", seconds(plugin))
	row("tail, Fluent Bit's own parsers → loki", seconds(parsers))
	row("**above reading: of the parsers'**", func(c *column) string { return fmt.Sprintf("**%.2f**", c.share(parsers)) })
	row("**above reading: of the lines' as they are**", func(c *column) string { return fmt.Sprintf("**%.2f**", c.share(raw)) })
	row("bodies: as they are, zimbraloki, parsers", func(c *column) string {
		return fmt.Sprintf("%d, %d, %d MB", c.sent(raw), c.sent(plugin), c.sent(parsers))
	})
	return b.String()
}

// sent is in megabytes.
func (c *column) sent(pipeline string) int64 {
	x := c.costs[pipeline]
	return x[len(x)-1].bytes / 1e6
}
