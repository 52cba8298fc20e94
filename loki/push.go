package loki

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/grafana/loki-client-go/pkg/backoff"
)

// Result says what became of a batch.
type Result struct {
	// Retry is true if the same batch must be pushed again later. Else Loki
	// has every entry, or has refused it for good and it is kept elsewhere.
	Retry bool
	// Err is why, if Retry: a *PushError if it is Loki's or the network's.
	Err error
	// Accepted entries are in Loki, Late ones of them in a late stream, Dead
	// ones are in the dead-letter file, all by this call.
	Accepted, Late, Dead int
	// After is how long the server asks to wait, 0 if it does not; at most
	// 5 minutes.
	After time.Duration
}

// Push sends b and returns when its fate is known, or when ctx ends: then
// Result.Retry is true. What can be repeated within the time that ctx leaves,
// is. Pushing the same batch again goes on where the last push ended, and is
// harmless in any case. b may be reset afterwards.
func (c *Client) Push(ctx context.Context, b *Batch) Result {
	if b.Len() == 0 {
		return Result{}
	}
	c.stats.Pushes.Add(1)
	b.chain()
	r := run{c: c, ctx: ctx, fates: b.fates}
	err := r.batch(b, stageLive)
	r.sayLosses()
	if err == nil {
		if o, ended := c.way.OK(); ended {
			c.log.Info("Loki takes entries again", "url", c.shown, "failures", o.Failures, "duration", o.Duration.Round(time.Millisecond))
		}
		return r.result
	}
	c.stats.Retries.Add(1)
	r.result.Retry, r.result.Err, r.result.After = true, err, c.noteFailure(err)
	return r.result
}

// noteFailure says an error if it is new, and returns how long the server asks
// to wait.
func (c *Client) noteFailure(err error) (after time.Duration) {
	kind := "dead letter"
	var p *PushError
	if errors.As(err, &p) {
		kind, after = p.kind, p.After
		if p.Status == http.StatusTooManyRequests {
			c.limit.shrink(c.limit.get())
		}
	}
	if c.way.Fail(kind) {
		c.log.Error("cannot deliver, will be tried again", "error", err)
	}
	return after
}

// run is one Push.
type run struct {
	c      *Client
	ctx    context.Context
	result Result
	lost   [numReasons]int // entries refused for good
	shown  int             // entries shown in the log, for want of a dead-letter file
	fates  []Fate          // of the parts of the batch
}

// batch delivers all streams of b, which is chained. If one fails it remembers
// how far each came, and returns the first error.
func (r *run) batch(b *Batch, stage int) (first error) {
	b.progress = b.progress[:0]
	for s := range b.streams {
		b.progress = append(b.progress, r.c.ledger.load(b, int32(s)))
		err := r.stream(b, int32(s), &b.progress[s], stage)
		if first == nil {
			first = err
		}
		if err != nil && !aboutOneStream(err) {
			break
		}
	}
	if first == nil {
		r.c.ledger.forget(b)
		return nil
	}
	for s := range b.progress {
		r.c.ledger.save(b, int32(s), b.progress[s])
	}
	return first
}

// aboutOneStream reports whether other streams may succeed after an error: one
// may be over its rate, or its tenant unknown.
func aboutOneStream(err error) bool {
	var p *PushError
	return errors.As(err, &p) && p.Status >= 400 && p.Status < 500
}

// stream delivers the entries of one stream that are not done yet.
func (r *run) stream(b *Batch, stream int32, p *progress, stage int) error {
	refs := b.entries(stream)
	if err := validTenant(b.tenants[b.streams[stream].tenant]); err != nil {
		all := refusal{all: true, reason: ReasonTenant}
		losses := b.match(piece{stream, p.pending(refs[p.done:])}, all, err.Error())
		if err := r.settle(b, stream, losses, stage); err != nil {
			return err
		}
		p.advance(len(refs) - p.done)
		return nil
	}
	span := b.span(refs)
	for p.done < len(refs) {
		left := refs[p.done:]
		n := b.cut(stream, left, r.c.limit.get(), span)
		if err := r.deliver(b, piece{stream, left[:n]}, p, stage); err != nil {
			return err
		}
	}
	return nil
}

// deliver delivers what is pending of a piece, which begins at p.done, and
// advances p past it.
func (r *run) deliver(b *Batch, whole piece, p *progress, stage int) error {
	for confirm := true; ; {
		todo := piece{whole.stream, p.pending(whole.refs)}
		if len(todo.refs) == 0 {
			p.advance(len(whole.refs))
			return nil
		}
		a, size := r.send(b, todo)
		switch a.verdict {
		case verdictOK:
			r.accept(b, todo.refs, nil, stage)
			p.advance(len(whole.refs))
			return nil
		case verdictRetry, verdictConfig:
			return r.c.pushError(a)
		case verdictTooLarge:
			r.c.limit.shrink(size)
		case verdictRefused:
		}
		losses, known := r.losses(b, todo, a)
		switch {
		case len(losses) == 0:
			if err := r.suspect(b, todo, a); err != nil {
				return err
			}
			return r.halves(b, whole, p, stage)
		case known == guessed && confirm:
			confirm = false
			continue
		case known == guessed:
			if err := r.suspect(b, todo, a); err != nil {
				return err
			}
		}
		if err := r.settle(b, whole.stream, losses, stage); err != nil {
			return err
		}
		p.settle(whole.refs, losses)
		if known == exactly {
			r.accept(b, todo.refs, losses, stage)
			p.advance(len(whole.refs))
			return nil
		}
	}
}

// knowledge is how much an answer tells about the entries that it refuses.
type knowledge uint8

const (
	guessed knowledge = iota // nothing, but there is only one: worth asking again
	partly                   // these, and maybe more: the rest must be sent again
	exactly                  // these, and the rest is stored
)

// losses finds out which entries a refusal, or a body that was too large, is
// about: none if halves must tell.
//
// What Loki has is not sent again without need: it would drop the second copy,
// but on a busy stream (256 KiB later) only when lines are queried, not when
// they are counted.
func (r *run) losses(b *Batch, todo piece, a answer) (found []loss, known knowledge) {
	why := refusal{reason: ReasonTooLarge}
	if a.verdict == verdictRefused {
		why = parseRefusal(a.text)
		found = b.match(todo, why, a.text)
	}
	switch {
	case len(found) > 0 && why.covers(len(found), len(todo.refs)):
		return found, exactly
	case len(found) > 0 || len(todo.refs) > 1:
		return found, partly
	case why.reason == ReasonOther || why.reason == ReasonTooLarge:
		known = guessed
	default:
		known = exactly
	}
	return []loss{{todo.refs[0], why.reason, a.text}}, known
}

// halves delivers a piece of at least two entries as two.
func (r *run) halves(b *Batch, whole piece, p *progress, stage int) error {
	r.c.stats.Splits.Add(1)
	half := len(whole.refs) / 2
	if err := r.deliver(b, piece{whole.stream, whole.refs[:half]}, p, stage); err != nil {
		return err
	}
	return r.deliver(b, piece{whole.stream, whole.refs[half:]}, p, stage)
}

// probes is how many entries suspect tries.
const probes = 8

// suspect guards the entries against a server that refuses everything: one that
// is not Loki, or a proxy before it that does not let us through. As long as
// nothing was ever accepted, a refusal without a reason of Loki's says nothing
// about the entries, so it tries some one by one; if none is taken, that is an
// outage, and no entry goes to the dead-letter file.
func (r *run) suspect(b *Batch, todo piece, a answer) error {
	if r.c.taken.Load() || !baseless(a) || a.verdict == verdictTooLarge && len(todo.refs) > 1 {
		return nil
	}
	n := min(probes, len(todo.refs))
	for i := 0; n > 1 && i < n; i++ {
		at := i * (len(todo.refs) - 1) / (n - 1)
		one, _ := r.send(b, piece{todo.stream, todo.refs[at : at+1]})
		switch {
		case one.verdict == verdictOK:
			r.c.taken.Store(true)
			return nil
		case one.verdict == verdictRetry || one.verdict == verdictConfig:
			return r.c.pushError(one)
		case !baseless(one):
			return nil
		}
	}
	a.kind += " everything"
	a.cure = "nothing was ever accepted here: check that url is Loki's, and any proxy before it"
	return r.c.pushError(a)
}

// baseless reports whether a refusal gives no reason that is Loki's.
func baseless(a answer) bool {
	return a.verdict == verdictTooLarge || a.verdict == verdictRefused && parseRefusal(a.text).reason == ReasonOther
}

// accept notes that Loki has more entries: these but for losses.
func (r *run) accept(b *Batch, refs []int32, losses []loss, stage int) {
	n := len(refs) - len(losses)
	if n > 0 {
		r.c.taken.Store(true)
	}
	r.c.limit.ok()
	r.result.Accepted += n
	r.c.stats.Accepted.Add(int64(n))
	if stage > stageLive {
		r.result.Late += n
		r.c.stats.Late.Add(int64(n))
		for _, i := range refs {
			r.fate(b, i).Late++
		}
		for _, l := range losses {
			r.fate(b, l.ref).Late--
		}
	}
}

// fate is that of the part of an entry.
func (r *run) fate(b *Batch, i int32) *Fate {
	if part := b.refs[i].part; part >= 0 {
		return &r.fates[part]
	}
	return new(Fate) // of a batch without parts
}

// How often a request is repeated within a push, and how far apart.
const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 2 * time.Second
	maxTries   = 10 // if ctx has no deadline: about 12 s
	// minAttempt is the time that must be left for another request.
	minAttempt = 100 * time.Millisecond
)

// send sends a piece, again while that can help and ctx leaves the time. size
// is that of the body before compression, in bytes.
func (r *run) send(b *Batch, p piece) (a answer, size int) {
	body, size := b.encode(p, r.c.codec)
	tenant := b.tenants[b.streams[p.stream].tenant]
	retries := maxTries
	if _, ok := r.ctx.Deadline(); ok {
		retries = 0 // the deadline ends it
	}
	bo := backoff.New(r.ctx, backoff.BackoffConfig{MinBackoff: minBackoff, MaxBackoff: maxBackoff, MaxRetries: retries})
	for {
		if err := r.ctx.Err(); err != nil {
			return r.c.failed(err), size
		}
		a = r.c.post(r.ctx, tenant, body, b.sent)
		if a.verdict == verdictOK {
			r.c.stats.RawBytes.Add(int64(size))
			r.c.stats.Bytes.Add(int64(len(body)))
		}
		if a.verdict != verdictRetry {
			return a, size
		}
		wait := bo.NextDelay()
		if a.after > 0 {
			wait = a.after
		} else if r.c.way.Failing() && r.result.Accepted == 0 {
			// Loki was away at the last push already, and still is. Whoever
			// waits behind this push, a shutdown too, should not wait for each.
			return a, size
		}
		if !bo.Ongoing() || !r.sleep(wait) {
			return a, size
		}
		r.c.stats.Again.Add(1)
	}
}

// sleep waits, unless too little time would be left for another request.
func (r *run) sleep(d time.Duration) bool {
	if end, ok := r.ctx.Deadline(); ok && time.Until(end) < d+minAttempt {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-r.ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
