package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/serve/push"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// sink stands for Loki: it takes pushes and counts what is in them.
type sink struct {
	server http.Server
	port   string

	mu     sync.Mutex
	reader push.Reader
	counts
}

// counts are what came since the last time.
type counts struct {
	entries, pushes int
	bytes           int64 // of bodies
	err             error // the first
}

// newSink listens on loopback.
func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{port: strconv.Itoa(l.Addr().(*net.TCPAddr).Port)}
	s.server.Handler = http.HandlerFunc(s.push)
	go func() { _ = s.server.Serve(l) }() // ends with Close
	return s, nil
}

func (s *sink) Close() error { return s.server.Close() }

func (s *sink) push(w http.ResponseWriter, r *http.Request) {
	body := &counter{r: r.Body}
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, err := s.reader.Read(r.Header, r.ContentLength, body, &push.Options{Now: time.Now})
	s.pushes++
	s.bytes += body.n
	if s.err = errors.Join(s.err, err); batch == nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.entries += entriesOf(batch)
	w.WriteHeader(http.StatusNoContent)
}

func entriesOf(b *store.Batch) (n int) {
	for i := range b.Streams {
		n += len(b.Streams[i].Entries)
	}
	return n
}

// take returns the counts and begins anew.
func (s *sink) take() counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	s.counts = counts{}
	return c
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
