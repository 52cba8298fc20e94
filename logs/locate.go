package logs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// Place is where the lines of an entry stand in an unpacked file.
type Place struct {
	File   string // as archive.File.Path
	Offset int64  // of the first byte
	Line   int    // of the first line, from 1
	Raw    []byte // the bytes, line ends included; valid until see returns
}

// Located is an entry and its place.
type Located struct {
	*entry.Entry
	Place
}

// record is one line of a block.
type record struct {
	offset   int64
	line     int
	from, to int // in the raw bytes
	part     int
}

// locator keeps what a block was made of.
type locator struct {
	records []record
	raw     []byte
	lines   map[*rotation.Part]int // lines that were read
	at, to  rotation.Position
}

// Locate gives see the entries of a lane, block by block, each with its place.
// Lines that begin no entry are of the one before, as in a stack trace.
func (s *Set) Locate(ctx context.Context, l *rotation.Lane, keep func(*entry.Entry) bool, see func([]Located) error) error {
	t := NewTransforms(s.o.Config, s.o.Log)
	rd := rotation.NewReader(l, s.rotation())
	rd.Notice = s.notices.Say
	defer rd.Close()
	rec := NewRecorder(s.o.Config)
	k := &locator{lines: map[*rotation.Part]int{}}
	rd.At = func(from, to rotation.Position) { k.at, k.to = from, to }
	var b chunk.Builder
	for ctx.Err() == nil {
		b.Reset()
		k.records, k.raw = k.records[:0], k.raw[:0]
		var part *rotation.Part
		var blocks []int // records at which another part begins
		next, err := rd.Next(func(src *rotation.Source, at int64, line []byte) {
			if p := src.Parts[k.at.Part]; p != part {
				part, blocks = p, append(blocks, len(k.records))
			}
			k.add(part, line)
			rec.Add(&b, src, at, line)
		})
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		list, starts := []Located(nil), append([]int{len(k.records)}, blocks...)
		block := &Block{next, next.Source.Tag(), b.Bytes()}
		err = t.Block(block, func(e *entry.Entry) {
			if starts = append(starts, int(e.Record)); keep(e) {
				list = append(list, Located{Entry: clone(e)})
			}
		})
		if err != nil {
			return err
		}
		k.place(list, starts, next.Source)
		if err := see(list); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (k *locator) add(p *rotation.Part, line []byte) {
	k.lines[p]++
	from := len(k.raw)
	k.raw = append(k.raw, line...)
	if int64(len(line)) < k.to.Offset-k.at.Offset {
		k.raw = append(k.raw, '\n')
	}
	k.records = append(k.records, record{k.at.Offset, k.lines[p], from, len(k.raw), k.at.Part})
}

// place gives entries of a block their places; starts are the records at which
// an entry or another part begins, and the end.
func (k *locator) place(list []Located, starts []int, src *rotation.Source) {
	slices.Sort(starts)
	for i := range list {
		e := &list[i]
		first := int(e.Record)
		after, _ := slices.BinarySearch(starts, first+1)
		last := starts[after] - 1
		for last > first && len(bytes.TrimSpace(k.raw[k.records[last].from:k.records[last].to])) == 0 {
			last--
		}
		e.Place = Place{
			File: src.Parts[k.records[first].part].File.Path, Offset: k.records[first].offset,
			Line: k.records[first].line, Raw: k.raw[k.records[first].from:k.records[last].to],
		}
	}
}

// clone copies an entry that is a view: its texts are pieces of one string.
func clone(e *entry.Entry) *entry.Entry {
	n := e.Size()
	for _, p := range e.Meta {
		n += len(p.Name) + len(p.Value)
	}
	all := e.AppendLine(make([]byte, 0, n))
	for _, p := range e.Meta {
		all = append(append(all, p.Name...), p.Value...)
	}
	text := string(all)
	next := func(n int) (s string) {
		s, text = text[:n], text[n:]
		return s
	}
	c := *e
	c.Line, c.More = next(e.Size()), nil
	c.Meta = make([]entry.Pair, len(e.Meta))
	for i, p := range e.Meta {
		c.Meta[i].Name = next(len(p.Name))
		c.Meta[i].Value = next(len(p.Value))
	}
	return &c
}
