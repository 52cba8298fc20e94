package store

import (
	"bytes"
	"slices"
	"strings"
)

// filterLines keeps the rows whose line holds the texts of the hints.
func (q *query) filterLines(c *columns, rows []int32) []int32 {
	for _, text := range q.sel.Hints.Contains {
		rows = c.containing([]string{text}, rows)
	}
	for _, texts := range q.sel.Hints.AnyOf {
		rows = c.containing(texts, rows)
	}
	return rows
}

// containing keeps the rows whose line holds one of the texts. Where most rows
// are asked for, all lines are searched as one text.
func (c *columns) containing(texts []string, rows []int32) []int32 {
	if len(rows) == 0 {
		return rows
	}
	if len(rows) < len(c.times)/8 {
		return slices.DeleteFunc(rows, func(r int32) bool {
			line := c.line(int(r))
			return !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(line, text) })
		})
	}
	found := map[int32]struct{}{}
	for _, text := range texts {
		c.search(text, found)
	}
	if len(found) == 0 {
		return rows[:0]
	}
	return slices.DeleteFunc(rows, func(r int32) bool {
		_, ok := found[r]
		return !ok
	})
}

// search notes the rows whose line holds the text.
func (c *columns) search(text string, found map[int32]struct{}) {
	needle, end := []byte(text), int(c.ends[len(c.times)-1])
	for at, row := 0, 0; ; {
		i := bytes.Index(c.lines[at:end], needle)
		if i < 0 {
			return
		}
		at += i
		more, _ := slices.BinarySearch(c.ends[row:len(c.times)], uint32(at)+1) //nolint:gosec // it was one
		row += more
		if at+len(needle) <= int(c.ends[row]) {
			found[int32(row)] = struct{}{} //nolint:gosec // it is one
			at = int(c.ends[row])
			row++
		} else {
			at++ // over the end of a line
		}
	}
}
