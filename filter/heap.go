package filter

import "unsafe"

// Heap is the memory into which the host of a WebAssembly module writes what it
// hands over: malloc and free for a host that frees soon. Its buffers are used
// again, so that millions of calls leave no garbage.
type Heap struct {
	slots []slot
}

type slot struct {
	buf  []byte
	used bool
}

// Alloc returns the address of n bytes.
func (h *Heap) Alloc(n int) uintptr {
	i := h.pick(n)
	s := &h.slots[i]
	if cap(s.buf) < n || s.buf == nil {
		s.buf = make([]byte, 0, max(n+n/4, 1<<10))
	}
	s.used = true
	return address(s.buf)
}

// pick finds the smallest free slot that has room for n bytes, else any free
// one, else a new one.
func (h *Heap) pick(n int) int {
	best := -1
	for i := range h.slots {
		if h.slots[i].used {
			continue
		}
		if best < 0 || better(cap(h.slots[i].buf), cap(h.slots[best].buf), n) {
			best = i
		}
	}
	if best < 0 {
		h.slots = append(h.slots, slot{})
		best = len(h.slots) - 1
	}
	return best
}

// better reports whether a buffer of a bytes suits n bytes better than one of b.
func better(a, b, n int) bool {
	if (a >= n) != (b >= n) {
		return a >= n
	}
	return a < b
}

// Free takes back what Alloc gave; anything else is ignored.
func (h *Heap) Free(p uintptr) {
	for i := range h.slots {
		if s := &h.slots[i]; s.used && address(s.buf) == p {
			s.used = false
			if cap(s.buf) > keepBytes {
				s.buf = nil
			}
			return
		}
	}
}

// Bytes returns the n bytes at p, which Alloc gave; nil if it did not, or if
// there are fewer.
func (h *Heap) Bytes(p uintptr, n int) []byte {
	for i := range h.slots {
		if s := &h.slots[i]; s.used && address(s.buf) == p && n >= 0 && n <= cap(s.buf) {
			return s.buf[:n]
		}
	}
	return nil
}

// address is where b is. Go's collector does not move it.
func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
