package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/mailtrace"
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

	format *Spec
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
func (r *Run) follow(d *draft) bool {
	if r.mail == nil || d.format != &Postfix && d.format != &Amavis && d.format != &OpenDKIM {
		return false
	}
	w := r.newWaiting()
	w.lacks = lacking(d)
	switch d.format {
	case &Postfix:
		r.followPostfix(d, w)
	case &Amavis:
		r.followAmavis(d, w)
	default:
		w.mail = r.mailOf(d)
	}
	return true
}

func lacking(d *draft) (l lacks) {
	for _, f := range [...]struct {
		field Field
		bit   lacks
	}{{FieldMessageID, lacksMessageID}, {FieldQueueID, lacksQueueID}, {FieldUser, lacksUser}, {FieldClientIP, lacksClient}, {FieldFrom, lacksFrom}} {
		if !d.has(f.field) {
			l |= f.bit
		}
	}
	if d.has(FieldOutcome) || d.has(FieldStatus) {
		l |= lacksPerson
	}
	return l
}

// mailOf is the mail whose queue id the line has.
func (r *Run) mailOf(d *draft) mailtrace.Ref {
	id := d.get(FieldQueueID)
	if id == "" {
		return 0
	}
	return r.mail.Mail(d.host, id, d.time)
}

func (r *Run) followPostfix(d *draft, w *waiting) {
	component, id := d.get(FieldComponent), d.get(FieldQueueID)
	s := mailtrace.Session{Host: d.host, Program: component, PID: d.get(FieldPID)}
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
			r.mail.Handles(s, w.mail, d.time)
		}
		return
	}
	if s.PID != "" {
		w.place = r.postfixPlace(d, s)
		if d.get(FieldOutcome) == "rejected" {
			w.from = d.get(FieldFrom)
		}
	}
}

// postfixMail learns from a line with a queue id.
func (r *Run) postfixMail(d *draft, component, id string) (ref mailtrace.Ref) {
	action := d.get(FieldAction)
	switch action {
	case "receive":
		ref = r.mail.Start(d.host, id, d.time)
		r.received(d, ref)
	case "message-id":
		if v := d.get(FieldMessageID); v != "" {
			ref = r.mail.Identify(d.host, id, v, d.time)
			break
		}
		fallthrough
	default:
		ref = r.mail.Mail(d.host, id, d.time)
	}
	switch {
	case action == "remove":
		r.mail.End(ref)
	case component == "qmgr":
		r.mail.Known(ref, mailtrace.Facts{From: d.get(FieldFrom)})
	}
	if next := d.get(FieldQueuedAs); next != "" && staysHere(d) {
		r.mail.Link(r.mail.Mail(d.host, next, d.time), ref)
	}
	if notice := d.get(FieldNotificationID); notice != "" {
		r.mail.Notifies(r.mail.Mail(d.host, notice, d.time), ref)
	}
	return ref
}

// staysHere reports whether queued_as is an id of this host's own queue.
func staysHere(d *draft) bool {
	return d.get(FieldOutcome) == "hop" || d.get(FieldRelay) == "local"
}

// received learns from smtpd's client= and pickup's uid=. Of a mail that comes
// back from a filter on this host the client is the one that the filter was
// told of, or the one of the mail before.
func (r *Run) received(d *draft, ref mailtrace.Ref) {
	f := mailtrace.Facts{User: d.get(FieldUser), ClientIP: d.get(FieldClientIP), From: d.get(FieldFrom)}
	if isLoopback(f.ClientIP) {
		f.ClientIP = ""
	}
	r.mail.Known(ref, f)
	peer := orElse(d.get(FieldIP), d.get(FieldClientIP))
	if before := d.get(FieldOrigQueueID); before != "" && isLoopback(peer) {
		r.mail.Link(ref, r.mail.Mail(d.host, before, d.time))
	}
}

func isLoopback(ip string) bool { return strings.HasPrefix(ip, "127.") || ip == "::1" }

// postfixPlace is the place of a line without a queue id in its session.
func (r *Run) postfixPlace(d *draft, s mailtrace.Session) mailtrace.Place {
	switch d.get(FieldAction) {
	case "connect":
		if !s.Client {
			return r.mail.Connect(s, d.time)
		}
	case "disconnect":
		return r.mail.Disconnect(s, d.time)
	case "lost_connection", "timeout", "too_many_errors":
		return r.mail.Last(s, d.time)
	}
	return r.mail.Line(s, d.time)
}

// followAmavis learns from a line of a job. The line with the verdict names the
// mail before and after; others name neither.
func (r *Run) followAmavis(d *draft, w *waiting) {
	w.mail = r.mailOf(d)
	job := mailtrace.Session{Host: d.host, Program: "amavis", PID: d.get(FieldRequestID), Job: true}
	if w.mail != 0 {
		r.mail.Known(w.mail, mailtrace.Facts{MessageID: d.get(FieldMessageID)})
	}
	for rest := d.get(FieldQueuedAs); rest != ""; {
		n := queueIDBytes(rest)
		if n == 0 {
			break
		}
		next := r.mail.Mail(d.host, rest[:n], d.time)
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
		r.mail.Handles(job, w.mail, d.time)
	} else {
		w.place = r.mail.Line(job, d.time)
	}
}

// followMailbox learns whose mailbox an id is from a line that has both, and
// gives the name to one that has the id alone.
func (r *Run) followMailbox(d *draft, known string) {
	id := d.get(FieldMailboxID)
	if r.mail == nil || id == "" {
		return
	}
	if known != "" {
		r.mail.Owner(d.host, id, known, d.time)
		return
	}
	d.set(FieldUser, r.person(d.log, d.service, r.mail.OwnerOf(d.host, id, d.time)))
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
	w.time, w.labels, w.tenant, w.line, w.format, w.whole, w.src = e.Time, e.Labels, e.Tenant, e.Line, r.d.format, e.Rebuilt, s
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
	add := func(lack lacks, name Field, v string) {
		if v != "" && w.lacks&lack != 0 && len(meta) < maxPairs {
			meta = append(meta, entry.Pair{Name: name.String(), Value: v[:cutRunes(v, maxMetaValue)]})
		}
	}
	add(lacksQueueID, FieldQueueID, f.QueueID)
	add(lacksMessageID, FieldMessageID, f.MessageID)
	if f.OriginalMessageID != "" && len(meta) < maxPairs {
		meta = append(meta, entry.Pair{Name: "original_message_id", Value: f.OriginalMessageID[:cutRunes(f.OriginalMessageID, maxMetaValue)]})
	}
	if w.lacks&lacksPerson != 0 {
		log, service := w.labels.Get("log"), w.labels.Get("service_name")
		add(lacksUser, FieldUser, r.person(log, service, f.User))
		add(lacksClient, FieldClientIP, f.ClientIP)
		add(lacksFrom, FieldFrom, r.person(log, service, f.From))
	}
	return meta
}
