// Package entry holds what the stages hand on between transform and loki: one
// log entry with its time, label set, structured metadata and line.
//
// Lifetime: the strings of an Entry may be views into the Fluent Bit chunk or
// into the scratch memory of the transform. They are valid until the flush
// that made them returns; whoever keeps one longer clones it. Labels are
// interned and live as long as the transform that made them.
package entry

// Pair is one label or one piece of structured metadata.
type Pair struct {
	Name, Value string
}

// Labels is one interned label set: two entries belong to the same stream if,
// and only if, they hold the same *Labels and the same tenant.
type Labels struct {
	// Pairs is sorted by name, names are unique and match
	// [a-zA-Z_][a-zA-Z0-9_]*; values are valid UTF-8 and not empty.
	Pairs []Pair
	// Text is the form that Loki's push endpoint takes:
	// {job="zimbra", log="mailbox"}.
	Text string
}

// Get returns the value of the label name, or "".
func (l *Labels) Get(name string) string {
	for i := range l.Pairs {
		if l.Pairs[i].Name == name {
			return l.Pairs[i].Value
		}
	}
	return ""
}

// Entry is one entry on its way to Loki. Loki takes stream, time, line and
// metadata together as its identity: an entry that is built again for a retry
// must equal the first one in every byte, or it is stored twice.
type Entry struct {
	Time   int64   // nanoseconds since 1970-01-01 UTC
	Labels *Labels // the stream
	Tenant string  // X-Scope-OrgID, "" for none
	Line   string  // first line, valid UTF-8
	More   []string
	// More holds the lines that follow Line in the same entry (a stack trace,
	// say); on the wire they are joined by '\n'.
	Meta []Pair // structured metadata, in the order written, names unique

	Format string // what the line was recognised as; for people, not sent
	// Rebuilt tells that the record had no line: Line is the record's own
	// fields, written as JSON. Not sent.
	Rebuilt bool
	// Record is the number of the record that Line is from, counted from 0 in
	// what the run was given. Not sent.
	Record int32
}

// Size is the length in bytes of the line as Loki counts it: Line and More
// joined by '\n'.
func (e *Entry) Size() int {
	n := len(e.Line)
	for _, s := range e.More {
		n += 1 + len(s)
	}
	return n
}

// Get is the value of a name: of the metadata, or else of the labels; "" if none
// has it.
func (e *Entry) Get(name string) string {
	for i := range e.Meta {
		if e.Meta[i].Name == name {
			return e.Meta[i].Value
		}
	}
	return e.Labels.Get(name)
}

// AppendLine appends the whole line, Line and More joined by '\n', to dst.
func (e *Entry) AppendLine(dst []byte) []byte {
	dst = append(dst, e.Line...)
	for _, s := range e.More {
		dst = append(dst, '\n')
		dst = append(dst, s...)
	}
	return dst
}

// LabelName makes a valid label name of a key: other bytes than letters, digits
// and '_' become '_', and a leading digit gets one before it (Prometheus data
// model, label names).
func LabelName(key string) string {
	name := []byte(key)
	for i, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			name[i] = '_'
		}
	}
	if len(name) == 0 || name[0] >= '0' && name[0] <= '9' {
		return "_" + string(name)
	}
	return string(name)
}
