package envelope

import (
	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// partial says whether a container runtime has cut a line into pieces.
type partial uint8

const (
	PartialNone partial = iota // a whole line
	PartialMore                // a piece, others follow
	partialLast                // the last piece of a line
)

// Payload is one line of log text and what its envelopes (the Fluent Bit
// record, Docker's or Kubernetes' wrapping) said about it.
type Payload struct {
	Text    string // the line, its terminator removed
	Arrival int64  // time of the record, ns
	Time    int64  // time the innermost envelope gave, ns, 0 for none

	Partial   partial
	partialID string // Docker's fluentd driver: what joins the pieces, "" elsewhere

	Path        string // file that Fluent Bit read, "" if the record does not say
	Stream      string // stdout, stderr
	Container   string // container's name, no leading slash
	ContainerID string
	Service     string // compose service or Kubernetes app label
	Pod         string
	Namespace   string
	Node        string
	Host        string // host that the record names
	Program     string // program that wrote the text, by the record: of journald, or of a parser of syslog; "" if the text may say it
	pid         string // its process
	priority    string // severity, 0 to 7, or PRI as a whole
	facility    string
	composed    bool  // docker compose's prefix stood before the text
	IsContainer bool  // some envelope of a container runtime was seen
	Rebuilt     bool  // the record had no line: text was written from its fields, it is JSON
	Number      int32 // of the record, see entry.Entry.Record
	Skip        int   // bytes of text before the log line proper: a syslog header, the file name of zgrep

	Record chunk.Map // the record's own fields
	OTLP   chunk.Map // OpenTelemetry: the event's own metadata, see Reader.FromOTel
	Group  chunk.Map // OpenTelemetry: resource and scope
}

// Header is what a header of syslog would say, by the fields of the record that
// name the program (see Program).
func (p *Payload) Header() SyslogHeader {
	h := SyslogHeader{Pri: -1, Host: p.Host, Tag: p.Program, PID: p.pid, Known: true}
	const maxPri = 191 // RFC 5424 section 6.2.1
	if n := scan.Atoi(p.priority); p.priority != "" && len(p.priority) <= 3 && n <= maxPri {
		h.Pri = n
		if f := scan.Atoi(p.facility); p.facility != "" && len(p.facility) <= 2 && n < 8 && f<<3|n <= maxPri {
			h.Pri = f<<3 | n
		}
	}
	return h
}

// MakeValid makes what envelopes said valid UTF-8, as ValidUTF8 does.
func (p *Payload) MakeValid(a *scan.Arena) {
	for _, s := range [...]*string{&p.Stream, &p.Container, &p.ContainerID, &p.Service, &p.Pod, &p.Namespace, &p.Node, &p.Host, &p.Program, &p.pid} {
		if *s != "" {
			*s = scan.ValidUTF8(a, *s)
		}
	}
}
