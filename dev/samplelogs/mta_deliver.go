package samplelogs

import (
	"fmt"
	"strings"
	"time"
)

// attempts are the waits before a deferred mail is tried again: Postfix'
// minimal_backoff_time and its doubling.
var attempts = []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute}

// deliver is the way of a scanned mail to its recipients, with as many
// attempts as their fates ask for.
func (h *hop) deliver(id string) {
	waiting, total := h.m.to, h.m.to
	for try := 0; ; try++ {
		var again, failed []recipient
		for _, group := range byDomain(waiting) {
			a, f := h.attempt(id, group, try)
			again, failed = append(again, a...), append(failed, f...)
		}
		if len(failed) > 0 {
			h.notify(id)
		}
		if len(again) == 0 || try == len(attempts) {
			break
		}
		waiting = again
		h.t = h.t.Add(attempts[try] + h.between(0, 20*time.Second))
		h.m.to = total
		h.active(id, h.m.size)
		h.pass(5, 30)
	}
	h.removed(id)
}

// byDomain groups recipients as Postfix does: one transaction a destination.
func byDomain(to []recipient) (groups [][]recipient) {
	at := map[string]int{}
	for _, r := range to {
		d := domainOf(r.address)
		if local(r.address) {
			d = store
		}
		i, ok := at[d]
		if !ok {
			i, groups = len(groups), append(groups, nil)
			at[d] = i
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// attempt is one transaction. It returns the recipients that are to be tried
// again, and those that failed.
func (h *hop) attempt(id string, to []recipient, try int) (again, failed []recipient) {
	program, server, port := "postfix/smtp", mx(domainOf(to[0].address)), 25
	inside := local(to[0].address)
	if inside {
		program, server, port = "postfix/lmtp", peer{store, storeIP}, 7025
	}
	h.pass(5, 40)
	pid := h.proc(program, h.t, h.t.Add(40*time.Second))
	results := make([]*outcome, len(to))
	for i, r := range to {
		results[i] = h.result(r, try)
	}
	if !inside && !refusesConnection(results) {
		h.pass(30, 120)
		h.line(Session, program, pid, "Trusted TLS connection established to %s:%d: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256", server, port)
	}
	h.pass(40, 250)
	if inside {
		h.mailboxTakes(to, results)
	}
	reply := "250 2.0.0 Ok: queued as " + strings.ToUpper(h.hex(10))
	if inside {
		reply = "250 2.1.5 Delivery OK"
	}
	for i, r := range to {
		o, relay := results[i], fmt.Sprintf("%s:%d", server, port)
		if o == nil {
			o = &outcome{"sent", reply[4:9], reply}
		}
		if o.dsn == "4.4.1" {
			relay = "none"
		}
		text := o.text
		if strings.Contains(text, "%[") {
			text = strings.NewReplacer("%[1]s", r.address, "%[2]s", server.String()).Replace(text)
		}
		h.named(program, pid, "%s: to=<%s>, relay=%s, %s, dsn=%s, status=%s (%s)", id, r.address, relay, h.delays(), o.dsn, o.status, text)
		switch o.status {
		case "deferred":
			again = append(again, r)
		case "bounced":
			failed = append(failed, r)
		}
	}
	return again, failed
}

func refusesConnection(results []*outcome) bool {
	return results[0] != nil && results[0].dsn == "4.4.1"
}

// result is what an attempt ends with; nil is success.
func (h *hop) result(r recipient, try int) *outcome {
	if local(r.address) {
		if o := h.storeState(h.t); o != nil {
			return o
		}
	}
	if try < len(r.fate) {
		return &r.fate[try]
	}
	return nil
}

// notify sends the sender a non-delivery notification: a mail of its own, to
// the mailbox directly or away.
func (h *hop) notify(id string) {
	if h.m.from == "" {
		return
	}
	h.pass(2, 20)
	q := h.queueID(h.t)
	n := &mail{id: fmt.Sprintf("<%s.%s@%s>", h.t.UTC().Format("20060102150405"), q, mta), to: []recipient{{address: h.m.from}}, size: h.m.size + 2400, arrived: h.t, about: h.m.id}
	b := &hop{h.world, n, h.t}
	b.named("postfix/cleanup", h.proc("postfix/cleanup", h.t, h.t.Add(time.Second)), "%s: message-id=%s", q, n.id)
	h.pass(1, 3)
	h.named("postfix/bounce", h.proc("postfix/bounce", h.t, h.t.Add(time.Second)), "%s: sender non-delivery notification: %s", id, q)
	b.t = h.t
	b.pass(1, 3)
	b.active(q, n.size)
	b.deliver(q)
}
