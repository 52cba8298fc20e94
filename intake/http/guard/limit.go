package guard

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
)

// maxClients bounds what a limiter remembers, so that many addresses cannot
// fill the memory. The one that was silent longest is forgotten first.
const maxClients = 10_000

// Limiter lets each client, see accounts.Network, do so much at a time.
type Limiter struct {
	every time.Duration
	burst int
	now   func() time.Time

	mu     sync.Mutex
	byKey  map[netip.Prefix]*list.Element
	recent *list.List // of *client, the last one seen first
}

type client struct {
	key netip.Prefix
	lim *rate.Limiter
}

// NewLimiter allows burst things at once and then one each interval.
func NewLimiter(burst int, every time.Duration) *Limiter {
	return &Limiter{every: every, burst: burst, now: time.Now, byKey: map[netip.Prefix]*list.Element{}, recent: list.New()}
}

// Allow reports whether a client may go on; if not, when it may ask again.
func (l *Limiter) Allow(a netip.Addr) (ok bool, wait time.Duration) {
	now := l.now()
	lim := l.client(a)
	r := lim.ReserveN(now, 1)
	if !r.OK() {
		return false, l.every
	}
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return false, wait
	}
	return true, 0
}

func (l *Limiter) client(a netip.Addr) *rate.Limiter {
	key := accounts.Network(a)
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.byKey[key]; e != nil {
		l.recent.MoveToFront(e)
		return e.Value.(*client).lim
	}
	if l.recent.Len() >= maxClients {
		old := l.recent.Back()
		delete(l.byKey, old.Value.(*client).key)
		l.recent.Remove(old)
	}
	c := &client{key: key, lim: rate.NewLimiter(rate.Every(l.every), l.burst)}
	l.byKey[key] = l.recent.PushFront(c)
	return c.lim
}

// Guesses slow down who tries tokens of tickets. Only wrong ones count, so that
// many customers behind one address do not hinder each other.
type Guesses struct{ l *Limiter }

// Guesses counts wrong tokens with what the limiter counts already.
func (l *Limiter) Guesses() *Guesses { return &Guesses{l} }

// Blocked is how long an address has to wait, 0 = not at all.
func (g *Guesses) Blocked(a netip.Addr) time.Duration {
	left := g.l.client(a).TokensAt(g.l.now())
	if left >= 1 {
		return 0
	}
	return time.Duration((1 - left) * float64(g.l.every))
}

// Wrong counts a wrong token.
func (g *Guesses) Wrong(a netip.Addr) { g.l.client(a).ReserveN(g.l.now(), 1) }
