package samplelogs

import (
	"fmt"
	"time"
)

// kinds of mail that come and go, with how often of a hundred.
var kinds = []struct {
	weight int
	make   func(*world, time.Time) *mail
}{
	{38, (*world).incoming},
	{17, (*world).written},
	{16, (*world).fromWeb},
	{6, func(w *world, t time.Time) *mail { return w.spam(t, killScore+w.Float64()*25) }},
	{5, func(w *world, t time.Time) *mail { return w.spam(t, tagScore+w.Float64()*6) }},
	{5, func(w *world, t time.Time) *mail { return w.doomed(t, greylisted) }},
	{3, func(w *world, t time.Time) *mail { return w.doomed(t, unreachable, unreachable) }},
	{3, func(w *world, t time.Time) *mail { return w.doomed(t, userUnknown) }},
	{3, (*world).tooFull},
	{1, func(w *world, t time.Time) *mail { m := w.incoming(t); m.score = banned; return m }},
	{3, (*world).circular},
}

// mailTraffic is the ordinary mail, and one mail of each kind that the
// documentation follows (see Mails).
func (w *world) mailTraffic() {
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	w.every(10*time.Second, func(t time.Time) {
		n := w.IntN(total)
		for _, k := range kinds {
			if n -= k.weight; n < 0 {
				w.send(k.make(w, t), t)
				return
			}
		}
	})
	w.part("followed")
	for _, m := range Mails {
		if t := w.Start.Add(m.At); t.Before(w.end) {
			w.send(m.make(), t)
		}
	}
}

func to(addresses ...string) (list []recipient) {
	for _, a := range addresses {
		list = append(list, recipient{address: a})
	}
	return list
}

// incoming is mail from outside for one to three people.
func (w *world) incoming(t time.Time) *mail {
	from := w.pick(outside)
	m := &mail{from: from, id: w.messageID(t, from), client: mx(domainOf(from)), score: -2 + 4*w.Float64()}
	for i := range 1 + w.IntN(8)/6 + w.IntN(8)/7 {
		m.to = append(m.to, recipient{address: users[(w.IntN(len(users)-2)+i)%len(users)]})
	}
	m.to = distinct(m.to)
	return m
}

func distinct(to []recipient) (list []recipient) {
	seen := map[string]bool{}
	for _, r := range to {
		if !seen[r.address] {
			seen[r.address] = true
			list = append(list, r)
		}
	}
	return list
}

// written is mail from a mail program, with a password.
func (w *world) written(t time.Time) *mail {
	from := w.pick(users)
	m := &mail{from: from, user: from, id: w.messageID(t, from), way: submission, client: peer{"unknown", w.client()}, score: -1}
	m.to = to(w.pick(outside))
	if w.IntN(3) == 0 {
		m.to = append(m.to, recipient{address: w.pick(users)})
	}
	return m
}

// fromWeb is mail from the web client, which the mailstore hands in.
func (w *world) fromWeb(t time.Time) *mail {
	from := w.pick(users)
	m := &mail{from: from, id: w.zimbraID(t), way: webmail, client: peer{store, storeIP}, score: -1}
	m.to = to(w.pick(users))
	if w.IntN(2) == 0 {
		m.to = to(w.pick(outside))
	}
	return m
}

// spam comes from anywhere, with a sender that is no one's.
func (w *world) spam(t time.Time, score float64) *mail {
	from := fmt.Sprintf("offer%d@bulk.example.net", w.IntN(900))
	return &mail{
		from: from, id: w.messageID(t, from), client: peer{"unknown", fmt.Sprintf("198.51.100.%d", 30+w.IntN(60))},
		to: to(w.pick(users)), score: score, spf: "Softfail",
	}
}

// doomed is mail out with trouble on the way.
func (w *world) doomed(t time.Time, fate ...outcome) *mail {
	m := w.written(t)
	m.to = []recipient{{w.pick(outside), fate}}
	return m
}

// tooFull meets a full mailbox.
func (w *world) tooFull(t time.Time) *mail {
	m := w.incoming(t)
	m.to = []recipient{{"helpdesk@example.org", []outcome{overQuota}}}
	return m
}

// circular goes to more people than one line of syslog can name.
func (w *world) circular(t time.Time) *mail {
	m := w.written(t)
	m.from, m.user, m.to = "sales@example.com", "sales@example.com", nil
	for i := range 20 + w.IntN(12) {
		m.to = append(m.to, recipient{address: fmt.Sprintf("subscriber.number.%d@lists.example.net", 100+i)})
	}
	return m
}

// Mail is one of the mails that the documentation follows.
type Mail struct {
	Name string
	ID   string // message-id, with brackets
	// QueueIDs are those of the mail, in order.
	QueueIDs []string
	At       time.Duration // after the start
	What     string
	mail     mail
}

func (m *Mail) make() *mail {
	c := m.mail
	c.id = m.ID
	c.queueIDs = m.QueueIDs
	c.to = append([]recipient(nil), c.to...)
	return &c
}

// Mails are in the logs under the same message-ids each time.
var Mails = []Mail{
	{
		"delivered", "<offer-4711@pc17.example.com>",
		[]string{"4C8A1A0F2D3", "6E03BA0F2D5", "91D5CA0F2D8"},
		11 * time.Minute,
		"a.meyer sends an offer to a customer and a copy to a colleague: three queue ids, a remote delivery, a mailbox",
		mail{
			from: "a.meyer@example.com", user: "a.meyer@example.com", way: submission, client: peer{"pc17.example.com", "203.0.113.17"}, score: -1, size: 48213,
			to: to("office@customer.example.net", "petrova@example.org"),
		},
	},
	{
		"deferred", "<agenda-0815@pc23.example.com>",
		[]string{"2B970A0F2E1", "5D10FA0F2E4", "7F3C6A0F2E6"},
		12 * time.Minute,
		"b.rossi writes to two people; one server is greylisting and takes the mail at the second attempt",
		mail{
			from: "b.rossi@example.com", user: "b.rossi@example.com", way: submission, client: peer{"pc23.example.com", "203.0.113.23"}, score: -1, size: 5120,
			to: []recipient{{"maria@partner.example.net", []outcome{greylisted}}, {"petrova@example.org", nil}},
		},
	},
	{
		"bounced", "<invoice-2047@pc31.example.com>",
		[]string{"33E1DA0F2F0", "58B42A0F2F3", "A60C9A0F2F4"},
		13 * time.Minute,
		"c.dubois mistypes an address; the notification reaches him",
		mail{
			from: "c.dubois@example.com", user: "c.dubois@example.com", way: submission, client: peer{"pc31.example.com", "203.0.113.31"}, score: -1, size: 91233,
			to: []recipient{{"ofice@customer.example.net", []outcome{userUnknown}}},
		},
	},
	{
		"spam", "<win-big-77@bulk.example.net>",
		[]string{"0F64BA0F301"},
		14 * time.Minute,
		"spam for info, put into quarantine by amavis",
		mail{
			from: "offer77@bulk.example.net", client: peer{"unknown", "198.51.100.66"}, score: 23.7, spf: "Softfail", size: 4012,
			to: to("info@example.com"),
		},
	},
	{
		"received", "<re-offer-4711@customer.example.net>",
		[]string{"B2A70A0F315", "D9C31A0F317"},
		34*time.Minute + 30*time.Second,
		"the customer answers: one scan, two queue ids, a mailbox",
		mail{
			from: "office@customer.example.net", client: mx("customer.example.net"), score: -0.4, size: 7345,
			to: to("a.meyer@example.com"),
		},
	},
}
