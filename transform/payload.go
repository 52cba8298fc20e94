package transform

import "github.com/zimbraloki/zimbraloki/chunk"

// partial says whether a container runtime has cut a line into pieces.
type partial uint8

const (
	partialNone partial = iota // a whole line
	partialMore                // a piece, others follow
	partialLast                // the last piece of a line
)

// payload is one line of log text and what its envelopes (the Fluent Bit
// record, Docker's or Kubernetes' wrapping) said about it.
type payload struct {
	text    string // the line, its terminator removed
	arrival int64  // time of the record, ns
	time    int64  // time the innermost envelope gave, ns, 0 for none

	partial   partial
	partialID string // Docker's fluentd driver: what joins the pieces, "" elsewhere

	path        string // file that Fluent Bit read, "" if the record does not say
	stream      string // stdout, stderr
	container   string // container's name, no leading slash
	containerID string
	service     string // compose service or Kubernetes app label
	pod         string
	namespace   string
	node        string
	host        string // host that the record names
	isContainer bool   // some envelope of a container runtime was seen
	rebuilt     bool   // text was written from the record's fields, it is JSON
	skip        int    // bytes of text before the log line proper: a syslog header, the file name of zgrep

	record chunk.Map // the record's own fields
	otlp   chunk.Map // OpenTelemetry: the event's own metadata, see fromOTel
	group  chunk.Map // OpenTelemetry: resource and scope
}
