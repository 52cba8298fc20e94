package samplelogs

import (
	"fmt"
	"time"
)

// bot is an address of the botnet; half of the time it is Attacker.
func (w *world) bot() string {
	if w.IntN(2) == 0 {
		return Attacker
	}
	return fmt.Sprintf("198.51.100.%d", 24+w.IntN(12))
}

// guesses tries n wrong passwords on all ways in.
func (w *world) guesses(begin time.Time, d time.Duration, n int, user string) {
	w.burst(begin, d, n, func(i int, t time.Time) {
		switch i % 3 {
		case 0:
			w.imapFails(t, user, w.bot())
		case 1:
			w.webLogin(t, user, w.bot(), false)
		default:
			w.smtpFails(t, user, w.bot())
		}
	})
}

func (w *world) bruteForceLockout(t time.Time) {
	w.guesses(t, 160*time.Second, 90, Victim)
	w.burst(t, 160*time.Second, 40, func(_ int, t time.Time) { w.unknownAccount(t, Attacker) })
	locked := t.Add(161 * time.Second)
	w.audit(locked, "INFO", "ImapSSLServer-39", w.imapContext(Attacker), "cmd=Auth; account=%s; error=account lockout due to too many failed logins;", Victim)
	w.burst(locked.Add(time.Second), 15*time.Second, 4, func(_ int, t time.Time) {
		w.audit(t, "WARN", "ImapSSLServer-39", w.imapContext(Attacker), "cmd=Auth; account=%s; protocol=imap; error=authentication failed for [%[1]s], account lockout;", Victim)
	})
}

func (w *world) bruteForceSuccess(t time.Time) {
	w.guesses(t, 150*time.Second, 45, Compromised)
	w.imapLogin(t.Add(155*time.Second), Compromised, Attacker)
	w.webLogin(t.Add(170*time.Second), Compromised, Attacker, true)
}

// compromised is a burst of spam by submission: what looks clean goes out until
// the servers elsewhere put it off.
func (w *world) compromised(t time.Time) {
	w.burst(t, 6*time.Minute, 90, func(i int, t time.Time) {
		m := &mail{
			from: Compromised, user: Compromised, way: submission, client: peer{"unknown", w.bot()}, score: -1,
			id: w.messageID(t, Compromised),
		}
		for range 3 + w.IntN(5) {
			r := recipient{address: fmt.Sprintf("%s%d@bigmail.example.net", w.pick([]string{"john", "lena", "sam", "max"}), w.IntN(9000))}
			if i > 30 {
				r.fate = []outcome{rateLimited, rateLimited, listed}
			}
			m.to = append(m.to, r)
		}
		switch n := w.IntN(10); {
		case n < 4:
			m.score = killScore + 10*w.Float64()
		case n < 6:
			m.score = tagScore + 5*w.Float64()
		}
		w.send(m, t)
	})
}

func (w *world) slowSearch(t time.Time) {
	w.burst(t, 4*time.Minute, 14, func(_ int, t time.Time) {
		w.soap(t, "SearchRequest", "d.novak@example.com", 6*time.Second+w.between(0, 8*time.Second))
	})
}
