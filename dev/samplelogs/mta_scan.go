package samplelogs

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// verdict is what amavis finds.
type verdict struct {
	name      string // CLEAN, SPAM, …, with its detail
	blocked   bool
	action    string // in braces
	reply     string // to Postfix, if blocked
	virusName string
}

const virusName = "Win.Test.EICAR_HDB-1"

// Scores from which on mail is tagged, and blocked.
const (
	tagScore  = 6.6
	killScore = 15
	virus     = -1000 // a score that stands for a virus
	banned    = -2000 // and for a forbidden attachment
)

func (m *mail) direction() string {
	switch {
	case m.way == inbound:
		return "Inbound"
	case local(m.to[0].address):
		return "Internal"
	}
	return "Outbound"
}

func (m *mail) verdict() verdict {
	d := m.direction()
	switch {
	case m.score == virus:
		return verdict{"INFECTED (" + virusName + ")", true, "Discarded" + d + ",Quarantined", "250 2.7.0 Ok, discarded, id=%s - INFECTED: " + virusName, virusName}
	case m.score == banned:
		return verdict{"BANNED (application/x-dosexec,.exe,Rechnung (1), neu.pdf.exe)", true, "Discarded" + d + ",Quarantined", "250 2.7.0 Ok, discarded, id=%s - BANNED: .exe", ""}
	case m.score >= killScore:
		return verdict{"SPAM", true, "Discarded" + d + ",Quarantined", "250 2.7.0 Ok, discarded, id=%s - spam", ""}
	case m.score >= tagScore:
		return verdict{"SPAMMY", false, "RelayedTagged" + d, "", ""}
	}
	return verdict{"CLEAN", false, "Relayed" + d, "", ""}
}

// scan takes the mail from Postfix to amavis and back, for mail of our own
// twice, with opendkim in between. It returns the queue id it comes back with,
// "" if amavis keeps it.
func (h *hop) scan(id string, v verdict) string {
	if h.m.way == inbound {
		return h.amavis(id, 10024, 10025, "", v)
	}
	id = h.amavis(id, 10026, 10030, "ORIGINATING/MYNETS ", v)
	if id == "" {
		return ""
	}
	return h.amavis(id, 10032, 10025, "ORIGINATING_POST/MYNETS ", v)
}

// job is amavis' process and the number of the mail it works on.
type job struct {
	pid int
	id  string
}

// maxRequests is how many mails a child of amavis takes before it ends.
const maxRequests = 20

func (h *hop) newJob() job {
	pid := h.proc("amavis", h.t, h.t.Add(3*time.Second))
	if h.jobs[pid]++; h.jobs[pid] == maxRequests {
		h.procs["amavis"] = slices.DeleteFunc(h.procs["amavis"], func(p *process) bool { return p.pid == pid })
	}
	return job{pid, fmt.Sprintf("%05d-%02d", pid, h.jobs[pid])}
}

// maxAmavis is where amavis breaks a line for syslog, in bytes of its text.
const maxAmavis = 980

// amavisLine writes a message in as many lines as it needs: one entry.
func (h *hop) amavisLine(link Link, j job, format string, args ...any) {
	text, lead := fmt.Sprintf(format, args...), ""
	head := fmt.Sprintf("%s %s amavis[%d]: (%s) ", h.t.In(h.Location).Format(time.Stamp), mta, j.pid, j.id)
	entry := head
	for len(lead)+len(text) > maxAmavis {
		cut := maxAmavis - len(lead) - len("...")
		entry += lead + text[:cut] + "...\n" + head
		text, lead = text[cut:], "..."
	}
	h.put("zimbra", Line{Time: h.t, Text: entry + lead + text, Mail: h.m.id, Link: link})
}

// amavis is one scan: Postfix hands over the mail on one port, amavis gives it
// back on another.
func (h *hop) amavis(id string, in, out int, bank string, v verdict) (next string) {
	m, begin := h.m, h.t
	j := h.newJob()
	smtp := h.proc("postfix/smtp", h.t, h.t.Add(3*time.Second))
	m.headerID = h.mailID()
	to := addresses(m.to)
	h.pass(8, 30)
	received := fmt.Sprintf("Received: from %s ([127.0.0.1]) by localhost (%s [127.0.0.1]) (amavis, port %d) with ESMTP; %s", mta, mta, in,
		h.t.In(h.Location).Format("Mon, 2 Jan 2006 15:04:05 -0700 (MST)"))
	h.amavisLine(Session, j, "ESMTP :%d /opt/zimbra/data/amavisd/tmp/amavis-%s-%05d-%s: <%s> -> %s SIZE=%d %s", in,
		h.Start.In(h.Location).Format("20060102T150405"), j.pid, fmt.Sprintf("%08X", j.pid*2654435761&0xffffffff), m.from, to, m.size, received)
	h.pass(20, 90)
	h.amavisLine(Session, j, "Checking: %s %s[%s] <%s> -> %s", m.headerID, bank, m.client.ip, m.from, to)
	h.pass(60, 900)
	if v.blocked {
		h.block(id, j, smtp, in, bank, v, begin)
		return ""
	}
	next = h.reinject(out)
	h.pass(1, 5)
	h.amavisLine(Named, j, "%s FWD from <%s> -> %s, BODY=7BIT 250 2.0.0 from MTA(smtp:[127.0.0.1]:%d): 250 2.0.0 Ok: queued as %s", m.headerID, m.from, to, out, next)
	h.pass(1, 5)
	h.summary(id, j, bank, v, fmt.Sprintf(", queued_as: %s%s", next, h.signed(out)), begin)
	h.pass(0, 2)
	text := fmt.Sprintf("250 2.0.0 from MTA(smtp:[127.0.0.1]:%d): 250 2.0.0 Ok: queued as %s", out, next)
	h.handedOver(id, smtp, in, "2.0.0", text)
	return next
}

// signed is what the second scan sees of opendkim's work.
func (h *hop) signed(out int) string {
	if h.m.way != inbound && out == 10025 {
		return ", dkim_sd=20261001:example.com"
	}
	return ""
}

func (h *hop) mailID() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	b := make([]byte, 12)
	for i := range b {
		b[i] = letters[h.IntN(len(letters)-2*btoi(i == 0 || i == 11))]
	}
	return string(b)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// summary is amavis' main line. It names the queue id that the client's
// session had, after the second scan too.
func (h *hop) summary(id string, j job, bank string, v verdict, rest string, begin time.Time) {
	m, verb, hits := h.m, "Passed", "-"
	if v.blocked {
		verb = "Blocked"
	}
	if v.virusName == "" && m.score != banned && bank != "ORIGINATING_POST/MYNETS " {
		hits = fmt.Sprintf("%.4g", m.score)
	}
	if bank != "" {
		bank += "LOCAL "
	}
	quarantine := ""
	if v.blocked {
		quarantine = "quarantine: " + h.quarantine(v) + ", "
	}
	h.amavisLine(Named, j, "%s %s {%s}, %s[%s]:%d [%s] <%s> -> %s, %sQueue-ID: %s, Message-ID: %s, mail_id: %s, Hits: %s, size: %d%s, %d ms",
		verb, v.name, v.action, bank, m.client.ip, m.port, m.client.ip, m.from, addresses(m.to), quarantine, m.first, m.id, m.headerID, hits, m.size, rest,
		h.t.Sub(begin).Milliseconds())
}

func (h *hop) quarantine(v verdict) string {
	if v.virusName != "" {
		return "virus-quarantine.x1@example.com"
	}
	return "spam-" + h.m.headerID
}

// handedOver is Postfix' record of a hop to amavis: not a delivery yet.
func (h *hop) handedOver(id string, smtp, port int, dsn, text string) {
	for _, r := range h.m.to {
		h.named("postfix/smtp", smtp, "%s: to=<%s>, relay=127.0.0.1[127.0.0.1]:%d, %s, dsn=%s, status=sent (%s)", id, r.address, port, h.delays(), dsn, text)
	}
	h.removed(id)
}

// block is the end of a mail that amavis keeps.
func (h *hop) block(id string, j job, smtp, port int, bank string, v verdict, begin time.Time) {
	if v.virusName != "" {
		at := h.t.Add(-20 * time.Millisecond)
		part := fmt.Sprintf("/opt/zimbra/data/amavisd/tmp/amavis-%s-%05d/parts/p002", h.Start.In(h.Location).Format("20060102T150405"), j.pid)
		h.syslog("zimbra", mta, Line{Time: at, Mail: h.m.id}, "clamd", h.clamdPID(), "%s: %s FOUND", part, v.virusName)
		h.clamLine("clamd", at, "%s: %s FOUND", part, v.virusName)
	}
	h.summary(id, j, bank, v, "", begin)
	h.pass(1, 3)
	h.handedOver(id, smtp, port, "2.7.0", fmt.Sprintf(v.reply, j.id))
}

// reinject is the smtpd that takes the mail back: with a milter that signs on
// port 10030.
func (h *hop) reinject(port int) string {
	program := "postfix/amavisd/smtpd"
	if port == 10030 {
		program = "postfix/dkimmilter/smtpd"
	}
	pid := h.proc(program, h.t, h.t.Add(2*time.Second))
	id := h.nextQueueID()
	h.line(Session, program, pid, "connect from localhost[127.0.0.1]")
	h.pass(1, 9)
	h.named(program, pid, "%s: client=localhost[127.0.0.1], orig_queue_id=%s, orig_client=%s", id, h.m.first, h.m.client)
	h.pass(1, 9)
	h.named("postfix/cleanup", h.proc("postfix/cleanup", h.t, h.t.Add(time.Second)), "%s: message-id=%s", id, h.m.id)
	if port == 10030 {
		h.pass(5, 30)
		h.named("opendkim", h.opendkim(), "%s: DKIM-Signature field added (s=20261001, d=%s)", id, domainOf(h.m.from))
	}
	h.pass(1, 9)
	h.m.size += 480
	h.active(id, h.m.size)
	h.pass(0, 2)
	h.line(Session, program, pid, "disconnect from localhost[127.0.0.1] ehlo=1 xforward=2 mail=1 rcpt=%d data=1 quit=1 commands=%d", len(h.m.to), 6+len(h.m.to)-1)
	return id
}

// seconds has two digits, as Postfix writes it, and all those before the point.
func seconds(s float64) string {
	if s >= 10 {
		return strconv.FormatFloat(s, 'f', 0, 64)
	}
	return strconv.FormatFloat(s, 'g', 2, 64)
}

// delays is the part of a delivery line on time, in seconds.
func (h *hop) delays() string {
	total := h.t.Sub(h.m.arrived).Seconds()
	conn, send := 0.01+0.05*h.Float64(), 0.02+0.1*h.Float64()
	before := max(0, total-conn-send)
	return fmt.Sprintf("delay=%s, delays=%s/0.01/%s/%s", seconds(before+conn+send), seconds(before), seconds(conn), seconds(send))
}
