package transform

import (
	"strconv"
	"unsafe"
)

// arena hands out memory for text that no chunk holds: unescaped JSON, joined
// pieces, normalised addresses. A block never moves and is never handed out
// twice before reset, so views into it stay valid until then.
type arena struct {
	blocks [][]byte // all of one size, in use up to cur
	cur    int
	big    [][]byte // single pieces larger than a block, dropped at reset
}

const (
	arenaBlock = 256 << 10 // bytes
	// arenaKeep bounds what one Run keeps between chunks: 16 blocks hold the
	// text of two chunks of Fluent Bit's usual size.
	arenaKeep = 16
)

// alloc returns n bytes of length 0 and capacity n or more; the caller appends
// to them, at most n bytes, and calls commit with what it wrote.
func (a *arena) alloc(n int) []byte {
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

// commit keeps b, which alloc gave and the caller appended to within its
// capacity, and returns it as a string. Without commit the memory is handed
// out again.
func (a *arena) commit(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) <= arenaBlock && a.cur < len(a.blocks) {
		blk := a.blocks[a.cur]
		if cap(blk)-len(blk) >= len(b) && unsafe.SliceData(b) == unsafe.SliceData(blk[len(blk):cap(blk)]) {
			a.blocks[a.cur] = blk[:len(blk)+len(b)]
		}
	}
	// Safety: the bytes live in a block or in big until reset and are not
	// written again before; the string's owner is the Run.
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// copy keeps a copy of s.
func (a *arena) copy(s string) string {
	if s == "" {
		return ""
	}
	return a.commit(append(a.alloc(len(s)), s...))
}

// copyBytes keeps a copy of b.
func (a *arena) copyBytes(b []byte) string { return a.commit(append(a.alloc(len(b)), b...)) }

func (a *arena) reset() {
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

// concat keeps s+sep+t in the arena.
func (a *arena) concat(s, sep, t string) string {
	p := a.alloc(len(s) + len(sep) + len(t))
	return a.commit(append(append(append(p, s...), sep...), t...))
}

// decimal writes n.
func (a *arena) decimal(n int) string {
	b := a.alloc(20)
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return a.commit(append(b, digits[i:]...))
		}
	}
}

// millis writes nanoseconds as milliseconds, with as many decimals as needed.
func (a *arena) millis(ns int64) string {
	return a.commit(strconv.AppendFloat(a.alloc(32), float64(ns)/1e6, 'f', -1, 64))
}

// bracketed gives a Message-ID its angle brackets where a log left them out,
// so that one query finds it in every log.
func (a *arena) bracketed(id string) string {
	if len(id) == 0 || id[0] == '<' {
		return id
	}
	b := a.alloc(len(id) + 2)
	return a.commit(append(append(append(b, '<'), id...), '>'))
}

// seconds writes a number of seconds as milliseconds; "" for what is none.
func (a *arena) seconds(s string) string {
	if !isNumber(s) || len(s) > 20 {
		return ""
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return ""
	}
	return a.millis(int64(f*1e9 + 0.5))
}
