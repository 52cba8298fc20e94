package loki

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// codec is a form of the push body that Loki takes. Its protobuf endpoint
// wants block snappy whatever Content-Encoding says (v3.7.8
// pkg/loghttp/push.parsePushRequestBody), so the other two are JSON.
type codec uint8

const (
	codecSnappy codec = iota // protobuf, block snappy
	codecGzip                // JSON, gzip
	codecNone                // JSON
)

// parseCodec reads Options.Compress.
func parseCodec(s string) (codec, error) {
	switch s {
	case "", "snappy":
		return codecSnappy, nil
	case "gzip":
		return codecGzip, nil
	case "none":
		return codecNone, nil
	}
	return 0, fmt.Errorf("compress %q is none of snappy, gzip, none", s)
}

// setHeader says what the body is.
func (c codec) setHeader(h http.Header) {
	switch c {
	case codecSnappy:
		h.Set("Content-Type", "application/x-protobuf")
	case codecGzip:
		h.Set("Content-Type", "application/json")
		h.Set("Content-Encoding", "gzip")
	case codecNone:
		h.Set("Content-Type", "application/json")
	}
}

// encode returns the body of a piece as it is sent, and its size before
// compression in bytes. The body is valid until the next encode or Reset.
func (b *Batch) encode(p piece, c codec) (body []byte, rawSize int) {
	if b.sent == nil || b.sent.Load() > 0 {
		// The transport may read the last body until it has closed it, even
		// after RoundTrip has returned with an error: leave that one to it.
		b.raw, b.body, b.zip.dst, b.sent = nil, nil, nil, new(atomic.Int32)
	}
	switch c {
	case codecSnappy:
		return b.snappy(p)
	case codecGzip:
		b.raw = b.appendJSON(b.raw[:0], p)
		b.body = b.gzip(b.body[:0], b.raw)
	case codecNone:
		b.raw = b.appendJSON(b.raw[:0], p)
		b.body = append(b.body[:0], b.raw...)
	}
	return b.body, len(b.raw)
}

// snappy writes the PushRequest that holds a piece into b.body, compressed on
// the way.
func (b *Batch) snappy(p piece) (body []byte, rawSize int) {
	text := b.streams[p.stream].labels.Text
	size := stringSize(text)
	for _, i := range p.refs {
		size += int(b.refs[i].size)
	}
	b.raw = append(b.raw[:0], tagStream)
	b.raw = appendVarint(b.raw, uint64(size))
	rawSize = len(b.raw) + size
	b.raw = appendString(b.raw, tagLabels, text)
	b.zip.begin(rawSize)
	b.zip.write(b.raw)
	b.writeEncoded(p.refs)
	b.zip.flush()
	return b.zip.dst, rawSize
}

// writeEncoded compresses the encoded entries, neighbours in the arena together.
func (b *Batch) writeEncoded(refs []int32) {
	from, to := 0, 0
	for _, i := range refs {
		r := &b.refs[i]
		if r.off != to {
			b.zip.write(b.arena[from:to])
			from = r.off
		}
		to = r.off + int(r.size)
	}
	b.zip.write(b.arena[from:to])
}

// gzip compresses at the fastest level: the way to Loki is short, and the CPU
// is the mail server's.
func (b *Batch) gzip(dst, src []byte) []byte {
	out := bytes.NewBuffer(dst)
	if b.gz == nil {
		b.gz, _ = gzip.NewWriterLevel(out, gzip.BestSpeed) // the level is valid
	} else {
		b.gz.Reset(out)
	}
	b.gz.Write(src) //nolint:errcheck // a bytes.Buffer takes everything
	b.gz.Close()    //nolint:errcheck // the same
	return out.Bytes()
}

// bodyReader is a request body that says when the transport lets go of it.
type bodyReader struct {
	bytes.Reader
	open   *atomic.Int32
	closed atomic.Bool
}

func newBodyReader(body []byte, open *atomic.Int32) *bodyReader {
	r := &bodyReader{open: open}
	r.Reset(body)
	open.Add(1)
	return r
}

// Close implements io.Closer.
func (r *bodyReader) Close() error {
	if !r.closed.Swap(true) {
		r.open.Add(-1)
	}
	return nil
}

var _ io.ReadCloser = (*bodyReader)(nil)
