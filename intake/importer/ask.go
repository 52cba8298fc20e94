package importer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/logs/source"
)

// Question is LogQL about the logs of a ticket.
type Question struct {
	Person string // who asks: one question at a time
	Ticket string // number
	Query  string
	// From and To are the range of times; the zero times are the first and the
	// last entry.
	From, To time.Time
	// Step is the distance of the points of a metric query; 0 = one value at the
	// end, or points that suit the range if the query names an interval.
	Step  time.Duration
	Limit int // entries of a log query; 0 = MaxLines
}

// The bounds of a question.
const (
	// MaxLines is one more than a page shows, which tells that there are more.
	MaxLines = 1001
	// maxHeld bounds the entries that the engine holds, which are more than the
	// answer has as long as their order is not known.
	maxHeld    = 2*MaxLines + 1024
	maxSeries  = 500
	maxCells   = 2_000_000 // some 100 MB at most
	askTimeout = time.Minute
	// askAtOnce is how many persons are answered at a time; others wait.
	askAtOnce = 2
)

// asking knows who is being answered.
type asking struct {
	mu      sync.Mutex
	persons map[string]bool
	free    chan struct{}
}

func (a *asking) begin(ctx context.Context, person string) (end func(), err error) {
	a.mu.Lock()
	if a.persons == nil {
		a.persons, a.free = map[string]bool{}, make(chan struct{}, askAtOnce)
	}
	busy := a.persons[person]
	a.persons[person] = true
	a.mu.Unlock()
	if busy {
		return nil, &engine.Error{Status: http.StatusTooManyRequests, Msg: "another question of yours is being answered; wait for it"}
	}
	left := func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.persons, person)
	}
	select {
	case a.free <- struct{}{}:
		return func() { <-a.free; left() }, nil
	case <-ctx.Done():
		left()
		return nil, ctx.Err()
	}
}

// Ask answers a question from the ticket's archives that are read. Errors of the
// question, and of its bounds, are *engine.Error. A metric query that names an
// interval ($__interval, $__auto) gets points over the range, another one value
// at its end.
func (i *Importer) Ask(ctx context.Context, q Question) (*engine.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	end, err := i.asking.begin(ctx, q.Person)
	if err != nil {
		return nil, tooLong(ctx, err)
	}
	defer end()
	list, err := i.readArchives(ctx, q.Ticket)
	if err != nil {
		return nil, err
	}
	p, err := params(q, list)
	if err != nil {
		return nil, &engine.Error{Status: http.StatusBadRequest, Msg: err.Error()}
	}
	src, done, err := i.sources(ctx, list)
	if err != nil {
		return nil, tooLong(ctx, err)
	}
	defer done()
	r, err := engine.New(src, engine.Options{MaxSeries: maxSeries, MaxEntries: maxHeld, MaxCells: maxCells, Timeout: askTimeout}).Query(ctx, p)
	return r, tooLong(ctx, err)
}

// tooLong is what an error means to a person when the time is over.
func tooLong(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &engine.Error{Status: http.StatusGatewayTimeout, Msg: fmt.Sprintf("the answer takes longer than %s; ask about less time", askTimeout)}
	}
	return err
}

// readArchives are those of a ticket that were read to their end: others may be
// hostile.
func (i *Importer) readArchives(ctx context.Context, ticket string) (list []model.Archive, err error) {
	all, err := i.o.Store.Archives(ctx, model.ArchiveFilter{Ticket: ticket})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, a := range all {
		if a.Import.Reported && a.Import.Entries > 0 && !seen[a.SHA256] {
			list = append(list, a)
			seen[a.SHA256] = a.SHA256 != "" // a file that came twice counts once
		}
	}
	if len(list) == 0 {
		return nil, &engine.Error{Status: http.StatusConflict, Msg: "no archive of this ticket has been read yet"}
	}
	return list, nil
}

func params(q Question, list []model.Archive) (engine.Params, error) {
	var first, last time.Time
	for _, a := range list {
		if first.IsZero() || a.Import.From.Before(first) {
			first = a.Import.From
		}
		if a.Import.To.After(last) {
			last = a.Import.To
		}
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.To.After(q.From) {
		return engine.Params{}, errors.New("the first time has to be before the second one")
	}
	// One time that lies beyond the logs asks for nothing, which is an answer.
	if q.To.IsZero() && q.From.After(last) {
		q.To = q.From.Add(time.Second)
	}
	if q.From.IsZero() && !q.To.IsZero() && q.To.Before(first) {
		q.From = q.To.Add(-time.Second)
	}
	o := source.Question{Query: strings.TrimSpace(q.Query), Limit: q.Limit, Since: q.From, Until: q.To, Step: q.Step}
	o.Ranged = strings.Contains(o.Query, "$__interval") || strings.Contains(o.Query, "$__auto")
	if o.Limit <= 0 || o.Limit > MaxLines {
		o.Limit = MaxLines
	}
	return o.Params(first.UnixNano(), last.UnixNano())
}

// union is the logs of several archives, one after the other.
type union []engine.Source

// Ordered is false.
func (union) Ordered() bool { return false }

// Select gives the entries of all sources to visit.
func (u union) Select(ctx context.Context, sel *engine.Selection, visit func(*entry.Entry) error) error {
	enough := false
	for _, s := range u {
		err := s.Select(ctx, sel, func(e *entry.Entry) error {
			err := visit(e)
			enough = enough || errors.Is(err, engine.ErrStop)
			return err
		})
		if err != nil || enough {
			return err
		}
	}
	return nil
}
