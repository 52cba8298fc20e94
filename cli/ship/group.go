package ship

import (
	"context"

	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/deliver"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/loki"
)

// group is blocks that are pushed together: an archive may hold a hundred
// thousand logs of a line each. Each block is a chunk of its own, so that its
// entries do not depend on what it is pushed with. All of them together span no
// more time than one may, as all of them are sent again after a kill.
type group struct {
	batch       loki.Batch
	blocks      []sent
	lines       int
	bytes       int64
	first, last int64 // ns
}

// sent is a block of a group: what is noted of it once Loki has it.
type sent struct {
	src  *rotation.Source
	to   rotation.Position
	seen tally
	part int // of the batch
}

// The bounds of a group. Bytes are those of lines, as of one block.
const (
	groupBytes  = rotation.BlockBytes
	groupBlocks = 10_000
)

// fits reports whether a block may go with the others.
func (g *group) fits(b *logs.Block) bool {
	return len(g.blocks) == 0 || len(g.blocks) < groupBlocks && g.bytes+b.Bytes <= groupBytes &&
		max(g.last, b.Last)-min(g.first, b.First) <= rotation.BlockSpan
}

func (g *group) reset() {
	g.batch.Reset()
	clear(g.blocks)
	g.blocks, g.lines, g.bytes, g.first, g.last = g.blocks[:0], 0, 0, 0, 0
}

// send delivers a block at once.
func (d *deliverer) send(ctx context.Context, b *logs.Block) error {
	if err := d.add(ctx, b); err != nil {
		return err
	}
	return d.flush(ctx)
}

// add makes the entries of a block, and pushes what came before if the block
// cannot go with it.
func (d *deliverer) add(ctx context.Context, b *logs.Block) error {
	g := &d.group
	if !g.fits(b) {
		if err := d.flush(ctx); err != nil {
			return err
		}
	}
	d.seen = tally{Lines: int64(b.Lines), Bytes: b.Bytes}
	part, err := d.through(b.Source.Host).Add(&g.batch, b.Tag, b.Data, d.want)
	if err != nil {
		return err
	}
	if len(g.blocks) == 0 {
		g.first, g.last = b.First, b.Last
	}
	g.first, g.last = min(g.first, b.First), max(g.last, b.Last)
	g.blocks = append(g.blocks, sent{b.Source, b.To, d.seen, part})
	g.lines += b.Lines
	g.bytes += b.Bytes
	if g.bytes >= groupBytes {
		return d.flush(ctx)
	}
	return ctx.Err()
}

// flush delivers the group, however long Loki is away, and keeps the positions
// behind it.
func (d *deliverer) flush(ctx context.Context) error {
	g := &d.group
	if len(g.blocks) == 0 {
		return ctx.Err()
	}
	if err := d.r.bucket.take(ctx, g.lines, g.bytes); err != nil {
		return err
	}
	push := func(ctx context.Context) loki.Result { return d.r.pipe.Push(ctx, &g.batch) }
	if _, err := deliver.Push(ctx, push, d.r.bar.waits); err != nil {
		return err
	}
	for i := range g.blocks {
		b := &g.blocks[i]
		fate := g.batch.Fate(b.part)
		b.seen.Late, b.seen.Refused = int64(fate.Late), int64(fate.Dead)
	}
	d.r.bar.lines(int64(g.lines), g.bytes)
	err := d.r.state.advance(g.blocks)
	g.reset()
	return err
}
