package transform

import (
	"strings"

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
	meta   [2]int32 // of Run.waitMeta, from and to
	more   [2]int32 // of Run.waitMore, from and to
	src    *source

	format *format.Spec
	lacks  lacks
	mail   mailtrace.Ref
	as     mailtrace.Ref // the mail after this hop, where mail is not known
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
	switch d.Format {
	case &mta.Postfix:
		r.followPostfix(d, w)
	case &mta.Amavis:
		r.followAmavis(d, w)
	default:
		w.mail = r.mailOf(d)
	}
	return true
}

func lacking(d *format.Draft) (l lacks) {
	for _, f := range [...]struct {
		field format.Field
		bit   lacks
	}{{format.FieldMessageID, lacksMessageID}, {format.FieldQueueID, lacksQueueID}, {format.FieldUser, lacksUser}, {format.FieldClientIP, lacksClient}, {format.FieldFrom, lacksFrom}} {
		if !d.Has(f.field) {
			l |= f.bit
		}
	}
	if d.Has(format.FieldOutcome) || d.Has(format.FieldStatus) {
		l |= lacksPerson
	}
	return l
}

// mailOf is the mail whose queue id the line has.
func (r *Run) mailOf(d *format.Draft) mailtrace.Ref {
	id := d.Get(format.FieldQueueID)
	if id == "" {
		return 0
	}
	return r.mail.Mail(d.Host, id, d.Time)
}

func (r *Run) followPostfix(d *format.Draft, w *waiting) {
	component, id := d.Get(format.FieldComponent), d.Get(format.FieldQueueID)
	s := mailtrace.Session{Host: d.Host, Program: component, PID: d.Get(format.FieldPID)}
	switch component {
	case "smtpd", "postscreen":
	case "smtp", "lmtp":
		s.Client = true
	default:
		s.PID = ""
	}
	if id != "" {
		w.mail = r.postfixMail(d, component, id)
		if s.PID != "" {
			r.mail.Handles(s, w.mail, d.Time)
		}
		return
	}
	if s.PID != "" {
		w.place = r.postfixPlace(d, s)
		if d.Get(format.FieldOutcome) == "rejected" {
			w.from = d.Get(format.FieldFrom)
		}
	}
}

// postfixMail learns from a line with a queue id.
func (r *Run) postfixMail(d *format.Draft, component, id string) (ref mailtrace.Ref) {
	action := d.Get(format.FieldAction)
	switch action {
	case "receive":
		ref = r.mail.Start(d.Host, id, d.Time)
		r.received(d, ref)
	case "message-id":
		if v := d.Get(format.FieldMessageID); v != "" {
			ref = r.mail.Identify(d.Host, id, v, d.Time)
			break
		}
		fallthrough
	default:
		ref = r.mail.Mail(d.Host, id, d.Time)
	}
	switch {
	case action == "remove":
		r.mail.End(ref)
	case component == "qmgr":
		r.mail.Known(ref, mailtrace.Facts{From: d.Get(format.FieldFrom)})
	}
	if next := d.Get(format.FieldQueuedAs); next != "" && staysHere(d) {
		r.mail.Link(r.mail.Mail(d.Host, next, d.Time), ref)
	}
	if notice := d.Get(format.FieldNotificationID); notice != "" {
		r.mail.Notifies(r.mail.Mail(d.Host, notice, d.Time), ref)
	}
	return ref
}

// staysHere reports whether queued_as is an id of this host's own queue.
func staysHere(d *format.Draft) bool {
	return d.Get(format.FieldOutcome) == "hop" || d.Get(format.FieldRelay) == "local"
}

// received learns from smtpd's client= and pickup's uid=. Of a mail that comes
// back from a filter on this host the client is the one that the filter was
// told of, or the one of the mail before.
func (r *Run) received(d *format.Draft, ref mailtrace.Ref) {
	f := mailtrace.Facts{User: d.Get(format.FieldUser), ClientIP: d.Get(format.FieldClientIP), From: d.Get(format.FieldFrom)}
	if isLoopback(f.ClientIP) {
		f.ClientIP = ""
	}
	r.mail.Known(ref, f)
	peer := scan.OrElse(d.Get(format.FieldIP), d.Get(format.FieldClientIP))
	if before := d.Get(format.FieldOrigQueueID); before != "" && isLoopback(peer) {
		r.mail.Link(ref, r.mail.Mail(d.Host, before, d.Time))
	}
}

func isLoopback(ip string) bool { return strings.HasPrefix(ip, "127.") || ip == "::1" }

// postfixPlace is the place of a line without a queue id in its session.
func (r *Run) postfixPlace(d *format.Draft, s mailtrace.Session) mailtrace.Place {
	switch d.Get(format.FieldAction) {
	case "connect":
		if !s.Client {
			return r.mail.Connect(s, d.Time)
		}
	case "disconnect":
		return r.mail.Disconnect(s, d.Time)
	case "lost_connection", "timeout", "too_many_errors":
		return r.mail.Last(s, d.Time)
	}
	return r.mail.Line(s, d.Time)
}

// followAmavis learns from a line of a job. The line with the verdict names the
// mail before and after; others name neither.
func (r *Run) followAmavis(d *format.Draft, w *waiting) {
	w.mail = r.mailOf(d)
	job := mailtrace.Session{Host: d.Host, Program: "amavis", PID: d.Get(format.FieldRequestID), Job: true}
	if w.mail != 0 {
		r.mail.Known(w.mail, mailtrace.Facts{MessageID: d.Get(format.FieldMessageID)})
	}
	for rest := d.Get(format.FieldQueuedAs); rest != ""; {
		n := mta.QueueIDBytes(rest)
		if n == 0 {
			break
		}
		next := r.mail.Mail(d.Host, rest[:n], d.Time)
		if w.mail != 0 {
			r.mail.Link(next, w.mail)
		} else if w.as == 0 {
			w.as = next
		}
		rest = strings.TrimLeft(rest[n:], "/,; ")
	}
	if job.PID == "" {
		return
	}
	if w.mail != 0 {
		r.mail.Handles(job, w.mail, d.Time)
	} else {
		w.place = r.mail.Line(job, d.Time)
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
	if w.from != "" && f.From != "" && w.from != f.From {
		return meta
	}
	if ref == 0 && w.as != 0 {
		after := *r.mail.Of(w.as)
		after.QueueID = "" // the line is of the mail before
		f = &after
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
