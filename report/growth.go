package report

import (
	"maps"
	"slices"
	"time"

	"github.com/zimbraloki/zimbraloki/findings"
)

// What growth of deferrals is told from.
const (
	leastRun      = 3  // hours
	leastDeferral = 50 // in the last of them
	growth        = 3  // times the first of them
	maxHours      = 20_000
)

// deferralHours counts deferrals by hour since 1970.
type deferralHours map[int64]int64

func (d deferralHours) see(at int64) {
	if h := at / int64(time.Hour); d[h] > 0 || len(d) < maxHours {
		d[h]++
	}
}

// result tells the run of hours with the steepest growth.
func (d deferralHours) result(zone *time.Location) (Result, bool) {
	r := Result{Finding: findings.ComputedBy(findings.DeferralGrow)}
	hours := slices.Sorted(maps.Keys(d))
	var best []int64
	for from := 0; from < len(hours); {
		to := from + 1
		for to < len(hours) && hours[to] == hours[to-1]+1 && d[hours[to]] > d[hours[to-1]] {
			to++
		}
		run := hours[from:to]
		last := d[run[len(run)-1]]
		if len(run) >= leastRun && last >= leastDeferral && last >= growth*d[run[0]] && (best == nil || last > d[best[len(best)-1]]) {
			best = run
		}
		from = to
	}
	if best == nil {
		return r, false
	}
	var list Counter
	for _, h := range best {
		r.Count += d[h]
		list.Add(time.Unix(h*3600, 0).In(zone).Format("2006-01-02 15:00"), d[h])
	}
	r.First, r.Last = best[0]*int64(time.Hour), (best[len(best)-1]+1)*int64(time.Hour)
	r.Top = []Top{list.Top("hour", 5)}
	return r, true
}
