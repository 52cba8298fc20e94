package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/findings"
)

// How much a Report lists.
const (
	listed  = 10
	maxBars = 120
	maxRows = 60 // logs
)

// Report returns what was seen; notices are added to it.
func (c *Collector) Report(notices []string) *Report {
	r := &c.report
	r.Notices = notices
	c.countHosts()
	r.Hosts = c.hosts.Top("host", listed)
	r.Timeline = c.timeline()
	for _, l := range c.logs {
		l.gap()
		l.countFormat()
		l.Formats = l.formats.Top("format", 5)
		r.Logs = append(r.Logs, l.Log)
	}
	slices.SortFunc(r.Logs, func(a, b Log) int {
		return cmp.Or(strings.Compare(a.Host, b.Host), strings.Compare(a.Name, b.Name))
	})
	r.MoreLogs = len(c.moreLogs) + max(len(r.Logs)-maxRows, 0)
	r.Logs = r.Logs[:min(len(r.Logs), maxRows)]
	for _, w := range c.watches {
		if w.count >= w.finding.Min {
			r.Findings = append(r.Findings, w.result())
		}
	}
	r.Findings = append(r.Findings, c.computed()...)
	slices.SortStableFunc(r.Findings, func(a, b Result) int {
		return slices.Index(findings.Severities, a.Severity) - slices.Index(findings.Severities, b.Severity)
	})
	r.Mail = c.mail.finish()
	return r
}

// computed are the findings of which no single entry tells.
func (c *Collector) computed() []Result {
	list := c.clocks.results()
	if f, ok := c.networks.result(c.report.First, c.report.Last); ok {
		list = append(list, f)
	}
	if f, ok := c.mail.grow.result(c.location); ok {
		list = append(list, f)
	}
	return list
}

func (w *watch) result() Result {
	res := Result{Finding: w.finding, Count: w.count, First: w.first, Last: w.last, Examples: w.examples}
	for i, name := range w.finding.By {
		if len(w.by[i].keys) > 0 {
			res.Top = append(res.Top, w.by[i].Top(name, 5))
		}
	}
	return res
}

// timeline puts slots together until they are few.
func (c *Collector) timeline() (bars []Bar) {
	if len(c.slots) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(c.slots))
	first := keys[0]
	width := c.tick
	for (keys[len(keys)-1]-first)/width >= maxBars {
		width *= 2
	}
	bars = make([]Bar, (keys[len(keys)-1]-first)/width+1)
	for i := range bars {
		bars[i].From = first + int64(i)*width
	}
	for _, k := range keys {
		bars[(k-first)/width].add(c.slots[k])
	}
	return bars
}

// gap finds the longest silence, of half an hour or more, of a log that
// otherwise says something in nine of ten slots.
func (l *log) gap() {
	keys := slices.Sorted(maps.Keys(l.slots))
	longest, at := int64(0), 0
	for i := 1; i < len(keys); i++ {
		if d := keys[i] - keys[i-1] - 1; d > longest {
			longest, at = d, i
		}
	}
	if longest*slot < int64(30*time.Minute) {
		return
	}
	if span := keys[len(keys)-1] - keys[0] + 1 - longest; int64(len(keys))*10 >= span*9 && len(keys) >= 12 {
		l.GapFrom, l.GapTo = (keys[at-1]+1)*slot, keys[at]*slot
	}
}

func (m *mailCounter) finish() Mail {
	r := m.mail
	for i, h := range m.hours {
		h.Name = fmt.Sprintf("%02d", i)
		r.Hours = append(r.Hours, h)
	}
	for _, day := range slices.Sorted(maps.Keys(m.days)) {
		r.Days = append(r.Days, *m.days[day])
	}
	r.Senders, r.SenderSize = m.senders.Top("from", listed), m.sizes.Top("from", listed)
	r.Recipients, r.RecipientSize = m.recipients.Top("to", listed), m.recipientSizes.Top("to", listed)
	r.Domains, r.DomainSize = m.domains.Top("domain", listed), m.domainSizes.Top("domain", listed)
	r.From, r.FromSize = m.fromDomains.Top("domain", listed), m.domainBytes.Top("domain", listed)
	r.Deferred, r.Bounces, r.Rejects = m.deferred.Top("reason", listed), m.bounced.Top("reason", listed), m.rejected.Top("reason", listed)
	return r
}
