package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/klauspost/compress/zstd"
)

// A block on disk is three values: a head with a directory; sections of times,
// lengths of lines and each column; the lines. Each section and the lines are
// compressed apart (zstd), so that a query unpacks what it looks at.

// section is one piece of a value: its place, and its length before packing.
// Sections follow each other without gaps.
type section struct{ packed, raw int }

// blockHead is the head of a block.
type blockHead struct {
	rows        int
	lineBytes   int64 // of all lines
	metaBytes   int64 // of all metadata, names and values
	times, lens section
	lines       section
	cols        []colHead
}

type colHead struct {
	name   string
	values int // without ""
	width  int // bytes of an id; 0: all rows have the one value
	section
}

var (
	packer, _   = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20))
	unpacker, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxSection))
)

// maxSection bounds a section before packing, in bytes; a damaged file must not
// take all memory.
const maxSection = 64 << 20

// encoded is a block ready to be stored.
type encoded struct{ head, meta, lines []byte }

// encode makes a block of rows of c, in their order.
func encode(c *columns, rows []int32, metaBytes int64) encoded {
	var out encoded
	h := blockHead{rows: len(rows), metaBytes: metaBytes}
	var raw []byte
	put := func() section {
		from := len(out.meta)
		out.meta = packer.EncodeAll(raw, out.meta)
		return section{len(out.meta) - from, len(raw)}
	}
	last := int64(0)
	for _, r := range rows {
		raw = binary.AppendUvarint(raw, uint64(c.times[r]-last))
		last = c.times[r]
	}
	h.times = put()
	raw = raw[:0]
	for _, r := range rows {
		raw = binary.AppendUvarint(raw, uint64(c.size(int(r))))
	}
	h.lens = put()
	for i := range c.cols {
		var ch colHead
		if raw, ch = appendColumn(raw[:0], &c.cols[i], rows); ch.values == 0 {
			continue // of other rows
		}
		ch.section = put()
		h.cols = append(h.cols, ch)
	}
	raw = raw[:0]
	for _, r := range rows {
		raw = append(raw, c.line(int(r))...)
	}
	h.lineBytes = int64(len(raw))
	out.lines = packer.EncodeAll(raw, nil)
	h.lines = section{len(out.lines), len(raw)}
	out.head = h.append(nil)
	return out
}

// appendColumn writes the values that rows have, then an id for each row.
func appendColumn(dst []byte, col *column, rows []int32) ([]byte, colHead) {
	h := colHead{name: col.name}
	fresh := make([]uint32, len(col.values)) // old id → id here
	absent := false
	for _, r := range rows {
		id := col.id(int(r))
		if id == 0 {
			absent = true
		} else if fresh[id] == 0 {
			h.values++
			fresh[id] = uint32(h.values)
			dst = appendText(dst, col.values[id])
		}
	}
	switch {
	case h.values == 1 && !absent:
		return dst, h
	case h.values < 1<<8:
		h.width = 1
	case h.values < 1<<16:
		h.width = 2
	default:
		h.width = 4
	}
	for _, r := range rows {
		id := fresh[col.id(int(r))]
		for i := range h.width {
			dst = append(dst, byte(id>>(8*i)))
		}
	}
	return dst, h
}

func (h *blockHead) append(dst []byte) []byte {
	for _, n := range []int{h.rows, int(h.lineBytes), int(h.metaBytes), h.times.packed, h.times.raw, h.lens.packed, h.lens.raw, h.lines.packed, h.lines.raw, len(h.cols)} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	for i := range h.cols {
		c := &h.cols[i]
		dst = appendText(dst, c.name)
		for _, n := range []int{c.values, c.width, c.packed, c.raw} {
			dst = binary.AppendUvarint(dst, uint64(n))
		}
	}
	return dst
}

var errBlock = errors.New("a block is damaged")

// parse reads a head; its names are copies.
func (h *blockHead) parse(data []byte) error {
	d := decoder{text: unsafe.String(unsafe.SliceData(data), len(data))}
	num := func() int {
		n := d.uvarint()
		d.bad = d.bad || n > 1<<40
		return int(n)
	}
	*h = blockHead{rows: num(), lineBytes: int64(num()), metaBytes: int64(num()), cols: h.cols[:0]}
	h.times = section{num(), num()}
	h.lens = section{num(), num()}
	h.lines = section{num(), num()}
	for range d.count() {
		name := string([]byte(d.string()))
		h.cols = append(h.cols, colHead{name: name, values: num(), width: num(), section: section{num(), num()}})
	}
	if d.bad || h.rows > maxSection {
		return errBlock
	}
	return nil
}

// block is a block in memory, as much of it as was asked for.
type block struct {
	columns
	head blockHead
	bufs [][]byte // memory of the sections
	used int
}

// unpack unpacks a section into memory of b.
func (b *block) unpack(data []byte, s section) ([]byte, error) {
	if s.packed > len(data) || s.raw > maxSection {
		return nil, errBlock
	}
	if b.used == len(b.bufs) {
		b.bufs = append(b.bufs, nil)
	}
	out, err := unpacker.DecodeAll(data[:s.packed], b.bufs[b.used][:0])
	if err != nil || len(out) != s.raw {
		return nil, fmt.Errorf("%w: %w", errBlock, err)
	}
	b.bufs[b.used] = out
	b.used++
	return out, nil
}

// decodeHead begins a block, whose memory is used again.
func (b *block) decodeHead(data []byte) error {
	b.used = 0
	b.times, b.ends, b.lines = b.times[:0], b.ends[:0], b.lines[:0]
	return b.head.parse(data)
}

// decodeTimes reads the times and where lines end.
func (b *block) decodeTimes(meta []byte, lens bool) error {
	raw, err := b.unpack(meta, b.head.times)
	if err != nil {
		return err
	}
	b.times = slices.Grow(b.times[:0], b.head.rows)
	t := int64(0)
	for range b.head.rows {
		d, n := binary.Uvarint(raw)
		if n <= 0 {
			return errBlock
		}
		raw = raw[n:]
		t += int64(d)
		b.times = append(b.times, t)
	}
	if !lens {
		return nil
	}
	if raw, err = b.unpack(meta[b.head.times.packed:], b.head.lens); err != nil {
		return err
	}
	b.ends = slices.Grow(b.ends[:0], b.head.rows)
	end := uint64(0)
	for range b.head.rows {
		d, n := binary.Uvarint(raw)
		if end += d; n <= 0 || end > uint64(b.head.lines.raw) {
			return errBlock
		}
		raw = raw[n:]
		b.ends = append(b.ends, uint32(end))
	}
	return nil
}

// allRows appends all rows of a block.
func (b *block) allRows(rows []int32) []int32 {
	rows = slices.Grow(rows, b.head.rows)
	for i := range b.head.rows {
		rows = append(rows, int32(i)) //nolint:gosec // parse has looked
	}
	return rows
}

// decodeCols reads the columns whose name is wanted, behind those that are read.
func (b *block) decodeCols(meta []byte, want func(name string) bool) error {
	at := b.head.times.packed + b.head.lens.packed
	old := b.cols[:cap(b.cols)]
	for i := range b.head.cols {
		h := &b.head.cols[i]
		from := at
		at += h.packed
		if !want(h.name) {
			continue
		}
		if from > len(meta) {
			return errBlock
		}
		raw, err := b.unpack(meta[from:], h.section)
		if err != nil {
			return err
		}
		var c column
		if k := len(b.cols); k < len(old) {
			c.values, c.ids = old[k].values[:0], old[k].ids[:0]
		}
		if err := c.decode(raw, h, b.head.rows); err != nil {
			return err
		}
		b.cols = append(b.cols, c)
	}
	return nil
}

// decode reads a column; values are views of raw.
func (c *column) decode(raw []byte, h *colHead, rows int) error {
	c.name, c.every = h.name, h.width == 0
	d := decoder{text: unsafe.String(unsafe.SliceData(raw), len(raw))}
	if h.values > len(raw) || h.values < 1 {
		return errBlock
	}
	c.values = append(slices.Grow(c.values, h.values+1), "")
	for range h.values {
		c.values = append(c.values, d.string())
	}
	ids := raw[len(raw)-len(d.text):]
	if d.bad || len(ids) != rows*h.width {
		return errBlock
	}
	c.ids = slices.Grow(c.ids, rows)
	switch h.width {
	case 1:
		for _, v := range ids {
			c.ids = append(c.ids, uint32(v))
		}
	case 2:
		for i := 0; i+1 < len(ids); i += 2 {
			c.ids = append(c.ids, uint32(binary.LittleEndian.Uint16(ids[i:])))
		}
	case 4:
		for i := 0; i+3 < len(ids); i += 4 {
			c.ids = append(c.ids, binary.LittleEndian.Uint32(ids[i:]))
		}
	}
	for _, id := range c.ids {
		if int(id) > h.values {
			return errBlock
		}
	}
	return nil
}

// decodeLines reads the lines.
func (b *block) decodeLines(data []byte) (err error) {
	b.lines, err = b.unpack(data, b.head.lines)
	if err == nil && len(b.ends) > 0 && int(b.ends[len(b.ends)-1]) != len(b.lines) {
		err = errBlock
	}
	return err
}
