package mailtrace

// Follow learns what a line tells of a mail, by the rules of Line. It returns
// the mail whose queue id the line has, or the place of a line without one.
func (r *Run) Follow(l *Line) (Ref, Place) {
	switch l.Program {
	case Postfix:
		return r.followPostfix(l)
	case Amavis:
		return r.followAmavis(l)
	}
	return r.named(l), Place{}
}

// named is the mail whose queue id the line has, if it has one.
func (r *Run) named(l *Line) Ref {
	if l.QueueID == "" {
		return 0
	}
	return r.Mail(l.Host, l.QueueID, l.Time)
}

func (r *Run) followPostfix(l *Line) (Ref, Place) {
	s, ok := l.Session()
	if l.QueueID == "" {
		if !ok {
			return 0, Place{}
		}
		switch l.Step() {
		case Opens:
			return 0, r.Connect(s, l.Time)
		case Breaks:
			return 0, r.Last(s, l.Time)
		case Closes:
			return 0, r.Disconnect(s, l.Time)
		}
		return 0, r.Line(s, l.Time)
	}
	ref := r.postfixMail(l)
	if ok {
		r.Handles(s, ref, l.Time)
	}
	return ref, Place{}
}

// postfixMail learns from a line with a queue id.
func (r *Run) postfixMail(l *Line) (ref Ref) {
	switch {
	case l.Begins():
		ref = r.Start(l.Host, l.QueueID, l.Time)
		r.received(l, ref)
	case l.Identifies() != "":
		ref = r.Identify(l.Host, l.QueueID, l.MessageID, l.Time)
	default:
		ref = r.Mail(l.Host, l.QueueID, l.Time)
	}
	switch {
	case l.Ends():
		r.End(ref)
	case l.Component == "qmgr":
		r.Known(ref, Facts{From: l.From})
	}
	r.becomes(l, ref)
	if id := l.Notice(); id != "" {
		r.Notifies(r.Mail(l.Host, id, l.Time), ref)
	}
	return ref
}

// received learns from the first line of a mail. Of one that comes back from a
// filter on this host the client is the one that the filter was told of, or the
// one of the mail before.
func (r *Run) received(l *Line, ref Ref) {
	f := Facts{User: l.User, ClientIP: l.ClientIP, From: l.From}
	if IsLoopback(f.ClientIP) {
		f.ClientIP = ""
	}
	r.Known(ref, f)
	if id := l.Before(); id != "" {
		r.Link(ref, r.Mail(l.Host, id, l.Time))
	}
}

// becomes links the mails that ref is after the line and returns the first. A
// line of the mail before that does not name it gives ref 0, and links none.
func (r *Run) becomes(l *Line, ref Ref) (first Ref) {
	for list := l.After(); list != ""; {
		var id string
		if id, list = NextID(list); id == "" {
			break
		}
		next := r.Mail(l.Host, id, l.Time)
		if ref != 0 {
			r.Link(next, ref)
		}
		if first == 0 {
			first = next
		}
	}
	return first
}

// followAmavis learns from a line of a job. The line with the verdict names the
// mail before (Queue-ID, the IDENT of XFORWARD) and after; others name neither,
// or the one after.
func (r *Run) followAmavis(l *Line) (Ref, Place) {
	ref := r.named(l)
	if ref != 0 {
		ref = r.earlier(ref, l.MessageID)
		r.Known(ref, Facts{MessageID: l.MessageID})
	}
	after := r.becomes(l, ref)
	s, ok := l.Session()
	if !ok {
		if ref == 0 && after != 0 {
			ref = r.unnamed(after, l.MessageID)
		}
		return ref, Place{}
	}
	if ref != 0 {
		r.Handles(s, ref, l.Time)
		return ref, Place{}
	}
	place := r.Line(s, l.Time)
	if (after != 0 || l.MessageID != "") && len(r.sessions[place.session].mails) == 0 {
		r.Handles(s, r.unnamed(after, l.MessageID), l.Time)
	}
	return 0, place
}

// earlier is the mail that had the queue id of ref before and has the
// message-id, if there is one and ref is of another: amavis may write after
// Postfix has removed the mail and given its queue id away.
func (r *Run) earlier(ref Ref, messageID string) Ref {
	m := &r.mails[ref]
	if messageID == "" || m.state&ownID == 0 || m.facts.MessageID == messageID {
		return ref
	}
	for before := m.before; before != 0; before = r.mails[before].before {
		if r.mails[before].facts.MessageID == messageID {
			return before
		}
	}
	return ref
}

// unnamed makes a mail without a queue id: that of amavis's job before the
// verdict, or of a verdict without Queue-ID. What is known of the mail after is
// known of it.
func (r *Run) unnamed(after Ref, messageID string) Ref {
	ref := Ref(len(r.mails))
	r.mails = append(r.mails, mail{after: after, facts: Facts{MessageID: messageID}, replaced: true})
	return ref
}
