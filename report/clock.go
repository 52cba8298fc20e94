package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/findings"
)

// What a clock is doubted for, ns.
const (
	jumpBack = int64(90 * time.Minute) // more than the end of summer time
	ahead    = int64(time.Hour)
	apart    = int64(10 * time.Minute)
)

// maxMails bounds the mails whose times on two hosts are compared, leastMails is
// how many two hosts must share.
const (
	maxMails   = 4000
	leastMails = 5
)

// clocks doubts times.
type clocks struct {
	now          int64 // 0 if it is not known
	lane         any   // what is read
	latest       int64 // entry of it
	back, future doubt
	every        uint64             // so many mails come to one that is remembered
	mails        [2]map[string]mark // by message-id: what the MTA, what the mailstore said
}

// mark is when which host said something.
type mark struct {
	at   int64
	host string
}

// doubt counts entries with doubtful times.
type doubt struct {
	count       int64
	first, last int64
	hosts, logs Counter
	examples    []Example
}

func newClocks() clocks {
	return clocks{every: 1, mails: [2]map[string]mark{{}, {}}}
}

// see takes each entry with a time of its own, in the order of its log.
func (c *clocks) see(e *entry.Entry, log string, postfix bool) {
	if c.now > 0 && e.Time > c.now+ahead {
		c.future.see(e)
	}
	if c.latest > 0 && e.Time < c.latest-jumpBack {
		c.back.see(e)
		c.latest = e.Time
	}
	c.latest = max(c.latest, e.Time)
	switch {
	case postfix && e.Get("action") == "deliver" && e.Get("program") == "postfix/lmtp" && e.Get("outcome") == "success":
		c.mark(0, e)
	case log == "mailbox" && e.Get("action") == "add":
		c.mark(1, e)
	}
}

func (c *clocks) mark(side int, e *entry.Entry) {
	id := e.Get("message_id")
	if id == "" || xxhash.Sum64String(id)%c.every != 0 {
		return
	}
	if len(c.mails[side]) >= maxMails {
		c.every *= 2
		for _, m := range c.mails {
			maps.DeleteFunc(m, func(id string, _ mark) bool { return xxhash.Sum64String(id)%c.every != 0 })
		}
		if len(c.mails[side]) >= maxMails || xxhash.Sum64String(id)%c.every != 0 {
			return
		}
	}
	c.mails[side][strings.Clone(id)] = mark{e.Time, e.Labels.Get("host")}
}

func (d *doubt) see(e *entry.Entry) {
	if d.count++; d.count == 1 || e.Time < d.first {
		d.first = e.Time
	}
	d.last = max(d.last, e.Time)
	d.hosts.Add(e.Labels.Get("host"), 1)
	d.logs.Add(e.Labels.Get("log"), 1)
	if len(d.examples) < maxExamples {
		d.examples = append(d.examples, example(e))
	}
}

// results are the doubts that there are.
func (c *clocks) results() (list []Result) {
	for name, d := range map[string]*doubt{findings.ClockBack: &c.back, findings.ClockFuture: &c.future} {
		if d.count > 0 {
			list = append(list, Result{
				Finding: findings.ComputedBy(name), Count: d.count, First: d.first, Last: d.last, Examples: d.examples,
				Top: []Top{d.hosts.Top("host", 5), d.logs.Top("log", 5)},
			})
		}
	}
	slices.SortFunc(list, func(a, b Result) int { return strings.Compare(a.Name, b.Name) })
	if r, ok := c.differ(); ok {
		list = append(list, r)
	}
	return list
}

// differ compares what the MTA and the mailstore said of the same mails.
func (c *clocks) differ() (Result, bool) {
	type pair struct{ mta, store string }
	between := map[pair][]int64{}
	r := Result{Finding: findings.ComputedBy(findings.ClocksDiffer)}
	for id, a := range c.mails[0] {
		if b, ok := c.mails[1][id]; ok && a.host != b.host {
			p := pair{a.host, b.host}
			between[p] = append(between[p], b.at-a.at)
			if r.First == 0 || a.at < r.First {
				r.First = a.at
			}
			r.Last = max(r.Last, a.at)
		}
	}
	var hosts Counter
	for p, list := range between {
		slices.Sort(list)
		if median := list[len(list)/2]; len(list) >= leastMails && (median > apart || median < -apart) {
			r.Count += int64(len(list))
			hosts.Add(fmt.Sprintf("%s, %s: %+v", p.mta, p.store, time.Duration(median).Round(time.Minute)), int64(len(list)))
		}
	}
	r.Top = []Top{hosts.Top("hosts", 5)}
	return r, r.Count > 0
}
