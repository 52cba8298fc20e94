package files

import (
	"fmt"
	"hash"
	"io"
	"sync"
)

// maxLag is how far a checksum may be behind the writer, in bytes: so much has to
// be read at the end, and is in the system's memory still. A longer lag would make
// nothing faster, since a file is done when its slowest checksum is.
const maxLag = 32 << 20

// trail computes the checksums of a file that is being written, behind the writer:
// a goroutine for each reads what was written. So a write waits for a checksum
// only if that is maxLag behind, and no memory is held for them.
type trail struct {
	mu         sync.Mutex
	news       sync.Cond // something below has changed
	src        io.ReaderAt
	base, size int64 // of the blob: the first byte that src has, the end of what is written
	mark       int64 // where the state is wanted; -1: nowhere
	followers  [2]*follower
	started    bool
	ended      bool
	err        error // of reading back
	running    sync.WaitGroup
}

// follower computes one checksum. Only its goroutine touches the hash, unless it
// has nothing to do.
type follower struct {
	hash  hash.Hash
	done  int64  // of the blob, in bytes
	state []byte // at the mark; nil: it is not there yet
}

// newTrail goes on with sums; src has the bytes that follow, and at base all those
// before them.
func newTrail(src io.ReaderAt, s *sums, base int64) *trail {
	t := &trail{src: src, base: base, size: s.size, mark: -1}
	t.news.L = &t.mu
	t.followers = [2]*follower{{hash: s.sha, done: s.size}, {hash: s.md, done: s.size}}
	return t
}

// grew tells that n more bytes can be read.
func (t *trail) grew(n int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.started {
		t.started = true
		for _, f := range t.followers {
			t.running.Go(func() { t.follow(f) })
		}
	}
	t.size += int64(n)
	t.news.Broadcast()
	return t.wait(func() bool { return t.size-t.least() <= maxLag })
}

// wait is for what is so only now and then; it fails if that will never be.
func (t *trail) wait(so func() bool) error {
	for !so() {
		if t.err != nil {
			return t.err
		}
		if t.ended {
			return errEnded
		}
		t.news.Wait()
	}
	return t.err
}

// least is how far the slower checksum is.
func (t *trail) least() int64 { return min(t.followers[0].done, t.followers[1].done) }

// follow is the life of one checksum.
func (t *trail) follow(f *follower) {
	for {
		src, at, n := t.next(f)
		if n == 0 {
			return
		}
		buf := buffers.Get().(*[]byte)
		k, err := src.ReadAt((*buf)[:n], at)
		f.hash.Write((*buf)[:k])
		buffers.Put(buf)
		if k == n {
			err = nil // ReadAt may give the end with the last bytes
		}
		t.did(f, k, err)
	}
}

// next waits for something to do: at most a buffer, and not beyond the mark, as
// the state is wanted of it. 0: no more.
func (t *trail) next(f *follower) (src io.ReaderAt, at int64, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !t.ended && t.err == nil {
		end := t.size
		if t.mark > f.done {
			end = t.mark
		}
		if end > f.done {
			return t.src, f.done - t.base, int(min(end-f.done, copyBuffer))
		}
		t.news.Wait()
	}
	return nil, 0, 0
}

// did tells how much was done. Others hear of it where it may matter to them, and
// not at each step.
func (t *trail) did(f *follower, n int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.done += int64(n)
	if err == nil && f.done == t.mark {
		f.state, err = kept(f.hash)
	}
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("reading back what was written, at byte %d: %w", f.done, err)
	}
	if f.done == t.size || f.done == t.mark || t.err != nil || t.size-f.done > maxLag-2*copyBuffer {
		t.news.Broadcast()
	}
}

// ask has the state kept of what is written so far; state gives it.
func (t *trail) ask() (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mark = t.size
	for _, f := range t.followers {
		f.state = nil
		if f.done == t.mark { // it has nothing to do
			if f.state, err = kept(f.hash); err != nil {
				return err
			}
		}
	}
	return nil
}

// state waits for what was asked for.
func (t *trail) state() (sumsState, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sha, md := t.followers[0], t.followers[1]
	err := t.wait(func() bool { return sha.state != nil && md.state != nil })
	return sumsState{t.mark, sha.state, md.state}, err
}

// sum waits for the sums of all that is written.
func (t *trail) sum() (Sum, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.wait(func() bool { return t.least() == t.size }); err != nil {
		return Sum{}, err
	}
	s := sums{t.followers[0].hash, t.followers[1].hash, t.size}
	return s.sum(), nil
}

// drain waits until nothing of src is wanted any more, which then may begin anew
// with what is written next.
func (t *trail) drain() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.wait(func() bool { return t.least() == t.size }); err != nil {
		return err
	}
	t.base = t.size
	return nil
}

// end stops the goroutines, after which src may be closed. Who waits gets errEnded.
func (t *trail) end() {
	t.mu.Lock()
	t.ended = true
	t.news.Broadcast()
	t.mu.Unlock()
	t.running.Wait()
}
