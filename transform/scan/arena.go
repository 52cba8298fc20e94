package scan

import (
	"strconv"
	"unsafe"
)

// Arena hands out memory for text that no chunk holds: unescaped JSON, joined
// pieces, normalised addresses. A block never moves and is never handed out
// twice before Reset, so views into it stay valid until then.
type Arena struct {
	blocks [][]byte // all of one size, in use up to cur
	cur    int
	big    [][]byte // single pieces larger than a block, dropped at Reset
}

const (
	arenaBlock = 256 << 10 // bytes
	// arenaKeep bounds what one Run keeps between chunks: 16 blocks hold the
	// text of two chunks of Fluent Bit's usual size.
	arenaKeep = 16
)

// Alloc returns n bytes of length 0 and capacity n or more; the caller appends
// to them, at most n bytes, and calls Commit with what it wrote.
func (a *Arena) Alloc(n int) []byte {
	if n > arenaBlock {
		b := make([]byte, 0, n)
		a.big = append(a.big, b)
		return b
	}
	for {
		if a.cur == len(a.blocks) {
			a.blocks = append(a.blocks, make([]byte, 0, arenaBlock))
		}
		b := a.blocks[a.cur]
		if cap(b)-len(b) >= n {
			return b[len(b):len(b):cap(b)]
		}
		a.cur++
	}
}

// Commit keeps b, which Alloc gave and the caller appended to within its
// capacity, and returns it as a string. Without Commit the memory is handed
// out again.
func (a *Arena) Commit(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) <= arenaBlock && a.cur < len(a.blocks) {
		blk := a.blocks[a.cur]
		if cap(blk)-len(blk) >= len(b) && unsafe.SliceData(b) == unsafe.SliceData(blk[len(blk):cap(blk)]) {
			a.blocks[a.cur] = blk[:len(blk)+len(b)]
		}
	}
	// Safety: the bytes live in a block or in big until Reset and are not
	// written again before; the string's owner is the Arena.
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Copy keeps a copy of s.
func (a *Arena) Copy(s string) string {
	if s == "" {
		return ""
	}
	return a.Commit(append(a.Alloc(len(s)), s...))
}

// CopyBytes keeps a copy of b.
func (a *Arena) CopyBytes(b []byte) string { return a.Commit(append(a.Alloc(len(b)), b...)) }

// Reset takes all memory back that was handed out.
func (a *Arena) Reset() {
	if len(a.blocks) > arenaKeep {
		clear(a.blocks[arenaKeep:])
		a.blocks = a.blocks[:arenaKeep]
	}
	for i := range a.blocks {
		a.blocks[i] = a.blocks[i][:0]
	}
	clear(a.big)
	a.big, a.cur = a.big[:0], 0
}

// Concat keeps s+sep+t in the arena.
func (a *Arena) Concat(s, sep, t string) string {
	p := a.Alloc(len(s) + len(sep) + len(t))
	return a.Commit(append(append(append(p, s...), sep...), t...))
}

// Decimal writes n.
func (a *Arena) Decimal(n int) string {
	b := a.Alloc(20)
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return a.Commit(append(b, digits[i:]...))
		}
	}
}

// Millis writes nanoseconds as milliseconds, with as many decimals as needed.
func (a *Arena) Millis(ns int64) string {
	return a.Commit(strconv.AppendFloat(a.Alloc(32), float64(ns)/1e6, 'f', -1, 64))
}

// Bracketed gives a Message-ID its angle brackets where a log left them out,
// so that one query finds it in every log.
func (a *Arena) Bracketed(id string) string {
	if len(id) == 0 || id[0] == '<' {
		return id
	}
	b := a.Alloc(len(id) + 2)
	return a.Commit(append(append(append(b, '<'), id...), '>'))
}

// Seconds writes a number of seconds as milliseconds; "" for what is none.
func (a *Arena) Seconds(s string) string {
	if !IsNumber(s) || len(s) > 20 {
		return ""
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return ""
	}
	return a.Millis(int64(f*1e9 + 0.5))
}
