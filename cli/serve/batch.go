package serve

import (
	"context"
	"slices"
	"strings"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// batcher puts entries into batches. Its first error ends it.
type batcher struct {
	s           *store.Store
	batch       store.Batch
	at          map[*entry.Labels]int // streams of the batch
	arena       []byte                // for texts
	n           int
	read, fresh int64
	err         error
}

// Bounds of a batch.
const (
	batchEntries = 10_000
	batchArena   = 4 << 20 // bytes
)

// keep copies a text for as long as the batch lives.
func (b *batcher) keep(text []byte) string {
	if len(text) > cap(b.arena)-len(b.arena) {
		b.arena = make([]byte, 0, max(batchArena, len(text)))
	}
	from := len(b.arena)
	b.arena = append(b.arena, text...)
	return unsafe.String(unsafe.SliceData(b.arena[from:]), len(text)) // written once
}

// add takes an entry, which may change afterwards.
func (b *batcher) add(ctx context.Context, e *entry.Entry) {
	if b.err != nil || e.Time < 0 {
		return
	}
	if b.at == nil {
		b.at = map[*entry.Labels]int{}
	}
	i, ok := b.at[e.Labels]
	if !ok {
		i = len(b.batch.Streams)
		b.at[e.Labels] = i
		b.batch.Streams = append(b.batch.Streams, store.Stream{Labels: store.NewLabels(slices.Clone(e.Labels.Pairs))})
	}
	own := store.Entry{Time: e.Time, Meta: make([]entry.Pair, 0, len(e.Meta))}
	own.Line = b.keep(e.AppendLine(nil))
	for _, p := range e.Meta {
		if p.Value != "" {
			own.Meta = append(own.Meta, entry.Pair{Name: b.keep([]byte(p.Name)), Value: b.keep([]byte(p.Value))})
		}
	}
	slices.SortFunc(own.Meta, func(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) })
	b.batch.Streams[i].Entries = append(b.batch.Streams[i].Entries, own)
	b.read++
	if b.n++; b.n >= batchEntries {
		b.flush(ctx)
	}
}

// flush stores what was added.
func (b *batcher) flush(ctx context.Context) {
	if b.n > 0 && b.err == nil {
		var fresh int
		fresh, b.err = b.s.Push(ctx, &b.batch)
		b.fresh += int64(fresh)
	}
	b.batch.Streams, b.at, b.n, b.arena = nil, nil, 0, b.arena[:0:0]
}
