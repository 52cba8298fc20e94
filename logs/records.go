package logs

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// Block is lines of one source as a chunk.
type Block struct {
	rotation.Block
	Tag  string // as Fluent Bit would give it
	Data []byte // the chunk; valid until whoever got the block returns
}

// Recorder makes records of lines: as tail does, and for a container as a
// runtime's log driver does. The keys are those that the configuration names,
// so that a transform of the same configuration finds them.
type Recorder struct{ text, path string }

// NewRecorder makes a Recorder.
func NewRecorder(c *config.Config) Recorder {
	return Recorder{cmp.Or(c.PayloadKey, "log"), cmp.Or(c.PathKey, "path")}
}

// Add adds a line of s, of the time at, ns. It copies the line.
func (r Recorder) Add(b *chunk.Builder, s *rotation.Source, at int64, line []byte) {
	// Safety: Texts copies it before line changes.
	text := unsafe.String(unsafe.SliceData(line), len(line))
	switch {
	case s.Container != "":
		b.Texts(at, r.text, text, r.path, s.Path, "logtag", "F", "container_name", s.Container)
	case s.Path == "":
		b.Texts(at, r.text, text)
	default:
		b.Texts(at, r.text, text, r.path, s.Path)
	}
}

// Chunks gives the blocks of a lane to use, in their order; read, if not nil, is
// told how many stored bytes were read. One goroutine reads, unpacks and makes
// chunks, a block ahead. Which chunks there are and in which order depends on
// the files alone, so that a run that goes on where another was killed comes by
// the same memory, and makes the same entries.
func (s *Set) Chunks(ctx context.Context, l *rotation.Lane, read func(n int), use func(*Block) error) error {
	rd := rotation.NewReader(l, s.rotation())
	rd.Read = read
	return s.chunks(ctx, rd, use)
}

func (s *Set) chunks(ctx context.Context, rd *rotation.Reader, use func(*Block) error) error {
	rd.Notice = s.notices.Say
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks, free := make(chan made), make(chan *chunk.Builder, 2)
	free <- new(chunk.Builder)
	free <- new(chunk.Builder)
	go produce(ctx, rd, NewRecorder(s.o.Config), free, blocks)
	var failed error
	for b := range blocks { // the last one has an error
		switch {
		case errors.Is(b.err, io.EOF):
			return failed
		case b.err != nil:
			return cmp.Or(failed, b.err)
		case failed == nil:
			if failed = use(&b.Block); failed != nil {
				cancel()
			}
		}
		again := new(chunk.Builder)
		again.Reuse(b.Data)
		free <- again
	}
	return failed
}

// made is a Block, or why there is none.
type made struct {
	Block
	err error
}

// produce reads blocks until the end or until ctx ends.
func produce(ctx context.Context, rd *rotation.Reader, rec Recorder, free <-chan *chunk.Builder, blocks chan<- made) {
	defer rd.Close()
	defer close(blocks)
	for {
		b := <-free
		if ctx.Err() != nil {
			blocks <- made{err: ctx.Err()}
			return
		}
		b.Reset()
		next, err := rd.Next(func(s *rotation.Source, at int64, line []byte) { rec.Add(b, s, at, line) })
		m := made{err: err}
		if err == nil {
			m.Block = Block{next, next.Source.Tag(), b.Bytes()}
		}
		blocks <- m
		if err != nil {
			return
		}
	}
}

// streamChunk is the size, in bytes, at which the lines of Stream go on as one
// chunk: that of Fluent Bit's own.
const streamChunk = 2 << 20

// Stream gives the lines of one log to use as they come from in, all of one
// time of arrival, ns: as Fluent Bit would read them then.
func Stream(in io.Reader, c *config.Config, src *rotation.Source, tag string, arrival int64, use func(*Block) error) error {
	rec := NewRecorder(c)
	lines := bufio.NewReaderSize(in, 64<<10)
	var chunks chunk.Builder
	b := Block{Block: rotation.Block{Source: src, First: arrival, Last: arrival}, Tag: tag}
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			rec.Add(&chunks, src, arrival, bytes.TrimSuffix(line, []byte("\n")))
			b.Lines++
			b.Bytes += int64(len(line))
		}
		if b.Data = chunks.Bytes(); b.Lines > 0 && (err != nil || len(b.Data) >= streamChunk) {
			if err := use(&b); err != nil {
				return err
			}
			chunks.Reset()
			b.Lines, b.Bytes = 0, 0
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
