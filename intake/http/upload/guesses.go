package upload

import (
	"net/netip"
	"sync"
	"time"
)

// maxBlocked bounds what is remembered of addresses that guess.
const maxBlocked = 10_000

// LimitGuesses makes a Guesses of a limiter: allow counts a wrong token of an
// address, and says once there were too many how long the address has to wait.
func LimitGuesses(allow func(netip.Addr) (ok bool, wait time.Duration)) Guesses {
	return &limitedGuesses{allow: allow, now: time.Now, until: map[netip.Prefix]time.Time{}}
}

type limitedGuesses struct {
	allow func(netip.Addr) (bool, time.Duration)
	now   func() time.Time

	mu    sync.Mutex
	until map[netip.Prefix]time.Time
}

// network is what one customer has: an address, or a /64 of IPv6.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() && !a.Is4In6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the zero Prefix if there is no address
	return p
}

// Blocked implements Guesses.
func (g *limitedGuesses) Blocked(a netip.Addr) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(g.until[network(a)].Sub(g.now()), 0)
}

// Wrong implements Guesses.
func (g *limitedGuesses) Wrong(a netip.Addr) {
	ok, wait := g.allow(a)
	if ok {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if len(g.until) >= maxBlocked {
		for p, t := range g.until {
			if t.Before(now) || len(g.until) >= maxBlocked {
				delete(g.until, p)
			}
		}
	}
	g.until[network(a)] = now.Add(wait)
}
