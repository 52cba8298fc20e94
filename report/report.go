// Package report reads entries once and tells what is in them: what the logs
// are, when there was how much, what went wrong (package findings), what became
// of the mail. Its memory is bounded whatever the logs hold.
package report

import (
	"github.com/zimbraloki/zimbraloki/findings"
)

// Report is what logs come to. Times are nanoseconds since 1970 UTC.
type Report struct {
	First    int64    `json:"first"`
	Last     int64    `json:"last"`
	Entries  int64    `json:"entries"`
	Unparsed int64    `json:"unparsed"` // entries that no parser knew
	Untimed  int64    `json:"untimed"`  // entries without a time of their own, or with one that cannot be
	Hosts    Top      `json:"hosts"`
	Logs     []Log    `json:"logs"`
	MoreLogs int      `json:"more_logs"`
	Timeline []Bar    `json:"timeline"`
	Findings []Result `json:"findings"` // the worst first
	Fatal    []Fatal  `json:"fatal"`
	Mail     Mail     `json:"mail"`
	Notices  []string `json:"notices"` // what was left out, and why
}

// Told is how many findings of a severity are told.
func (r *Report) Told(s findings.Severity) (n int64) {
	for i := range r.Findings {
		if r.Findings[i].Severity == s {
			n++
		}
	}
	return n
}

// Log is one log of a host.
type Log struct {
	Host     string `json:"host"`
	Name     string `json:"log"`
	Formats  Top    `json:"formats"`
	Entries  int64  `json:"entries"`
	Unparsed int64  `json:"unparsed"`
	First    int64  `json:"first"`
	Last     int64  `json:"last"`
	// GapFrom and GapTo are the longest silence of a log that is never silent.
	GapFrom int64 `json:"gap_from,omitempty"`
	GapTo   int64 `json:"gap_to,omitempty"`
}

// Bar is a piece of the time.
type Bar struct {
	From     int64 `json:"from"`
	Entries  int64 `json:"entries"`
	Warnings int64 `json:"warnings"`
	Errors   int64 `json:"errors"` // with FATAL
}

// Result is a finding that was met.
type Result struct {
	findings.Finding
	Count    int64     `json:"count"`
	First    int64     `json:"first"`
	Last     int64     `json:"last"`
	Top      []Top     `json:"top"`
	Examples []Example `json:"examples"`
}

// Example is one entry, cut.
type Example struct {
	Time int64  `json:"time"`
	Host string `json:"host"`
	Log  string `json:"log"`
	Line string `json:"line"`
}

// Fatal is a FATAL with the warnings and errors of its log that stood before it.
type Fatal struct {
	Example
	Before []Example `json:"before"`
}

// Mail is what the MTA did, line by line of its log.
type Mail struct {
	Received  int64 `json:"received"` // by SMTP and from programs of the host, not back from filters
	Sent      int64 `json:"sent"`     // to mailboxes and other servers
	Handed    int64 `json:"handed"`   // to filters of the same host, which queue it anew
	Dropped   int64 `json:"dropped"`  // taken and thrown away
	Deferrals int64 `json:"deferrals"`
	Bounced   int64 `json:"bounced"`
	Rejected  int64 `json:"rejected"`
	// Bytes are of what was received, and of what was sent, once for each recipient.
	ReceivedBytes int64  `json:"received_bytes"`
	SentBytes     int64  `json:"sent_bytes"`
	Hours         []Hour `json:"hours"` // of the day, in the zone of the report
	Days          []Hour `json:"days"`
	Senders       Top    `json:"senders"`     // of what was received
	SenderSize    Top    `json:"sender_size"` // bytes
	Recipients    Top    `json:"recipients"`
	RecipientSize Top    `json:"recipient_size"`
	Domains       Top    `json:"domains"` // of recipients
	DomainSize    Top    `json:"domain_size"`
	From          Top    `json:"sender_domains"`
	FromSize      Top    `json:"sender_domain_size"`
	Deferred      Top    `json:"deferred_reasons"`
	Bounces       Top    `json:"bounce_reasons"`
	Rejects       Top    `json:"reject_reasons"`
}

// Hour is what the MTA did in an hour or on a day.
type Hour struct {
	Name      string `json:"name"`
	Received  int64  `json:"received"`
	Sent      int64  `json:"sent"`
	Deferrals int64  `json:"deferrals"`
	Bounced   int64  `json:"bounced"`
	Rejected  int64  `json:"rejected"`
}
