package samplelogs

import (
	"fmt"
	"time"
)

// receive is the session in which the mail comes in; it gets its first queue id.
func (h *hop) receive() {
	switch h.m.way {
	case inbound:
		h.postscreen()
		h.session("postfix/smtpd", "")
	case submission:
		h.session("postfix/submission/smtpd", fmt.Sprintf(", sasl_method=PLAIN, sasl_username=%s", h.m.user))
	case webmail:
		h.mailboxSends()
		h.session("postfix/smtpd", "")
	}
}

// postscreen lets a client in; known ones at once.
func (h *hop) postscreen() {
	pid := h.always("postfix/postscreen")
	from := fmt.Sprintf("[%s]:%d", h.m.client.ip, h.m.port)
	h.line(Beside, "postfix/postscreen", pid, "CONNECT from %s to [%s]:25", from, mtaIP)
	if h.IntN(6) == 0 {
		h.pass(5900, 6100)
		h.line(Beside, "postfix/postscreen", pid, "PASS NEW %s", from)
	} else {
		h.pass(1, 4)
		h.line(Beside, "postfix/postscreen", pid, "PASS OLD %s", from)
	}
	h.pass(1, 3)
}

// session is what smtpd writes of a client that sends one mail.
func (h *hop) session(program, sasl string) {
	m := h.m
	pid := h.proc(program, h.t, h.t.Add(4*time.Second))
	h.line(Session, program, pid, "connect from %s", m.client)
	h.pass(15, 60)
	commands := 5
	if m.way != webmail {
		h.line(Session, program, pid, "Anonymous TLS connection established from %s: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256", m.client)
		h.pass(5, 40)
		commands = 7
	}
	if sasl != "" {
		h.password(m.user, m.client.ip, true)
		commands++
	}
	h.m.first = h.nextQueueID()
	for i, r := range m.to {
		h.filter(program, pid, i, r.address)
	}
	if m.way == inbound {
		h.policy()
	}
	h.client(program, pid, sasl)
	h.pass(2, 30)
	h.named("postfix/cleanup", h.proc("postfix/cleanup", h.t, h.t.Add(time.Second)), "%s: message-id=%s", m.first, m.id)
	h.verify(m.first)
	h.pass(3, 60)
	h.active(m.first, m.size)
	h.pass(0, 2)
	h.line(Session, program, pid, "disconnect from %s %s", m.client, h.commands(commands))
}

func (h *hop) client(program string, pid int, sasl string) {
	h.pass(1, 3)
	h.named(program, pid, "%s: client=%s%s", h.m.first, h.m.client, sasl)
}

// filter is what Zimbra's access tables log for each recipient: not a reject.
func (h *hop) filter(program string, pid, i int, to string) {
	id, link := "NOQUEUE", Session
	if i > 0 {
		id, link = h.m.first, Named
	}
	helo := h.m.helo()
	for _, port := range h.m.ports() {
		h.line(link, program, pid, "%s: filter: RCPT from %s: <%s>: Sender address triggers FILTER smtp-amavis:[127.0.0.1]:%d; from=<%s> to=<%s> proto=ESMTP helo=<%s>",
			id, h.m.client, h.m.from, port, h.m.from, to, helo)
	}
	h.pass(1, 8)
}

func (m *mail) helo() string {
	if m.client.name == "unknown" {
		return "[" + m.client.ip + "]"
	}
	return m.client.name
}

// ports are those of amavis that the access tables name: all mail meets the
// first table, mail from outside the second too.
func (m *mail) ports() []int {
	if m.way == inbound {
		return []int{10026, 10024}
	}
	return []int{10026}
}

func (h *hop) commands(n int) string {
	rcpt := len(h.m.to)
	s := "ehlo=1"
	if h.m.way != webmail {
		s = "ehlo=2 starttls=1"
	}
	if h.m.user != "" {
		s += " auth=1"
	}
	return fmt.Sprintf("%s mail=1 rcpt=%d data=1 quit=1 commands=%d", s, rcpt, n+rcpt-1)
}

// policy is policyd-spf's word on the client.
func (h *hop) policy() {
	result := h.m.spf
	if result == "" {
		result = "Pass"
	}
	h.line(Beside, "policyd-spf", h.always("policyd-spf"),
		": prepend Received-SPF: %s (mailfrom) identity=mailfrom; client-ip=%s; helo=%s; envelope-from=%s; receiver=example.com ",
		result, h.m.client.ip, h.m.helo(), h.m.from)
	h.pass(1, 5)
}

// verify is opendkim's word on mail from outside.
func (h *hop) verify(id string) {
	if h.m.way != inbound || h.m.from == "" {
		return
	}
	h.pass(1, 20)
	pid, d := h.opendkim(), domainOf(h.m.from)
	switch {
	case h.m.dkim:
		h.named("opendkim", pid, "%s: s=mail2026 d=%s SSL error:02000068:rsa routines::bad signature", id, d)
		h.named("opendkim", pid, "%s: bad signature data", id)
	case h.m.score > 5, h.m.score == virus:
		h.named("opendkim", pid, "%s: no signature data", id)
	default:
		h.named("opendkim", pid, "%s: DKIM verification successful", id)
	}
}

func (h *hop) opendkim() int { return h.always("opendkim") }

// active is the queue manager's line, again for each attempt.
func (h *hop) active(id string, size int) {
	h.named("postfix/qmgr", h.qmgr(), "%s: from=<%s>, size=%d, nrcpt=%d (queue active)", id, h.m.from, size, len(h.m.to))
}

func (h *hop) qmgr() int { return h.always("postfix/qmgr") }

func (h *hop) removed(id string) {
	h.pass(0, 1)
	h.named("postfix/qmgr", h.qmgr(), "%s: removed", id)
}
