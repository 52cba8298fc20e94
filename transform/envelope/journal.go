package envelope

import (
	"github.com/zimbraloki/zimbraloki/chunk"
)

// syslogFields are the values of the keys that say what a header of syslog
// would: of journald's records (systemd.journal-fields(7)), and of those that
// Fluent Bit's parsers syslog-rfc3164 and syslog-rfc5424 make.
type syslogFields struct {
	ident, pid, priority, facility chunk.Value
}

func (f *syslogFields) take(k recordKey, v chunk.Value) {
	switch k {
	case keyIdent:
		f.ident = v
	case keyPID:
		f.pid = v
	case keyPriority:
		f.priority = v
	case keyFacility:
		f.facility = v
	}
}

// maxProgram bounds the name of a program, in bytes; RFC 5424 has 48.
const maxProgram = 128

// setProgram makes the program that the record names the one that wrote the
// text, where the text is its message: under MESSAGE or message. The record's
// time is then that of the event.
func (r *Reader) setProgram(s *recordScan, p *Payload) {
	if s.textKey != keyMessage && s.textKey != keyMessageText {
		return
	}
	ident, ok := s.syslog.ident.Str()
	if !ok || ident == "" || len(ident) > maxProgram {
		return
	}
	p.Program, p.Time = ident, p.Arrival
	p.pid = r.text(s.syslog.pid)
	p.priority = r.digits(s.syslog.priority)
	p.facility = r.digits(s.syslog.facility)
}

// text is a short value as a text; "" for what is none.
func (r *Reader) text(v chunk.Value) string {
	if s, ok := v.Str(); ok {
		return s[:min(len(s), maxProgram)]
	}
	if _, ok := v.Int(); ok {
		return r.Arena.Commit(v.AppendText(r.Arena.Alloc(24)))
	}
	return ""
}

// digits is text for a number; "" for what is none.
func (r *Reader) digits(v chunk.Value) string {
	s := r.text(v)
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return ""
		}
	}
	return s
}
