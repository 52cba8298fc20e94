package transform

import (
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/mailtrace"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// waiting is an entry of a mail system that is complete but for what later
// lines of the chunk may tell of its mail.
type waiting struct {
	time   int64
	labels *entry.Labels
	tenant string
	line   string
	whole  bool     // Entry.Rebuilt
	record int32    // Entry.Record
	meta   [2]int32 // of Run.waitMeta, from and to
	more   [2]int32 // of Run.waitMore, from and to
	src    *source

	format *format.Spec
	lacks  lacks
	mail   mailtrace.Ref
	place  mailtrace.Place
	from   string // sender of a refusal: the session may go on with another mail
}

// lacks tells what an entry has no metadata of.
type lacks uint8

const (
	lacksMessageID lacks = 1 << iota
	lacksQueueID
	lacksPerson // a line that says what became of a mail: who sent it is wanted too
	lacksUser
	lacksClient
	lacksFrom
)

// maxWaiting bounds the entries that wait for the end of a chunk; Fluent Bit's
// chunks (2 MB) hold fewer lines of syslog.
const maxWaiting = 1 << 15

// follow learns from a draft what it tells of a mail, and of whom a mailbox is.
// It reports whether the entry has to wait. It runs before labels are made,
// because label_keys takes values out of the metadata.
func (r *Run) follow(d *format.Draft) bool {
	if r.mail == nil || d.Format != &mta.Postfix && d.Format != &mta.Amavis && d.Format != &mta.OpenDKIM {
		return false
	}
	w := r.newWaiting()
	w.lacks = lacking(d)
	var l mailtrace.Line
	setLine(&l, d)
	w.mail, w.place = r.mail.Follow(&l)
	w.from = l.Refused()
	return true
}

func lacking(d *format.Draft) (l lacks) {
	l = lack(d, format.FieldMessageID, lacksMessageID) | lack(d, format.FieldQueueID, lacksQueueID) |
		lack(d, format.FieldUser, lacksUser) | lack(d, format.FieldClientIP, lacksClient) | lack(d, format.FieldFrom, lacksFrom)
	if d.Has(format.FieldOutcome) || d.Has(format.FieldStatus) {
		l |= lacksPerson
	}
	return l
}

// lack is bit if d has no value of f.
func lack(d *format.Draft, f format.Field, bit lacks) lacks {
	if d.Has(f) {
		return 0
	}
	return bit
}

// setLine fills in an empty line: a draft as the rules of following look at it.
func setLine(l *mailtrace.Line, d *format.Draft) {
	l.Repeated = d.Has(format.FieldRepeat)
	l.Time = d.Time
	l.Host = d.Host
	l.Component = d.Get(format.FieldComponent)
	l.PID = d.Get(format.FieldPID)
	l.RequestID = d.Get(format.FieldRequestID)
	l.Action = d.Get(format.FieldAction)
	l.Outcome = d.Get(format.FieldOutcome)
	l.Relay = d.Get(format.FieldRelay)
	l.QueueID = d.Get(format.FieldQueueID)
	l.MessageID = d.Get(format.FieldMessageID)
	l.QueuedAs = d.Get(format.FieldQueuedAs)
	l.OrigQueueID = d.Get(format.FieldOrigQueueID)
	l.NotificationID = d.Get(format.FieldNotificationID)
	l.From = d.Get(format.FieldFrom)
	l.User = d.Get(format.FieldUser)
	l.ClientIP = d.Get(format.FieldClientIP)
	l.IP = d.Get(format.FieldIP)
	switch d.Format {
	case &mta.Postfix:
		l.Program = mailtrace.Postfix
	case &mta.Amavis:
		l.Program = mailtrace.Amavis
	}
}

// followMailbox learns whose mailbox an id is from a line that has both, and
// gives the name to one that has the id alone.
func (r *Run) followMailbox(d *format.Draft, known string) {
	id := d.Get(format.FieldMailboxID)
	if r.mail == nil || id == "" {
		return
	}
	if known != "" {
		r.mail.Owner(d.Host, id, known, d.Time)
		return
	}
	d.Set(format.FieldUser, r.person(d.Log, d.Service, r.mail.OwnerOf(d.Host, id, d.Time)))
}

// deliver emits an entry, at once or, if it waits or one of its source before
// it does, at the end of the chunk: the order of a source stays.
func (r *Run) deliver(s *source, e *entry.Entry, waits bool) {
	if !waits {
		if !s.waits {
			r.emit(e)
			return
		}
		r.newWaiting()
	}
	s.waits = true
	w := &r.waits[len(r.waits)-1]
	w.time, w.labels, w.tenant, w.line, w.format, w.whole, w.src = e.Time, e.Labels, e.Tenant, e.Line, r.d.Format, e.Rebuilt, s
	w.record = e.Record
	w.meta[0] = int32(len(r.waitMeta))
	r.waitMeta = append(r.waitMeta, e.Meta...)
	w.meta[1] = int32(len(r.waitMeta))
	w.more[0] = int32(len(r.waitMore))
	r.waitMore = append(r.waitMore, e.More...)
	w.more[1] = int32(len(r.waitMore))
	if len(r.waits) >= maxWaiting {
		r.release()
	}
}

// newWaiting appends to r.waits, in memory that was cleared.
func (r *Run) newWaiting() *waiting {
	if cap(r.waits) == 0 {
		r.roomForWaiting()
	}
	if n := len(r.waits); n < cap(r.waits) {
		r.waits = r.waits[:n+1]
	} else {
		r.waits = append(r.waits, waiting{})
	}
	return &r.waits[len(r.waits)-1]
}

// roomForWaiting makes room for what a chunk of this size may have: growing to
// it would leave as much garbage again.
func (r *Run) roomForWaiting() {
	const lineBytes, pairs = 160, 12 // of a usual line of syslog with its record, and of its metadata
	n := min(maxWaiting, len(r.chunk)/lineBytes+16)
	r.waits = make([]waiting, 0, n)
	r.waitMeta = make([]entry.Pair, 0, n*pairs)
}

// release emits the entries that wait, each with what is known of its mail now.
func (r *Run) release() {
	if len(r.waits) == 0 {
		return
	}
	r.mail.Resolve()
	e := &r.e
	meta := e.Meta // the next one's scratch
	for i := range r.waits {
		w := &r.waits[i]
		e.Time, e.Labels, e.Tenant, e.Line, e.Format, e.Rebuilt = w.time, w.labels, w.tenant, w.line, w.format.Name, w.whole
		e.Record = w.record
		e.Meta, e.More = r.waitMeta[w.meta[0]:w.meta[1]], r.waitMore[w.more[0]:w.more[1]]
		if w.lacks != 0 {
			meta = r.enrich(w, append(meta[:0], e.Meta...))
			e.Meta = meta
		}
		r.src = w.src
		r.emit(e)
	}
	e.Meta = meta
	clear(r.waits)
	clear(r.waitMeta)
	clear(r.waitMore)
	r.waits, r.waitMeta, r.waitMore = r.waits[:0], r.waitMeta[:0], r.waitMore[:0]
}

// enrich adds what is known of the mail and the line does not say.
func (r *Run) enrich(w *waiting, meta []entry.Pair) []entry.Pair {
	ref := w.mail
	if ref == 0 {
		ref = r.mail.At(w.place)
	}
	f := r.mail.Of(ref)
	if mailtrace.OtherSender(w.from, f.From) {
		return meta
	}
	add := func(lack lacks, name format.Field, v string) {
		if v != "" && w.lacks&lack != 0 && len(meta) < format.MaxPairs {
			meta = append(meta, entry.Pair{Name: name.String(), Value: v[:scan.CutRunes(v, format.MaxMetaValue)]})
		}
	}
	add(lacksQueueID, format.FieldQueueID, f.QueueID)
	add(lacksMessageID, format.FieldMessageID, f.MessageID)
	if f.OriginalMessageID != "" && len(meta) < format.MaxPairs {
		meta = append(meta, entry.Pair{Name: "original_message_id", Value: f.OriginalMessageID[:scan.CutRunes(f.OriginalMessageID, format.MaxMetaValue)]})
	}
	if w.lacks&lacksPerson != 0 {
		log, service := w.labels.Get("log"), w.labels.Get("service_name")
		add(lacksUser, format.FieldUser, r.person(log, service, f.User))
		add(lacksClient, format.FieldClientIP, f.ClientIP)
		add(lacksFrom, format.FieldFrom, r.person(log, service, f.From))
	}
	return meta
}
