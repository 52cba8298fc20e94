package samplelogs

import "time"

// Incident is something that went wrong, to be found in the logs.
type Incident struct {
	Name       string        // stays the same: alerts, dashboards and documentation refer to it
	Start, End time.Duration // after the start of each Period
	What       string
	Query      string // the LogQL that finds it
	write      func(w *world, begin time.Time)
}

// Attacker is the address from which most of the brute force comes.
const Attacker = "198.51.100.23"

// The accounts of the incidents.
const (
	Victim      = "ivanov@example.org"     // tried until it is locked
	Compromised = "kuznetsova@example.org" // its password is found, then it sends spam
	Reporter    = "petrova@example.org"    // whose report fails in PLAN-R
)

// Trace is the trace_id that goes through both PLAN-R containers.
const Trace = "7b0c52c1-6a0e-4f0b-9a3f-1d2c3b4a5968"

// VirusMail and StoreFull are message-ids of incidents.
const (
	VirusMail = "<scan-000311@print.example.net>"
	StoreFull = "<photos-19@partner.example.net>"
)

func minutes(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }

// Incidents are all that there are, in order of time.
var Incidents = []Incident{
	{
		"slow-search", minutes(7), minutes(12), "the searches of d.novak take many seconds",
		`{job="zimbra", log="mailbox"} | component="soap" | duration_ms > 8000`, (*world).slowSearch,
	},
	{
		"brute-force-lockout", minutes(15), minutes(18), "a botnet tries passwords of ivanov by IMAP, web and SMTP until the account is locked",
		`{job="zimbra", log="audit"} | outcome="lockout"`, (*world).bruteForceLockout,
	},
	{
		"brute-force-success", minutes(20), minutes(23), "the same botnet finds the password of kuznetsova",
		`{job="zimbra", log="audit"} | user="kuznetsova@example.org" | outcome="success" | client_ip="198.51.100.23"`, (*world).bruteForceSuccess,
	},
	{
		"compromised-account", minutes(26), minutes(33), "kuznetsova's account sends spam; amavis stops some of it, then servers elsewhere limit the rate",
		`topk(3, sum by (user) (count_over_time({job="zimbra", service_name="postfix"} | user!="" | user="kuznetsova@example.org" [2h])))`, (*world).compromised,
	},
	{
		"virus", minutes(37), minutes(38), "a mail with a virus for three people",
		`{job="zimbra"} | message_id="<scan-000311@print.example.net>"`, (*world).virusMail,
	},
	{
		"bounce-storm", minutes(40), minutes(47), "a newsletter to a stale list bounces, and bounces of forged mail come in (backscatter)",
		`sum(count_over_time({job="zimbra"} | status="bounced" [2h]))`, (*world).bounceStorm,
	},
	{
		"outage", outageStart, outageEnd, "LDAP and MariaDB do not answer, mailboxd runs out of memory and is started again; deliveries are deferred",
		`{job="zimbra", level="fatal"}`, (*world).outage,
	},
	{
		"dkim-spf", minutes(64), minutes(70), "mail in the name of bank.example.net with broken signatures from a host that its SPF does not allow",
		`{job="zimbra"} |= "bad signature"`, (*world).forgeries,
	},
	{
		"disk-full", minutes(75), minutes(80), "the mailstore's disk fills up: warnings, then mail is put off",
		`{job="zimbra"} |= "Disk warning"`, (*world).diskFull,
	},
	{
		"planr-job", minutes(85), minutes(86), "a report that petrova asked for fails in the third step of PLAN-R's worker",
		`{job="planr"} | trace_id="` + Trace + `"`, (*world).planrJob,
	},
	{
		"visiology", minutes(90), minutes(95), "Visiology: ivanov cannot log in, admin deletes a theme, a dashboard is created, a data source fails",
		`{exporter="OTLP"} |= "OperationStatus:Failed" | json | line_format "{{.body}}"`, (*world).visiologyTrouble,
	},
}

// incidents writes them into each period, or once.
func (w *world) incidents() {
	for begin := w.Start.Add(w.Once); begin.Before(w.end); begin = begin.Add(Period) {
		for _, i := range Incidents {
			if t := begin.Add(i.Start); t.Before(w.end) {
				w.part(i.Name + begin.Sub(w.Start).String())
				i.write(w, t)
			}
		}
		if w.Once != 0 {
			return
		}
	}
}

// burst calls f n times, spread over d.
func (w *world) burst(begin time.Time, d time.Duration, n int, f func(i int, t time.Time)) {
	for i := range n {
		f(i, begin.Add(d*time.Duration(i)/time.Duration(n)+w.between(0, d/time.Duration(4*n))))
	}
}
