package ship

import (
	"cmp"
	"slices"

	"github.com/zimbraloki/zimbraloki/cli/say"
)

// maxRows is how many sources a summary names, maxLeft how many files that were
// left out: an archive may hold a hundred thousand.
const (
	maxRows = 20
	maxLeft = 100
)

// row is a source in a summary.
type row struct {
	name  string
	files int
	tally tally
}

// shown returns the rows of the largest sources, those with refused entries
// before others, in the order of rows, and one for all others together.
func shown(rows []row) []row {
	if len(rows) <= maxRows {
		return rows
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &rows[a].tally, &rows[b].tally
		return cmp.Or(cmp.Compare(y.Refused, x.Refused), cmp.Compare(y.Lines, x.Lines), cmp.Compare(a, b))
	})
	slices.Sort(order[:maxRows])
	list := make([]row, 0, maxRows+1)
	for _, i := range order[:maxRows] {
		list = append(list, rows[i])
	}
	rest := row{name: "and " + say.Number(int64(len(rows)-maxRows)) + " more"}
	for _, i := range order[maxRows:] {
		rest.files += rows[i].files
		rest.tally.add(&rows[i].tally)
	}
	return append(list, rest)
}
