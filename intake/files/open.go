package files

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// Open opens the bucket at s3URL, with tmp for what is under way, or the folder
// dir if s3URL is empty.
func Open(ctx context.Context, s3URL, dir, tmp string) (Blobs, error) {
	if s3URL != "" {
		return OpenS3(ctx, s3URL, tmp)
	}
	return OpenFolder(dir)
}

// copyBuffer is what is read at once, in bytes: large enough that a system call
// costs next to nothing of it, small enough for the processor's cache and for 100
// uploads.
const copyBuffer = 256 << 10

// buffers are kept from one upload to the next.
var buffers = sync.Pool{New: func() any { b := make([]byte, copyBuffer); return &b }}

// Copy writes what r gives until its end, reading on while the former piece is
// written. The count is of bytes that were written. errRead tells a fault of r from
// one of w.
func Copy(w Writer, r io.Reader) (n int64, errRead, errWrite error) {
	type piece struct {
		buf []byte
		n   int
	}
	pieces, free := make(chan piece), make(chan []byte, 2)
	for range 2 {
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf) // when the reader has ended, nobody uses it
		free <- *buf
	}
	go func() {
		defer close(pieces)
		for buf := range free {
			var k int
			k, errRead = fill(r, buf)
			pieces <- piece{buf, k}
			if errRead != nil {
				return
			}
		}
	}()
	for p := range pieces {
		if errWrite == nil {
			var k int
			k, errWrite = w.Write(p.buf[:p.n])
			n += int64(k)
			if errWrite != nil {
				close(free) // the reader ends with the piece it has
			}
		}
		if errWrite == nil {
			free <- p.buf
		}
	}
	if errRead == io.EOF {
		errRead = nil
	}
	return n, errRead, errWrite
}

// fill reads until buf is full, the end, or a fault; what came before a fault
// counts.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for idle := 0; n < len(buf) && err == nil; {
		var k int
		if k, err = r.Read(buf[n:]); k > 0 {
			idle = 0
		} else if idle++; idle > 100 && err == nil {
			err = io.ErrNoProgress
		}
		n += k
	}
	return n, err
}

// SumOf reads a blob once more, for the case that it was finished and the
// process died before it said so.
func SumOf(ctx context.Context, b Blobs, key string) (Sum, error) {
	r, _, err := b.Open(ctx, key)
	if err != nil {
		return Sum{}, err
	}
	defer r.Close()
	s := newSums()
	buf := make([]byte, copyBuffer)
	for {
		n, err := r.Read(buf)
		s.add(buf[:n])
		if err == io.EOF {
			return s.sum(), nil
		}
		if err != nil {
			return Sum{}, fmt.Errorf("file %s: %w", key, err)
		}
	}
}
