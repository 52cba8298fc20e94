package ship

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/cespare/xxhash/v2"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/logs/deliver"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// carrier delivers parts of a store one after the other, what is small together
// with others.
type carrier struct {
	c     *copier
	batch loki.Batch
	parts []carried
	lines int
	bytes int64

	p     *store.Part // at hand
	first int64       // time of its first entry in the batch
	n     int64       // of its entries that were read
	sum   uint64      // of these, whatever their order
	one   []byte      // memory of an entry's sum
}

// carried is entries of one part in the batch, and what is noted once Loki has
// them.
type carried struct {
	p    *store.Part
	done int64  // entries from the beginning of the part; -1: as before
	sum  uint64 // of these
	end  bool   // there are no more
	seen tally
	fate int // of the batch
}

// errChanged says that a part is not what an earlier run delivered the beginning of.
var errChanged = errors.New("the entries before the position have changed")

// part delivers what is left of a part.
func (h *carrier) part(ctx context.Context, p *store.Part) error {
	had := h.c.state.part(p)
	if had.Ended && had.Done.Offset == p.Entries && had.Size == p.Bytes {
		h.c.bar.add(p.Bytes)
		return ctx.Err()
	}
	h.c.jobs.note(p.Labels)
	err := h.read(ctx, p, had)
	if !errors.Is(err, errChanged) {
		return err
	}
	h.c.notices.Say(archive.Notice{Path: p.Name(), Text: "has got entries that are older than the position of the last run; the day is shipped from its beginning, and Loki stores equal entries once"})
	h.c.state.forget(p)
	return h.read(ctx, p, sourceState{})
}

// read puts into batches what lies behind had.
func (h *carrier) read(ctx context.Context, p *store.Part, had sourceState) error {
	h.p, h.n, h.sum = p, 0, 0
	h.begin()
	err := h.c.store.Visit(ctx, p, func(e *entry.Entry) error {
		if h.n == had.Done.Offset && h.sum != had.Before {
			return errChanged
		}
		h.n++
		h.sum += h.hash(e)
		h.c.bar.add(weight(e))
		if h.n <= had.Done.Offset {
			return nil
		}
		return h.add(ctx, e)
	})
	if err != nil {
		return err
	}
	if h.n < had.Done.Offset || h.n == had.Done.Offset && h.sum != had.Before {
		return errChanged
	}
	h.parts[len(h.parts)-1].end = true
	h.note()
	h.p = nil
	return nil
}

// begin makes the entries that come now a part of the batch.
func (h *carrier) begin() {
	h.parts = append(h.parts, carried{p: h.p, done: -1, fate: h.batch.Mark()})
	h.first = -1
}

// note keeps how far the part at hand is in the batch.
func (h *carrier) note() {
	x := &h.parts[len(h.parts)-1]
	x.done, x.sum = h.n, h.sum
}

// add puts an entry into the batch; a full one is delivered, also one in which the
// stream spans as much time as may be sent again.
func (h *carrier) add(ctx context.Context, e *entry.Entry) error {
	x := &h.parts[len(h.parts)-1]
	if !h.c.o.InRange(e.Time) {
		x.seen.Outside++
		h.note()
		return nil
	}
	if h.first >= 0 && e.Time-h.first > h.c.span || h.bytes >= groupBytes || len(h.parts) >= groupBlocks {
		if err := h.flush(ctx); err != nil {
			return err
		}
		h.begin()
		x = &h.parts[len(h.parts)-1]
	}
	if h.first < 0 {
		h.first = e.Time
	}
	h.batch.Add(e)
	size := weight(e)
	x.seen.see(e)
	x.seen.Lines++
	x.seen.Bytes += size
	h.lines++
	h.bytes += size
	h.note()
	return nil
}

// flush delivers the batch, however long Loki is away, and keeps the positions
// behind it.
func (h *carrier) flush(ctx context.Context) error {
	if len(h.parts) == 0 {
		return ctx.Err()
	}
	if err := h.c.bucket.take(ctx, h.lines, h.bytes); err != nil {
		return err
	}
	push := func(ctx context.Context) loki.Result { return h.c.push(ctx, &h.batch) }
	if _, err := deliver.Push(ctx, push, h.c.bar.waits); err != nil {
		return err
	}
	for i := range h.parts {
		h.parts[i].seen.Refused = int64(h.batch.Fate(h.parts[i].fate).Dead)
	}
	h.c.bar.lines(int64(h.lines), h.bytes)
	err := h.c.state.carried(h.parts)
	h.batch.Reset()
	clear(h.parts)
	h.parts, h.lines, h.bytes = h.parts[:0], 0, 0
	return err
}

// weight is the bytes of an entry, as store.Part counts them.
func weight(e *entry.Entry) int64 {
	n := e.Size()
	for i := range e.Meta {
		n += len(e.Meta[i].Name) + len(e.Meta[i].Value)
	}
	return int64(n)
}

// hash is a sum of all that an entry is, its stream apart.
func (h *carrier) hash(e *entry.Entry) uint64 {
	text := func(s string) {
		h.one = append(binary.AppendUvarint(h.one, uint64(len(s))), s...)
	}
	h.one = binary.AppendVarint(h.one[:0], e.Time)
	text(e.Line)
	for i := range e.Meta {
		text(e.Meta[i].Name)
		text(e.Meta[i].Value)
	}
	return xxhash.Sum64(h.one)
}
