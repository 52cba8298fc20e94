package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/format/json"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// closeEvent makes the entry of the open event and hands it on.
func (r *Run) closeEvent(s *source) {
	if !s.open {
		return
	}
	s.open = false
	d := &r.d
	d.Reset()
	r.setHead(d, s.head)
	d.More = s.more
	if s.shape == shapeSyslog || s.head.Skip > 0 {
		d.Header = s.header
	}
	r.src = s
	r.build(d, s.shape)
	s.more = s.more[:0]
}

// rawHead is what parsers may change of a head.
type rawHead struct {
	text    string
	skip    int
	rebuilt bool
}

// setHead gives an empty draft its head.
func (r *Run) setHead(d *format.Draft, p *envelope.Payload) {
	d.Head, r.raw = p, rawHead{p.Text, p.Skip, p.Rebuilt}
}

// build makes the entry of the event whose lines d has.
func (r *Run) build(d *format.Draft, sh shape) {
	d.Log4j, d.Ours = r.src.log, r.src.ours
	if text := scan.ValidUTF8(&r.Arena, d.Head.Text); len(text) != len(d.Head.Text) {
		d.Head.Skip = len(scan.ValidUTF8(&r.Arena, d.Head.Text[:d.Head.Skip])) // replacements are longer
		d.Head.Text = text
		r.rescanHeader(d)
	}
	for i, t := range d.More {
		d.More[i] = scan.ValidUTF8(&r.Arena, t)
	}
	if d.Head.IsContainer || d.Head.Host != "" {
		d.Head.MakeValid(&r.Arena)
	}
	if d.Head.OTLP != nil || d.Head.Group != nil {
		r.SetOTel(d)
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
func (r *Run) protect(d *format.Draft, sh shape) {
	if !r.opts.KeepSecrets {
		if r.redact(d) {
			if d.Head.OTLP != nil || d.Head.Group != nil {
				r.SetOTel(d)
			}
			r.parse(sh, d)
		}
		if len(d.Extra) > 0 || d.Exporter != "" {
			r.redactExtra(d)
		}
	}
}

// protectContinued is protect for lines whose head went before.
func (r *Run) protectContinued(s *source, d *format.Draft) {
	if !r.opts.KeepSecrets && r.redact(d) && (d.Head.OTLP != nil || d.Head.Group != nil) {
		r.SetOTel(d)
	}
	if o := r.opts; o.Pseudonyms != nil && (len(o.PseudonymLogs) == 0 || r.pseudonymous(s.memoryLabel("log"), s.memoryLabel("service_name"))) {
		r.persons.Names = append(r.persons.Names[:0], s.persons...)
		r.addTold(d)
		r.replacePersons(d)
	}
}

// parse tries the parsers that the shape of the head calls for.
func (r *Run) parse(sh shape, d *format.Draft) {
	r.Clock.Local = 0
	switch sh {
	case shapeLog4j:
		if d.Header.Known && d.Head.Skip > 0 {
			r.readSyslogHeader(d)
		}
		if r.try(&zimbra.Mailbox, d) {
			return
		}
		if d.Head.Skip == 0 && r.try(&plain.Text, d) { // a pattern of log4j's that is not Zimbra's
			return
		}
		if d.Header.Known && d.Head.Skip > 0 {
			r.parseSyslog(d)
			return
		}
	case shapeJSON:
		if r.try(&json.JSON, d) {
			if json.VisiologyJSON(&r.Input, d) {
				d.Format = &json.Visiology
			}
			return
		}
	case shapeSyslog:
		if d.Header.Known {
			r.readSyslogHeader(d)
			r.parseSyslog(d)
			return
		}
	case shapeText:
		if r.parseLine(d) {
			return
		}
		if d.Format = &zimbra.Mailbox; zimbra.ParseHeadless(&r.Input, d) {
			return
		}
		if r.plainOTel(d) {
			return
		}
	}
	r.unparsed(d)
}

// plainOTel takes a text that OpenTelemetry has given time and level.
func (r *Run) plainOTel(d *format.Draft) bool {
	if d.Head.OTLP == nil || d.Level == format.LevelUnknown || d.Head.Time == 0 {
		return false
	}
	d.Format, d.Log, d.Msg = &plain.Text, "other", d.Head.Text
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}

// unparsed marks a line that no parser knew; it is delivered as it is.
func (r *Run) unparsed(d *format.Draft) {
	if strings.Contains(d.Head.Path, "trace_log") {
		// It holds whole cookies, whatever a piece of it looks like.
		if strings.Contains(d.Head.Text, " REQUEST ") {
			web.RedactCookies(&r.Input, d)
		}
	}
	d.Format = &format.Unparsed
	java.TraceLine(d, d.Head.Text)
	java.ParseTrace(d)
	if d.Has(format.FieldExceptionID) || strings.HasPrefix(d.Get(format.FieldException), "com.zimbra.") {
		d.Format = &format.Continuation // of an event of mailboxd whose head is nowhere
		d.Set(format.FieldContinued, "true")
		zimbra.SetLog4jLabels(d, "")
	} else {
		d.Set(format.FieldFormat, format.Unparsed.Name)
	}
	if d.Log == "" {
		d.Log = "other"
		if d.Ours {
			d.Log = d.Log4j
		}
	}
	if d.Service == "" && d.Ours {
		d.Service = zimbra.Log4jService(d.Log4j)
	}
}

// envelope adds what the envelopes said and no parser did.
func (r *Run) envelope(d *format.Draft) {
	p := d.Head
	if d.Host == "" {
		d.Host = p.Host
	}
	setFileLog(d)
	r.envelopeMeta(d)
	if p.IsContainer {
		if d.Container == "" {
			d.Container = p.Container
		}
		if d.Service == "" {
			d.Service = p.Service
		}
	}
	if d.Service == "" {
		d.Service = "unknown"
	}
	if d.Job == "" {
		d.Job = "zimbra"
		if p.IsContainer {
			d.Job = "container"
		}
	}
}

// envelopeMeta adds the metadata that the envelopes gave.
func (r *Run) envelopeMeta(d *format.Draft) {
	p := d.Head
	d.Set(format.FieldStream, p.Stream)
	d.Set(format.FieldContainerID, p.ContainerID)
	d.Set(format.FieldPod, p.Pod)
	d.Set(format.FieldNamespace, p.Namespace)
	d.Set(format.FieldNode, p.Node)
	if p.Partial == envelope.PartialMore {
		d.Set(format.FieldPartial, "true")
	}
}

// setTime takes the time the line gives, else its envelope's, else its
// arrival's. A time too far after the arrival comes from a wrong clock or zone.
func (r *Run) setTime(d *format.Draft) {
	var from string
	if p := d.Head; p.IsContainer && p.Time != 0 && d.Time != 0 && d.Time == r.Clock.Local {
		d.Time = logtime.ContainerTime(d.Time, p.Time, d.Job == "zimbra")
	}
	d.Time, from = entryTime(d.Time, d.Head)
	d.Set(format.FieldTimeSource, from)
}

// entryTime is the time of an entry whose line gives t, and where it is from.
func entryTime(t int64, p *envelope.Payload) (at int64, from string) {
	if t == 0 {
		t = p.Time
	}
	switch {
	case t <= 0:
		return p.Arrival, "arrival"
	case p.Arrival > 0 && t > p.Arrival+logtime.FutureSlack:
		return p.Arrival, "arrival_future"
	}
	return t, ""
}

// finish gives the entry its labels, its nanosecond and its metadata.
func (r *Run) finish(d *format.Draft, sh shape) {
	e := &r.e
	d.Set(format.FieldDetectedLevel, d.Level.String())
	e.Tenant = ""
	if r.tenant() {
		e.Tenant = r.lookup(d, r.t.tenantKey.key, r.t.tenantKey.field, false)
	}
	waits, user := r.follow(d), d.Get(format.FieldUser)
	r.setLabels(d, e)
	r.followMailbox(d, user)
	e.Meta = d.AppendMeta(e.Meta[:0])
	if e.Time = d.At; e.Time == 0 {
		e.Time = d.Time + r.ords.next(d.Time)
	}
	e.Line, e.More = d.Head.Text, d.More
	r.tally.note(d.Log, d.Get(format.FieldOutcome), e.Time)
	last := &r.src.last
	last.known, last.time, last.base, last.level, last.shape = true, e.Time, d.Time, d.Level, sh
	last.labels, last.tenant, last.cut = e.Labels, e.Tenant, d.Head.Partial == envelope.PartialMore
	r.send(d, e, waits)
}

func (r *Run) tenant() bool { return r.t.opts.TenantKey != "" }

// send hands e on; a line longer than Loki takes goes in pieces, none lost.
// waits says that follow wants to complete the entry.
func (r *Run) send(d *format.Draft, e *entry.Entry, waits bool) {
	r.entries[d.Format.ID()]++
	e.Format, e.Rebuilt, e.Record = d.Format.Name, d.Head.Rebuilt, d.Head.Number
	if e.Size() <= r.opts.MaxLineBytes {
		r.deliver(r.src, e, waits)
		return
	}
	r.truncated++
	whole := r.wholeLine(e)
	base := e.Meta
	for n := 0; whole != ""; n++ {
		k := scan.CutRunes(whole, r.opts.MaxLineBytes)
		e.Line, e.More, whole = whole[:k], nil, whole[k:]
		if n == 0 {
			e.Meta = append(base, entry.Pair{Name: format.FieldTruncated.String(), Value: "true"})
		} else {
			e.Meta = append(base[:0],
				entry.Pair{Name: format.FieldDetectedLevel.String(), Value: d.Level.String()},
				entry.Pair{Name: format.FieldContinued.String(), Value: "true"})
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
	return r.Arena.Commit(e.AppendLine(r.Arena.Alloc(e.Size())))
}

// continuation makes the entry of lines whose head went before: its labels,
// and its time with the next free nanosecond, so that the order stays and no
// two of them are taken for one.
func (r *Run) continuation(s *source, d *format.Draft) {
	head := s.last
	if !head.known {
		head = s.before
		r.ords.atLeast(head.base, head.time-head.base+1)
	}
	d.Format = &format.Continuation
	if !head.known {
		r.unknownHead(d)
		return
	}
	d.Level = head.level
	r.continued(d)
	r.envelopeMeta(d)
	d.Set(format.FieldDetectedLevel, d.Level.String())
	head.cut = d.Head.Partial == envelope.PartialMore
	s.last = head
	e := &r.e
	e.Labels, e.Tenant, e.Time = head.labels, head.tenant, r.after(&s.last)
	e.Line, e.More = d.Head.Text, d.More
	e.Meta = d.AppendMeta(e.Meta[:0])
	r.send(d, e, false)
}

// after returns the time of the next entry that goes on with the event of head.
func (r *Run) after(head *headMemory) int64 {
	head.time = head.base + r.ords.next(head.base)
	return head.time
}

// continued reads what lines without their head can tell: the rest of a stack
// trace.
func (r *Run) continued(d *format.Draft) {
	d.Set(format.FieldContinued, "true")
	java.TraceLine(d, d.Head.Text)
	java.ParseTrace(d)
}

// unknownHead delivers the lines that a log of log4j starts with when its head
// was never seen: after a restart, or in a copy of a part of the file.
func (r *Run) unknownHead(d *format.Draft) {
	zimbra.SetLog4jLabels(d, "")
	r.continued(d)
	r.envelope(d)
	r.setTime(d)
	r.finish(d, shapeLog4j)
}
