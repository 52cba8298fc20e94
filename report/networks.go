package report

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/findings"
)

// Bounds of networks, and what makes one new: less time has no first part that
// says what is ordinary, and who logged in less is not known well enough.
const (
	maxPairs   = 20_000
	leastSpan  = int64(12 * time.Hour)
	leastKnown = 3 // logins in the first part
)

// networks knows when each account first logged in from each network.
type networks struct {
	seen map[[2]string]*firstLogin // by account and network
	full bool                      // there were more
}

type firstLogin struct {
	times   []int64 // of the first logins, leastKnown at most
	example Example
}

func newNetworks() networks { return networks{seen: map[[2]string]*firstLogin{}} }

// see takes an entry of audit.log.
func (n *networks) see(e *entry.Entry) {
	if e.Get("outcome") != "success" || !strings.HasSuffix(e.Get("action"), "Auth") {
		return
	}
	user, network := e.Get("user"), networkOf(e.Get("client_ip"))
	if user == "" || network == "" {
		return
	}
	key := [2]string{user, network}
	l := n.seen[key]
	if l == nil {
		if len(n.seen) >= maxPairs {
			n.full = true
			return
		}
		l = &firstLogin{}
		n.seen[[2]string{strings.Clone(user), network}] = l
	}
	if len(l.times) == leastKnown && e.Time >= l.times[leastKnown-1] {
		return
	}
	if len(l.times) == 0 || e.Time < l.times[0] {
		l.example = example(e)
	}
	i, _ := slices.BinarySearch(l.times, e.Time)
	l.times = slices.Insert(l.times, i, e.Time)
	l.times = l.times[:min(len(l.times), leastKnown)]
}

// networkOf is the /24 or the /48 of an address; "" of this host's own.
func networkOf(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.IsLoopback() || a.IsUnspecified() {
		return ""
	}
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, _ := a.Prefix(bits) // no error: both are within the address
	return p.String()
}

// result tells the networks that accounts had not used before. Where there were
// more than are remembered nothing can be told.
func (n *networks) result(first, last int64) (Result, bool) {
	r := Result{Finding: findings.ComputedBy(findings.NewNetworks)}
	if n.full || last-first < leastSpan {
		return r, false
	}
	until := first + (last-first)/4
	known := map[string]int{}
	for key, l := range n.seen {
		for _, t := range l.times {
			if t < until {
				known[key[0]]++
			}
		}
	}
	users, nets := Counter{}, Counter{}
	for key, l := range n.seen {
		if known[key[0]] < leastKnown || l.times[0] < until {
			continue
		}
		r.Count++
		users.Add(key[0], 1)
		nets.Add(key[1], 1)
		r.Examples = append(r.Examples, l.example)
	}
	slices.SortFunc(r.Examples, func(a, b Example) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), strings.Compare(a.Line, b.Line))
	})
	if r.Count == 0 {
		return r, false
	}
	r.First, r.Last = r.Examples[0].Time, r.Examples[len(r.Examples)-1].Time
	r.Examples = r.Examples[:min(len(r.Examples), maxExamples)]
	r.Top = []Top{users.Top("user", 5), nets.Top("network", 5)}
	return r, true
}
