package mailcase

import "github.com/zimbraloki/zimbraloki/mailtrace"

// job is a job of amavis: the lines before the one that names the mail, then
// the mail.
type job struct {
	lines []*Event
	mail  *Case
}

// maxJob bounds the lines of a job before its verdict.
const maxJob = 50

// amavis takes a line of a job. All of them are of the mail that the verdict
// names; one that was too long goes on, and names it in a later line.
func (c *Cases) amavis(e *Event) {
	l := &c.line
	k := hostID{l.Host, l.RequestID}
	j := c.jobs[k]
	if l.QueueID == "" {
		if j != nil && j.mail != nil && j.mail.root().place != nil {
			c.extra(j.mail.root(), []*Event{e})
			return
		}
		if e.Get("verdict") == "" || e.Get("partial") != "" {
			c.wait(k, e)
			return
		}
	}
	mail := c.verdictOf()
	if mail == nil {
		mail = c.loose()
	}
	c.extra(mail, []*Event{e})
	mail = mail.root()
	if j != nil {
		c.extra(mail, j.lines)
	}
	if id := l.MessageID; id != "" && (!owns(mail) || c.byID[id] == nil || !owns(c.byID[id].root())) {
		mail = c.identify(mail, id)
	}
	if l.QueueID != "" && c.byQueue[hostID{l.Host, l.QueueID}] == nil {
		c.await(mail, hostID{l.Host, l.QueueID}, false)
	}
	mail = c.becomes(mail)
	if k.id != "" {
		c.jobs[k] = &job{mail: mail}
		mail.jobs = append(mail.jobs, k)
	}
}

// wait keeps a line of a job whose mail is not known yet.
func (c *Cases) wait(k hostID, e *Event) {
	if k.id == "" {
		return
	}
	j := c.jobs[k]
	if j == nil || j.mail != nil { // or its mail is told
		j = &job{}
		c.jobs[k] = j
	}
	if len(j.lines) < maxJob {
		j.lines = append(j.lines, e)
	}
}

// verdictOf is the mail of a verdict, nil if it is not known: that of its queue
// id, or an earlier one that had the queue id and has the message-id; without
// one, the mail after, or the mail with the message-id.
func (c *Cases) verdictOf() *Case {
	l := &c.line
	byID := c.byID[l.MessageID]
	if byID != nil {
		byID = byID.root()
	}
	if g := c.byQueue[hostID{l.Host, l.QueueID}]; g != nil && l.QueueID != "" {
		if own := g.seen.MessageID; own != "" && own != l.MessageID && byID != nil && byID.had(l.Host, l.QueueID) {
			return byID
		}
		return caseOf(g)
	}
	if made := c.made(); made != nil {
		return made
	}
	return byID
}

// made is the mail that has a queue id which the line says amavis's mail has
// now, nil if none is known.
func (c *Cases) made() *Case {
	for list := c.line.After(); list != ""; {
		var id string
		if id, list = mailtrace.NextID(list); id == "" {
			break
		}
		if g := c.byQueue[hostID{c.line.Host, id}]; g != nil {
			return caseOf(g)
		}
	}
	return nil
}

// had reports whether the mail has or had a queue id.
func (c *Case) had(host, id string) bool {
	for _, g := range c.Groups {
		if g.Host == host && g.QueueID == id {
			return true
		}
	}
	return false
}

// owns reports whether a line of Postfix gave the mail a message-id: amavis may
// write it otherwise, and makes no two mails one by it.
func owns(mail *Case) bool {
	for _, g := range mail.Groups {
		if g.seen.MessageID != "" {
			return true
		}
	}
	return false
}

// leftJobs gives the lines of jobs whose verdict was not seen to the mail that
// they made, or tells what they have of a verdict.
func (c *Cases) leftJobs() {
	for k, j := range c.jobs {
		if j.mail != nil {
			continue
		}
		delete(c.jobs, k)
		c.leftJob(j)
	}
}

func (c *Cases) leftJob(j *job) {
	verdict := false
	for _, e := range j.lines {
		c.line = e.read()
		verdict = verdict || e.Get("verdict") != ""
		if mail := c.made(); mail != nil {
			c.extra(mail, j.lines)
			return
		}
	}
	if verdict {
		c.extra(c.loose(), j.lines)
	}
}
