package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// closeEvent makes the entry of the open event and hands it on.
func (r *Run) closeEvent(s *source) {
	if !s.open {
		return
	}
	s.open = false
	d := &r.d
	d.reset()
	d.head, d.more, d.header = s.head, s.more, s.header
	r.src, r.raw = s, &s.head
	r.build(d, s.shape)
	s.more = s.more[:0]
}

// build makes the entry of the event whose lines d has.
func (r *Run) build(d *draft, sh shape) {
	d.log4j, d.ours = r.src.log, r.src.ours
	if text := validUTF8(&r.a, d.head.text); len(text) != len(d.head.text) {
		d.head.skip = len(validUTF8(&r.a, d.head.text[:d.head.skip])) // replacements are longer
		d.head.text = text
		if d.header.skip > 0 && !d.header.scanLine(text) {
			d.header = syslogHeader{}
		}
	}
	for i, t := range d.more {
		d.more[i] = validUTF8(&r.a, t)
	}
	if d.head.isContainer || d.head.host != "" {
		d.head.makeValid(&r.a)
	}
	if d.head.otlp != nil || d.head.group != nil {
		r.setOTel(d)
	}
	if sh == shapeContinuation {
		r.protectContinued(r.src, d)
		r.continuation(r.src, d)
	} else {
		r.parse(sh, d)
		r.protect(d, sh)
		r.envelope(d)
		r.setTime(d)
		if r.opts.Pseudonyms != nil {
			r.pseudonymize(d)
		}
		r.finish(d, sh)
	}
}

// protect takes what nobody may see out of an event that was parsed.
func (r *Run) protect(d *draft, sh shape) {
	if !r.opts.KeepSecrets {
		if r.redact(d) {
			if d.head.otlp != nil || d.head.group != nil {
				r.setOTel(d)
			}
			r.parse(sh, d)
		}
		if len(d.extra) > 0 || d.exporter != "" {
			r.redactExtra(d)
		}
	}
}

// protectContinued is protect for lines whose head went before.
func (r *Run) protectContinued(s *source, d *draft) {
	if !r.opts.KeepSecrets && r.redact(d) && (d.head.otlp != nil || d.head.group != nil) {
		r.setOTel(d)
	}
	if o := r.opts; o.Pseudonyms != nil && (len(o.PseudonymLogs) == 0 || r.pseudonymous(s.memoryLabel("log"), s.memoryLabel("service_name"))) {
		r.persons.names = append(r.persons.names[:0], s.persons...)
		r.replacePersons(d)
	}
}

// parse tries the parsers that the shape of the head calls for.
func (r *Run) parse(sh shape, d *draft) {
	switch sh {
	case shapeLog4j:
		if d.header.skip > 0 && d.head.skip > 0 {
			r.readSyslogHeader(d)
		}
		if r.try(&Mailbox, d) {
			return
		}
		if d.head.skip == 0 && r.try(&Text, d) { // a pattern of log4j's that is not Zimbra's
			return
		}
	case shapeJSON:
		if r.try(&JSON, d) {
			if r.visiologyJSON(d) {
				d.format = &Visiology
			}
			return
		}
	case shapeSyslog:
		if d.header.skip > 0 {
			r.readSyslogHeader(d)
			r.parseSyslog(d)
			return
		}
	case shapeText:
		if r.parseLine(d) {
			return
		}
		if d.format = &Mailbox; parseHeadless(&r.Input, d) {
			return
		}
	}
	r.unparsed(d)
}

// unparsed marks a line that no parser knew; it is delivered as it is.
func (r *Run) unparsed(d *draft) {
	if strings.Contains(d.head.path, "trace_log") {
		// It holds whole cookies, whatever a piece of it looks like.
		if strings.Contains(d.head.text, " REQUEST ") {
			r.redactCookies(d)
		}
	}
	d.format = &Unparsed
	traceLine(d, d.head.text)
	parseTrace(d)
	if d.has(FieldExceptionID) || strings.HasPrefix(d.get(FieldException), "com.zimbra.") {
		d.format = &Continuation // of an event of mailboxd whose head is nowhere
		d.set(FieldContinued, "true")
		d.setLog4jLabels("")
	} else {
		d.set(FieldFormat, Unparsed.Name)
	}
	if d.log == "" {
		d.log = "other"
		if d.ours {
			d.log = d.log4j
		}
	}
	if d.service == "" && d.ours {
		d.service = log4jService(d.log4j)
	}
}

// envelope adds what the envelopes said and no parser did.
func (r *Run) envelope(d *draft) {
	p := &d.head
	if d.host == "" {
		d.host = p.host
	}
	r.envelopeMeta(d)
	if p.isContainer {
		if d.container == "" {
			d.container = p.container
		}
		if d.service == "" {
			d.service = p.service
		}
	}
	if d.service == "" {
		d.service = "unknown"
	}
	if d.job == "" {
		d.job = "zimbra"
		if p.isContainer {
			d.job = "container"
		}
	}
}

// envelopeMeta adds the metadata that the envelopes gave.
func (r *Run) envelopeMeta(d *draft) {
	p := &d.head
	d.set(FieldStream, p.stream)
	d.set(FieldContainerID, p.containerID)
	d.set(FieldPod, p.pod)
	d.set(FieldNamespace, p.namespace)
	d.set(FieldNode, p.node)
	if p.partial == partialMore {
		d.set(FieldPartial, "true")
	}
}

// setTime takes the time the line gives, else its envelope's, else its
// arrival's. A time too far after the arrival comes from a wrong clock or zone.
func (r *Run) setTime(d *draft) {
	var from string
	d.time, from = entryTime(d.time, &d.head)
	d.set(FieldTimeSource, from)
}

// entryTime is the time of an entry whose line gives t, and where it is from.
func entryTime(t int64, p *payload) (at int64, from string) {
	if t == 0 {
		t = p.time
	}
	switch {
	case t <= 0:
		return p.arrival, "arrival"
	case p.arrival > 0 && t > p.arrival+futureSlack:
		return p.arrival, "arrival_future"
	}
	return t, ""
}

// finish gives the entry its labels, its nanosecond and its metadata.
func (r *Run) finish(d *draft, sh shape) {
	e := &r.e
	d.set(FieldDetectedLevel, d.level.String())
	e.Tenant = ""
	if r.tenant() {
		e.Tenant = r.lookup(d, r.t.tenantKey.key, r.t.tenantKey.field, false)
	}
	waits, user := r.follow(d), d.get(FieldUser)
	r.setLabels(d, e)
	r.followMailbox(d, user)
	e.Meta = d.appendMeta(e.Meta[:0])
	if e.Time = d.at; e.Time == 0 {
		e.Time = d.time + r.ords.next(d.time)
	}
	e.Line, e.More = d.head.text, d.more
	r.tally.note(d.log, d.get(FieldOutcome), e.Time)
	r.src.last = headMemory{known: true, time: e.Time, base: d.time, labels: e.Labels, tenant: e.Tenant, level: d.level,
		shape: sh, cut: d.head.partial == partialMore}
	r.send(d, e, waits)
}

func (r *Run) tenant() bool { return r.t.opts.TenantKey != "" }

// send hands e on; a line longer than Loki takes goes in pieces, none lost.
// waits says that follow wants to complete the entry.
func (r *Run) send(d *draft, e *entry.Entry, waits bool) {
	r.entries[d.format.id]++
	e.Format, e.Rebuilt = d.format.Name, d.head.rebuilt
	if e.Size() <= r.opts.MaxLineBytes {
		r.deliver(r.src, e, waits)
		return
	}
	r.truncated++
	whole := r.wholeLine(e)
	base := e.Meta
	for n := 0; whole != ""; n++ {
		k := cutRunes(whole, r.opts.MaxLineBytes)
		e.Line, e.More, whole = whole[:k], nil, whole[k:]
		if n == 0 {
			e.Meta = append(base, entry.Pair{Name: FieldTruncated.String(), Value: "true"})
		} else {
			e.Meta = append(base[:0],
				entry.Pair{Name: FieldDetectedLevel.String(), Value: d.level.String()},
				entry.Pair{Name: FieldContinued.String(), Value: "true"})
			e.Time = r.after(&r.src.last)
		}
		base = e.Meta
		r.deliver(r.src, e, waits && n == 0)
	}
}

func (r *Run) wholeLine(e *entry.Entry) string {
	if len(e.More) == 0 {
		return e.Line
	}
	return r.a.commit(e.AppendLine(r.a.alloc(e.Size())))
}

// continuation makes the entry of lines whose head went before: its labels,
// and its time with the next free nanosecond, so that the order stays and no
// two of them are taken for one.
func (r *Run) continuation(s *source, d *draft) {
	head := s.last
	if !head.known {
		head = s.before
		r.ords.atLeast(head.base, head.time-head.base+1)
	}
	d.format = &Continuation
	if !head.known {
		r.unknownHead(d)
		return
	}
	d.level = head.level
	r.continued(d)
	r.envelopeMeta(d)
	d.set(FieldDetectedLevel, d.level.String())
	head.cut = d.head.partial == partialMore
	s.last = head
	e := &r.e
	e.Labels, e.Tenant, e.Time = head.labels, head.tenant, r.after(&s.last)
	e.Line, e.More = d.head.text, d.more
	e.Meta = d.appendMeta(e.Meta[:0])
	r.send(d, e, false)
}

// after returns the time of the next entry that goes on with the event of head.
func (r *Run) after(head *headMemory) int64 {
	head.time = head.base + r.ords.next(head.base)
	return head.time
}

// continued reads what lines without their head can tell: the rest of a stack
// trace.
func (r *Run) continued(d *draft) {
	d.set(FieldContinued, "true")
	traceLine(d, d.head.text)
	parseTrace(d)
}

// unknownHead delivers the lines that a log of log4j starts with when its head
// was never seen: after a restart, or in a copy of a part of the file.
func (r *Run) unknownHead(d *draft) {
	d.setLog4jLabels("")
	r.continued(d)
	r.envelope(d)
	r.setTime(d)
	r.finish(d, shapeLog4j)
}
