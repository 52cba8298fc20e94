package lokitest

import (
	"fmt"
	"net"
	"net/http"
)

// Fault is one way for a request to go wrong. The zero Fault is none.
type Fault struct {
	// Status, Body and RetryAfter are the answer instead of Loki's.
	Status      int
	Body        string
	RetryAfter  string
	ContentType string // text/plain if ""
	// Store stores the push all the same: what was lost is only the answer.
	Store bool
	// Break is what happens to the connection instead of an answer.
	Break Break
	// Partial refuses the first so many entries as too far behind, in Loki's
	// words and whatever their times; the rest is stored.
	Partial int
	// Many spares a push of one entry: a body that is too large has several,
	// or it will never pass.
	Many bool
}

// Break is a way for a connection to break.
type Break uint8

// The ways for a connection to break.
const (
	BreakNone    Break = iota
	BreakHang          // no answer, until the client gives up
	BreakReset         // RST after the request
	BreakHalf          // a 200 that ends within its body
	BreakGarbage       // bytes that are not HTTP
)

func (f Fault) wrong() bool { return f.Status != 0 || f.Break != BreakNone }

// Faults returns one of each kind that passes: all but a wrong configuration.
// Those that hang need a client with a timeout.
func Faults() []Fault {
	var all []Fault
	for _, store := range []bool{false, true} {
		all = append(all,
			Fault{Status: 500, Body: "rpc error: code = Unavailable desc = transport is closing", Store: store},
			Fault{Status: 503, Body: "Service Unavailable", Store: store},
			Fault{Status: 504, Body: "<html><body><h1>504 Gateway Time-out</h1></body></html>", ContentType: "text/html", Store: store},
			Fault{Break: BreakHang, Store: store},
			Fault{Break: BreakReset, Store: store},
			Fault{Break: BreakHalf, Store: store},
			Fault{Break: BreakGarbage, Store: store},
		)
	}
	return append(all,
		Fault{Status: 429, Body: "ingestion rate limit exceeded for user fake (limit: 1048576 bytes/sec) while attempting to ingest '1' lines totaling '2097152' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased"},
		Fault{Status: 429, RetryAfter: "0"},
		Fault{Status: 413, Body: "request body too large: message size too large than max (105922446 vs 104857600)", Many: true},
		Fault{Status: 500, Body: "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5244204 vs. 4194304)", Many: true},
		Fault{Partial: 1}, Fault{Partial: 3}, Fault{Partial: 12},
	)
}

// nextFault takes the next fault of the script, else a random one.
func (s *Server) nextFault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.script) > 0 {
		f := s.script[0]
		s.script = s.script[1:]
		return f
	}
	if s.random != nil && s.random.Float64() < s.rate {
		return s.from[s.random.IntN(len(s.from))]
	}
	return Fault{}
}

// fail answers a request with a fault.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f Fault) {
	switch f.Break {
	case BreakNone:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		if f.ContentType != "" {
			w.Header().Set("Content-Type", f.ContentType)
			w.WriteHeader(f.Status)
			fmt.Fprint(w, f.Body)
			return
		}
		http.Error(w, f.Body, f.Status)
	case BreakHang:
		select {
		case <-r.Context().Done():
		case <-s.closing:
		}
	case BreakReset:
		s.hijack(w, "", true)
	case BreakHalf:
		s.hijack(w, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf an ans", false)
	case BreakGarbage:
		s.hijack(w, "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n\xff\xfe", false)
	}
}

// hijack writes raw bytes to the connection and ends it, by RST if reset.
func (s *Server) hijack(w http.ResponseWriter, raw string, reset bool) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close() //nolint:errcheck // it is to break
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		tcp.SetLinger(0) //nolint:errcheck // then it ends by FIN
	}
	fmt.Fprint(conn, raw)
}
